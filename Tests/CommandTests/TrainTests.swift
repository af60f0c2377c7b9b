import Foundation
import Testing

/// Training, judging and going on, on twenty frames of the sample.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct TrainTests {
  /// Calls `body` with a folder that holds `data.extxyz`.
  private func withData(_ body: (URL) throws -> Void) throws {
    try Program.withFolder { folder in
      #expect(try Program.run(["demo", "--save-data", "sample.extxyz.gz"], in: folder).status == 0)
      let convert = ["convert", "sample.extxyz.gz", "--index", "0:20", "-o", "data.extxyz"]
      #expect(try Program.run(convert, in: folder).status == 0)
      try body(folder)
    }
  }

  private func train(_ arguments: String..., in folder: URL) throws -> Program {
    try Program.run(["train", "aenet", "--data"] + arguments, in: folder)
  }

  private func bytes(_ name: String, _ folder: URL) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(name))
  }

  private func exists(_ name: String, _ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
  }

  @Test func theWrittenSettingsGiveTheSameBits() throws {
    try withData { folder in
      let first = try train("data.extxyz", "--set", "max_epochs=4", "--set", "seed=3", "-o", "a", in: folder)
      #expect(first.status == 0, "\(first.errors)")
      let second = try train("data.extxyz", "--config", "a/config.yaml", "-o", "b", "--threads", "1", in: folder)
      #expect(second.status == 0, "\(second.errors)")
      for name in ["potential.safetensors", "last.safetensors", "config.yaml"] {
        #expect(try bytes("a/" + name, folder) == bytes("b/" + name, folder), "\(name)")
      }
      let third = try train("data.extxyz", "--set", "max_epochs=4", "-o", "a", in: folder)
      #expect(third.status == 1 && third.errors.contains("halite: a: holds a finished run already"))
    }
  }

  @Test func thePotentialFileNamesDataAndSplit() throws {
    try withData { folder in
      let split = try Program.run(["data", "split", "data.extxyz", "-o", "split.json", "--json"], in: folder)
      let run = try train(
        "data.extxyz", "--split", "split.json", "--set", "max_epochs=2", "-o", "a", "--json", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let hash = try #require(try split.json()["split_hash"] as? String)
      #expect(try run.json()["split_hash"] as? String == hash)
      let file = String(decoding: try bytes("a/potential.safetensors", folder).prefix(4000), as: UTF8.self)
      #expect(file.contains(hash))
    }
  }

  /// One line, exit status 1, and no folder, however late the mistake could have shown.
  @Test(arguments: [
    ("radial_order=9223372036854775807", "orders of a fingerprint are 0–"),
    ("network=[15:tahn]", "did you mean 'tanh'?"),
    ("gradient_tolerance=.inf", "`gradient_tolerance`: expected a finite number"),
    ("zbl={inner: 1, outer: 9}", "zbl reaches to 9.0 Å, beyond the potential's cutoff of 8.0 Å"),
    ("group_weights={nosuch: 2}", "no frame has config_type=nosuch"),
  ])
  func aSettingThatCannotBeIsRefused(setting: String, message: String) throws {
    try withData { folder in
      let run = try train("data.extxyz", "--set", setting, "-o", "run", in: folder)
      #expect(run.status == 1)
      let last = try #require(run.errors.split(separator: "\n").last)
      #expect(last.hasPrefix("halite: ") && last.contains(message), "\(last)")
      #expect(!exists("run", folder))
    }
  }

  @Test func atomsThatOverlapAreNamedBeforeAnythingIsWritten() throws {
    try withData { folder in
      var rows = String(decoding: try bytes("data.extxyz", folder), as: UTF8.self).components(separatedBy: "\n")
      for (row, z) in [(4, "0.1"), (5, "0.3")] {
        var words = rows[row].split(separator: " ").map(String.init)
        words.replaceSubrange(1...3, with: ["0.1", "0.1", z])
        rows[row] = words.joined(separator: " ")
      }
      try Data(rows.joined(separator: "\n").utf8).write(to: folder.appendingPathComponent("bad.extxyz"))
      let run = try train("bad.extxyz", "-o", "run", in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("halite: bad.extxyz frame 0: two atoms ("))
      #expect(run.errors.contains("are 0.2 Å apart, closer than 0.5 Å"))
      #expect(!exists("run", folder))
    }
  }

  @Test func anElementOfTheTestPartAloneIsNamed() throws {
    try Program.withFolder { folder in
      let frames = (0..<8).map { k in
        let metal = k < 6 ? "Li" : "Mg"
        let head = "2\nProperties=species:S:1:pos:R:3 energy=-\(k).5 config_type=\(metal)\n"
        return head + "\(metal) 0 0 0\nO 0 0 2.\(k)\n"
      }
      try Data(frames.joined().utf8).write(to: folder.appendingPathComponent("data.extxyz"))
      let split = ["data", "split", "data.extxyz", "--train", "0.75", "--by", "composition", "-o", "split.json"]
      #expect(try Program.run(split, in: folder).status == 0)
      let run = try train("data.extxyz", "--split", "split.json", "-o", "run", in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("no frame of the training part has Mg, which frames of the test part have"))
      #expect(!exists("run", folder))
    }
  }

  /// Without a step the old potential comes out; the change on the old test part is reported; what cannot be is refused.
  @Test func aTrainingGoesOnFromAPotential() throws {
    try withData { folder in
      let small = ["--set", "radial_cutoff=5", "--set", "angular_cutoff=4", "--set", "network=[4:tanh]"]
      let split = ["data", "split", "data.extxyz", "--train", "0.8", "-o", "split.json"]
      #expect(try Program.run(split, in: folder).status == 0)
      let old = ["train", "aenet", "--data", "data.extxyz", "--split", "split.json", "-o", "old"]
      #expect(try Program.run(old + small + ["--set", "max_epochs=3"], in: folder).status == 0)
      let convert = ["convert", "sample.extxyz.gz", "--index", "20:32", "-o", "new.extxyz"]
      #expect(try Program.run(convert, in: folder).status == 0)
      let start = ["--start", "old/potential.safetensors"]
      let replay = ["--replay", "data.extxyz", "--replay-split", "split.json", "--replay-fraction", "0.5"]
      let new =
        ["train", "aenet", "--data", "new.extxyz", "--set", "max_epochs=0", "--checkpoint-every", "7"] + start
      let run = try Program.run(new + replay + ["-o", "new", "--json"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("note: replayed: 8 of 16 old training frames beside 12 new ones"))
      let part = try #require((try run.json()["change"] as? [String: Any])?["old_test"] as? [String: Any])
      let (before, after) = (part["before"] as? NSDictionary, part["after"] as? NSDictionary)
      #expect(before != nil && before == after && before?["frames"] as? Int == 4)
      let configuration = String(decoding: try bytes("new/config.yaml", folder), as: UTF8.self)
      for line in [
        "checkpoint_interval: 7", "replay_fraction: 0.5", "reference_energies: start", "learning_rate: 0.001",
      ] {
        #expect(configuration.contains("\n" + line + "\n"), "\(line)")
      }
      let again = try Program.run(
        ["train", "aenet", "--data", "new.extxyz", "--config", "new/config.yaml", "-o", "same"] + start + replay,
        in: folder)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try bytes("new/potential.safetensors", folder) == bytes("same/potential.safetensors", folder))
      let other = try Program.run(new + ["--set", "radial_order=7", "-o", "x"], in: folder)
      #expect(other.status == 1 && other.errors.contains("`radial_order: 7` cannot be set with --start"))
      let alone = try Program.run(["train", "aenet", "--data", "new.extxyz"] + replay, in: folder)
      #expect(
        alone.status == 2 && alone.errors.contains("--replay needs a potential to start from; give --start FILE"))
      #expect(!exists("x", folder))
    }
  }

  /// Ctrl-C ends at a checkpoint; other settings are refused and leave the run as it was; the same ones go on.
  @Test(.timeLimit(.minutes(1))) func anInterruptedRunIsKeptAndGoesOn() throws {
    try withData { folder in
      let call = ["data.extxyz", "--set", "gradient_tolerance=0", "--set", "patience=0", "-o", "run"]
      let stopped = try interrupted(call + ["--set", "max_epochs=1000000"], in: folder)
      #expect(stopped.status == 1 && stopped.errors.contains("the same command again goes on"), "\(stopped.errors)")
      let names = ["run/config.yaml", "run/log.csv", "run/checkpoint/state.safetensors"]
      let before = try names.map { try bytes($0, folder) }
      let other = try train("data.extxyz", "--set", "max_epochs=7", "-o", "run", in: folder)
      #expect(other.status == 1 && other.errors.contains("the checkpoint is of a run with other data or settings"))
      #expect(try names.map { try bytes($0, folder) } == before)
      let again = try interrupted(call + ["--set", "max_epochs=1000000"], in: folder)
      #expect(again.errors.contains("resuming from epoch "), "\(again.errors)")
    }
  }

  /// A training that is sent SIGINT once its log grows.
  private func interrupted(_ arguments: [String], in folder: URL) throws -> Program {
    let log = folder.appendingPathComponent("run/log.csv")
    let before = (try? Data(contentsOf: log))?.count ?? 0
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = ["train", "aenet", "--data"] + arguments
    process.currentDirectoryURL = folder
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    while process.isRunning, (try? Data(contentsOf: log))?.count ?? 0 <= before + 400 { usleep(20_000) }
    process.interrupt()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Program(status: process.terminationStatus, output: "", errors: said)
  }

  @Test func framesWithForcesAloneCanBeJudged() throws {
    try withData { folder in
      #expect(try train("data.extxyz", "--set", "max_epochs=2", "-o", "a", in: folder).status == 0)
      let text = String(decoding: try bytes("data.extxyz", folder), as: UTF8.self)
      let bare = text.replacing(#/REF_energy=\S+ /#, with: "")
      try Data(bare.utf8).write(to: folder.appendingPathComponent("bare.extxyz"))
      let run = try Program.run(
        ["evaluate", "a/potential.safetensors", "--data", "bare.extxyz", "-o", "e", "--json"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let all = try #require(try run.json()["all"] as? [String: Any])
      #expect(all["forces"] != nil && all["energy"] == nil)
    }
  }
}
