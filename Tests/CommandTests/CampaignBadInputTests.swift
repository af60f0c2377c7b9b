import Foundation
import Testing

@Suite(.enabled(if: CampaignFolder.isPossible, "the program or python3 is missing"))
struct CampaignBadInputTests {
  /// One line, this exit status, and these words in it.
  private func refused(_ run: Program, _ status: Int, _ words: String, line: Int = #line) {
    #expect(Int(run.status) == status, "line \(line): \(run.errors)")
    #expect(run.errors.contains(words), "line \(line): \(run.errors)")
    #expect(run.errors.filter(\.isNewline).count == 1 && run.output.isEmpty, "line \(line): \(run.errors)")
  }

  @Test func wrongCalls() throws {
    try CampaignFolder.with { campaign in
      refused(
        try Program.run(["campaign", "scan", "nowhere"], in: campaign.folder), 1, "nowhere: no campaign is here")
      refused(
        try Program.run(["campaign", "scna", "c"], in: campaign.folder), 2, "did you mean `halite campaign scan`?")
      refused(try Program.run(["campaign", "init", "--show-preset", "mp-relx"]), 2, "did you mean `mp-relax`?")
      refused(try campaign.run("add"), 2, "neither FILES nor --isolated-atoms")
      refused(try campaign.run("add", "set.extxyz", "--magnetic", "fm,ferri"), 2, "found `ferri`")
      refused(
        try campaign.run("add", "set.extxyz", "--magnetic", "given"), 1,
        "the structure carries no collinear moments")
      refused(try campaign.run("add", "--isolated-atoms", "Xx"), 2, "`Xx` is no element symbol")
      refused(try campaign.run("submit"), 2, "give either --workers N or --slurm")
      refused(try campaign.run("submit", "--workers", "0"), 2, "expected 1 or more")
      refused(try campaign.run("export", "-o", "x.extxyz"), 1, "no entry is accepted")
      try campaign.run("add", "set.extxyz")
      refused(try campaign.run("accept", "2"), 1, "entry 2 is planned, not finished")
      refused(try campaign.run("retry", "2"), 1, "entry 2 is planned, not failed")
      refused(try campaign.run("status", "--history", "77"), 2, "there is no entry `77`")
      refused(try campaign.run("status", "--list", "finishd"), 2, "did you mean `finished`?")
      #expect(try campaign.states() == ["planned": 4])
    }
  }

  @Test func movedAndForeignFiles() throws {
    try CampaignFolder.with { campaign in
      try campaign.run("add", "set.extxyz")
      try campaign.run("prepare")
      let files = FileManager.default
      let runs = campaign.folder.appendingPathComponent("c/runs").path
      try files.moveItem(atPath: runs + "/000001/1", toPath: campaign.folder.path + "/elsewhere")
      try campaign.python("finished", in: "c/runs/000002/1")
      try files.moveItem(atPath: runs + "/000002/1/OUTCAR", toPath: runs + "/000003/1/OUTCAR")
      #expect(try campaign.run("scan").status == 0)
      #expect(try campaign.reasons() == ["folder-missing", "foreign-output"])
      let history = try campaign.run("status", "--history", "1").output
      #expect(history.contains("runs/000001/1 is not there: put it back, or halite campaign retry 1"))
      #expect(try campaign.run("status", "--history", "3").output.contains("not of the structure in POSCAR"))
      // Put right, all is as before.
      try files.moveItem(atPath: campaign.folder.path + "/elsewhere", toPath: runs + "/000001/1")
      try files.removeItem(atPath: runs + "/000003/1/OUTCAR")
      try campaign.run("scan")
      #expect(try campaign.states() == ["prepared": 4])
    }
  }

  @Test func aFolderThatMayNotBeWritten() throws {
    try CampaignFolder.with { campaign in
      try campaign.run("add", "set.extxyz")
      guard try Program.run(["--version"], isNobody: true).status == 0 else { return }
      let files = FileManager.default
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: campaign.folder.path)
      for name in try files.contentsOfDirectory(atPath: campaign.folder.path + "/c") {
        try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: campaign.folder.path + "/c/" + name)
      }
      try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: campaign.folder.path + "/c")
      for command in ["prepare", "scan", "pause", "retry"] {
        let run = try campaign.run(command, isNobody: true)
        guard run.status != 0 else { continue }  // nothing was to be written
        refused(run, 1, "c/")
      }
      refused(try campaign.run("prepare", isNobody: true), 1, "Permission denied")
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: campaign.folder.path + "/c")
      #expect(try campaign.states() == ["planned": 4])
    }
  }

  @Test func twoCampaignsInOneFolder() throws {
    try CampaignFolder.with { campaign in
      refused(
        try Program.run(["campaign", "init", "c", "--name", "other"], in: campaign.folder), 1,
        "c: holds the campaign `test` already")
      let yaml = campaign.folder.appendingPathComponent("c/campaign.yaml")
      let text = try String(contentsOf: yaml, encoding: .utf8)
      try campaign.write(text.replacing("name: test", with: "name: other"), to: "c/campaign.yaml")
      refused(try campaign.run("scan"), 1, "names the campaign `other`, campaign.db `test`")
      try campaign.write(text.replacing("ENCUT: 520", with: "ENCTU: 520"), to: "c/campaign.yaml")
      refused(try campaign.run("scan"), 1, "`ENCTU` is no tag of VASP's INCAR; did you mean `ENCUT`?")
      try campaign.write(text, to: "c/campaign.yaml")
      #expect(try campaign.run("scan").status == 0)
    }
  }

  @Test func aDatabaseOfALaterVersion() throws {
    try CampaignFolder.with { campaign in
      try campaign.run("add", "set.extxyz")
      try campaign.sql("UPDATE halite_campaign SET value = '2' WHERE key = 'version'")
      for command in ["status", "scan", "prepare"] {
        refused(
          try campaign.run(command), 1, "c/campaign.db: a campaign of version 2, this halite knows 1; update halite"
        )
      }
      try campaign.sql("UPDATE halite_campaign SET value = '1' WHERE key = 'version'")
      #expect(try campaign.states() == ["planned": 4])
    }
  }

  /// All times of the database and of the files lie in the future, or far in the past: no decision asks for them.
  @Test func aClockThatGoesBack() throws {
    try CampaignFolder.with { campaign in
      func future() throws {
        try campaign.sql(
          "UPDATE halite_attempts SET prepared_at = 4e9, submitted_at = 4e9, read_at = 4e9; UPDATE systems SET ctime = 99, mtime = 99;"
        )
      }
      try campaign.run("add", "set.extxyz")
      try campaign.run("prepare")
      try future()
      for entry in 1...4 {
        try campaign.python(entry == 2 ? "unconverged" : "finished", in: "c/runs/00000\(entry)/1")
        let output = campaign.folder.path + "/c/runs/00000\(entry)/1/OUTCAR"
        let old = Date(timeIntervalSince1970: 1e8)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: output)
      }
      try campaign.write("status=0\nbegin=2000.0\nend=1000.0\n", to: "c/runs/000001/1/run.done")
      try campaign.run("scan")
      #expect(try campaign.states() == ["finished": 3, "failed": 1])
      try future()
      try campaign.run("repair")
      try future()
      try campaign.python("unconverged", in: "c/runs/000002/2")
      try campaign.run("scan")
      try campaign.run("retry", "2")
      // An output that is older than the one before it is new all the same.
      try campaign.python("finished", in: "c/runs/000002/3")
      let third = campaign.folder.path + "/c/runs/000002/3/OUTCAR"
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e7)], ofItemAtPath: third)
      try campaign.run("scan")
      let text = try campaign.run("status", "--history", "2", "--json").output
      let history = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
      #expect(history.map { $0["attempt"] as? Int } == [1, 2, 3])
      #expect(history.map { $0["outcome"] as? String } == ["failed", "failed", "finished"])
      #expect(history.map { $0["fixes"] as? String } == ["", "algo-normal", "algo-normal;retry"])
      #expect(try campaign.run("accept").output == "4 accepted, 0 refused\n")
      try campaign.run("export", "-o", "data.extxyz")
      let data = try String(contentsOf: campaign.folder.appendingPathComponent("data.extxyz"), encoding: .utf8)
      let entries = data.split(separator: " ").filter { $0.hasPrefix("entry=") }
      #expect(entries == ["entry=1", "entry=2", "entry=3", "entry=4"])
    }
  }
}
