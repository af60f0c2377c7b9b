import Foundation
import Testing

@testable import halite

/// Commands must never write over what they read, and find a place that cannot be written before any work.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct FileIdentityTests {
  /// `count` different frames of two atoms each.
  private func data(_ count: Int, key: String = "energy") -> String {
    (0..<count).map { index in
      "2\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3 \(key)=-\(index).5\n"
        + "Li 0 0 0\nO 2.0\(index) 0 0\n"
    }.joined()
  }

  private func withData(_ body: (URL) throws -> Void) throws {
    try Program.withFolder { folder in
      try data(9).write(to: folder.appendingPathComponent("my.extxyz"), atomically: true, encoding: .utf8)
      try body(folder)
      let kept = try String(contentsOf: folder.appendingPathComponent("my.extxyz"), encoding: .utf8)
      #expect(kept == data(9))
    }
  }

  @Test(arguments: [
    ["data", "split", "my.extxyz", "-o", "./my.extxyz"],
    ["convert", "my.extxyz", "-o", "my.extxyz", "--index", "0:5"],
    ["convert", "my.extxyz", "-o", "link.extxyz"], ["convert", "link.extxyz", "-o", "hard.extxyz"],
    ["predict", "none.safetensors", "my.extxyz", "-o", "my.extxyz"],
    ["data", "select", "my.extxyz", "-o", "my.extxyz"],
    ["data", "select", "my.extxyz", "-o", "a.extxyz", "--rest", "my.extxyz"],
    ["data", "check", "my.extxyz", "--quarantine", "my.extxyz", "-o", "kept.extxyz"],
    ["data", "check", "my.extxyz", "--quarantine", "aside.extxyz", "-o", "my.extxyz"],
  ])
  func anInputIsNotWrittenOver(call: [String]) throws {
    try withData { folder in
      let path = folder.appendingPathComponent("my.extxyz").path
      try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.extxyz", withDestinationPath: path)
      try FileManager.default.linkItem(atPath: path, toPath: folder.path + "/hard.extxyz")
      let run = try Program.run(call, in: folder)
      #expect(run.status == 2)
      #expect(run.errors.contains("and would be written over; choose another name to write to\n"), "\(run.errors)")
      #expect(run.errors.filter(\.isNewline).count == 1)
    }
  }

  @Test(arguments: [
    (["convert", "my.extxyz", "-o"], "p.foo", "p.foo: unknown suffix .foo; "),
    (["predict", "none.safetensors", "my.extxyz", "-o"], "p.foo", "p.foo: unknown suffix .foo; "),
    (
      ["predict", "none.safetensors", "my.extxyz", "-o"], "nodir/x.extxyz",
      "nodir/x.extxyz: cannot write: there is no folder nodir; make it or choose another"
    ),
    (["data", "select", "my.extxyz", "-o"], "nodir/x.extxyz", "nodir/x.extxyz: cannot write: there is no folder"),
    (["data", "split", "my.extxyz", "-o"], "nodir/x.json", "nodir/x.json: cannot write: there is no folder"),
    (["data", "split", "my.extxyz", "-o"], ".", ".: cannot write: there is a folder of that name"),
    (["data", "check", "my.extxyz", "--quarantine", "a.xyz", "-o"], "b.foo", "b.foo: unknown suffix .foo"),
    (["convert", "my.extxyz", "-o"], "/tmp/", "/tmp/: a name without suffix"),
  ])
  func aBadOutputIsFoundBeforeAnyWork(call: [String], output: String, expected: String) throws {
    try withData { folder in
      let run = try Program.run(call + [output], in: folder)
      #expect(run.status == 1)
      // Nothing was read: there is no note on the keys of energies, nor a word on the potential that is not there.
      #expect(run.errors.hasPrefix("halite: " + expected), "\(run.errors)")
      #expect(run.errors.filter(\.isNewline).count == 1)
    }
  }

  @Test func aFileIsNotReadTwice() throws {
    try withData { folder in
      let run = try Program.run(["data", "census", "my.extxyz", "my.extxyz"], in: folder)
      #expect(run.status == 2)
      #expect(run.errors == "halite: my.extxyz is given twice; name each file once\n")
      let other = try Program.run(["data", "census", "my.extxyz", "./my.extxyz"], in: folder)
      #expect(other.errors == "halite: ./my.extxyz and my.extxyz are the same file; name each file once\n")
    }
  }

  @Test func anotherSplitIsNotWrittenOver() throws {
    try withData { folder in
      let call = { (seed: String, file: String) in
        ["data", "split", "my.extxyz", "--train", "0.5", "--seed", seed, "-o", file]
      }
      #expect(try Program.run(call("1", "s.json"), in: folder).status == 0)
      #expect(try Program.run(call("1", "s.json"), in: folder).status == 0)
      let refused = try Program.run(call("2", "s.json"), in: folder)
      #expect(refused.status == 1)
      #expect(
        refused.errors.hasSuffix(
          "halite: s.json: holds another split (seed 1, train 0.5, by frame, 5 + 4 frames); "
            + "choose another -o or --overwrite\n"),
        "\(refused.errors)")
      #expect(try Program.run(call("2", "s.json") + ["--overwrite"], in: folder).status == 0)
      try "text".write(to: folder.appendingPathComponent("notes.txt"), atomically: true, encoding: .utf8)
      let notes = try Program.run(call("1", "notes.txt"), in: folder)
      #expect(notes.errors.contains("notes.txt: is there already and holds no split"), "\(notes.errors)")
    }
  }

  @Test func filesWithoutTheirOptionAreExplained() throws {
    try withData { folder in
      let train = try Program.run(["train", "aenet", "my.extxyz"], in: folder)
      #expect(train.status == 2)
      #expect(train.errors == "halite: option --data is needed; did you mean --data my.extxyz?\n")
      let evaluate = try Program.run(["evaluate", "p.safetensors", "my.extxyz"], in: folder)
      #expect(evaluate.errors == "halite: option --data is needed; did you mean --data my.extxyz?\n")
      let bare = try Program.run(["train", "aenet", "none.extxyz"], in: folder)
      #expect(bare.errors == "halite: option --data is needed\n")
    }
  }

  @Test func keysThatWereNotReadAreSaidAndCanBeNamed() throws {
    try Program.withFolder { folder in
      let file = folder.appendingPathComponent("a.xyz")
      try data(1, key: "TotEnergy").write(to: file, atomically: true, encoding: .utf8)
      let census = try Program.run(["data", "census", "a.xyz"], in: folder)
      let hint = "`TotEnergy` looks like one: rename it to REF_energy"
      #expect(census.output.contains("energy  none; \(hint)"), "\(census.output)")
      #expect(census.errors.contains("warning: `TotEnergy` (1 frame) was not read and looks like energy"))
      let convert = ["convert", "a.xyz", "-o", "b.extxyz", "--energy-key", "TotEnergy"]
      let run = try Program.run(convert, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output == "1 frame, 2 atoms: b.extxyz\n")
      let written = try String(contentsOf: folder.appendingPathComponent("b.extxyz"), encoding: .utf8)
      #expect(written.contains("REF_energy=-0.5") && !written.contains("TotEnergy"))
      let wrong = try Program.run(["data", "census", "a.xyz", "--energy-key", "TotEnrgy"], in: folder)
      #expect(wrong.status == 1)
      #expect(
        wrong.errors.hasSuffix(
          "halite: no frame has a label energy under `TotEnrgy` (--energy-key); did you mean `TotEnergy`?\n"),
        "\(wrong.errors)")
    }
  }

  @Test func energiesOfDifferentKeysAreAWarning() throws {
    try withData { folder in
      let file = folder.appendingPathComponent("b.xyz")
      try data(1, key: "free_energy").write(to: file, atomically: true, encoding: .utf8)
      let run = try Program.run(["data", "census", "my.extxyz", "b.xyz"], in: folder)
      #expect(
        run.errors.contains(
          "warning: energies come from different keys: `energy` (9 frames), `free_energy` (1 frame); "
            + "they may not be the same energy\n"), "\(run.errors)")
    }
  }
}
