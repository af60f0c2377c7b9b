import Foundation
import Testing

@testable import Reports

@Test func jsonHasTheKeysOfTheConventions() throws {
  let json = try ReportFile(try Sample.report(frames: 8)).json
  let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  #expect(
    object.keys.sorted() == [
      "baseline", "best_epoch", "census", "command", "data_hash", "elements", "epochs", "fitted_labels", "groups",
      "labels", "notes",
      "peak_bytes", "potential", "potential_file", "seconds", "settings", "stages", "stop_reason", "test",
      "threads", "train", "validation", "verdict", "version", "warnings", "worst_energies", "worst_forces",
    ])
  #expect(object["potential"] as? String == "aenet")
  #expect(object["peak_bytes"] as? Int == 1_234_567)
  #expect((object["test"] as? [String: Any])?["frames"] as? Int == 3)
  let back = try JSONDecoder().decode(ReportFile.self, from: Data(json.utf8))
  #expect(try back.json == json)
}
