import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct QuasirandomCommandTests {
  @Test(arguments: [
    ([], 2, "halite: option --output is needed"),
    (["-o", "x.vasp"], 2, "halite: FORMULA is missing: what is mixed, as Li1.2Mn0.4Ti0.4O2"),
    (["LiMnO2", "-o", "x.vasp"], 2, "halite: the size is missing; give --sites 32 or --supercell 2x2x2"),
    (
      ["LiMnO2", "-o", "x.vasp", "--sites", "0"], 2, "halite: option --sites: expected 1 or more, found 0"
    ),
    (
      ["LiMnO2", "-o", "x.vasp", "--supercell", "2x2"], 2,
      "halite: option --supercell: expected as 2x2x2, found `2x2`"
    ),
    (
      ["LiMnO2", "-o", "x.vasp", "--sites", "4", "--parent", "rocksal"], 2,
      "halite: option --parent: `rocksal` is neither a parent (rocksalt, fcc, bcc, sc, hcp) nor a file; did you mean `rocksalt`?"
    ),
    (
      ["Li1.2Mn0.4Ti0.4O2", "-o", "x.vasp", "--sites", "32"], 1,
      "halite: 32 cation sites would hold 19.2 Li; take a multiple of 5 parent cells"
    ),
    (
      ["LiO2", "-o", "x.vasp", "--sites", "4"], 1,
      "halite: a rocksalt has as many cations as anions; the formula has 1 and 2; fill the cation sites up with Va, as in Li0.5Va0.5MnO2"
    ),
    (
      ["LiO", "-o", "x.vasp", "--sites", "4"], 1,
      "halite: nothing is mixed: every sublattice has one occupant; give a formula with two"
    ),
    (
      ["LiMnO2", "-o", "x.vasp", "--sites", "4", "--steps", "0"], 2, "halite: at least one step is needed, found 0"
    ),
  ])
  func wrongCallsEndWithOneLine(arguments: [String], status: Int, expected: String) throws {
    try Program.withFolder { folder in
      let run = try Program.run(["generate", "sqs"] + arguments, in: folder)
      #expect(Int(run.status) == status)
      #expect(run.errors == expected + "\n")
      #expect(run.output.isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func aStructureIsFoundWrittenAndOrdered() throws {
    try Program.withFolder { folder in
      let call = ["generate", "sqs", "Li1.25Mn0.75O1.75F0.25", "--sites", "16", "--steps", "20000", "--json", "-o"]
      let first = try Program.run(call + ["a.extxyz"], in: folder).json()
      let second = try Program.run(call + ["b.extxyz", "--threads", "1"], in: folder).json()
      #expect(first["objective"] as? Double == second["objective"] as? Double)
      #expect(first["formula"] as? String == "F2Li10Mn6O14")
      #expect(first["stop"] as? String == "steps")
      let shells = try #require(first["shells"] as? [[String: Any]])
      let deviation = shells.reduce(0.0) { $0 + ($1["deviation"] as? Double ?? .nan) }
      #expect(abs(deviation - (first["deviation"] as? Double ?? 0)) < 1e-9)
      let texts = try ["a.extxyz", "b.extxyz"].map { name in
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      }
      #expect(texts[0] == texts[1])
      #expect(
        texts[0].contains(
          "recipe=\"generate sqs Li1.25Mn0.75O1.75F0.25 --parent rocksalt --sites 16 --max-aspect 2.5\""))
      #expect(texts[0].contains("seed=1"))

      let order = try Program.run(["order", "a.extxyz", "--json"], in: folder).json()
      let frames = try #require(order["frames"] as? [[String: Any]])
      let report = try #require(frames[0]["report"] as? [String: Any])
      let parts = try #require(report["order"] as? [[String: Any]])
      #expect(parts.map { $0["sublattices"] as? String } == ["cation–cation", "anion–anion", "cation–anion"])
      let text = try Program.run(["order", "a.extxyz", "b.extxyz"], in: folder)
      #expect(text.status == 0)
      #expect(text.output.contains("2 structures"))
    }
  }

  @Test func aSearchThatRanOutOfTimeGoesOn() throws {
    try Program.withFolder { folder in
      let call = [
        "generate", "sqs", "Li1.2Mn0.4Ti0.4O2", "--sites", "20", "--time", "0.2", "-o", "a.extxyz", "--json",
      ]
      let first = try Program.run(call, in: folder).json()
      #expect(first["stop"] as? String == "time")
      #expect(first["goes_on_from"] as? String == "a.extxyz.search.json")
      let written = try Data(contentsOf: folder.appendingPathComponent("a.extxyz"))
      let other = try Program.run(call + ["--seed", "2"], in: folder)
      #expect(other.status == 1)
      #expect(other.errors.contains("a.extxyz.search.json: another search is unfinished here"))
      #expect(other.errors.split(separator: "\n").count == 1)
      #expect(try Data(contentsOf: folder.appendingPathComponent("a.extxyz")) == written)
      let second = try Program.run(call, in: folder)
      #expect(second.errors.contains("goes on after"))
      let json = try second.json()
      let steps = { (json: [String: Any]) in json["steps"] as? Int ?? 0 }
      let objective = { (json: [String: Any]) in json["objective"] as? Double ?? .nan }
      #expect(steps(json) > steps(first))
      #expect(objective(json) <= objective(first))
      // A target that is reached leaves nothing to go on from.
      let last = try Program.run(call + ["--target", "1000"], in: folder).json()
      #expect(last["stop"] as? String == "target")
      #expect(objective(last) == objective(json))
    }
  }

  @Test func theCellIsThatOfTheIonicRadii() throws {
    try Program.withFolder { folder in
      let call = ["generate", "sqs", "--sites", "4", "--steps", "1000", "-o", "a.extxyz"]
      #expect(try Program.run(call + ["LiMnO2"], in: folder).status == 0)
      let text = try String(contentsOf: folder.appendingPathComponent("a.extxyz"), encoding: .utf8)
      let lattice = try #require(text.split(separator: "\"").dropFirst().first).split(separator: " ").compactMap {
        Double($0)
      }
      let v = (0..<3).map { SIMD3(lattice[3 * $0], lattice[3 * $0 + 1], lattice[3 * $0 + 2]) }
      let normal = SIMD3(
        v[1].y * v[2].z - v[1].z * v[2].y, v[1].z * v[2].x - v[1].x * v[2].z, v[1].x * v[2].y - v[1].y * v[2].x)
      // Shannon: Li 0.76, Mn3+ 0.645, O 1.40 Å; four cations in a cube.
      let edge = 2 * ((0.76 + 0.645) / 2 + 1.40)
      #expect(abs(abs((v[0] * normal).sum()) - edge * edge * edge) < 1e-9)
      let charged = try Program.run(call + ["Li1.5Mn0.5O2"], in: folder)
      #expect(charged.status == 1)
      #expect(charged.errors.contains("cannot be neutral"))
      #expect(charged.errors.hasSuffix("give --lattice-parameter\n"))
      #expect(try Program.run(call + ["Li1.5Mn0.5O2", "--lattice-parameter", "4.2"], in: folder).status == 0)
    }
  }

  @Test func aParentFileIsMixed() throws {
    try Program.withFolder { folder in
      // Li on one half of the cations and Mn on the other, layer by layer along [111].
      let poscar = """
        LiMnO2
        1.0
        2.9 0 0
        -1.45 2.511474 0
        0 0 14.2
        Li Mn O
        3 3 6
        Direct
        0 0 0.5
        0.666667 0.333333 0.833333
        0.333333 0.666667 0.166667
        0 0 0
        0.666667 0.333333 0.333333
        0.333333 0.666667 0.666667
        0 0 0.25
        0 0 0.75
        0.666667 0.333333 0.583333
        0.666667 0.333333 0.083333
        0.333333 0.666667 0.916667
        0.333333 0.666667 0.416667

        """
      try Data(poscar.utf8).write(to: folder.appendingPathComponent("parent.vasp"))
      let run = try Program.run(
        [
          "generate", "sqs", "--parent", "parent.vasp", "--mix", "Mn=NiMnCo", "--supercell", "3x3x1", "--steps",
          "5000",
          "-o", "nmc.vasp", "--json",
        ], in: folder)
      #expect(run.errors.isEmpty)
      #expect(try run.json()["formula"] as? String == "Co9Li27Mn9Ni9O54")
      let wrong = try Program.run(
        ["generate", "sqs", "--parent", "parent.vasp", "--mix", "Fe=NiMn", "--sites", "2", "-o", "x.vasp"],
        in: folder)
      #expect(wrong.status == 1)
      #expect(wrong.errors == "halite: parent.vasp: the parent has no Fe to mix; it has Li, O, Mn\n")
    }
  }

  @Test func orderRefusesWhatIsNoRocksalt() throws {
    try Program.withFolder { folder in
      let text = "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\nFe 0 0 0\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("fe.extxyz"))
      let run = try Program.run(["order", "fe.extxyz"], in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("a rocksalt needs cations and anions, found Fe; is it an alloy? --lattice fcc"))
      let wrong = try Program.run(["order", "fe.extxyz", "--frame", "3"], in: folder)
      #expect(wrong.status == 2)
      #expect(wrong.errors.hasSuffix("halite: option --frame: expected 0 to 0, found 3\n"))
      let lattice = try Program.run(["order", "fe.extxyz", "--lattice", "fccc"], in: folder)
      #expect(
        lattice.errors
          == "halite: option --lattice: expected one of rocksalt, fcc, found `fccc`; did you mean `fcc`?\n")
    }
  }
}
