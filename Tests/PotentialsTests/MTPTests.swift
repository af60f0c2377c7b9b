import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let hasValues = SharedData.holds("reference/mtp_basis_values.json")

private let levels = Array(stride(from: 2, through: 28, by: 2))
/// Basic components, scalars and moments of MLIP's programs of these levels.
private let mlip = [
  2: (1, 1, 1), 4: (1, 2, 2), 6: (5, 5, 8), 8: (11, 9, 18), 10: (25, 16, 41), 12: (46, 29, 84), 14: (81, 52, 174),
  16: (130, 92, 350), 18: (201, 163, 718), 20: (295, 288, 1352), 22: (421, 500, 2621), 24: (581, 864, 4991),
  26: (706, 1464, 9396), 28: (866, 2445, 17366),
]

private let elements = ["Li", "O", "Mn", "Ti"].compactMap { ChemicalElement($0) }

private func model(level: Int, seed: UInt64 = 1, size: Int = 8) throws -> MTP {
  var hyperparameters = MTP.defaults
  hyperparameters.level = level
  hyperparameters.radialSize = size
  return try MTP(elements: elements, hyperparameters: hyperparameters, seed: seed)
}

/// A rattled cell of rocksalt.
private func frame(cubes: Int = 1, seed: UInt64 = 3) -> Structure {
  RandomRocksalt.cell(cubes: cubes, cations: ["Li", "Mn", "Ti"], rattle: 0.2, seed: seed)
}

/// Basic moments of some unit vectors with radial values f[μ][j].
private func basicMoments(_ program: MomentProgram, _ vectors: [SIMD3<Double>], _ f: [[Double]]) -> [Double] {
  func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { result, _ in result * x } }
  return program.basics.map { moment in
    vectors.indices.reduce(0) { sum, j in
      let u = vectors[j]
      return sum + f[moment.function][j] * power(u.x, moment.x) * power(u.y, moment.y) * power(u.z, moment.z)
    }
  }
}

private func scalars(_ program: MomentProgram, _ vectors: [SIMD3<Double>], _ f: [[Double]]) -> [Double] {
  let moments = program.moments(basicMoments(program, vectors, f))
  return program.scalars.map { moments[Int($0)] }
}

@Suite struct MTPTests {
  /// Counts of every level. Of moments MLIP's programs have three fewer at levels 10 and 12, elsewhere ours have fewer.
  @Test(arguments: levels) func countsOfALevel(level: Int) throws {
    let program = MomentProgramBuilder.program(level: level)
    let (basics, scalars, moments) = try #require(mlip[level])
    #expect(program.basics.count == basics)
    #expect(program.scalars.count == scalars)
    #expect(program.count <= (level == 10 || level == 12 ? moments + 3 : moments))
    #expect(Set(program.basics).count == basics)
    #expect(MomentContraction.all(level: level).allSatisfy { $0.level <= level })
  }

  /// MLIP's programs of levels 8, 10 and 16 have 14, 42 and 969 products.
  @Test(arguments: [(8, 14), (10, 42), (16, 969)]) func productsOfALevel(level: Int, mlip: Int) {
    #expect(MomentProgramBuilder.program(level: level).products.count <= mlip)
  }

  /// All values of three levels.
  @Test(.enabled(if: hasValues), arguments: [8, 10, 16]) func basisValues(level: Int) throws {
    let data = try SharedData.json("reference/mtp_basis_values.json")
    let entries = try #require((data["basis"] as? [String: Any])?["\(level)"] as? [[String: Any]])
    let program = MomentProgramBuilder.program(level: level)
    let values = scalars(program, vectors(data["unit_vectors"]), doubleRows(data["radial_values_f_mu_j"]))
    var places: [MomentContraction: Int] = [:]
    for (k, graph) in MomentContraction.all(level: level).enumerated() { places[graph] = k }
    #expect(places.count == entries.count)
    for entry in entries {
      let functions = doubles(entry["mu"]).map { Int($0) }
      var edges = [Int](repeating: 0, count: functions.count * (functions.count - 1) / 2)
      for edge in doubleRows(entry["edges"]) {
        edges[MomentContraction.slot(Int(edge[0]), Int(edge[1]), of: functions.count)] = Int(edge[2])
      }
      let graph = MomentContraction(functions: functions, edges: edges).part(Array(functions.indices))
      let place = try #require(places[graph])
      places[graph] = nil
      let value = try #require(entry["value"] as? Double)
      #expect(abs(values[place] - value) < 1e-12 * max(1, abs(value)))
    }
  }

  /// By the definition of a contraction, one multi-index for each edge.
  @Test(arguments: [12, 18]) func programsAreTheirContractions(level: Int) {
    let program = MomentProgramBuilder.program(level: level)
    var random = RandomSource(seed: 5)
    var basic: [BasicMoment: Double] = [:]
    for moment in program.basics { basic[moment] = random.uniform() - 0.5 }
    let moments = program.moments(program.basics.map { basic[$0] ?? 0 })
    for (graph, scalar) in zip(MomentContraction.all(level: level), program.scalars) {
      let value = contraction(graph) { basic[$0] ?? .nan }
      #expect(abs(moments[Int(scalar)] - value) < 1e-12 * max(1, abs(value)))
    }
  }

  private func contraction(_ graph: MomentContraction, _ moment: (BasicMoment) -> Double) -> Double {
    var pairs: [(Int, Int)] = []
    for a in 0..<graph.factorCount { for b in a + 1..<max(graph.factorCount, a + 1) { pairs.append((a, b)) } }
    func sum(_ edge: Int, _ indices: [SIMD3<Int>]) -> Double {
      guard edge < pairs.count else {
        return zip(graph.functions, indices).reduce(1) {
          $0 * moment(BasicMoment(function: $1.0, x: $1.1.x, y: $1.1.y, z: $1.1.z))
        }
      }
      return MultiIndex.all[graph.edges[edge]].reduce(0) { total, k in
        var next = indices
        next[pairs[edge].0] &+= k
        next[pairs[edge].1] &+= k
        return total + Double(MultiIndex.multinomial(k)) * sum(edge + 1, next)
      }
    }
    return sum(0, [SIMD3<Int>](repeating: .zero, count: graph.factorCount))
  }

  /// Every scalar of the highest level stays what it is when the neighbourhood is turned or its atoms change places.
  @Test(arguments: [8, 16, 28]) func scalarsAreInvariant(level: Int) {
    let program = MomentProgramBuilder.program(level: level)
    var random = RandomSource(seed: 2)
    func number() -> Double { 2 * random.uniform() - 1 }
    let vectors = (0..<12).map { _ in
      let v = SIMD3(number(), number(), number())
      return v / length(v)
    }
    let f = (0..<6).map { _ in (0..<12).map { _ in 0.5 * number() } }
    let (c, s, d, t) = (cos(0.7), sin(0.7), cos(-1.1), sin(-1.1))
    let turn = Matrix3([c, -s, 0], [d * s, d * c, -t], [t * s, t * c, d])
    let order = random.permutation(of: 12)
    let values = scalars(program, vectors, f)
    let turned = scalars(program, order.map { turn * vectors[$0] }, f.map { row in order.map { row[$0] } })
    for (a, b) in zip(values, turned) { #expect(abs(a - b) < 1e-12 * max(1, abs(a))) }
  }

  /// The kernels against the definitions; nine centres leave a lane group that is not full.
  @Test(arguments: [2, 8, 16, 20]) func kernelsAreTheDefinitions(level: Int) throws {
    let model = try model(level: level, size: level == 8 ? 5 : 8)
    let list = try model.neighborList(of: [
      frame(), Structure(lattice: nil, elements: [elements[0]], positions: [.zero]),
    ])
    let plain = PlainMTP(model: model)
    let width = model.tables.scalars.count
    let values = model.scalars(list)
    for (k, row) in plain.scalars(list).enumerated() {
      for (a, b) in zip(values[k * width..<(k + 1) * width], row) { #expect(abs(a - b) < 1e-11 * max(1, abs(b))) }
    }
    var none: PairGradient?
    for (a, b) in zip(model.siteEnergies(list, gradient: &none), plain.siteEnergies(list)) {
      #expect(abs(a - b) < 1e-11 * max(1, abs(b)))
    }
  }

  /// Level 2: V = ξ⁰ + ξ Σ f, nothing beyond the cutoff, a slope that goes to zero there.
  @Test func dimerOfLevelTwo() throws {
    var hyperparameters = MTP.defaults
    hyperparameters.level = 2
    hyperparameters.radialSize = 1
    hyperparameters.rMin = 2
    var model = try MTP(elements: [elements[0]], hyperparameters: hyperparameters, seed: 1)
    model.parameters = [0.5, 3, -1.25]
    model.scaling = 0.1
    func predict(_ r: Double) throws -> Prediction {
      try Predictor(model).predict([
        Structure(lattice: nil, elements: [elements[0], elements[0]], positions: [.zero, [r, 0, 0]])
      ])[0]
    }
    let r = 3.1
    #expect(abs(try predict(r).energy - 2 * (-1.25 + 3 * 0.5 * 0.1 * (5 - r) * (5 - r))) < 1e-14)
    #expect(abs(try predict(r).forces[1].x - 2 * 3 * 0.5 * 0.1 * 2 * (5 - r)) < 1e-14)
    #expect(try predict(5).energy == -2.5)
    #expect(try predict(7).energy == -2.5)
    #expect(abs(try predict(5 - 1e-7).forces[1].x) < 1e-7)
  }

  @Test func numbersOutOfRangeAreNamed() throws {
    for (key, change) in [
      ("level", { $0.level = 7 }), ("level", { $0.level = 30 }), ("radial_size", { $0.radialSize = 0 }),
      ("r_max", { $0.rMax = -1 }), ("r_min", { $0.rMin = 6 }),
    ] as [(String, (inout MTPHyperparameters) -> Void)] {
      var hyperparameters = MTP.defaults
      change(&hyperparameters)
      let error = #expect(throws: InputError.self) {
        try MTP(elements: elements, hyperparameters: hyperparameters, seed: 1)
      }
      #expect(error?.message.hasPrefix(key) == true)
    }
  }

  /// R_min is the smallest distance of the data.
  @Test func smallestDistance() throws {
    let data = Dataset([LabeledStructure(structure: frame(), labels: Labels(energy: 1))])
    let list = try model(level: 2).neighborList(of: [frame()])
    let smallest = list.vectors.map(length).min()
    #expect(MTP.resolved(MTP.defaults, for: data).rMin == smallest)
  }
}
