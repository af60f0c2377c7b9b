import Foundation
import TestSupport
import Testing

private let vasp = "data/fixtures/vasp"

/// `halite data import` on other people's runs.
@Suite(.enabled(if: Program.isBuilt && SharedData.holds(vasp), "the program or ../shared is not there"))
struct DataImportTests {
  private func verdicts(_ object: [String: Any]) -> [String: Int] {
    (object["verdicts"] as? [String: Any] ?? [:]).compactMapValues { ($0 as? NSNumber)?.intValue }
  }

  /// The relaxation of FeO passes through cells of 14.6 Å³/atom.
  private let wide = ["--max-volume", "20"]

  /// Water and methane in large cells are among the fixtures.
  private let any = ["--max-volume", "1000", "--max-net-force", "1"]

  private func count(_ path: String) throws -> Int {
    try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: " id=").count - 1
  }

  @Test func everyFrameOfATreeIsAccountedFor() throws {
    try Program.withFolder { folder in
      let out = folder.appendingPathComponent("all.extxyz").path
      let run = try Program.run(["data", "import", SharedData.path(vasp), "-o", out, "--json"] + any)
      #expect(run.status == 0, "\(run.errors)")
      let report = try run.json()
      let found = verdicts(report)
      #expect(found["machine-learned"] == 10 && found["scf-unconverged"] == 1)
      #expect((found["settings-differ"] ?? 0) > 20, "seven different calculations in one tree")
      let quarantine = try #require(report["quarantine"] as? String)
      #expect(try count(out) == found["ok"] && report["frames"] as? Int == found["ok"])
      #expect(try count(out) + count(quarantine) == found.values.reduce(0, +))
      let aside = try String(contentsOfFile: quarantine, encoding: .utf8)
      #expect(aside.components(separatedBy: "quarantine_reason=").count - 1 == (try count(quarantine)))
      #expect(aside.components(separatedBy: " source=").count - 1 == (try count(quarantine)))
    }
  }

  @Test func theSameBitsAtAnyNumberOfThreadsAndNothingIsReadTwice() throws {
    try Program.withFolder { folder in
      let paths = ["1", "2"].map { folder.appendingPathComponent("t\($0).extxyz").path }
      let tree = SharedData.path(vasp)
      for (threads, path) in zip(["1", "2"], paths) {
        #expect(try Program.run(["data", "import", tree, "-o", path, "--threads", threads] + any).status == 0)
      }
      let bytes = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
      #expect(bytes[0] == bytes[1])
      let again = try Program.run(["data", "import", tree, "-o", paths[0], "--json"] + any)
      let report = try again.json()
      #expect(report["runs_read"] as? Int == 0 && (report["runs_known"] as? Int ?? 0) > 10)
      #expect(try Data(contentsOf: URL(fileURLWithPath: paths[0])) == bytes[0])
    }
  }

  @Test func moreRunsAreAddedToWhatIsThere() throws {
    try Program.withFolder { folder in
      let tree = folder.appendingPathComponent("tree")
      try FileManager.default.createDirectory(at: tree, withIntermediateDirectories: true)
      func add(_ name: String) throws {
        try FileManager.default.copyItem(
          atPath: SharedData.path(vasp + "/" + name), toPath: tree.appendingPathComponent(name).path)
      }
      let out = folder.appendingPathComponent("all.extxyz").path
      try add("LiNiO2_r2SCANU")
      let first = try Program.run(["data", "import", tree.path, "-o", out, "--json"] + wide).json()
      // The last two steps are the same within the tolerance of duplicates.
      #expect(verdicts(first) == ["ok": 3, "duplicate": 1])
      try add("FeO_AFM_PBEU_custodian")
      let second = try Program.run(["data", "import", tree.path, "-o", out, "--json"] + wide).json()
      #expect(second["runs_read"] as? Int == 1 && second["runs_known"] as? Int == 1)
      // Most frames are of the second run now: the first ones have other settings than these.
      #expect(verdicts(second) == ["ok": 28, "settings-differ": 4])
      let third = try Program.run(["data", "import", tree.path, "-o", out, "--json", "--mixed-settings"] + wide)
        .json()
      #expect(verdicts(third) == ["ok": 31, "duplicate": 1] && third["frames"] as? Int == 31)
    }
  }

  /// OUTCAR and vasprun.xml of one run are one run: eight decimals of the one, moments of the other.
  @Test func aPairIsReadAsOne() throws {
    try Program.withFolder { folder in
      let out = folder.appendingPathComponent("feo.extxyz").path
      let report = try Program.run(
        [
          "data", "import", SharedData.path(vasp + "/FeO_AFM_PBEU_custodian"), "-o", out, "--json",
        ] + wide
      ).json()
      #expect(verdicts(report) == ["ok": 28])
      let text = try String(contentsOfFile: out, encoding: .utf8)
      #expect(text.contains("REF_magmoms") && text.contains("-1.61123408") && text.contains(" 2.833"))
      #expect(text.contains("relaxed=T"))
      let sense = try #require(report["stress_test"] as? [String: Any])
      #expect(sense["judgement"] as? String == "right")
    }
  }

  @Test(.enabled(if: SharedData.holds("reference/xsf/1015.xsf")))
  func theFusedLatticeIsSuspiciousAndTheGoodOnePasses() throws {
    try Program.withFolder { folder in
      let out = folder.appendingPathComponent("xsf.extxyz").path
      let report = try Program.run(["data", "import", SharedData.path("reference/xsf"), "-o", out, "--json"]).json()
      #expect(verdicts(report) == ["ok": 1, "geometry-suspect": 1])
      let text = try String(contentsOfFile: out, encoding: .utf8)
      #expect(text.contains("2632.xsf") && !text.contains("1015.xsf"))
    }
  }

  @Test func runsWithoutOutputAndBrokenFilesAreSaid() throws {
    try Program.withFolder { folder in
      let tree = folder.appendingPathComponent("tree")
      for name in ["1", "2", "3"] {
        try FileManager.default.createDirectory(
          at: tree.appendingPathComponent(name), withIntermediateDirectories: true)
      }
      try FileManager.default.copyItem(
        atPath: SharedData.path(vasp + "/LiNiO2_r2SCANU/OUTCAR.bz2"),
        toPath: tree.appendingPathComponent("1/OUTCAR.bz2").path)
      try FileManager.default.copyItem(
        atPath: SharedData.path(vasp + "/LiNiO2_r2SCANU/POSCAR"),
        toPath: tree.appendingPathComponent("2/POSCAR").path)
      let broken = try Data(contentsOf: tree.appendingPathComponent("1/OUTCAR.bz2")).prefix(3000)
      try broken.write(to: tree.appendingPathComponent("3/OUTCAR.bz2"))
      let out = folder.appendingPathComponent("all.extxyz").path
      let run = try Program.run(["data", "import", tree.path, "-o", out, "--json"])
      let report = try run.json()
      #expect((report["without_output"] as? [String])?.count == 1)
      let unreadable = try #require(report["unreadable"] as? [[String: Any]])
      #expect(unreadable.count == 1)
      #expect(run.errors.contains("3/OUTCAR.bz2: the bzip2 data end early; copy or download the file again"))
    }
  }

  @Test(arguments: [
    (
      ["data", "import", "nowhere", "-o", "a.extxyz"], 1, "halite: nowhere: cannot open: No such file or directory"
    ),
    (["data", "import", "."], 2, "halite: option --output is needed"),
    (
      ["data", "import", ".", "-o", "a.cif"], 2,
      "halite: a.cif is no name of an extxyz file; end it in .extxyz; halite convert makes others of it"
    ),
    (
      ["data", "import", ".", "-o", "a.extxyz", "--accept", "duplicat"], 2,
      "halite: option --accept: expected one of ok, truncated, machine-learned, symbol-missing, energy-missing, forces-missing, moments-missing, scf-unconverged, ionic-unconverged, geometry-suspect, settings-differ, duplicate, found `duplicat`; did you mean `duplicate`?"
    ),
  ])
  func badCallsAreOneLine(arguments: [String], status: Int, line: String) throws {
    let run = try Program.run(arguments)
    #expect(run.status == status)
    #expect(run.errors == line + "\n")
  }

  /// Training refuses what does not belong together.
  @Test func trainingRefusesMixedSettingsAndFailedFrames() throws {
    try Program.withFolder { folder in
      let out = folder.appendingPathComponent("all.extxyz").path
      let paths = ["LiNiO2_r2SCANU", "FeO_AFM_PBEU_custodian"].map { SharedData.path(vasp + "/" + $0) }
      #expect(try Program.run(["data", "import"] + paths + ["-o", out, "--mixed-settings"] + wide).status == 0)
      let mixed = try Program.run(["train", "aenet", "--data", out, "-o", folder.appendingPathComponent("a").path])
      #expect(mixed.status == 1)
      #expect(
        mixed.errors.contains(
          "the frames are of different settings: functional: PBE (28 frames), R2SCAN (3 frames); "))
      let apart = folder.appendingPathComponent("b.extxyz").path
      #expect(try Program.run(["data", "import"] + paths + ["-o", apart] + wide).status == 0)
      let quarantine = folder.appendingPathComponent("b.quarantine.extxyz").path
      let failed = try Program.run([
        "train", "aenet", "--data", quarantine, "-o", folder.appendingPathComponent("c").path,
      ])
      #expect(
        failed.errors.contains(
          "frames are not ok: settings-differ 4 of 4; halite data select --verdict ok, or --any-verdict"))
    }
  }
}

/// `halite data select`, `merge`, `diff`, `spins` and the pie charts.
@Suite(
  .enabled(
    if: Program.isBuilt && SharedData.holds("data/tm-oxides-magmom-r2scan/tm_oxides.extxyz"),
    "the program or ../shared is not there"))
struct DataSetCommandTests {
  private let oxides = SharedData.path("data/tm-oxides-magmom-r2scan/tm_oxides.extxyz")

  @Test func partsMergeToTheWholeAndDiffSaysWhatIsMissing() throws {
    try Program.withFolder { folder in
      func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
      let run = try Program.run(
        ["data", "select", oxides, "-o", path("a.extxyz"), "--rest", path("b.extxyz"), "--having", "Ni", "--json"])
      let part = try #require(try run.json()["frames"] as? Int)
      #expect(part == 22)
      let merged = try Program.run(
        [
          "data", "merge", path("a.extxyz"), path("b.extxyz"),
          path("a.extxyz").replacingOccurrences(of: "a.ext", with: "./a.ext"), "-o", path("c.extxyz"),
        ])
      #expect(merged.status == 2, "the same file twice is a mistake")
      let refused = try Program.run(["data", "merge", path("a.extxyz"), path("b.extxyz"), "-o", path("c.extxyz")])
      #expect(refused.status == 1 && refused.errors.contains("functional: "))
      let whole = try Program.run(
        ["data", "merge", path("a.extxyz"), path("b.extxyz"), "-o", path("c.extxyz"), "--mixed-settings", "--json"])
        .json()
      let left = try #require(whole["duplicates"] as? Int)
      #expect((whole["frames"] as? Int ?? 0) + left == 304)
      let diff = try Program.run(["data", "diff", path("b.extxyz"), oxides, "--json"]).json()
      #expect(diff["only_first"] as? Int == 0 && diff["only_second"] as? Int == part)
    }
  }

  @Test func selectionsByClassAddUp() throws {
    try Program.withFolder { (folder: URL) throws -> Void in
      let out = folder.appendingPathComponent("a.extxyz").path
      func frames(_ options: [String]) throws -> Int {
        try #require(
          try Program.run(["data", "select", oxides, "-o", out, "--json"] + options).json()["frames"] as? Int)
      }
      let kinds = ["litmo2", "tmo2", "li-excess", "partial", "other"]
      let all = try frames(["--class", kinds.joined(separator: ",")])
      #expect(all == 304)
      #expect(try frames(["--composition", "Li3Ni3O6"]) == frames(["--composition", "LiNiO2"]))
      #expect(try frames(["--elements", "Ni,O,Li", "--tm", "1"]) == frames(["--having", "Ni"]))
      // One frame or a few for each of the 30 compositions and four functionals.
      #expect(try frames(["--above-minimum", "0"]) == 92)
    }
  }

  @Test func spinsAndPies() throws {
    try Program.withFolder { folder in
      let spins = try Program.run(["data", "spins", oxides, "--json"]).json()
      let elements = try #require(spins["elements"] as? [[String: Any]])
      #expect(elements.compactMap { $0["element"] as? String } == ["Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu"])
      let svg = folder.appendingPathComponent("pies.svg")
      let census = try Program.run(["data", "census", oxides, "--svg", svg.path, "--json"]).json()
      let classes = try #require(census["classes"] as? [String: Any])
      let lithiation = try #require(classes["lithiation"] as? [[String: Any]])
      #expect(lithiation.compactMap { $0["count"] as? Int }.reduce(0, +) == 304)
      #expect(try String(contentsOf: svg, encoding: .utf8).hasPrefix("<svg"))
    }
  }
}
