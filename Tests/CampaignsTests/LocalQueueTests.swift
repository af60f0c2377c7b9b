import Foundation
import Structures
import Testing

@testable import Campaigns

@Suite(.enabled(if: StandIn.isPossible, "python3 is missing"))
struct LocalQueueTests {
  /// A folder in the place of a file cannot be written, not even by root.
  @Test func oneFolderThatCannotBeWrittenStopsNoOther() throws {
    try withCampaign(4) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      let files = FileManager.default
      // One cannot be locked; in another one the script cannot say that it began.
      try files.createDirectory(atPath: folder + "/runs/000002/1/run.lock", withIntermediateDirectories: false)
      for name in [".run.started", "job.out", ".run.done"] {
        try files.createDirectory(atPath: folder + "/runs/000003/1/" + name, withIntermediateDirectories: false)
      }
      let report = try campaign.runLocally(workers: 2)
      #expect(report.submitted == 3 && report.finished == 2 && report.failed == 2)
      let entries = try campaign.entries()
      #expect(entries.map(\.state) == [.finished, .failed, .failed, .finished])
      #expect(entries[1].reason == "folder-unwritable" && entries[2].reason == "folder-unwritable")
      let detail = try campaign.attempts(of: 2)[0].detail ?? ""
      #expect(detail.contains("runs/000002/1: cannot write") && detail.contains("retry 2"), "\(detail)")
      // A scan leaves the verdict, and a retry begins in a folder of its own.
      #expect(try campaign.scan(threads: 1).changed == 0)
      #expect(try campaign.retry(["2"]) == 1)
      #expect(try campaign.runLocally(workers: 1).finished == 1)
    }
  }

  /// What is in the way of one entry is said when the others are prepared.
  /// A mistyped program would fail every run of the campaign: after the first it is said.
  @Test func aCommandThatCannotBeRunEndsTheQueue() throws {
    try withCampaign(4) { _, folder in
      try edit(folder + "/campaign.yaml", "python3 ", "no-such-program ")
      let campaign = try Campaign(folder)
      _ = try campaign.prepare(threads: 1)
      let report = try campaign.runLocally(workers: 1)
      #expect(report.submitted == 1 && report.failed == 1)
      let remark = report.remark ?? ""
      #expect(remark.contains("exit status 127") && remark.contains("no-such-program"), "\(remark)")
      #expect(try campaign.entries().count { $0.state == .prepared } == 3)
    }
  }

  @Test func oneFolderThatIsInTheWayKeepsNoOtherWaiting() throws {
    try withCampaign(4) { campaign, folder in
      let files = FileManager.default
      for entry in ["000002", "000003"] {
        try files.createDirectory(atPath: folder + "/runs/\(entry)/1", withIntermediateDirectories: true)
        try Data("notes".utf8).write(to: URL(fileURLWithPath: folder + "/runs/\(entry)/1/notes.txt"))
      }
      let said = refusal { _ = try campaign.prepare(threads: 2) }
      #expect(said.contains("runs/000002/1: the run folder is there already and holds notes.txt"), "\(said)")
      #expect(said.contains("(and 1 more entries); 2 others are prepared; move it away"), "\(said)")
      #expect(try campaign.entries().map(\.state) == [.prepared, .planned, .planned, .prepared])
      for entry in ["000002", "000003"] { try files.removeItem(atPath: folder + "/runs/\(entry)/1/notes.txt") }
      #expect(try campaign.prepare(threads: 2) == 2)
    }
  }

  @Test func ofRetriesOneFolderThatIsInTheWayKeepsNoOtherWaiting() throws {
    try withCampaign(3) { campaign, folder in
      let files = FileManager.default
      _ = try campaign.prepare(threads: 1)
      for entry in ["000001", "000002", "000003"] {
        try files.createDirectory(atPath: folder + "/runs/\(entry)/1/run.lock", withIntermediateDirectories: false)
      }
      #expect(try campaign.runLocally(workers: 1).failed == 3)
      try files.createDirectory(atPath: folder + "/runs/000002/2", withIntermediateDirectories: true)
      try Data("notes".utf8).write(to: URL(fileURLWithPath: folder + "/runs/000002/2/notes.txt"))
      let said = refusal { _ = try campaign.retry([]) }
      #expect(said.contains("runs/000002/2: the run folder is there already and holds notes.txt"), "\(said)")
      #expect(said.contains("; 2 others are prepared"), "\(said)")
      #expect(try campaign.entries().map(\.state) == [.prepared, .failed, .prepared])
    }
  }
}
