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
  #expect(
    page.contains("Change against the potential that the training began from") && page.contains("Forgetting: "))
  let json = try ReportFile(report).json
  #expect(json.contains("\"old_test\" : {"))
  #expect(try JSONDecoder().decode(ReportFile.self, from: Data(json.utf8)).change == change)
}
