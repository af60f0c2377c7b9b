import Foundation
import Testing

/// A campaign of a test, with the program as its users run it.
struct CampaignFolder {
  let folder: URL
  var path: String { "c" }

  static let standIn = Program.root.appendingPathComponent("Scripts/stand-in-vasp.py").path
  static var isPossible: Bool {
    Program.isBuilt && FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
  }

  /// A campaign, and oxides of lithium and manganese in set.extxyz; all goes behind the test.
  static func with(
    _ count: Int = 4, preset: String = "lithium-drx-2024-static", edit: (String) -> String = { $0 },
    _ body: (CampaignFolder) throws -> Void
  ) throws {
    try Program.withFolder { folder in
      let campaign = CampaignFolder(folder: folder)
      try campaign.python("--library", folder.path + "/potcars")
      let shown = try Program.run(["campaign", "init", "--show-preset", preset]).output
      let text = shown.replacing("potcar_library: null", with: "potcar_library: \(folder.path)/potcars")
      try edit(text).write(to: folder.appendingPathComponent("preset.yaml"), atomically: true, encoding: .utf8)
      try (0..<count).map { xyz(2.9 + 0.01 * Double($0)) }.joined().write(
        to: folder.appendingPathComponent("set.extxyz"), atomically: true, encoding: .utf8)
      let made = try campaign.run("init", "--name", "test", "--preset", "preset.yaml", "--command", "'\(standIn)'")
      #expect(made.status == 0 && made.output == "campaign test in c, settings in c/campaign.yaml\n")
      try body(campaign)
    }
  }

  private static func xyz(_ b: Double) -> String {
    """
    4
    Lattice="2.9 0 0 0 \(b) 0 0 0 4.1" Properties=species:S:1:pos:R:3 pbc="T T T"
    O 0 0 0
    Li 1.45 \(b / 2) 0
    O 1.45 \(b / 2) 2.05
    Mn 0 0 2.05

    """
  }

  /// `halite campaign COMMAND c …`.
  @discardableResult
  func run(_ command: String, _ arguments: String..., programs: String? = nil, isNobody: Bool = false) throws
    -> Program
  {
    try Program.run(["campaign", command, path] + arguments, in: folder, path: programs, isNobody: isNobody)
  }

  func python(_ words: String..., in inside: String? = nil) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [Self.standIn] + words
    process.currentDirectoryURL = inside.map { folder.appendingPathComponent($0) } ?? folder
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }

  func states() throws -> [String: Int] {
    let states = try run("status", "--json").json()["states"] as? [String: Int] ?? [:]
    return states.filter { $0.value > 0 }
  }

  /// Reasons of failed entries in their order, "-" of others.
  func reasons() throws -> [String] {
    let text = try run("status", "--list", "failed", "--json").output
    let rows = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
    return rows.map { $0["reason"] as? String ?? "-" }
  }

  /// Runs SQL on the database.
  func sql(_ text: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [
      "-c", "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.executescript(sys.argv[2]); db.commit()",
      folder.path + "/c/campaign.db", text,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  func write(_ text: String, to file: String) throws {
    try text.write(to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
  }
}

@Suite(.enabled(if: CampaignFolder.isPossible, "the program or python3 is missing"))
struct CampaignCommandTests {
  @Test func theWholeWay() throws {
    try CampaignFolder.with { campaign in
      #expect(try campaign.run("add", "set.extxyz").output == "4 added, 0 known already; 4 entries in all\n")
      #expect(
        try campaign.run("add", "set.extxyz", "--magnetic", "fm,afm").output
          == "0 added, 4 known already, 4 left out (moments of another order of the same structure, or these reversed); "
          + "4 entries in all\n")
      let before = try campaign.run("status")
      #expect(before.output.contains("time left unknown: no run goes on: halite campaign submit"))
      #expect(try campaign.run("prepare").output == "4 run folders prepared\n")
      #expect(try campaign.run("pause").output == "paused\n")
      let paused = try campaign.run("submit", "--workers", "2")
      #expect(paused.output == "0 runs submitted, 0 finished, 0 failed\n")
      #expect(paused.errors.contains("the campaign is paused"))
      #expect(try campaign.run("pause", "--off").output == "goes on: halite campaign submit\n")
      #expect(
        try campaign.run("submit", "--workers", "2", "--limit", "3").output
          == "3 runs submitted, 3 finished, 0 failed\n")
      #expect(try campaign.states() == ["finished": 3, "prepared": 1])
      try campaign.python("truncated", in: "c/runs/000004/1")
      let scan = try campaign.run("scan").output
      #expect(scan == "4 runs looked at, 1 read, 1 changed\nfinished 3, failed 1\nfailed: truncated 1\n")
      #expect(try campaign.run("scan", "--json").json()["changed"] as? Int == 0)
      #expect(try campaign.run("retry", "4").output == "1 run prepared once more\n")
      #expect(try campaign.run("submit", "--workers", "1").output == "1 run submitted, 1 finished, 0 failed\n")
      let status = try campaign.run("status").output
      #expect(status.contains("test: 4 entries, 5 attempts\n[########################################] 100 % done"))
      #expect(
        status.contains("a run takes") && status.contains("retry    neutral      1          1       0"), "\(status)"
      )
      let history = try campaign.run("status", "--history", "4").output
      #expect(history.contains("truncated") && history.contains("retry"))
      #expect(try campaign.run("accept").output == "4 accepted, 0 refused\n")
      let export = try campaign.run("export", "-o", "data.extxyz", "--json").json()
      #expect(export["frames"] as? Int == 4)
      let text = try String(contentsOf: campaign.folder.appendingPathComponent("data.extxyz"), encoding: .utf8)
      #expect(text.components(separatedBy: "campaign=test").count == 5 && text.contains("source=runs/000004/2"))
      #expect(try campaign.states() == ["accepted": 4])
    }
  }

  @Test func freeAtomsHaveTheBoxOfTheSettings() throws {
    try CampaignFolder.with { campaign in
      #expect(
        try campaign.run("add", "--isolated-atoms", "Li,Mn").output
          == "2 added, 0 known already; 2 entries in all\n")
      try campaign.run("prepare")
      func file(_ name: String) throws -> String {
        try String(contentsOf: campaign.folder.appendingPathComponent("c/runs/000002/1/" + name), encoding: .utf8)
      }
      let rows = try file("POSCAR").split(separator: "\n").dropFirst(2).prefix(3).map {
        $0.split(separator: " ").compactMap { Double($0) }
      }
      #expect(rows == [[18, 0, 0], [0, 19, 0], [0, 0, 20]])
      #expect(try file("KPOINTS").contains("Gamma\n1 1 1\n") && file("INCAR").contains("ISMEAR = 0\n"))
    }
  }

  @Test func everyIonicStep() throws {
    try CampaignFolder.with(preset: "lithium-drx-2024-relax") { campaign in
      try campaign.run("add", "set.extxyz")
      try campaign.run("prepare")
      for entry in ["000001", "000002"] { try campaign.python("relaxed", in: "c/runs/\(entry)/1") }
      try campaign.python("exhausted", in: "c/runs/000003/1")
      let scan = try campaign.run("scan").output
      #expect(scan.hasSuffix("prepared 1, finished 2, failed 1\nfailed: ionic-unconverged 1\n"))
      #expect(try campaign.reasons() == ["ionic-unconverged"])
      #expect(try campaign.run("repair", "3").output == "1 run prepared anew\n  go-on 1\n")
      try campaign.python("relaxed", in: "c/runs/000003/2")
      try campaign.run("scan")
      #expect(try campaign.run("accept").output == "3 accepted, 0 refused\n")
      let last = try campaign.run("export", "-o", "last.extxyz")
      #expect(last.output == "3 frames: last.extxyz\n")
      #expect(last.errors.contains("--steps all takes every ionic step"))
      let all = try campaign.run("export", "-o", "all.extxyz", "--steps", "all")
      // Three of four steps of each run; the last run has those of the one it went on from, too.
      #expect(all.output == "12 frames: all.extxyz\n  left out: scf-unconverged 4 steps\n")
      let text = try String(contentsOf: campaign.folder.appendingPathComponent("all.extxyz"), encoding: .utf8)
      let heads = text.split(separator: "\n").filter { $0.contains("Lattice=") }
      #expect(heads.count == 12 && heads.allSatisfy { $0.contains("verdict=ok") && $0.contains("campaign=test") })
      #expect(heads.filter { $0.contains("source=runs/000003/1") }.count == 3)
      #expect(heads.filter { $0.contains("fixes=go-on") && $0.contains("attempt=2") }.count == 3)
      #expect(Set(heads.compactMap { $0.split(separator: " ").first { $0.hasPrefix("ionic_step=") } }).count == 3)
      // The accepted frames are the same in both.
      let ends = try String(contentsOf: campaign.folder.appendingPathComponent("last.extxyz"), encoding: .utf8)
      for head in ends.split(separator: "\n") where head.contains("Lattice=") { #expect(heads.contains(head)) }
      // Outputs that are gone: what was accepted is there still, and it is said.
      try FileManager.default.removeItem(at: campaign.folder.appendingPathComponent("c/runs/000001/1/OUTCAR"))
      let less = try campaign.run("export", "-o", "less.npy.d", "--steps", "all")
      #expect(less.errors.contains("1 run without output by now") && less.output.hasPrefix("10 frames"))
      let wrong = try campaign.run("export", "-o", "x.extxyz", "--steps", "lst")
      #expect(wrong.status == 2 && wrong.errors.contains("did you mean `last`?"))
    }
  }

  /// Runs that no scan has seen give the time of a run, and those that go on count.
  @Test func anEstimateBeforeTheFirstScan() throws {
    try CampaignFolder.with { campaign in
      try campaign.run("add", "set.extxyz")
      try campaign.run("prepare")
      try campaign.sql(
        "UPDATE halite_entries SET state = 'submitted'; UPDATE halite_attempts SET outcome = 'submitted', queue = 'slurm', batch = 1, task = entry;"
      )
      func said() throws -> [String: Any] { try campaign.run("status", "--json").json() }
      #expect(try said()["no_estimate"] as? String == "no run has begun: the queue has them")
      for entry in 1...2 { try campaign.write("host=a\n", to: "c/runs/00000\(entry)/1/run.started") }
      #expect(
        try (said()["no_estimate"] as? String ?? "").hasPrefix("no run has ended yet; 2 going on, the longest for ")
      )
      #expect(try campaign.run("status").output.contains("time left unknown: no run has ended yet"))
      try campaign.write("status=0\nbegin=100.0\nend=160.0\n", to: "c/runs/000001/1/run.done")
      let status = try said()
      #expect(status["seconds_per_run"] as? Double == 60 && status["seconds_left"] as? Double == 180)
      #expect(
        status["running_now"] as? Int == 1 && status["unscanned"] as? Int == 1 && status["no_estimate"] == nil)
      // A clock that went back gives no time, and no negative one.
      try campaign.write("status=0\nbegin=100.0\nend=60.0\n", to: "c/runs/000001/1/run.done")
      #expect(try said()["seconds_left"] == nil)
    }
  }
}
