import Foundation
import Structures
import Testing

@testable import Reports

/// Cubic cells with P = −B ln(V/V0), B in GPa; the virial is P V.
private func frames(bulkModulus: Double) -> [StressSense.Point] {
  (0..<8).compactMap { step in
    let edge = 4 + 0.02 * Double(step)
    let volume = edge * edge * edge
    let pressure = -bulkModulus * log(volume / 66) / 160.21766208
    let w = pressure * volume
    let structure = Structure(
      lattice: Lattice(a: [edge, 0, 0], b: [0, edge, 0], c: [0, 0, edge]),
      elements: ["Ni", "O"].compactMap { ChemicalElement($0) }, positions: [[0, 0, 0], [2, 2, 2]])
    return StressSense.Point(
      LabeledStructure(structure: structure, labels: Labels(virial: Matrix3([w, 0, 0], [0, w, 0], [0, 0, w]))))
  }
}

@Test func aRightStressGivesTheBulkModulus() throws {
  let sense = StressSense(frames(bulkModulus: 180))
  #expect(sense.judgement == .right && abs(try #require(sense.bulkModulus) - 180) < 1e-6)
  #expect(sense.warning == nil)
}

@Test func aWrongSignIsSaid() throws {
  let sense = StressSense(frames(bulkModulus: -180))
  #expect(sense.judgement == .wrongSign)
  #expect(try #require(sense.warning).contains("sign of the stresses must be wrong"))
}

@Test(arguments: [180 * 1602.0, 180 / 1602.0])
func aWrongUnitIsSaid(bulkModulus: Double) throws {
  #expect(StressSense(frames(bulkModulus: bulkModulus)).judgement == .wrongUnit)
}

@Test func fewVolumesSayNothing() {
  #expect(StressSense(Array(frames(bulkModulus: -180).prefix(2))).judgement == .unknown)
}
