import Foundation
import Potentials
import Reports
import Settings
import Structures

/// One run of a study before it is done.
struct PlannedRun: Sendable {
  var key: StudyRun.Key
  /// Of its folder: "snap-400-s1".
  var name: String
  /// Frames of the training part to learn from; nil: all of them.
  var trainingFrames: Int?
  /// How many frames that is.
  var count: Int
  var configuration: String
  /// Settings, data and split: a folder with another one holds another run.
  var fingerprint: String
  var forecast: TrainingForecast

  /// - Parameters:
  ///   - trainingFrames: nil: all of the training part.
  ///   - frames: those.
  init(
    _ key: StudyRun.Key, _ kind: StudyKind, name: String, trainingFrames: Int?, frames: Dataset, split: DataSplit,
    threads: Int
  ) {
    let lines = [
      "halite \(HaliteVersion.current)", "kind \(key.kind)", "data \(frames.hash)", "split \(split.hash)",
      RunIdentity.lines(of: kind.configuration, without: ["checkpoint_interval"]).joined(separator: "\n"),
    ]
    self.key = key
    self.name = name
    self.trainingFrames = trainingFrames
    count = frames.distinctCount
    configuration = kind.configuration
    fingerprint = FrameIdentity.sha256(Array(lines.joined(separator: "\n").utf8))
    forecast = kind.forecast(frames, threads: threads)
  }
}

/// A study with its data: one split, every run, and what each will need.
struct StudyPlan: Sendable {
  let settings: StudySettings
  let folder: String
  /// As the trainings are given them.
  let files: [String]
  let data: Dataset
  let split: DataSplit
  let training: Dataset
  let test: Dataset
  /// Ascending; the data set's own count where a study has `all`.
  let sizes: [Int]
  let threads: Int
  let jobs: Int
  /// In the order of potentials, sizes, seeds.
  let runs: [PlannedRun]

  var splitFile: String { folder + "/split.json" }

  var place: StudyQueue.Place {
    StudyQueue.Place(
      folder: folder, files: files, splitFile: splitFile, threads: threads, jobs: jobs,
      checkpointInterval: settings.checkpointInterval, reading: settings.reading)
  }

  /// What the command line says over the file.
  struct Call: Sendable {
    var output: String?
    var threads: Int?
    var jobs: Int?
  }

  /// - Throws: `InputError` for data that cannot be read, sizes that the data do not have, more threads than cores.
  init(_ settings: StudySettings, call: Call, console: Console) throws {
    self.settings = settings
    folder =
      call.output ?? settings.output.map { StudyPlan.beside(settings.file, $0) } ?? StudyPlan.name(settings.file)
    (threads, jobs) = try Self.share(
      threads: call.threads ?? settings.threads, jobs: call.jobs ?? settings.jobs, file: settings.file)
    files = try settings.data.map { try Self.find($0, beside: settings.file) }
    data = try DataFiles.read(files, options: settings.reading.options, console: console)
    try Self.requireOneKind(data, settings)
    let cores = threads * jobs
    split = try Self.split(settings, data, threads: cores)
    Self.noteUngrouped(settings.split, data, console)
    (training, test) = try split.parts(of: data, threads: cores)
    let planner = RunPlanner(settings, data: data, training: training, split: split, threads: threads)
    sizes = try planner.allSizes()
    runs = try planner.runs()
  }

  /// Threads of a run and runs at once: together no more than there are cores.
  static func share(threads: Int?, jobs: Int?, file: String?) throws -> (threads: Int, jobs: Int) {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let threads = threads ?? max(1, cores / (jobs ?? cores))
    let jobs = jobs ?? max(1, cores / threads)
    guard threads * jobs <= cores else {
      throw InputError(
        "\(counted(jobs, "run")) at once with \(counted(threads, "thread")) each need \(threads * jobs) cores, this "
          + "machine has \(cores)", file: file, remedy: "lower `jobs` or `threads` (or --jobs, --threads)")
    }
    return (threads, jobs)
  }

  /// What each of its trainings would refuse is refused before the first.
  private static func requireOneKind(_ data: Dataset, _ settings: StudySettings) throws {
    let reading = settings.reading
    do {
      try halite.requireOneKind(data, mixedSettings: reading.mixedSettings, anyVerdict: reading.anyVerdict)
    } catch var error as InputError {
      error.file = settings.file
      error.remedy = error.remedy?.replacing("--mixed-settings", with: "`reading: {mixed_settings: true}`")
        .replacing("--any-verdict", with: "`reading: {any_verdict: true}`")
      throw error
    }
  }

  private static func split(_ settings: StudySettings, _ data: Dataset, threads: Int) throws -> DataSplit {
    if let file = settings.split.file { return try readSplit(find(file, beside: settings.file)) }
    return try DataSplit(
      data, trainingFraction: settings.split.train, seed: settings.split.seed, by: settings.split.by,
      threads: threads)
  }

  private static func noteUngrouped(_ split: StudySettings.Split, _ data: Dataset, _ console: Console) {
    guard split.file == nil, case .group(let key) = split.by else { return }
    let count = data.frames.count { !$0.isIsolatedAtom && $0.value(ofKey: key) == nil }
    if count > 0 { console.note("\(counted(count, "frame")) without the key \(key): each is a group of its own") }
  }

  private static func base(_ file: String) -> String {
    file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
  }

  static func beside(_ file: String, _ path: String) -> String { path.hasPrefix("/") ? path : base(file) + path }

  /// "lmnto-results" of "studies/lmnto.yaml", in the folder that the command is called from.
  private static func name(_ file: String) -> String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    let stem = last.split(separator: ".").first.map(String.init) ?? last
    return stem + "-results"
  }

  /// A file that a study names: beside the study, else where the command is called.
  private static func find(_ path: String, beside file: String) throws -> String {
    for place in [beside(file, path), path] where FileManager.default.fileExists(atPath: place) { return place }
    throw InputError("there is no file \(path) beside it, nor in the folder of the call", file: file)
  }

  /// "90:10 by frame, seed 1".
  var splitText: String {
    let total = Double(max(1, split.training.count + split.test.count))
    let share = Int((100 * Double(split.training.count) / total).rounded())
    return "split \(share):\(100 - share) by \(split.rule), seed \(split.seed)"
  }

  /// The test frames that judge a run.
  func testFrames(of run: StudyRun.Key) -> Dataset {
    guard settings.test == .nested, run.size < data.distinctCount else { return test }
    let count = run.size - RunPlanner.trainingCount(run.size, split)
    return test.nestedSubset(max(1, count), seed: split.seed)
  }
}

/// Makes the runs of a study.
struct RunPlanner {
  let settings: StudySettings
  let data: Dataset
  let training: Dataset
  let split: DataSplit
  let threads: Int

  init(_ settings: StudySettings, data: Dataset, training: Dataset, split: DataSplit, threads: Int) {
    self.settings = settings
    self.data = data
    self.training = training
    self.split = split
    self.threads = threads
  }

  /// ⌈f n⌉, as the split itself counts.
  static func trainingCount(_ size: Int, _ split: DataSplit) -> Int {
    Int((split.trainingFraction * Double(size) - 1e-9).rounded(.up))
  }

  /// - Throws: `InputError` where the data have fewer frames.
  private func resolve(_ sizes: [Int?]) throws -> [Int] {
    let whole = data.distinctCount
    return try Set(
      sizes.map { size throws(InputError) -> Int in
        guard let size else { return whole }
        guard size <= whole, size == whole || Self.trainingCount(size, split) <= training.distinctCount else {
          throw InputError(
            "`sizes` has \(size), the data hold \(counted(whole, "frame"))", file: settings.file,
            remedy: "leave it out; `all` means all of them")
        }
        return size
      }
    ).sorted()
  }

  func allSizes() throws -> [Int] {
    try Set(settings.potentials.flatMap { try resolve($0.sizes ?? settings.sizes) }).sorted()
  }

  func runs() throws -> [PlannedRun] {
    let whole = data.distinctCount
    var subsets: [Int: Dataset] = [:]
    return try settings.potentials.flatMap { potential in
      try resolve(potential.sizes ?? settings.sizes).flatMap { size in
        let count = size == whole ? nil : Self.trainingCount(size, split)
        let frames = subsets[size] ?? count.map { training.nestedSubset($0, seed: split.seed) } ?? training
        subsets[size] = frames
        return try settings.seeds.map { seed in
          try run(potential, size, seed: seed, count, frames)
        }
      }
    }
  }

  private func run(
    _ potential: StudySettings.Potential, _ size: Int, seed: UInt64, _ count: Int?, _ frames: Dataset
  ) throws -> PlannedRun {
    let kind = try StudyKind(potential, seed: seed, file: settings.file)
    return PlannedRun(
      StudyRun.Key(potential: potential.name, kind: potential.kind, size: size, seed: seed), kind,
      name: "\(potential.name)-\(size)-s\(seed)", trainingFrames: count, frames: frames, split: split,
      threads: threads)
  }
}
