import Foundation
import Testing

/// Active sets, grades and choices on frames of the sample.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct ActiveCommandTests {
  /// Calls `body` with a folder that holds old.extxyz, new.extxyz (compressed frames come second) and a potential in `run`.
  private func withPotential(_ kind: String = "mtp", _ body: (URL) throws -> Void) throws {
    try Program.withFolder { folder in
      #expect(try Program.run(["demo", "--save-data", "sample.extxyz.gz"], in: folder).status == 0)
      for (range, name) in [("0:30", "old.extxyz"), ("60:70", "new.extxyz")] {
        let convert = ["convert", "sample.extxyz.gz", "--index", range, "-o", name]
        #expect(try Program.run(convert, in: folder).status == 0)
      }
      let settings =
        kind == "mtp" ? ["level=6", "radial_size=4", "max_epochs=5"] : ["twojmax=2", "energy_weight=100"]
      let run = try Program.run(
        ["train", kind, "--data", "old.extxyz", "-o", "run"] + settings.flatMap { ["--set", $0] }, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("active set: "), "\(run.errors)")
      try body(folder)
    }
  }

  private let potential = "run/potential.safetensors"

  @Test(arguments: ["mtp", "snap", "qsnap"]) func gradesOfFramesAndAtoms(kind: String) throws {
    try withPotential(kind) { folder in
      let run = try Program.run(
        ["active", "grade", potential, "old.extxyz", "new.extxyz", "-o", "graded.extxyz", "--json"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let result = try run.json()
      let grades = try #require(result["grades"] as? [[String: Any]])
      #expect(grades.count == 40 && result["frames"] as? Int == 40)
      let values = grades.compactMap { $0["grade"] as? Double }
      #expect(values.count == 40 && values.allSatisfy { $0 > 0 })
      // A tenth of the old frames was kept for validation: the others are inside.
      #expect(values.prefix(30).count { $0 < 1.0011 } >= 27)
      #expect(result["above_select"] as? Int == values.count { $0 > 2.1 })
      #expect(result["above_break"] as? Int == values.count { $0 > 11 })
      for frame in grades {
        let atoms = try #require(frame["atoms"] as? [Double])
        #expect(atoms.max() == frame["grade"] as? Double)
      }
      let text = try String(contentsOf: folder.appendingPathComponent("graded.extxyz"), encoding: .utf8)
      #expect(text.contains("halite_grades:R:1") && text.contains("halite_grade="))
      // The same bits at any number of threads.
      let again = try Program.run(
        ["active", "grade", potential, "old.extxyz", "new.extxyz", "--threads", "1", "--json"], in: folder)
      let other = try #require(try again.json()["grades"] as? [[String: Any]])
      #expect(other.compactMap { $0["grade"] as? Double } == values)
    }
  }

  @Test func selectsWhatIsNew() throws {
    try withPotential { folder in
      func select(_ options: String..., to name: String) throws -> Program {
        try Program.run(
          ["active", "select", potential, "--pool", "old.extxyz", "new.extxyz", "-o", name] + options, in: folder)
      }
      let run = try select("--threshold", "1.05", "--json", to: "next.extxyz")
      #expect(run.status == 0, "\(run.errors)")
      let result = try run.json()
      let chosen = try #require(result["chosen"] as? [[String: Any]])
      let places = chosen.compactMap { $0["place"] as? Int }
      #expect(places == places.sorted() && !places.isEmpty)
      #expect(chosen.allSatisfy { ($0["grade"] as? Double ?? 0) > 1.05 })
      #expect(places.count <= result["candidates"] as? Int ?? 0 && result["pool"] as? Int == 40)
      let census = try Program.run(["data", "census", "next.extxyz", "--json"], in: folder)
      #expect(try census.json()["frames"] as? Int == places.count)
      // The same files, the same choice; fewer are those of the largest grades.
      _ = try select("--threshold", "1.05", to: "again.extxyz")
      func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }
      #expect(try bytes("next.extxyz") == bytes("again.extxyz"))
      let one = try select("--threshold", "1.05", "--number", "1", "--json", to: "one.extxyz").json()
      let best = chosen.compactMap { $0["grade"] as? Double }.max()
      #expect((one["chosen"] as? [[String: Any]])?.first?["grade"] as? Double == best)
      let none = try select("--threshold", "1e9", to: "none.extxyz")
      #expect(none.status == 1 && none.errors.contains("none of 40 frames has a grade above"))
      let left = try select("--threshold", "1.05", "--below", "1.0500001", to: "none.extxyz")
      #expect(left.status == 1 && left.errors.contains("left out by --below 1.0500001"), "\(left.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("none.extxyz").path))
    }
  }

  @Test func buildsForPotentialsWithoutOne() throws {
    try withPotential { folder in
      let convert = try Program.run(["potential", "convert", potential, "plain.mtp"], in: folder)
      #expect(convert.status == 0, "\(convert.errors)")
      let missing = try Program.run(["active", "grade", "plain.mtp", "old.extxyz"], in: folder)
      #expect(missing.status == 1)
      #expect(missing.errors.contains("halite active build plain.mtp --data FILES"), "\(missing.errors)")
      let refused = try Program.run(["active", "build", "plain.mtp", "--data", "old.extxyz"], in: folder)
      #expect(refused.status == 2 && refused.errors.contains("give -o FILE.safetensors"))
      let build = try Program.run(
        [
          "active", "build", "plain.mtp", "--data", "old.extxyz", "--by", "configurations", "--force-weight", "0.1",
          "-o", "graded.safetensors", "--json",
        ], in: folder)
      #expect(build.status == 0, "\(build.errors)")
      let result = try build.json()
      #expect((result["active_rows"] as? Int ?? 0) > 0 && result["frames"] as? Int == 30)
      let grade = try Program.run(["active", "grade", "graded.safetensors", "old.extxyz", "--json"], in: folder)
      let largest = try #require(try grade.json()["largest"] as? Double)
      #expect(largest < 1.0011)
      // In place, by neighbourhoods again.
      let again = try Program.run(["active", "build", "graded.safetensors", "--data", "old.extxyz"], in: folder)
      #expect(again.status == 0 && again.output.contains("neighbourhoods of"), "\(again.errors)")
      let known = try Program.run(
        ["active", "select", "graded.safetensors", "--pool", "old.extxyz", "--threshold", "0.5", "-o", "x.extxyz"],
        in: folder)
      #expect(known.status == 1 && known.errors.contains("makes the active set larger"), "\(known.errors)")
    }
  }

  @Test func mistakesAreOneLine() throws {
    try withPotential { folder in
      let pool = ["--pool", "old.extxyz"]
      let mistakes: [(words: [String], status: Int32, message: String)] = [
        (["grade", potential, "old.extxyz", "-o", "graded.cfg"], 2, "expected a file of extxyz"),
        (["select", potential] + pool + ["-o", "old.extxyz"], 2, "is an input"),
        (["grad", potential], 2, "did you mean `halite active grade`?"),
        (["select", potential] + pool + ["-o", "x.extxyz", "--number", "0"], 2, "expected 1 or more"),
        (["select", potential] + pool + ["-o", "x.extxyz", "--below", "2"], 2, "more than --threshold (2.1)"),
        (["grade", "run", "old.extxyz"], 1, "give run/potential.safetensors"),
        (["build", potential, "--data", "old.extxyz", "--force-weight", "1"], 2, "is for --by configurations"),
      ]
      for mistake in mistakes {
        let run = try Program.run(["active"] + mistake.words, in: folder)
        let last = String(run.errors.split(separator: "\n").last ?? "")
        #expect(
          run.status == mistake.status && last.hasPrefix("halite: ") && last.contains(mistake.message), "\(last)")
      }
    }
  }

  /// The active set can be left out of a training; frames are added to the linear part of an earlier one.
  @Test func trainingWithoutAndWithMore() throws {
    try withPotential { folder in
      let bare = try Program.run(
        [
          "train", "mtp", "--data", "old.extxyz", "-o", "bare", "--set", "level=6", "--set", "max_epochs=2",
          "--no-active-set",
        ], in: folder)
      #expect(bare.status == 0 && !bare.errors.contains("active set: "), "\(bare.errors)")
      #expect(
        try Program.run(["active", "grade", "bare/potential.safetensors", "old.extxyz"], in: folder).status == 1)
      let more = try Program.run(
        ["train", "mtp", "--data", "new.extxyz", "--extend", "run", "-o", "more", "--set", "valid_fraction=0"],
        in: folder)
      #expect(more.status == 0 && more.errors.contains("10 frames added"), "\(more.errors)")
      let none = try Program.run(
        ["train", "mtp", "--data", "new.extxyz", "--extend", "bare", "-o", "none"], in: folder)
      #expect(none.status == 0 && none.errors.contains("no active set: the earlier fit has none"), "\(none.errors)")
      let file = try Program.run(["train", "mtp", "--data", "new.extxyz", "--extend", potential], in: folder)
      #expect(file.status == 1 && file.errors.contains("give its folder"), "\(file.errors)")
      // What was new to the first is inside of the second, and so is what the first had learned from.
      let grade = try Program.run(
        ["active", "grade", "more/potential.safetensors", "new.extxyz", "--json"], in: folder)
      #expect((try grade.json()["largest"] as? Double ?? 9) < 1.0011)
    }
  }
}
