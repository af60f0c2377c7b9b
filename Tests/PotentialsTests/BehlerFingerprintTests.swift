import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let lithium = ChemicalElement("Li")!
private let oxygen = ChemicalElement("O")!
private let manganese = ChemicalElement("Mn")!

/// The symmetry functions as their formulas say: the twin of the C kernel.
private func plain(_ function: SymmetryFunction, center: Int, of frame: Structure) -> Double {
  func f(_ r: Double) -> Double { r < function.cutoff ? 0.5 * (cos(.pi * r / function.cutoff) + 1) : 0 }
  let p = function.parameters
  let others = frame.positions.indices.filter { $0 != center }
  var sum = 0.0
  for (a, j) in others.enumerated() {
    let rj = frame.positions[j] - frame.positions[center]
    let dj = length(rj)
    if !function.isAngular {
      guard frame.elements[j] == function.neighbors[0] else { continue }
      switch function.number {
      case 1: sum += f(dj)
      case 2: sum += exp(-p[1] * (dj - p[0]) * (dj - p[0])) * f(dj)
      default: sum += cos(p[0] * dj) * f(dj)
      }
      continue
    }
    for k in others[(a + 1)...] {
      guard
        [frame.elements[j], frame.elements[k]] == function.neighbors
          || [frame.elements[k], frame.elements[j]] == function.neighbors
      else { continue }
      let rk = frame.positions[k] - frame.positions[center]
      let dk = length(rk)
      let between = length(rk - rj)
      let angle = pow(0.5 * (1 + p[0] * dot(rj, rk) / (dj * dk)), p[1])
      var squares = dj * dj + dk * dk
      var cut = f(dj) * f(dk)
      if function.number == 4 {
        squares += between * between
        cut *= f(between)
      }
      sum += 2 * angle * exp(-p[2] * squares) * cut
    }
  }
  return sum
}

private func list(_ frame: Structure, _ elements: [ChemicalElement], cutoff: Double) throws -> NeighborList {
  let search = try NeighborSearch(frames: [frame], elements: elements, cutoff: cutoff)
  return try search.list(of: search.sites)
}

@Suite struct BehlerFingerprintTests {
  /// Five atoms of one species: numbers of aenet's own functions.
  @Test(.enabled(if: SharedData.holds("reference/aenet_descriptors.json")))
  func aenetsNumbers() throws {
    let reference = try #require(try SharedData.json("reference/aenet_descriptors.json")["acsf"] as? [String: Any])
    let frame = Structure(
      lattice: nil, elements: [ChemicalElement](repeating: lithium, count: 5),
      positions: vectors(reference["positions"]))
    for (key, text) in [
      ("G1", "G=1 type2=Li Rc=6.5"), ("G2_eta0p05_Rs0", "G=2 type2=Li Rc=6.5 Rs=0.0 eta=0.05"),
      ("G2_eta1_Rs2", "G=2 type2=Li Rc=6.5 Rs=2 eta=1.0d0"),
      ("G4_lam1_zeta2_eta0p01", "G=4 type2=Li type3=Li Rc=6.5 lambda=1.0 zeta=2.0 eta=0.01"),
      ("G5_lamm1_zeta4_eta0p01", "G=5 type2=Li type3=Li Rc = 6.5 lambda = -1.0 zeta=4.0 eta=0.01"),
    ] {
      let fingerprint = try BehlerFingerprint([SymmetryFunction(text: text)], elements: [lithium])
      let values = fingerprint.values(try list(frame, [lithium], cutoff: 6.5))
      let expected = doubles(reference[key])
      #expect(expected.count == 5)
      for (a, b) in zip(values, expected) { #expect(abs(a - b) < 1e-12, "\(key)") }
    }
  }

  /// The kernel against the formulas, for a set that has every form, in a cluster that straddles the cutoffs.
  @Test func kernelAgreesWithTheFormulas() throws {
    let elements = [lithium, oxygen, manganese]
    var random = RandomSource(seed: 3)
    var positions: [SIMD3<Double>] = []
    while positions.count < 20 {
      let point: SIMD3<Double> = [6 * random.uniform(), 6 * random.uniform(), 6 * random.uniform()]
      if positions.allSatisfy({ length($0 - point) > 1 }) { positions.append(point) }
    }
    let frame = Structure(lattice: nil, elements: (0..<20).map { elements[$0 % 3] }, positions: positions)
    var functions = try SymmetryFunction.standardSet(
      of: elements, radialCutoff: 5, count: 3, angularCutoff: 4, exponents: [1, 2.5, 16])
    functions.append(try SymmetryFunction(text: "G=1 type2=O Rc=3.5"))
    functions.append(try SymmetryFunction(text: "G=3 type2=Mn Rc=4.5 kappa=2"))
    functions.append(try SymmetryFunction(text: "G=5 type2=Mn type3=Li Rc=4.5 lambda=-1 zeta=3 eta=0.1"))
    let fingerprint = try BehlerFingerprint(functions, elements: elements)
    let values = fingerprint.values(try list(frame, elements, cutoff: fingerprint.cutoff))
    for center in 0..<20 {
      for (c, function) in functions.enumerated() {
        let expected = plain(function, center: center, of: frame)
        #expect(abs(values[center * functions.count + c] - expected) < 1e-13 * max(1, abs(expected)))
      }
    }
  }

  /// Along any direction the change of the fingerprint is what differences and its gradients say.
  @Test func tangentsAndGradientsAgree() throws {
    let elements = [lithium, oxygen, manganese]
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.3, seed: 8)
    let functions = try SymmetryFunction.standardSet(
      of: elements, radialCutoff: 5, count: 3, angularCutoff: 4, exponents: [1, 2.5])
    let fingerprint = try BehlerFingerprint(functions, elements: elements)
    var neighbors = try list(frame, elements, cutoff: 5)
    var random = RandomSource(seed: 4)
    let tangents = neighbors.vectors.map { _ -> SIMD3<Double> in
      [random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5]
    }
    let changes = fingerprint.tangents(neighbors, pairTangents: tangents)
    let slopes = changes.map { _ in random.uniform() - 0.5 }
    var gradient = PairGradient(pairs: tangents.count)
    fingerprint.addGradient(neighbors, slopes: slopes, to: &gradient)
    let along = zip(gradient.vectors, tangents).reduce(0) { $0 + dot($1.0, $1.1) }
    let same = zip(slopes, changes).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(along - same) < 1e-10 * max(1, abs(same)))
    let h = 1e-6
    let vectors = neighbors.vectors
    neighbors.vectors = zip(vectors, tangents).map { $0 + h * $1 }
    let up = fingerprint.values(neighbors)
    neighbors.vectors = zip(vectors, tangents).map { $0 - h * $1 }
    let down = fingerprint.values(neighbors)
    for k in changes.indices {
      #expect(abs((up[k] - down[k]) / (2 * h) - changes[k]) < 1e-6 * max(1, abs(changes[k])))
    }
  }

  /// aenet's order: by the first neighbour, radial functions before angular ones, then by the second, then by type.
  @Test func orderOfEvaluation() throws {
    let texts = [
      "G=4 type2=O type3=Li Rc=5.0 lambda=1.0 zeta=1.0 eta=0.1", "G=2 type2=O Rc=5.0 Rs=0.0 eta=0.5",
      "G=5 type2=Li type3=Li Rc=5.0 lambda=1.0 zeta=1.0 eta=0.1", "G=2 type2=Li Rc=5.0 Rs=0.0 eta=0.5",
      "G=1 type2=Li Rc=5.0", "G=4 type2=Li type3=Li Rc=5.0 lambda=-1.0 zeta=1.0 eta=0.1",
    ]
    let ordered = try SymmetryFunction.inEvaluationOrder(
      texts.map { try SymmetryFunction(text: $0) }, environment: [lithium, oxygen])
    #expect(ordered.map(\.text) == [4, 3, 5, 2, 0, 1].map { texts[$0] })
  }

  @Test(arguments: [
    ("G=6 type2=O Rc=5", "symmetry function 'G=6 type2=O Rc=5': unknown function type G=6; known are 1 to 5"),
    ("G=2 type2=O Rc=5 eta=1", "symmetry function 'G=2 type2=O Rc=5 eta=1' has no Rs"),
    ("G=1 type2=Xx Rc=5", "symmetry function 'G=1 type2=Xx Rc=5': type2 is 'Xx', expected an element symbol"),
    (
      "G=1 type2=O Rc=5 ets=1",
      "symmetry function 'G=1 type2=O Rc=5 ets=1': unknown parameter 'ets'"
    ),
    ("G=1 type2=O Rc=-5", "symmetry function G=1 type2=O Rc=-5.0: its cutoff must be above 0 Å"),
    ("G=1 type2", "found 'type2', expected KEY=VALUE"),
    (
      "G=5 type2=O type3=O Rc=5 lambda=1 zeta=0.5 eta=0",
      "symmetry function G=5 type2=O type3=O Rc=5.0 lambda=1.0 zeta=0.5 eta=0.0: zeta must be 1 or more, found 0.5"
    ),
  ])
  func refusesDamagedLines(line: String, message: String) {
    let error = #expect(throws: InputError.self) { try SymmetryFunction(text: line) }
    #expect(error?.description == message)
  }

  @Test func numbersOfFortran() {
    #expect(fortranNumber("0.55d0") == 0.55)
    #expect(fortranNumber("-1.5D-3") == -1.5e-3)
    #expect(fortranNumber("1.25-100") == 1.25e-100)
    #expect(fortranNumber("+2") == 2)
    for word in ["NaN", "", "1.5f", "--1", "1e999", "Infinity"] { #expect(fortranNumber(word) == nil, "\(word)") }
  }
}
