import Formats
import Structures
import TestSupport
import Testing

@testable import Reports

private func frame(_ moments: [Double], energy: Double, shift: Double = 0) -> LabeledStructure {
  let structure = Structure(
    lattice: Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]),
    elements: ["Mn", "Co", "O", "O"].compactMap { ChemicalElement($0) },
    positions: [[shift, 0, 0], [2, 2, 0], [2, 0, 0], [0, 2, 0]], moments: .collinear(moments))
  return LabeledStructure(structure: structure, labels: Labels(energy: energy))
}

@Test func oneGeometryInTwoStatesIsListedFromTheLowestUp() throws {
  let frames = [
    frame([3.7, 0, 0, 0], energy: -20), frame([-3.7, 0, 0, 0], energy: -20.0001),
    frame([3.7, 3.0, 0, 0], energy: -20.4, shift: 0.01),
    frame([3.7, 3.0, 0, 0], energy: -19, shift: 0.4),
  ]
  let diagnosis = SpinDiagnosis(Dataset(frames))
  let structure = try #require(diagnosis.structures.first)
  #expect(
    diagnosis.structures.count == 1 && structure.states.count == 2, "turned over as a whole is the same state")
  #expect(structure.states[0].energy == 0 && abs(structure.states[1].energy - 99.975) < 1e-6)
  #expect(structure.states.map(\.moment).map { abs($0) } == [6.7, 3.7])
}

@Test(arguments: [
  ("Mn", 4.5, ["2+"]), ("Mn", -3.8, ["3+"]), ("Mn", 2.9, ["4+"]), ("Co", 0.02, ["3+ low spin"]),
  ("Co", 2.7, ["2+"]),
  ("Ni", 1.7, ["2+"]), ("Ni", 1.0, ["3+ low spin"]), ("Fe", 4.3, ["3+"]), ("Fe", 3.7, ["2+", "4+"]),
  ("V", 1.8, ["3+"]),
  ("Mn", 1.8, ["3+ low spin", "5+"]), ("Cu", 0.6, ["2+"]), ("Ti", 0.85, ["3+"]), ("Cr", 2.8, ["3+"]),
  ("Ni", 1.32, []),
])
func momentsFallIntoWindows(symbol: String, moment: Double, states: [String]) throws {
  #expect(SpinWindow.states(of: try #require(ChemicalElement(symbol)), moment: moment) == states)
}

/// Oxides of known oxidation state: Mn3O4 has one Mn2+ for two Mn3+, LiCoO2 low-spin Co3+, NiO Ni2+.
@Test(.enabled(if: SharedData.holds("data/tm-oxides-magmom-r2scan/tm_oxides.extxyz"), "the shared data are absent"))
func knownOxidesGetTheirStates() throws {
  let frames = try readFrames(SharedData.path("data/tm-oxides-magmom-r2scan/tm_oxides.extxyz")).frames
  func states(_ formula: String, _ element: String) throws -> [String: Int] {
    let part = frames.filter { $0.structure.reducedFormula == formula }
    #expect(!part.isEmpty)
    let found = try #require(SpinDiagnosis(Dataset(part)).elements.first { $0.element == element })
    #expect(found.ambiguous == 0)
    return Dictionary(uniqueKeysWithValues: found.states.map { ($0.name, $0.count) })
  }
  let hausmannite = try states("Mn3O4", "Mn")
  #expect(hausmannite.keys.sorted() == ["2+", "3+"] && hausmannite["3+"] == 2 * (hausmannite["2+"] ?? 0))
  #expect(try states("CoLiO2", "Co").keys.sorted() == ["3+ low spin"])
  #expect(try states("NiO", "Ni").keys.sorted() == ["2+"])
  #expect(try states("Fe2O3", "Fe").keys.sorted() == ["3+"])
  #expect(try states("MnO2", "Mn").keys.sorted() == ["4+"])
  // One moment, two states: the charges tell.
  #expect(try states("FeO", "Fe").keys.sorted() == ["2+"])
  #expect(try states("FeO3Sr", "Fe").keys.sorted() == ["4+"])
  #expect(try states("Cu2O", "Cu").keys.sorted() == ["1+"])
  #expect(try states("K3MnO4", "Mn").keys.sorted() == ["5+"])
  #expect(try states("K2MnO4", "Mn").keys.sorted() == ["6+"])
}

@Test func chargesDecideBetweenStatesOfOneMomentOnlyWhereTheyMust() throws {
  func elements(_ symbols: [String]) -> [ChemicalElement] { symbols.compactMap { ChemicalElement($0) } }
  let doubt = ["2+", "4+"]
  #expect(ChargeDecision.states(elements(["Fe", "O"]), [doubt, nil]) == [["2+"], nil])
  #expect(ChargeDecision.states(elements(["Fe", "O", "O"]), [doubt, nil, nil]) == [["4+"], nil, nil])
  #expect(
    ChargeDecision.states(elements(["Li", "Fe", "O", "O"]), [nil, doubt, nil, nil]) == nil, "neither is neutral")
  #expect(ChargeDecision.states(elements(["Fe", "Mn", "O"]), [doubt, [], nil]) == nil, "a moment in no window")
  #expect(
    ChargeDecision.states(elements(["Fe", "Xe", "O"]), [doubt, nil, nil]) == nil, "a charge that is not known")
  let two = elements(["Fe", "Cu", "O", "O", "O"])
  #expect(ChargeDecision.states(two, [doubt, ["2+", "4+"], nil, nil, nil]) == nil, "2 + 4 and 4 + 2")
}

/// Energies of two functionals have nothing to do with each other.
@Test func framesOfOtherSettingsAreNoSpinStates() throws {
  var other = frame([3.7, 3.0, 0, 0], energy: -21)
  other.set("functional", "R2SCAN")
  var plain = frame([3.7, 0, 0, 0], energy: -20)
  plain.set("functional", "PBE")
  var second = frame([3.7, 3.0, 0, 0], energy: -20.4)
  second.set("functional", "PBE")
  #expect(SpinDiagnosis(Dataset([plain, other])).structures.isEmpty)
  let diagnosis = SpinDiagnosis(Dataset([plain, other, second]))
  #expect(diagnosis.structures.count == 1 && diagnosis.structures.first?.states.count == 2)
  #expect(diagnosis.structures.first?.settings == "functional PBE")
  #expect(
    diagnosis.text.contains("energies are compared only among frames of equal settings, of which there are 2"))
}
