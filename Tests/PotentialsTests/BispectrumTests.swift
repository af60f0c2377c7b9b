import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let hasClusters = SharedData.holds("reference/snap_cluster.json")

/// The five atoms of the reference numbers, their radii and weights.
private func cluster() throws -> (list: (Double) throws -> NeighborList, radii: [Double], weights: [Double]) {
  let input = try #require(try SharedData.json("reference/snap_cluster.json")["input"] as? [String: Any])
  let elements = ["Li", "O"].compactMap { ChemicalElement($0) }
  let types = doubles(input["types"]).map { Int($0) - 1 }
  let frame = Structure(lattice: nil, elements: types.map { elements[$0] }, positions: vectors(input["positions"]))
  func list(_ cutoff: Double) throws -> NeighborList {
    let search = try NeighborSearch(frames: [frame], elements: elements, cutoff: cutoff)
    return try search.list(of: search.sites)
  }
  return (list, doubles(input["radii"]), doubles(input["weights"]))
}

private func values(_ shape: BispectrumShape, _ list: NeighborList) throws -> [[Double]] {
  let bispectrum = try Bispectrum(shape)
  let all = bispectrum.values(list)
  return list.centers.indices.map { Array(all[$0 * bispectrum.count..<($0 + 1) * bispectrum.count]) }
}

private func expectClose(_ rows: [[Double]], _ reference: [[Double]], _ tolerance: Double) {
  #expect(rows.count == reference.count && !rows.isEmpty)
  for (row, expected) in zip(rows, reference) {
    #expect(row.count == expected.count)
    for (a, b) in zip(row, expected) { #expect(abs(a - b) < tolerance * max(1, abs(b))) }
  }
}

@Suite struct BispectrumTests {
  private struct Case: Sendable {
    var key: String
    var twojmax: Int
    var scale = 1.0
    var rfac0 = 0.99363
    var rmin0 = 0.0
    var switches = true
  }

  /// LAMMPS's numbers for a cluster of two elements with their own radii and weights.
  @Test(.enabled(if: hasClusters)) func clustersOfLAMMPS() throws {
    let reference = try SharedData.json("reference/snap_cluster.json")
    let (list, radii, weights) = try cluster()
    let cases = [
      Case(key: "twojmax2", twojmax: 2), Case(key: "twojmax6", twojmax: 6),
      Case(key: "twojmax4_rmin0_0.4_noswitch", twojmax: 4, rfac0: 0.95, rmin0: 0.4, switches: false),
      Case(key: "twojmax3_odd", twojmax: 3, scale: 0.9),
    ]
    for item in cases {
      var shape = BispectrumShape(
        twojmax: item.twojmax, radii: radii.map { item.scale * $0 }, weights: weights)
      (shape.rfac0, shape.rmin0, shape.switchflag) = (item.rfac0, item.rmin0, item.switches)
      shape.bzeroflag = false
      let entry = try #require(reference[item.key] as? [String: Any])
      expectClose(try values(shape, try list(shape.cutoff)), doubleRows(entry["B"]), 1e-12)
      let triples = doubleRows(entry["triples_2j1_2j2_2j"]).map { $0.map(Int.init) }
      #expect(shape.triples.map { [$0.0, $0.1, $0.2] } == triples)
    }
  }

  @Test(.enabled(if: hasClusters)) func explicitElementsOfLAMMPS() throws {
    let reference = try SharedData.json("reference/snap_cluster.json")
    let (list, radii, weights) = try cluster()
    var shape = BispectrumShape(twojmax: 2, radii: radii, weights: weights)
    (shape.chemflag, shape.bzeroflag) = (true, false)
    let entry = try #require(reference["chem2_twojmax2"] as? [String: Any])
    expectClose(try values(shape, try list(shape.cutoff)), doubleRows(entry["B"]), 1e-12)
  }

  /// snad = −∂ΣB/∂r and snav = −∂ΣB/∂ε of LAMMPS, from the rows that a fit is made of.
  @Test(.enabled(if: hasClusters)) func derivativesOfLAMMPS() throws {
    let reference = try SharedData.json("reference/snap_cluster.json")
    let (makeList, radii, weights) = try cluster()
    var shape = BispectrumShape(twojmax: 2, radii: radii, weights: weights)
    shape.bzeroflag = false
    let list = try makeList(shape.cutoff)
    let bispectrum = try Bispectrum(shape)
    let count = bispectrum.count
    // Columns: for each type of the centre, x(5) y(5) z(5).
    var rows = [[Double]](repeating: [Double](repeating: 0, count: 6 * count), count: list.types.count)
    bispectrum.forEachCenter(list) { center in
      let block = 3 * count * list.types[center.center]
      for c in 0..<count {
        for d in 0..<3 {
          for (k, pair) in center.pairs.enumerated() {
            let slope = center.slopes[(3 * c + d) * center.room + k]
            rows[list.indices[Int(pair)]][block + d * count + c] -= slope
            rows[center.center][block + d * count + c] += slope
          }
        }
      }
    }
    let entry = try #require(reference["snad_twojmax2"] as? [String: Any])
    expectClose(rows, doubleRows(entry["D"]), 1e-11)
  }

  @Test func freeAtom() throws {
    var shape = BispectrumShape(twojmax: 6, radii: [2.5], weights: [1])
    shape.bzeroflag = false
    let lithium = ChemicalElement("Li")!
    let search = try NeighborSearch(
      frames: [Structure(lattice: nil, elements: [lithium], positions: [.zero])], elements: [lithium], cutoff: 5)
    let list = try search.list(of: search.sites)
    let expected: [Double] = [
      1, 2, 3, 3, 4, 3, 5, 4, 5, 4, 6, 5, 7, 5, 6, 5, 7, 6, 5, 7, 6, 7, 6, 7, 6, 7, 7, 7, 7, 7,
    ]
    expectClose(try values(shape, list), [expected], 1e-13)
    shape.bzeroflag = true
    expectClose(try values(shape, list), [[Double](repeating: 0, count: 30)], 1e-13)
    shape.bnormflag = true
    shape.bzeroflag = false
    expectClose(try values(shape, list), [[Double](repeating: 1, count: 30)], 1e-13)
  }

  /// B_000 = (1 + Σ w f_c)³.
  @Test func lowestComponentIsACube() throws {
    var shape = BispectrumShape(twojmax: 4, radii: [2.1, 2.4], weights: [0.7, -0.4])
    shape.bzeroflag = false
    let list = try example(shape)
    let rows = try values(shape, list)
    for site in list.centers {
      var sum = 1.0
      for pair in list.pairs(of: site) {
        let other = list.types[list.indices[pair]]
        let cutoff = shape.radii[list.types[site]] + shape.radii[other]
        let r = length(list.vectors[pair])
        if r < cutoff { sum += shape.weights[other] * 0.5 * (cos(.pi * r / cutoff) + 1) }
      }
      #expect(abs(rows[site][0] - sum * sum * sum) < 1e-12 * max(1, abs(rows[site][0])))
    }
  }

  /// The kernels and a plain evaluation of the definitions, over all switches.
  @Test(arguments: 0..<6) func kernelAgreesWithThePlainSum(variant: Int) throws {
    let shape = variants()[variant]
    let list = try example(shape)
    let plain = PlainBispectrum(shape)
    let rows = try values(shape, list)
    for site in list.centers {
      let expected = plain.values(list, site: site)
      #expect(expected.count == rows[site].count)
      let scale = expected.map(abs).max() ?? 1
      for (a, b) in zip(rows[site], expected) { #expect(abs(a - b) < 1e-12 * scale) }
    }
  }

  @Test(arguments: 0..<6) func gradientIsTheDerivative(variant: Int) throws {
    let shape = variants()[variant]
    let bispectrum = try Bispectrum(shape)
    var list = try example(shape)
    var random = RandomSource(seed: 3)
    let slopes = (0..<list.centers.count * bispectrum.count).map { _ in random.uniform() - 0.5 }
    func energy(_ list: NeighborList) -> Double {
      zip(bispectrum.values(list), slopes).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var gradient: PairGradient? = PairGradient(pairs: list.vectors.count)
    let sums = bispectrum.sums(list, slopes: slopes, gradient: &gradient)
    let total = energy(list)
    #expect(abs(sums.reduce(0, +) - total) < 1e-11 * max(1, abs(total)))
    let vectors = try #require(gradient?.vectors)
    let scale = vectors.map { length($0) }.max() ?? 1
    for pair in stride(from: 0, to: list.vectors.count, by: 9) {
      for d in 0..<3 {
        let kept = list.vectors[pair]
        let h = 1e-5
        list.vectors[pair][d] = kept[d] + h
        let up = energy(list)
        list.vectors[pair][d] = kept[d] - h
        let down = energy(list)
        list.vectors[pair] = kept
        #expect(abs((up - down) / (2 * h) - vectors[pair][d]) < 1e-7 * scale)
      }
    }
  }

  /// Σ_c slopes ∂B_c/∂r from the rows of the fit is the gradient through the adjoint.
  @Test(arguments: 0..<6) func derivativesAgreeWithTheGradient(variant: Int) throws {
    let shape = variants()[variant]
    let bispectrum = try Bispectrum(shape)
    let list = try example(shape)
    let count = bispectrum.count
    var random = RandomSource(seed: 4)
    let slopes = (0..<list.centers.count * count).map { _ in random.uniform() - 0.5 }
    var gradient: PairGradient? = PairGradient(pairs: list.vectors.count)
    _ = bispectrum.sums(list, slopes: slopes, gradient: &gradient)
    var vectors = [SIMD3<Double>](repeating: .zero, count: list.vectors.count)
    bispectrum.forEachCenter(list) { center in
      for c in 0..<count {
        for (k, pair) in center.pairs.enumerated() {
          for d in 0..<3 {
            vectors[Int(pair)][d] +=
              slopes[center.center * count + c] * center.slopes[(3 * c + d) * center.room + k]
          }
        }
      }
    }
    let expected = try #require(gradient?.vectors)
    let scale = expected.map { length($0) }.max() ?? 1
    for (a, b) in zip(vectors, expected) { #expect(length(a - b) < 1e-12 * scale) }
  }

  @Test func refusesShapesThatMakeNoSense() {
    func message(_ change: (inout BispectrumShape) -> Void) -> String? {
      var shape = BispectrumShape(twojmax: 4, radii: [2], weights: [1])
      change(&shape)
      do { _ = try Bispectrum(shape) } catch { return (error as? InputError)?.message }
      return nil
    }
    #expect(message { _ in } == nil)
    #expect(message { $0.twojmax = 40 }?.contains("twojmax") == true)
    #expect(message { $0.radii = [0] }?.contains("above 0 Å") == true)
    #expect(message { $0.rfac0 = 1.5 }?.contains("rfac0") == true)
    #expect(message { $0.rmin0 = 9 }?.contains("rmin0") == true)
    #expect(message { $0.weights = [.nan] }?.contains("weights") == true)
  }

  /// Every switch at least once.
  private func variants() -> [BispectrumShape] {
    // No sum of radii is the edge of the cell, 4.2 Å: images at the very cutoff have no derivative.
    let base = BispectrumShape(twojmax: 5, radii: [2.15, 2.4], weights: [0.7, -0.4])
    var shapes = [BispectrumShape](repeating: base, count: 6)
    (shapes[1].rmin0, shapes[1].rfac0, shapes[1].bnormflag) = (0.3, 0.9, true)
    (shapes[2].chemflag, shapes[2].twojmax) = (true, 3)
    (shapes[3].chemflag, shapes[3].wselfallflag, shapes[3].twojmax) = (true, true, 4)
    (shapes[4].sinner, shapes[4].dinner) = ([1.0, 0.9], [0.25, 0.3])
    (shapes[5].switchflag, shapes[5].bzeroflag, shapes[5].twojmax) = (false, false, 8)
    return shapes
  }

  private func example(_ shape: BispectrumShape) throws -> NeighborList {
    let elements = ["Li", "O"].compactMap { ChemicalElement($0) }
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li"], rattle: 0.3, seed: 8)
    let search = try NeighborSearch(frames: [frame], elements: elements, cutoff: shape.cutoff)
    return try search.list(of: search.sites)
  }
}
