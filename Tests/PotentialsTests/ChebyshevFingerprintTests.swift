import Formats
import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

/// The fingerprint as its formula says, pair sums and all: the twin of the C kernel. Also Σ|terms| of each component.
private func plainFingerprint(
  _ f: ChebyshevFingerprint, list: NeighborList, site: Int
) -> (values: [Double], scales: [Double]) {
  let shape = f.shape
  let pairs = list.pairs(of: site)
  func cutoff(_ r: Double, _ limit: Double) -> Double { r < limit ? 0.5 * (cos(Double.pi * r / limit) + 1) : 0 }
  func polynomials(_ x: Double, _ order: Int) -> [Double] {
    var t = [1, x]
    while t.count <= order { t.append(2 * x * t[t.count - 1] - t[t.count - 2]) }
    return Array(t.prefix(order + 1))
  }
  var values: [Double] = []
  var scales: [Double] = []
  for half in 0..<(f.isWeighted ? 2 : 1) {
    func weight(_ pair: Int) -> Double { half == 0 ? 1 : f.speciesWeights[list.types[list.indices[pair]]] }
    var radial = [Double](repeating: 0, count: shape.radialOrder + 1)
    var angular = [Double](repeating: 0, count: shape.angularOrder + 1)
    var (radialScale, angularScale) = (radial, angular)
    for j in pairs {
      let rj = length(list.vectors[j])
      let fj = cutoff(rj, shape.radialCutoff) * weight(j)
      for (n, t) in polynomials(2 * rj / shape.radialCutoff - 1, shape.radialOrder).enumerated() {
        radial[n] += fj * t
        radialScale[n] += abs(fj * t)
      }
      for k in pairs where k > j && rj < shape.angularCutoff {
        let rk = length(list.vectors[k])
        let cosine = dot(list.vectors[j], list.vectors[k]) / (rj * rk)
        let x = shape.domain == .cosine ? cosine : (2 * cosine - Double.pi) / Double.pi
        let product = cutoff(rj, shape.angularCutoff) * cutoff(rk, shape.angularCutoff) * weight(j) * weight(k)
        for (n, t) in polynomials(x, shape.angularOrder).enumerated() {
          angular[n] += product * t
          angularScale[n] += abs(product * t)
        }
      }
    }
    values += radial + angular
    scales += radialScale + angularScale
  }
  return (values, scales)
}

/// One table of aenet's descriptors.
struct ReferenceSet: Sendable {
  var structure: String
  var table: String
  var species: [String]
  var shape: ChebyshevFingerprint.Shape
}

private func cluster(_ symbols: [String], _ positions: [SIMD3<Double>]) -> Structure {
  Structure(lattice: nil, elements: symbols.map { ChemicalElement($0)! }, positions: positions)
}

private func randomCell(atoms: Int, seed: UInt64, size: Double) -> Structure {
  var random = RandomSource(seed: seed)
  let elements = ["Li", "O", "Mn"].map { ChemicalElement($0)! }
  return Structure(
    lattice: Lattice(a: [size, 0.3, 0], b: [0.1, size, -0.4], c: [0.2, 0.7, size]),
    elements: (0..<atoms).map { elements[$0 % 3] },
    positions: (0..<atoms).map { _ in
      [size * random.uniform(), size * random.uniform(), size * random.uniform()]
    })
}

@Suite struct ChebyshevFingerprintTests {
  @Test(.enabled(if: SharedData.holds("reference/aenet_descriptors.json")))
  func referenceDescriptors() throws {
    let reference = try SharedData.json("reference/aenet_descriptors.json")
    for key in ["env3", "env11_paper", "env2"] {
      let entry = try #require(reference[key] as? [String: Any])
      let env = try #require(entry["env"] as? [String]).map { ChemicalElement($0)! }
      let frame = cluster(try #require(entry["species"] as? [String]), vectors(entry["positions"]))
      let expected = try #require(entry["descriptor"] as? [String: Any])
      for (name, domain) in [("current", ChebyshevFingerprint.AngularDomain.cosine), ("legacy", .legacy)] {
        let shape = ChebyshevFingerprint.Shape(
          radialCutoff: 8, radialOrder: 16, angularCutoff: 6.5, angularOrder: 4, domain: domain)
        let f = try ChebyshevFingerprint(
          shape, speciesWeights: ChebyshevFingerprint.declaredWeights(count: env.count))
        let search = try NeighborSearch(frames: [frame], elements: env, cutoff: 8)
        let values = f.values(try search.list(of: 0..<1)).features
        let wanted = doubleRows(expected[name]).first ?? doubles(expected[name])
        #expect(wanted.count == 44)
        for (a, b) in zip(values, wanted) { #expect(abs(a - b) < 1e-10) }
      }
    }
  }

  /// Descriptors that aenet computed, as aenet-python's own tests hold them: they ask for agreement to 1e−10.
  @Test(
    .enabled(if: SharedData.holds("data/fixtures/aenet/featurize-reference")),
    arguments: [
      ReferenceSet(
        structure: "lmnto_structure001.xsf", table: "lmnto_ref.csv", species: ["Li", "Mo", "Ni", "Ti", "O"],
        shape: .init(radialCutoff: 4, radialOrder: 10, angularCutoff: 1.5, angularOrder: 3)),
      ReferenceSet(
        structure: "water.xyz", table: "water_ref.csv", species: ["O", "H"],
        shape: .init(radialCutoff: 4, radialOrder: 10, angularCutoff: 1.5, angularOrder: 3)),
      ReferenceSet(
        structure: "aucu.xsf", table: "aucu_ref.csv", species: ["Au", "Cu"],
        shape: .init(radialCutoff: 3.5, radialOrder: 5, angularCutoff: 3.5, angularOrder: 5)),
    ])
  func descriptorsOfAenet(set: ReferenceSet) throws {
    let folder = "data/fixtures/aenet/featurize-reference/"
    let frame = try readFrames(SharedData.path(folder + set.structure)).frames[0].structure
    let rows = try String(contentsOfFile: SharedData.path(folder + set.table), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: ",").compactMap { Double($0) } }
    let elements = set.species.compactMap { ChemicalElement($0) }
    let f = try ChebyshevFingerprint(
      set.shape, speciesWeights: ChebyshevFingerprint.declaredWeights(count: elements.count))
    let search = try NeighborSearch(frames: [frame], elements: elements, cutoff: set.shape.radialCutoff)
    let values = f.values(try search.list(of: search.sites)).features
    #expect(rows.count == frame.count && rows[0].count == f.count)
    for (atom, row) in rows.enumerated() {
      for (k, wanted) in row.enumerated() { #expect(abs(values[atom * f.count + k] - wanted) < 1e-10) }
    }
  }

  @Test(arguments: [0, 1, 2, 3, 5, 8, 12])
  func momentsEqualThePairSum(order: Int) throws {
    let elements = ["Li", "O", "Mn"].map { ChemicalElement($0)! }
    for domain in ChebyshevFingerprint.AngularDomain.allCases {
      let shape = ChebyshevFingerprint.Shape(
        radialCutoff: 6, radialOrder: 9, angularCutoff: 4.5, angularOrder: order, domain: domain)
      let f = try ChebyshevFingerprint(shape, speciesWeights: [-1, 0.5, 1])
      let frame = randomCell(atoms: 12, seed: 3, size: 5)
      let search = try NeighborSearch(frames: [frame], elements: elements, cutoff: 6, floor: 0)
      let list = try search.list(of: search.sites)
      let values = f.values(list).features
      for site in search.sites {
        let plain = plainFingerprint(f, list: list, site: site)
        for k in 0..<f.count {
          #expect(abs(values[site * f.count + k] - plain.values[k]) <= 1e-12 * plain.scales[k] + 1e-15)
        }
      }
    }
  }

  /// Dimer: c_n = f_c T_n(2r/R − 1), a_n = 0; at r = R/2, c = ½, 0, −½. Linear triple: a_n = f_c f_c (−1)^n.
  @Test func analyticCases() throws {
    let shape = ChebyshevFingerprint.Shape(radialCutoff: 6, radialOrder: 2, angularCutoff: 6, angularOrder: 3)
    let f = try ChebyshevFingerprint(shape, speciesWeights: [0])
    let oxygen = [ChemicalElement("O")!]
    func values(_ positions: [SIMD3<Double>]) throws -> [Double] {
      let frame = cluster(positions.map { _ in "O" }, positions)
      return f.values(try NeighborSearch(frames: [frame], elements: oxygen, cutoff: 6).list(of: 0..<1)).features
    }
    let dimer = try values([.zero, [0, 0, 3]])
    for (a, b) in zip(dimer, [0.5, 0, -0.5, 0, 0, 0, 0]) { #expect(abs(a - b) < 1e-15) }
    let triple = try values([.zero, [0, 0, 3], [0, 0, -3]])
    for (a, b) in zip(triple.suffix(4), [0.25, -0.25, 0.25, -0.25]) { #expect(abs(a - b) < 1e-15) }
    let alone = try values([.zero])
    #expect(alone == [0, 0, 0, 0, 0, 0, 0])
  }

  @Test func gradientIsTheDerivative() throws {
    let elements = ["Li", "O", "Mn"].map { ChemicalElement($0)! }
    let shape = ChebyshevFingerprint.Shape(
      radialCutoff: 6, radialOrder: 7, angularCutoff: 5, angularOrder: 5, domain: .legacy)
    let f = try ChebyshevFingerprint(shape, speciesWeights: [-1, 0.5, 1])
    let frame = randomCell(atoms: 6, seed: 8, size: 4)
    let search = try NeighborSearch(frames: [frame], elements: elements, cutoff: 6, floor: 0)
    var list = try search.list(of: 0..<1)
    var random = RandomSource(seed: 5)
    let slopes = (0..<f.count).map { _ in random.uniform() - 0.5 }
    var gradient = PairGradient(pairs: list.vectors.count)
    f.addGradient(list, moments: f.values(list).moments, slopes: slopes, to: &gradient)
    func energy() -> Double { zip(f.values(list).features, slopes).map(*).reduce(0, +) }
    for pair in stride(from: 0, to: list.vectors.count, by: 7) {
      for d in 0..<3 {
        let kept = list.vectors[pair]
        let h = 1e-5
        list.vectors[pair][d] = kept[d] + h
        let up = energy()
        list.vectors[pair][d] = kept[d] - h
        let down = energy()
        list.vectors[pair] = kept
        #expect(abs((up - down) / (2 * h) - gradient.vectors[pair][d]) < 2e-7)
      }
    }
  }

  /// Along any direction the change of the fingerprint is what its gradients say.
  @Test func tangentsAgreeWithGradients() throws {
    let elements = ["Li", "O", "Mn"].map { ChemicalElement($0)! }
    let shape = ChebyshevFingerprint.Shape(radialCutoff: 6, radialOrder: 7, angularCutoff: 5, angularOrder: 5)
    let f = try ChebyshevFingerprint(shape, speciesWeights: [-1, 0.5, 1])
    let frame = randomCell(atoms: 6, seed: 8, size: 4)
    let list = try NeighborSearch(frames: [frame], elements: elements, cutoff: 6, floor: 0).list(of: 0..<6)
    var random = RandomSource(seed: 9)
    let directions: [SIMD3<Double>] = list.vectors.map { _ in
      [random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5]
    }
    let moments = f.values(list).moments
    let changes = f.tangents(list, moments: moments, pairTangents: directions).changes
    for k in 0..<f.count {
      var slopes = [Double](repeating: 0, count: 6 * f.count)
      for site in 0..<6 { slopes[site * f.count + k] = 1 }
      var gradient = PairGradient(pairs: list.vectors.count)
      f.addGradient(list, moments: moments, slopes: slopes, to: &gradient)
      for site in 0..<6 {
        let expected = list.pairs(of: site).reduce(0) { $0 + dot(gradient.vectors[$1], directions[$1]) }
        #expect(abs(changes[site * f.count + k] - expected) < 1e-10 * max(1, abs(expected)))
      }
    }
  }

  /// Fingerprints and their changes are at most quadratic in the weights: a central difference of any width is exact.
  @Test(arguments: ChebyshevFingerprint.AngularDomain.allCases)
  func weightGradientIsTheDifference(domain: ChebyshevFingerprint.AngularDomain) throws {
    let elements = ["Li", "O", "Mn"].map { ChemicalElement($0)! }
    let shape = ChebyshevFingerprint.Shape(
      radialCutoff: 6, radialOrder: 7, angularCutoff: 5, angularOrder: 5, domain: domain)
    var f = try ChebyshevFingerprint(shape, speciesWeights: [-1, 0.5, 1.3])
    let frame = randomCell(atoms: 6, seed: 8, size: 4)
    let list = try NeighborSearch(frames: [frame], elements: elements, cutoff: 6, floor: 0).list(of: 0..<6)
    var random = RandomSource(seed: 10)
    func number() -> Double { random.uniform() - 0.5 }
    let directions: [SIMD3<Double>] = list.vectors.map { _ in [number(), number(), number()] }
    let adjoints = (
      values: (0..<6 * f.count).map { _ in number() }, changes: (0..<6 * f.count).map { _ in number() }
    )
    let (features, moments) = f.values(list)
    let tangents = f.tangents(list, moments: moments, pairTangents: directions)
    var gradient = [Double](repeating: 0, count: 3)
    f.addWeightGradient(
      list, pairTangents: directions, moments: (moments, tangents.momentChanges), adjoints: adjoints, to: &gradient)
    func total() -> Double {
      let (features, moments) = f.values(list)
      let changes = f.tangents(list, moments: moments, pairTangents: directions).changes
      return features.indices.reduce(0) {
        $0 + adjoints.values[$1] * features[$1] + adjoints.changes[$1] * changes[$1]
      }
    }
    let scale = features.map(abs).max() ?? 1
    for type in 0..<3 {
      f.speciesWeights[type] += 1
      let up = total()
      f.speciesWeights[type] -= 2
      let down = total()
      f.speciesWeights[type] += 1
      #expect(abs(0.5 * (up - down) - gradient[type]) < 1e-11 * max(scale, abs(gradient[type])))
    }
  }

  @Test func aenetWeights() {
    #expect(ChebyshevFingerprint.declaredWeights(count: 1) == [0])
    #expect(ChebyshevFingerprint.declaredWeights(count: 2) == [-1, 1])
    #expect(ChebyshevFingerprint.declaredWeights(count: 3) == [-1, 0, 1])
    #expect(ChebyshevFingerprint.declaredWeights(count: 4) == [-2, -1, 1, 2])
    #expect(ChebyshevFingerprint.declaredWeights(count: 11) == (-5...5).map(Double.init))
  }

  @Test func refusesShapesThatMakeNoSense() {
    func message(_ shape: ChebyshevFingerprint.Shape) -> String? {
      do { _ = try ChebyshevFingerprint(shape, speciesWeights: [0]) } catch {
        return (error as? InputError)?.message
      }
      return nil
    }
    let larger = ChebyshevFingerprint.Shape(radialCutoff: 5, radialOrder: 4, angularCutoff: 6, angularOrder: 2)
    #expect(message(larger)?.contains("larger than the radial one") == true)
    let orders = ChebyshevFingerprint.Shape(radialCutoff: 5, radialOrder: 4, angularCutoff: 5, angularOrder: 99)
    #expect(message(orders)?.contains("orders") == true)
  }
}
