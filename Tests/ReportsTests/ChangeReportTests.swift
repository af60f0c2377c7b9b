import Foundation
import Testing

@testable import Reports

@Test func forgettingIsSaidAndShown() throws {
  let before = try Sample.noisy(.test, frames: 20, energyNoise: 0.004, forceNoise: 0.1, seed: 1).errors
  let after = try Sample.noisy(.test, frames: 20, energyNoise: 0.02, forceNoise: 0.1, seed: 1).errors
  let change = ChangeReport(
    oldTest: .init(before: before, after: after), newTest: .init(before: after, after: before))
  #expect(change.warnings.count == 1)
  #expect(change.warnings[0].hasPrefix("Forgetting: on the old test part errors grew: energy "))
  #expect(!change.warnings[0].contains("forces"))
  #expect(ChangeReport(oldTest: .init(before: after, after: before), newTest: nil).warnings.isEmpty)
  let lines = change.text.split(separator: "\n")
  #expect(lines.count == 5 && lines[0].contains("energy, meV/atom") && lines[1].hasPrefix("old test part  old"))
  var report = try Sample.report(frames: 8)
  report.change = change
  let page = HTMLReport(report).text
  #expect(page.contains("Change against the potential that the training began from") && page.contains("Forgetting: "))
  let object = try #require(
    try JSONSerialization.jsonObject(with: Data(ReportFile(report).json.utf8)) as? [String: Any])
  let old = try #require((object["change"] as? [String: Any])?["old_test"] as? [String: Any])
  #expect(((old["after"] as? [String: Any])?["energy"] as? [String: Any])?["rmse"] as? Double == after.energy?.rmse)
}
