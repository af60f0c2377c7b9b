import Foundation
import Testing

/// sbatch, squeue and sacct that say what a test writes down: their answers are files beside them.
private struct StandInSlurm {
  let campaign: CampaignFolder
  var programs: String { campaign.folder.path + "/slurm" }

  init(_ campaign: CampaignFolder) throws {
    self.campaign = campaign
    try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
    try program("sbatch", "echo \"$@\" >>'\(programs)/calls'; echo 123")
    for name in ["squeue", "sacct"] { try program(name, "cat '\(programs)/\(name).txt'") }
  }

  private func program(_ name: String, _ text: String) throws {
    try "#!/bin/sh\n\(text)\n".write(toFile: programs + "/" + name, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: programs + "/" + name)
  }

  /// Lines of an answer; nil: the program fails, as where Slurm is down or keeps no accounts.
  func answer(_ name: String, _ lines: [String]?) throws {
    guard let lines else {
      if FileManager.default.fileExists(atPath: programs + "/\(name).txt") {
        try FileManager.default.removeItem(atPath: programs + "/\(name).txt")
      }
      return
    }
    try lines.map { $0 + "\n" }.joined().write(toFile: programs + "/\(name).txt", atomically: true, encoding: .utf8)
  }

  /// "123_1|RUNNING|halite-test-1|/folder/c".
  func line(_ job: String, _ state: String, name: String = "halite-test-1", folder: String? = nil) -> String {
    let root = URL(fileURLWithPath: campaign.folder.path + "/c").resolvingSymlinksInPath().path
    return "\(job)|\(state)|\(name)|\(folder ?? root)"
  }

  func calls() throws -> [Substring] {
    try String(contentsOfFile: programs + "/calls", encoding: .utf8).split(separator: "\n")
  }

  func submitted() throws {
    try campaign.run("add", "set.extxyz")
    try campaign.run("prepare")
    let run = try campaign.run("submit", "--slurm", programs: programs)
    #expect(run.status == 0 && run.output.hasSuffix("  halite-test-1: job 123\n"), "\(run.errors)")
  }
}

@Suite(.enabled(if: CampaignFolder.isPossible, "the program or python3 is missing"))
struct CampaignSlurmTests {
  @Test func everyStateOfATask() throws {
    try CampaignFolder.with(8) { campaign in
      let slurm = try StandInSlurm(campaign)
      try slurm.submitted()
      #expect(try slurm.calls()[0].contains("--job-name=halite-test-1 --array=1-8 "))
      try campaign.python("finished", in: "c/runs/000001/1")
      try campaign.python("truncated", in: "c/runs/000002/1")
      let states = ["COMPLETED", "TIMEOUT", "OUT_OF_MEMORY", "CANCELLED by 0", "NODE_FAIL", "FAILED", "PENDING"]
      var told = states.enumerated().map { slurm.line("123_\($0 + 1)", $1) }
      // What is not of this campaign: another job, the same name in another folder, an array that was not taken apart.
      told += [
        slurm.line("99_8", "RUNNING", name: "halite-other-1"), slurm.line("124_8", "RUNNING", folder: "/elsewhere"),
        slurm.line("123_[8-9%2]", "PENDING"), "rubbish",
      ]
      try slurm.answer("sacct", told)
      // squeue is asked last: it knows the younger state.
      try slurm.answer("squeue", [slurm.line("123_7", "RUNNING")])
      let scan = try campaign.run("scan", programs: slurm.programs)
      #expect(scan.output.contains("running 1, finished 1, failed 6\n"), "\(scan.output)")
      #expect(
        try campaign.reasons() == ["walltime", "out-of-memory", "cancelled", "node-failed", "no-output", "lost"])
      // Nothing new: nothing changes. Those that failed come home by the same way as any other.
      #expect(try campaign.run("scan", "--json", programs: slurm.programs).json()["changed"] as? Int == 0)
      #expect(try campaign.run("retry", "3,4,5,6,8").output == "5 runs prepared once more\n")
      #expect(try campaign.states() == ["running": 1, "finished": 1, "failed": 1, "prepared": 5])
    }
  }

  /// squeue without sacct: Slurm keeps no accounts in its simplest set-up.
  @Test func withoutAccounts() throws {
    try CampaignFolder.with(3) { campaign in
      let slurm = try StandInSlurm(campaign)
      try slurm.submitted()
      try slurm.answer("squeue", [slurm.line("123_1", "PENDING"), slurm.line("123_3", "CANCELLED")])
      #expect(try campaign.run("scan", programs: slurm.programs).output.contains("submitted 1, failed 2\n"))
      #expect(try campaign.reasons() == ["lost", "cancelled"])
    }
  }

  /// A batch has its number only when sbatch has ended: what Slurm does not know until then is not lost.
  @Test func aRunWhoseSbatchIsAtWorkIsNotLost() throws {
    try CampaignFolder.with(3) { campaign in
      let slurm = try StandInSlurm(campaign)
      try slurm.submitted()
      try campaign.sql("UPDATE halite_batches SET job = NULL")
      try slurm.answer("squeue", [])
      #expect(try campaign.run("scan", programs: slurm.programs).output.contains("submitted 3\n"))
      // With its number known and no word of it in Slurm, it is.
      try campaign.sql("UPDATE halite_batches SET job = '123'")
      #expect(try campaign.run("scan", programs: slurm.programs).output.contains("failed: lost 3\n"))
    }
  }

  @Test func whereSlurmDoesNotAnswerNothingIsTouched() throws {
    try CampaignFolder.with(2) { campaign in
      let slurm = try StandInSlurm(campaign)
      try slurm.submitted()
      try slurm.answer("squeue", nil)
      let scan = try campaign.run("scan", programs: slurm.programs)
      #expect(scan.output.contains("submitted 2\n") && scan.errors.contains("Slurm does not answer"))
      try campaign.sql("UPDATE halite_batches SET job = NULL")
      let submit = try campaign.run("submit", "--slurm", programs: slurm.programs)
      #expect(submit.status == 1 && submit.errors.contains("nothing was submitted"))
      #expect(try slurm.calls().count == 1)
    }
  }

  /// Killed between sbatch and the commit: the accounts know the job's name.
  @Test func aJobIsFoundAgainInTheAccounts() throws {
    try CampaignFolder.with(2) { campaign in
      let slurm = try StandInSlurm(campaign)
      try slurm.submitted()
      try campaign.sql("UPDATE halite_batches SET job = NULL")
      try slurm.answer("squeue", [])
      try slurm.answer("sacct", [slurm.line("123_1", "COMPLETED"), slurm.line("123_2", "COMPLETED")])
      let submit = try campaign.run("submit", "--slurm", programs: slurm.programs)
      #expect(submit.output == "0 runs submitted\n  halite-test-1: job 123\n")
      #expect(try slurm.calls().count == 1)
    }
  }
}
