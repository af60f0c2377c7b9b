import Foundation
import Structures
import Testing

@testable import Reports

@Test func everyFactHasItsOwnName() throws {
  var frames = Sample.fourOxides
  frames[0] = Sample.frame(
    [Sample.lithium, Sample.oxygen], energy: -10.2, forces: [[0, 0, 1], [0, 0, -1]], index: 0)
  for index in frames.indices { frames[index].provenance.energyKey = "REF_energy" }
  let references = ReferenceSummary(
    origin: "least squares", energies: ["Li": -2, "O": -8], rank: 1, freeDirections: ["Li − O = 0"])
  let census = try Census(Dataset(frames), files: ["a.xyz", "b.xyz"], references: references)
  let facts = RunReport.Fact.all(of: census)
  #expect(Set(facts.map(\.name)).count == facts.count)
  #expect(facts.allSatisfy { !$0.name.isEmpty && !$0.value.isEmpty && !$0.value.contains("`") })
  let value = Dictionary(uniqueKeysWithValues: facts.map { ($0.name, $0.value) })
  #expect(value["Files"] == "a.xyz, b.xyz")
  #expect(value["Frames"] == "4 frames, 10 atoms")
  #expect(value["Energy labels"] == "all frames, from REF_energy")
  #expect(value["Force labels"] == "1 of 4 frames")
  #expect(value["Stress labels"] == "none")
  #expect(value["Magnetic forces"] == nil && value["Data hash"] == nil)
  #expect(value["Reference energies"] == "Li −2.0000, O −8.0000 eV (least squares)")
  #expect(value["Left open"] == "rank 1 of 2, as in every frame Li − O = 0")
  #expect(value["Force components"] == "RMS 0.5774 eV/Å")
}

@Test func dataHashStandsOnceOnThePage() throws {
  var report = try Sample.report(frames: 8)
  let census = try Census(Dataset(Sample.fourOxides), files: ["a.xyz"], references: nil)
  report.run.dataHash = census.dataHash
  report.census = RunReport.Fact.all(of: census)
  let text = HTMLReport(report).text
  #expect(text.components(separatedBy: census.dataHash).count == 2)
}
