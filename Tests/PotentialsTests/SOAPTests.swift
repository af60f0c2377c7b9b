import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let hasReference = SharedData.holds("reference/gap_soap.json")

/// The cluster of the reference numbers, and its elements.
private func cluster() -> (structure: Structure, elements: [ChemicalElement]) {
  let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }
  let positions: [SIMD3<Double>] = [[0, 0, 0], [1.9, 0.3, -0.2], [-0.8, 1.7, 0.6], [0.4, -1.2, 4.3]]
  let kinds = [elements[0], elements[1], elements[2], elements[1]]
  return (Structure(lattice: nil, elements: kinds, positions: positions), elements)
}

private func list(_ structure: Structure, _ elements: [ChemicalElement], cutoff: Double) throws -> NeighborList {
  let search = try NeighborSearch(frames: [structure], elements: elements, cutoff: cutoff)
  return try search.list(of: search.sites)
}

private func shape(n: Int, l: Int, types: Int = 3, channels: Int? = nil) -> SOAPShape {
  SOAPShape(nMax: n, lMax: l, atomSigma: 0.5, cutoff: 5, transitionWidth: 0.5, types: types, channels: channels)
}

@Suite struct SOAPTests {
  /// quip's descriptors of a cluster of three elements, to 1e−12.
  @Test(
    .enabled(if: hasReference),
    arguments: [("paper_n4_l4", 4, 4), ("n2_l1", 2, 1), ("thesis_n6_l6", 6, 6)])
  func descriptorsOfQuip(name: String, n: Int, l: Int) throws {
    let results = try #require(try SharedData.json("reference/gap_soap.json")["results"] as? [String: Any])
    let (structure, elements) = cluster()
    let soap = try SOAP(shape(n: n, l: l))
    let values = soap.descriptors(try list(structure, elements, cutoff: 5))
    let width = soap.shape.dimension
    for atom in 0..<4 {
      let entry = try #require(results["\(name)_atom\(atom)"] as? [String: Any])
      let expected = doubles(entry["vector"])
      // quip's last number is σ_0, which is zero.
      #expect(expected.count == width + 1)
      for k in 0..<width { #expect(abs(values[atom * width + k] - expected[k]) < 1e-12) }
    }
  }

  /// S, L and T of the contract's numbers.
  @Test(.enabled(if: hasReference)) func radialBasisOfQuip() throws {
    let results = try #require(try SharedData.json("reference/gap_soap.json")["results"] as? [String: Any])
    let entry = try #require(results["radial_basis_n4_cut5_sigma0.5"] as? [String: Any])
    let basis = try SOAPRadialBasis(shape(n: 4, l: 4))
    #expect(abs(basis.range - 8.393070212207556) < 1e-12)
    for (key, values) in [
      ("overlap", basis.overlap), ("cholesky_lower", basis.cholesky), ("transform", basis.transform),
    ] {
      let expected = doubleRows(entry[key]).flatMap { $0 }
      #expect(expected.count == 16)
      for k in expected.indices { #expect(abs(values[k] - expected[k]) < 1e-12) }
    }
  }

  @Test(arguments: [(1, 0), (3, 2), (5, 7), (8, 8), (12, 9)]) func plainDefinition(n: Int, l: Int) throws {
    let (structure, elements) = cluster()
    let shape = shape(n: n, l: l)
    let neighbors = try list(structure, elements, cutoff: 5)
    let values = try SOAP(shape).descriptors(neighbors)
    let plain = try PlainSOAP(shape).descriptors(neighbors).flatMap { $0 }
    #expect(values.count == plain.count)
    for k in plain.indices { #expect(abs(values[k] - plain[k]) < 1e-10) }
  }

  /// As many mixed densities as elements are a rotation, which no dot product sees.
  @Test func fullCompressionKeepsDotProducts() throws {
    let (structure, elements) = cluster()
    let neighbors = try list(structure, elements, cutoff: 5)
    func dots(_ shape: SOAPShape) throws -> [Double] {
      let width = shape.dimension
      let values = try SOAP(shape).descriptors(neighbors)
      return (0..<4).flatMap { a in
        (0..<4).map { b in (0..<width).reduce(0) { $0 + values[a * width + $1] * values[b * width + $1] } }
      }
    }
    let plain = try dots(shape(n: 4, l: 3))
    for (a, b) in zip(plain, try dots(shape(n: 4, l: 3, channels: 3))) { #expect(abs(a - b) < 1e-12) }
    // The kernels of the contract: two oxygens.
    #expect(abs(try dots(shape(n: 4, l: 4))[7] - 0.9222673435078773) < 1e-11)
    let compressed = try dots(shape(n: 4, l: 3, channels: 2))
    #expect(zip(plain, compressed).contains { abs($0 - $1) > 1e-3 })
  }

  /// An isolated atom has one component alone: a = b = its own type with n = 1, l = 0.
  @Test func isolatedAtom() throws {
    let elements = cluster().elements
    let atom = Structure(lattice: nil, elements: [elements[1]], positions: [.zero])
    let values = try SOAP(shape(n: 4, l: 4)).descriptors(try list(atom, elements, cutoff: 5))
    let place = (4 * 5 / 2 + 4) * 5
    for (k, value) in values.enumerated() { #expect(abs(value - (k == place ? 1 : 0)) < 1e-12) }
  }

  @Test func numbersOutOfRange() throws {
    func message(_ change: (inout SOAPShape) -> Void) -> String {
      var shape = shape(n: 4, l: 4)
      change(&shape)
      do { _ = try SOAP(shape) } catch { return "\(error)" }
      return ""
    }
    #expect(message { $0.nMax = 99 }.contains("n_max must be 1 to 24, found 99"))
    #expect(message { $0.lMax = 40 }.contains("l_max must be 0 to 16, found 40"))
    #expect(message { $0.channels = 4 }.contains("element_channels must be 1 to the number of elements (3)"))
    #expect(message { ($0.nMax, $0.atomSigma) = (24, 5) }.contains("cannot be told apart"))
  }
}
