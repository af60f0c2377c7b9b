import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt, "the program is not there"))
struct GenerateTests {
  private func frames(_ file: URL) throws -> Int {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").count { $0.contains("Lattice=") }
  }

  @Test func countsAsTheConventionsName() throws {
    let run = try Program.run([
      "generate", "enumerate", "--parent", "fcc", "--species", "Li,Mn", "--sites", "2-8", "--count", "--json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let json = try run.json()
    let counts = try #require(json["counts"] as? [String: Int])
    #expect(counts == ["2": 2, "3": 6, "4": 19, "5": 28, "6": 80, "7": 104, "8": 390])
    let burnside = try #require(json["burnside"] as? [String: Int])
    // Two supercells with pure Li, pure Mn and one mixed ordering each.
    #expect(burnside["2"] == 6)
    #expect(json["enumerated"] as? Bool == true)
  }

  @Test func largeCountsAreNotMade() throws {
    let run = try Program.run([
      "generate", "enumerate", "--species", "Li,Sc,Ti,V,Cr,Mn,Fe,Co,Ni,Cu", "--composition",
      "Li9ScTiVCrMnFeCoNiCuO18",
      "--sites", "18", "--count", "--json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let json = try run.json()
    #expect((json["burnside"] as? [String: Int])?["18"] == 26_587_360_800)
    #expect(json["enumerated"] as? Bool == false)
  }

  @Test func theFileDoesNotDependOnThreads() throws {
    try Program.withFolder { folder in
      let call = ["generate", "enumerate", "--species", "Li,Mn", "--sites", "2-8", "--lattice-parameter", "4.2"]
      for threads in ["1", "3"] {
        let run = try Program.run(call + ["--threads", threads, "-o", "t\(threads).extxyz"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
      }
      let one = try Data(contentsOf: folder.appendingPathComponent("t1.extxyz"))
      #expect(try Data(contentsOf: folder.appendingPathComponent("t3.extxyz")) == one)
      #expect(try frames(folder.appendingPathComponent("t1.extxyz")) == 629)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains(".part") }
      #expect(left.isEmpty)
    }
  }

  @Test func aKilledEnumerationGoesOn() throws {
    try Program.withFolder { folder in
      let call = [
        "generate", "enumerate", "--species", "Li,Mn,Ti", "--sites", "2-8", "--lattice-parameter", "4.2",
        "--threads", "1", "-o",
      ]
      #expect(try Program.run(call + ["whole.extxyz"], in: folder).status == 0)
      let whole = try Data(contentsOf: folder.appendingPathComponent("whole.extxyz"))
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = call + ["broken.extxyz"]
      process.currentDirectoryURL = folder
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      let part = folder.appendingPathComponent("broken.extxyz.part").path
      func size() -> Int { ((try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int) ?? 0 }
      for _ in 0..<2000 where size() < 200_000 && process.isRunning { usleep(1000) }
      process.interrupt()
      process.waitUntilExit()
      // On a fast machine it may have come to its end.
      if process.terminationStatus != 0 { #expect(size() > 0) }
      if process.terminationStatus != 0 {
        let other = try Program.run(call + ["broken.extxyz", "--incomplete"], in: folder)
        #expect(other.status == 1)
        #expect(other.errors.contains("another enumeration is unfinished here"))
        #expect(other.errors.split(separator: "\n").count == 1)
      }
      #expect(try Program.run(call + ["broken.extxyz"], in: folder).status == 0)
      #expect(try Data(contentsOf: folder.appendingPathComponent("broken.extxyz")) == whole)
    }
  }

  @Test func partnersNameTheirHosts() throws {
    try Program.withFolder { folder in
      for call in [
        ["prototype", "layered", "--metals", "Ni,Co", "-o", "hosts.extxyz"],
        ["delithiate", "hosts.extxyz", "-o", "tmo2.extxyz"],
        ["antisite", "hosts.extxyz", "--distinct", "-o", "antisite.extxyz"],
        ["rattle", "hosts.extxyz", "--displacement", "0.05", "--count", "3", "-o", "rattled.extxyz"],
      ] {
        let run = try Program.run(["generate"] + call, in: folder)
        #expect(run.status == 0, "\(run.errors)")
      }
      func values(_ key: String, _ file: String) throws -> [String] {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        return text.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix(key + "=") }.map {
          String($0.dropFirst(key.count + 1))
        }
      }
      let ids = try values("id", "hosts.extxyz")
      #expect(ids.count == 2)
      #expect(try values("host", "tmo2.extxyz") == ids)
      #expect(try Set(values("host", "antisite.extxyz")) == Set(ids))
      #expect(try values("host", "rattled.extxyz") == [ids[0], ids[0], ids[0], ids[1], ids[1], ids[1]])
    }
  }

  @Test func theShippedRecipeMakesASet() throws {
    try Program.withFolder { folder in
      let run = try Program.run(
        ["generate", "sample", "--recipe", "lithium-drx-2024", "--count", "271", "-o", "set.extxyz", "--json"],
        in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try frames(folder.appendingPathComponent("set.extxyz")) == 271)
      let parts = try #require(try run.json()["parts"] as? [String: Int])
      #expect(parts == ["enumerated": 251, "multi-metal": 10, "delithiated": 10])
      let shown = try Program.run(["generate", "sample", "--recipe", "lithium-drx-2024", "--show-recipe"])
      try shown.output.write(to: folder.appendingPathComponent("mine.yaml"), atomically: true, encoding: .utf8)
      let again = try Program.run(
        ["generate", "sample", "--recipe", "mine.yaml", "--count", "271", "-o", "again.extxyz"], in: folder)
      #expect(again.status == 0, "\(again.errors)")
      #expect(
        try Data(contentsOf: folder.appendingPathComponent("again.extxyz"))
          == Data(contentsOf: folder.appendingPathComponent("set.extxyz")))
    }
  }

  @Test(arguments: [
    (["enumerate", "--species", "Li,Xx", "--sites", "2", "--count"], "`Xx` is no element"),
    (["enumerate", "--species", "Li", "--sites", "2", "--count"], "two or more species"),
    (["enumerate", "--species", "Li,Mn", "--sites", "9-2", "--count"], "found `9-2`"),
    (["enumerate", "--species", "Li,Mn", "--sites", "70", "--count"], "from 1 to 64"),
    (["enumerate", "--parent", "fc", "--species", "Li,Mn", "--sites", "2", "--count"], "did you mean"),
    (["enumerate", "--species", "Li,Mn", "--sites", "2"], "-o FILE"),
    (["enumerate", "--species", "Li,Mn", "--sites", "2", "--composition", "LiFe", "--count"], "not among Li, Mn"),
    (["enumerate", "--species", "Li,Mn", "--sites", "2", "--composition", "LiMnO3", "--count"], "3 O"),
    (["enumerate", "--species", "Li,Mn", "--sites", "4", "-o", "x.extxyz"], "--balanced"),
    (["enumerate", "--species", "Li,Mn", "--sites", "2", "--fraction", "Li", "--count"], "Li=0.5-0.6"),
    (["enumerate", "--species", "Li,Mn", "--sites", "4", "--fraction", "Li=1.2-1.5", "--count"], "from 0 to 1"),
    (["enumerate", "--species", "Li,Mn", "--sites", "4", "--max-aspect", "0.5", "--count"], "1 or above"),
    (["enumerate", "--species", "Li,Mn", "--sites", "4", "--balanced", "--max", "2", "-o", "x.extxyz"], "--max 2"),
    (["enumerate", "--species", "Li,Mn", "--sites", "4", "--balanced", "-o", "x.vasp"], "holds one structure"),
    (["enumerate", "--species", "Li,Mn", "--sites", "4", "--balanced", "-o", "no/x.extxyz"], "no folder"),
    (["sample", "--species", "Li,Mn", "--sites", "4", "--count", "-2", "-o", "x.extxyz"], "found -2"),
    (["sqs", "LiMnO2", "--parent", "no.vasp", "--sites", "4", "-o", "x.vasp"], "nor a file"),
    (["rattle", "nothing.extxyz", "--displacement", "-1", "-o", "x.extxyz"], "found -1.0"),
    (["sample", "--recipe", "lithium-drx-2042", "-o", "x.extxyz"], "did you mean `lithium-drx-2024`"),
    (["charge-balance", "Li3MnO2"], "cannot be neutral"),
    (["charge-balance", "Li3Qq"], "`Qq`"),
    (["prototype", "layred", "--metals", "Ni", "-o", "x.extxyz"], "did you mean `layered`"),
    (["delithiate", "nothing.extxyz", "-o", "x.extxyz"], "nothing.extxyz"),
  ]) func badInputIsOneLine(_ item: (call: [String], said: String)) throws {
    try Program.withFolder { folder in
      let run = try Program.run(["generate"] + item.call, in: folder)
      #expect(run.status == 1 || run.status == 2)
      #expect(run.output.isEmpty)
      #expect(run.errors.contains(item.said), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  /// Where a format has no keys, a comment says how the structure is made again.
  @Test func everyFormatSaysWhereAStructureIsFrom() throws {
    try Program.withFolder { folder in
      for name in ["a.vasp", "a.xsf", "a.lmp", "a.cfg", "a.extxyz"] {
        let run = try Program.run(
          ["generate", "sqs", "LiMnO2", "--sites", "4", "--steps", "500", "--seed", "77", "-o", name], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        #expect(text.contains("generate sqs LiMnO2 --parent rocksalt"), "\(name)")
        #expect(text.contains("77"), "\(name)")
        #expect(try Program.run(["data", "census", name], in: folder).status == 0)
      }
    }
  }
}
