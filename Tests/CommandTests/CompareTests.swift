import Foundation
import Settings
import Structures
import Testing

@testable import halite

/// Studies on the sample that Halite ships.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct CompareTests {
  private static let study = """
    data: sample.extxyz.gz
    split: {train: 0.8, seed: 2}
    sizes: [40, all]
    potentials:
      - kind: snap
        settings: {twojmax: 2}
      - kind: aenet
        epochs: [2, 5, 300]
        settings: {radial_cutoff: 5, angular_cutoff: 4, network: ["4:tanh"], force_weight: 0, stress_weight: 0}
    """

  /// Calls `body` with a folder that holds the sample and a study.
  private func withStudy(_ text: String = Self.study, _ body: (URL) throws -> Void) throws {
    try Program.withFolder { folder in
      #expect(try Program.run(["demo", "--save-data", "sample.extxyz.gz"], in: folder).status == 0)
      try Data((text + "\n").utf8).write(to: folder.appendingPathComponent("study.yaml"))
      try body(folder)
    }
  }

  private func text(_ name: String, _ folder: URL) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func exists(_ name: String, _ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
  }

  /// Everything that does not depend on the clock.
  private func tables(_ folder: URL) throws -> [String: String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("tables").path)
    return try Dictionary(
      uniqueKeysWithValues: names.filter { !$0.contains("times") }.map { ($0, try text("tables/" + $0, folder)) })
  }

  /// Killed at several moments, the same command ends with the same tables, and one more call does nothing.
  @Test(.timeLimit(.minutes(2))) func aKilledStudyEndsWithTheSameTables() throws {
    try withStudy { folder in
      let whole = try Program.run(["compare", "study.yaml", "-o", "whole"], in: folder)
      #expect(whole.status == 0, "\(whole.errors)")
      for delay in [0.15, 0.5, 0.9] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["compare", "study.yaml", "-o", "killed"]
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(delay * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      let end = try Program.run(["compare", "study.yaml", "-o", "killed"], in: folder)
      #expect(end.status == 0, "\(end.errors)")
      let (a, b) = (folder.appendingPathComponent("whole"), folder.appendingPathComponent("killed"))
      let (first, second) = (try tables(a), try tables(b))
      for (name, text) in first { #expect(second[name] == text, "\(name)") }
      #expect(first.keys == second.keys && first.count >= 6)
      let again = try Program.run(["compare", "study.yaml", "-o", "killed"], in: folder)
      #expect(again.status == 0 && again.errors.contains("4 runs of 4 done already"))
      #expect(!again.errors.contains("[1/"))
      // The errors are those of the run's own report.
      let report = try #require(
        JSONSerialization.jsonObject(
          with: Data(contentsOf: folder.appendingPathComponent("whole/runs/snap-120-s1/report.json")))
          as? [String: Any])
      let study = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("whole/study.json")))
          as? [String: Any])
      let run = try #require(
        (study["runs"] as? [[String: Any]])?.first {
          $0["potential"] as? String == "snap" && $0["size"] as? Int == 120
        })
      #expect(run["test"] as? NSDictionary == report["test"] as? NSDictionary)
      #expect(run["train"] as? NSDictionary == report["train"] as? NSDictionary)
      #expect(run["training_frames"] as? Int == 96)
      let effort = try #require(run["effort"] as? [String: Any])
      #expect(try #require(effort["peak_bytes"] as? Int) > 10_000_000)
    }
  }

  @Test func aDryRunDoesNothingAndSaysEverything() throws {
    try withStudy { folder in
      let run = try Program.run(["compare", "study.yaml", "--dry-run", "--json"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let runs = try #require(try run.json()["runs"] as? [[String: Any]])
      #expect(
        runs.compactMap { $0["name"] as? String } == ["snap-40-s1", "snap-120-s1", "aenet-40-s1", "aenet-120-s1"])
      #expect(runs.compactMap { $0["training_frames"] as? Int } == [32, 96, 32, 96])
      #expect(runs.allSatisfy { $0["bytes"] as? Int ?? 0 > 1_000_000 })
      #expect(!exists("study-results", folder))
    }
  }

  /// A run that cannot be does not stop the others; the status is 1, and the page says it.
  @Test func aFailingRunDoesNotStopTheOthers() throws {
    let text = """
      data: [sample.extxyz.gz]
      sizes: [40]
      test: nested
      potentials:
        - {kind: snap, name: good, settings: {twojmax: 2}}
        - {kind: snap, name: bad, settings: {twojmax: 2, group_weights: {nosuch: 2}}}
      """
    try withStudy(text) { folder in
      let run = try Program.run(["compare", "study.yaml", "-o", "out", "--jobs", "1"], in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("halite: 1 of 2 runs failed: bad-40-s1"), "\(run.errors)")
      #expect(run.errors.contains("bad-40-s1: failed: group_weights names"), "\(run.errors)")
      #expect(
        try self.text("out/study.html", folder).contains("Failed: bad, 40 frames, seed 1: group_weights names"))
      #expect(try self.text("out/tables/errors.csv", folder).contains("good,snap,40,1,36,test,,4,"))
    }
  }

  @Test func runsOfOtherSettingsAreNotMixed() throws {
    let text = "data: sample.extxyz.gz\nsizes: [40]\npotentials:\n  - {kind: snap, settings: {twojmax: 2}}"
    try withStudy(text) { folder in
      #expect(try Program.run(["compare", "study.yaml", "-o", "out"], in: folder).status == 0)
      // The expanded study gives the same runs.
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("out/study.yaml"), to: folder.appendingPathComponent("expanded.yaml"))
      let same = try Program.run(["compare", "expanded.yaml", "-o", "out"], in: folder)
      #expect(same.status == 0 && same.errors.contains("1 run of 1 done already"), "\(same.errors)")
      try Data(text.replacing("twojmax: 2", with: "twojmax: 4").utf8).write(
        to: folder.appendingPathComponent("study.yaml"))
      let other = try Program.run(["compare", "study.yaml", "-o", "out"], in: folder)
      #expect(
        other.status == 1
          && other.errors.contains("out/runs/snap-40-s1: 1 run of other settings, data or split is there already"),
        "\(other.errors)")
      let again = try Program.run(["compare", "study.yaml", "-o", "out", "--overwrite"], in: folder)
      #expect(again.status == 0, "\(again.errors)")
    }
  }

  /// Labels under other names give the same study.
  @Test func aStudyReadsTheKeysThatItNames() throws {
    let body = "sizes: [40]\npotentials:\n  - {kind: snap, settings: {twojmax: 2}}"
    try withStudy("data: sample.extxyz.gz\n" + body) { folder in
      #expect(try Program.run(["compare", "study.yaml", "-o", "plain"], in: folder).status == 0)
      #expect(try Program.run(["convert", "sample.extxyz.gz", "-o", "a.extxyz"], in: folder).status == 0)
      let renamed = try text("a.extxyz", folder).replacing(" REF_energy=", with: " wanted=")
        .replacing(":REF_forces:R:3", with: ":pull:R:3").replacing(" REF_stress=", with: " push=")
      try Data(renamed.utf8).write(to: folder.appendingPathComponent("renamed.extxyz"))
      let reading = "reading: {energy_key: wanted, forces_key: pull, stress_key: push, mixed_settings: true}\n"
      try Data(("data: renamed.extxyz\n" + reading + body).utf8).write(
        to: folder.appendingPathComponent("named.yaml"))
      let run = try Program.run(["compare", "named.yaml", "-o", "named"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try tables(folder.appendingPathComponent("named")) == tables(folder.appendingPathComponent("plain")))
      // The expanded study reads them in the same way.
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("named/study.yaml"), to: folder.appendingPathComponent("expanded.yaml"))
      let same = try Program.run(["compare", "expanded.yaml", "-o", "named"], in: folder)
      #expect(same.errors.contains("1 run of 1 done already"), "\(same.errors)")
    }
  }

  /// Frames of different settings are refused before the first training.
  @Test func aStudyOfMixedSettingsIsRefused() throws {
    let body = "sizes: [40]\npotentials:\n  - {kind: snap, settings: {twojmax: 2}}"
    try withStudy("data: mixed.extxyz\n" + body) { folder in
      #expect(try Program.run(["convert", "sample.extxyz.gz", "-o", "a.extxyz"], in: folder).status == 0)
      var count = 0
      let lines = try text("a.extxyz", folder).split(separator: "\n").map { line -> String in
        guard line.contains("Properties=") else { return String(line) }
        count += 1
        return line + (count % 2 == 0 ? " encut=520.0" : " encut=400.0")
      }
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent("mixed.extxyz"))
      let run = try Program.run(["compare", "study.yaml", "-o", "out"], in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("study.yaml: the frames are of different settings"), "\(run.errors)")
      #expect(run.errors.contains("`reading: {mixed_settings: true}`"), "\(run.errors)")
      #expect(!exists("out/runs", folder))
    }
  }

  /// What the tasks of the job array do, and the call that collects.
  @Test func aJobArrayDoesTheRuns() throws {
    let text = "data: sample.extxyz.gz\nsizes: [30, 40]\npotentials:\n  - {kind: snap, settings: {twojmax: 2}}"
    try withStudy(text) { folder in
      let submit = try Program.run(
        ["compare", "study.yaml", "-o", "out", "--submit", "slurm", "--threads", "1", "--jobs", "1"], in: folder)
      #expect(submit.status == 0, "\(submit.errors)")
      let script = try self.text("out/array.sh", folder)
      #expect(script.contains("#SBATCH --array=1-2\n") && script.contains("#SBATCH --cpus-per-task=1\n"))
      for task in ["1", "2"] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [folder.appendingPathComponent("out/array.sh").path]
        process.environment = ["SLURM_ARRAY_TASK_ID": task, "HALITE": Program.path, "PATH": "/usr/bin:/bin"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      #expect(!exists("out/study.html", folder))
      let end = try Program.run(["compare", "study.yaml", "-o", "out"], in: folder)
      #expect(end.status == 0 && end.errors.contains("2 runs of 2 done already"), "\(end.errors)")
    }
  }

  @Test(arguments: [
    ("data: x\npotentails: [snap]", "study.yaml:1: key `potentials` is missing; does `potentails` mean it?"),
    ("data: x\npotentials: [snap]\nsizs: [40]", "study.yaml:3: unknown key `sizs`; did you mean `sizes`?"),
    ("data: x\npotentials: [snpa]", "study.yaml:2: there is no potential of kind `snpa`; did you mean `snap`?"),
    (
      "data: sample.extxyz.gz\npotentials:\n  - kind: snap\n    settings:\n      twojmx: 4",
      "study.yaml:5: unknown key `twojmx`; did you mean `twojmax`?"
    ),
    (
      "data: sample.extxyz.gz\npotentials:\n  - kind: snap\n    epochs: [5]",
      "study.yaml:3: `epochs`: snap has none, its parameters are solved for"
    ),
    (
      "data: sample.extxyz.gz\npotentials: [snap]\nsizes: [40, 5000]",
      "study.yaml: `sizes` has 5000, the data hold 120 frames"
    ),
    ("data: sample.extxyz.gz\npotentials: [snap]\nsizes: [forty]", "study.yaml:3: `sizes`: expected whole numbers"),
    ("data: sample.extxyz.gz\npotentials: [snap, snap]", "study.yaml:2: two potentials have the name `snap`"),
    ("data: nowhere.extxyz\npotentials: [snap]", "there is no file nowhere.extxyz"),
    (
      "data: sample.extxyz.gz\npotentials: [snap]\nsplit: {by: compositon}",
      "study.yaml:3: `split.by`: expected frame, composition or group KEY, found `compositon`; did you mean"
    ),
    (
      "data: sample.extxyz.gz\npotentials: [snap]\nreading: {energy_kye: E}",
      "study.yaml:3: unknown key `energy_kye`; did you mean `energy_key`?"
    ),
    (
      "data: sample.extxyz.gz\npotentials: [snap]\nreading:\n  species: [Li, Xx]",
      "study.yaml:4: `reading.species`: expected elements in order (`Li,Mn,O`), found a list"
    ),
    (
      "data: sample.extxyz.gz\npotentials: [snap]\nreading: {energy_key: REF_enrgy}",
      "no frame has a label energy under `REF_enrgy` (--energy-key); did you mean `REF_energy`?"
    ),
    ("data: sample.extxyz.gz\npotentials: [snap]\njobs: 0", "study.yaml:3: `jobs` must be 1 or more, found 0"),
    (
      "data: sample.extxyz.gz\npotentials:\n  - {kind: snap, preset: papr}",
      "study.yaml:3: snap has no preset `papr`; did you mean `paper`?"
    ),
    (
      "data: sample.extxyz.gz\npotentials:\n  - kind: snap\n    settings: {seed: 3}",
      "study.yaml:4: `seed` of a run is set by `seeds` of the study"
    ),
    ("data: sample.extxyz.gz\npotentials: [snap]\nthreads: 9999", "10 cores"),
  ])
  func aBadLineIsNamed(yaml: String, message: String) throws {
    try withStudy(yaml) { folder in
      let run = try Program.run(["compare", "study.yaml", "-o", "out"], in: folder)
      #expect(run.status == 1)
      let said = try #require(run.errors.split(separator: "\n").last)
      let expected = message == "10 cores" ? "need 9999 cores, this machine has" : message
      #expect(said.contains(expected), "\(said)")
      #expect(!exists("out", folder))
    }
  }

  /// The way a study writes its repeats in conventions.md, and potentials as words.
  @Test func seedsMayBeRepeats() throws {
    let folder = NSTemporaryDirectory() + "study-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/study.yaml"
    try Data("data: a.xyz\nsplit: s.json\nsizes: [200, all]\npotentials: [snap, gap]\nseed: 5\nrepeats: 3".utf8)
      .write(to: URL(fileURLWithPath: path))
    let settings = try StudySettings(path)
    #expect(settings.seeds == [5, 6, 7] && settings.split.file == "s.json" && settings.sizes == [200, nil])
    #expect(settings.potentials.map(\.name) == ["snap", "gap"])
  }

  @Test func threadsAndRunsShareTheCores() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let alone = try StudyPlan.share(threads: nil, jobs: nil, file: nil)
    #expect(alone.threads == 1 && alone.jobs == cores)
    let wide = try StudyPlan.share(threads: cores, jobs: nil, file: nil)
    #expect(wide.jobs == 1)
    #expect(throws: InputError.self) { try StudyPlan.share(threads: cores, jobs: 2, file: nil) }
  }
}

@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct TuneTests {
  @Test func theBestSettingsServeTheTrainingAndTheTestPartIsLeftAlone() throws {
    try Program.withFolder { folder in
      #expect(try Program.run(["demo", "--save-data", "sample.extxyz.gz"], in: folder).status == 0)
      #expect(try Program.run(["data", "split", "sample.extxyz.gz", "-o", "split.json"], in: folder).status == 0)
      try Data("twojmax: [2, 4]\nenergy_weight: {from: 10, to: 1000, log: true}\n".utf8).write(
        to: folder.appendingPathComponent("space.yaml"))
      let call = [
        "tune", "snap", "--data", "sample.extxyz.gz", "--split", "split.json", "--space", "space.yaml", "--trials",
        "4",
        "--sizes", "40,60", "-o", "out", "--json",
      ]
      let run = try Program.run(call, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let result = try run.json()
      let trials = try #require(result["trials"] as? [[String: Any]])
      #expect(trials.count == 4 && result["validation_frames"] as? Int == 10)
      // 98 frames to learn from: four trials with 32, the best one with all.
      #expect(trials.map { $0["training_frames"] as? Int } == [98, 32, 32, 32])
      let scores = trials.dropFirst().compactMap { $0["score"] as? Double }
      #expect(scores == scores.sorted() && scores.count == 3)
      let curve = try #require(result["learning_curve"] as? [String: Any])
      #expect((curve["points"] as? [Any])?.count == 3)
      // The frames of the search are the training part, to the last one.
      let split = try readSplit(folder.appendingPathComponent("split.json").path)
      let inner = try readSplit(folder.appendingPathComponent("out/split.json").path)
      #expect(Set(inner.training.map(\.id) + inner.test.map(\.id)) == Set(split.training.map(\.id)))
      let train = [
        "train", "snap", "--data", "sample.extxyz.gz", "--split", "split.json", "--config", "out/best.yaml", "-o",
        "best",
      ]
      #expect(try Program.run(train, in: folder).status == 0)
      // Once more: nothing is left to do, and the answer is the same but for no clock.
      let again = try Program.run(call, in: folder)
      #expect(again.status == 0 && again.errors.contains("4 runs of 4 done already"), "\(again.errors)")
      #expect(again.output == run.output)
    }
  }

  @Test func gridsAreWholeAndRangesKeepTheirKind() throws {
    let tree = try readSpace("a: [1, 2]\nb: {from: 1, to: 100, log: true}\nc: [x]")
    let space = try TuneSpace(tree, file: nil)
    let grid = try space.grid(limit: 6)
    #expect(grid.count == 6 && Set(grid).count == 6)
    #expect(grid.compactMap { $0["b"] }.contains(.init(.integer(10))))
    #expect(throws: InputError.self) { try space.grid(limit: 5) }
    let random = space.random(20, seed: 1)
    #expect(random == space.random(20, seed: 1) && Set(random).count == random.count && random.count == 20)
    #expect(throws: InputError.self) { try TuneSpace(readSpace("a: {from: 2, to: 1}"), file: nil) }
    #expect(throws: InputError.self) { try TuneSpace(readSpace("a: 3"), file: nil) }
  }

  private func readSpace(_ text: String) throws -> SettingsValue {
    try readYAML(bytes: Array(text.utf8), file: nil)
  }

  @Test func aMisspelledKeyOfASpaceIsNamedBeforeAnythingIsWritten() throws {
    try Program.withFolder { folder in
      #expect(try Program.run(["demo", "--save-data", "sample.extxyz.gz"], in: folder).status == 0)
      try Data("rcutfac: [4, 5]\ntwojmx: [2]\n".utf8).write(to: folder.appendingPathComponent("space.yaml"))
      let run = try Program.run(
        ["tune", "snap", "--data", "sample.extxyz.gz", "--space", "space.yaml", "-o", "out"], in: folder)
      #expect(run.status == 1)
      #expect(run.errors.hasSuffix("halite: space.yaml:2: unknown key `twojmx`; did you mean `twojmax`?\n"))
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out").path))
    }
  }

  @Test func roundsEndWithAllFrames() {
    #expect(TuneSearch.rounds(18, frames: 900, method: .halving) == [100, 300, 900])
    #expect(TuneSearch.rounds(18, frames: 100, method: .halving) == [33, 100])
    #expect(TuneSearch.rounds(18, frames: 900, method: .random) == [900])
    #expect(TuneSearch.rounds(2, frames: 900, method: .halving) == [900])
  }

  @Test(arguments: [
    (["tune", "snpa", "--data", "x"], 2, "there is no potential of kind `snpa`; did you mean `snap`?"),
    (["tune", "snap", "--data", "x", "--method", "halvin"], 2, "did you mean `halving`?"),
    (["tune", "snap", "--data", "x", "--trials", "0"], 2, "option --trials: expected 1 or more"),
  ])
  func aWrongCallIsNamed(arguments: [String], status: Int, message: String) throws {
    let run = try Program.run(arguments)
    #expect(Int(run.status) == status && run.errors.contains(message), "\(run.errors)")
  }
}
