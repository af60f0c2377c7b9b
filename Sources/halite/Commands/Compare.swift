import Foundation
import Potentials
import Reports
import Settings
import Structures

/// `halite compare STUDY.yaml`: potentials × sizes × seeds on one split, with tables and figures.
enum CompareCommand: Command {
  static let name = "compare"
  static let summary = "potentials on one split, at several sizes: every error, time and figure from one file"
  static let discussion = """
    halite compare study.yaml --dry-run
    halite compare study.yaml -o results

    Each run is a process of its own, `halite train`, so its time and memory are its own. The same command again skips
    what is done and goes on with what is not, after a Ctrl-C as after a kill; failed runs are tried again. Leaves
    study.html, study.json, tables/*.csv, figures/*.svg with their numbers as CSV, and a folder for each run.

    Keys of STUDY.yaml:
      data                 files of labelled structures, beside STUDY.yaml or in the folder of the call
      potentials           list of kinds, or of {kind, name, preset, settings: {…}, epochs: […], sizes: […]}
      reading              {energy_key: KEY, forces_key: …, stress_key: …, species: [Li, O], stress_order: …,
                           mixed_settings: true, any_verdict: true}: as the options of halite train  [none]
      sizes                frames, training and test part together, or all; smaller ones lie in larger ones  [[all]]
      split                {train: 0.9, seed: 1, by: frame|composition|group KEY}, or a split file
      test                 whole: every size is judged by all test frames; nested: by its share  [whole]
      seeds                of the parameters; or seed: FIRST and repeats: COUNT  [[1]]
      threads, jobs        of each run, and runs at once: together at most the cores  [1, one a core]
      checkpoint_interval  epochs between checkpoints  [20]
      partners             key that lithiated and delithiated frames of one host have in common  [host]
      lithium_energy       of lithium metal (eV/atom), for voltages of partners  [none]
      output               folder for the results, over which -o goes  [STUDY-results]
    `epochs` of a potential: its run goes to the last of them, and time and errors at each are read from its log.
    """
  static let positionals = [Positional("STUDY", help: "what to compare (YAML)")]

  private static let output = Option<String?>(
    "output", short: "o", placeholder: "DIR", help: "folder for the results")
  private static let dryRun = Option(
    flag: "dry-run", help: "print the runs with forecasts of time and memory, and do nothing")
  private static let submit = Option<SubmitTarget?>(
    "submit", placeholder: "slurm", help: "write a job array for Slurm, array.sh, instead of running")
  private static let only = Option<[String]>(
    repeated: "run", placeholder: "NAME", help: "do this run only, without tables; as the tasks of a job array do")
  private static let collect = Option(flag: "collect", help: "only make tables and figures of what is done")
  private static let jobs = Option<Int?>("jobs", placeholder: "N", help: "runs at once, over `jobs` of the file")
  private static let pdf = Option(flag: "pdf", help: "figures as PDF, too (needs rsvg-convert of librsvg2-bin)")
  private static let overwrite = Option(
    flag: "overwrite", help: "do runs again whose folders are of other settings, data or split")

  static let options: [any OptionDeclaration] = [
    output, dryRun, submit, only, collect, jobs, threadsOption, pdf, overwrite,
  ]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let settings = try StudySettings(arguments.one(positionals[0]))
    let modes = [arguments[dryRun], arguments[submit] != nil, !arguments[only].isEmpty, arguments[collect]]
    guard modes.count(where: { $0 }) <= 1 else {
      throw usageError("--dry-run, --submit, --run and --collect exclude each other")
    }
    if arguments[pdf] { _ = try FigureConverter() }
    let threads = arguments[threadsOption] == nil ? nil : try arguments.threads()
    if let count = arguments[jobs], count < 1 {
      throw usageError("option --jobs: expected 1 or more, found \(count)")
    }
    let plan = try StudyPlan(
      settings, call: .init(output: arguments[output], threads: threads, jobs: arguments[jobs]), console: console)
    let queue = StudyQueue(place: plan.place, console: console)
    let bytes = plan.runs.map(\.forecast.bytes).sorted(by: >).prefix(plan.jobs).reduce(0, +)
    if bytes > Int(ProcessInfo.processInfo.physicalMemory) {
      console.warn(
        "\(counted(plan.jobs, "run")) at once may need \(memoryText(bytes)), more than this machine has: lower --jobs"
      )
    }
    if arguments[dryRun] { return try forecast(plan, queue, arguments, console) }
    try prepare(plan, queue, overwrite: arguments[overwrite])
    if arguments[submit] != nil { return try SlurmArray(plan, queue).write(arguments, console) }
    if !arguments[only].isEmpty { return try perform(arguments[only], plan, queue, console) }
    let failures = arguments[collect] ? [:] : try queue.run(plan.runs)
    try finish(plan, queue, failures: failures, arguments, console)
  }

  /// The folder with its split and settings.
  private static func prepare(_ plan: StudyPlan, _ queue: StudyQueue, overwrite: Bool) throws {
    try queue.clear(plan.runs, overwrite: overwrite)
    try makeFolder(plan.folder + "/runs")
    let exists = FileManager.default.fileExists(atPath: plan.splitFile)
    let isSame = exists && (try? readSplit(plan.splitFile))?.hash == plan.split.hash
    if exists, !isSame, !overwrite {
      throw InputError(
        "holds another split", file: plan.splitFile, remedy: "choose another -o, or replace it with --overwrite")
    }
    if !isSame { try writeSplit(plan.split, to: plan.splitFile) }
    try AtomicFile.write(Array(try StudyText(plan).text.utf8), to: plan.folder + "/study.yaml")
  }

  /// Some runs alone.
  private static func perform(
    _ names: [String], _ plan: StudyPlan, _ queue: StudyQueue, _ console: Console
  ) throws {
    let known = plan.runs.map(\.name)
    for name in names where !known.contains(name) {
      let near = nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
      throw usageError("the study has no run `\(name)`", remedy: near ?? "--dry-run lists them")
    }
    let failures = try queue.run(plan.runs.filter { names.contains($0.name) })
    if let (name, message) = failures.min(by: { $0.key < $1.key }) {
      throw InputError("\(name) failed: \(message)")
    }
  }

  private static func finish(
    _ plan: StudyPlan, _ queue: StudyQueue, failures: [String: String], _ arguments: ParsedArguments,
    _ console: Console
  ) throws {
    let collection = StudyCollection(plan: plan, queue: queue, command: commandLine())
    let study = try collection.study(failures: failures, console: console)
    let report = try StudyReport(study)
    try report.write(to: plan.folder)
    if arguments[pdf] { try FigureConverter().convert(report.drawings, in: plan.folder) }
    if arguments.json {
      let text = report.files.first { $0.name == "study.json" }?.text ?? ""
      try console.write(text.trimmingCharacters(in: .newlines))
    } else {
      try console.write(report.text + "\n\n" + plan.folder + "/study.html")
      for warning in report.warnings { console.warn(warning) }
    }
    guard study.failures.isEmpty else {
      let names = study.failures.map { "\($0.key.potential)-\($0.key.size)-s\($0.key.seed)" }
      throw InputError(
        "\(study.failures.count) of \(counted(plan.runs.count, "run")) failed: \(names.joined(separator: ", "))",
        remedy: "the same command tries them again; runs/NAME/output.txt says more")
    }
  }

  private struct Forecast: Encodable {
    struct Run: Encodable {
      var name: String
      var potential: String
      var kind: String
      var size: Int
      var training_frames: Int
      var seed: UInt64
      var state: String
      var seconds: Double
      var bytes: Int
      var parameters: Int
    }

    var output: String
    var threads: Int
    var jobs: Int
    var runs: [Run]
    /// Of what is not done yet, with so many runs at once.
    var seconds: Double
  }

  private static func forecast(
    _ plan: StudyPlan, _ queue: StudyQueue, _ arguments: ParsedArguments, _ console: Console
  ) throws {
    let runs = plan.runs.map { run in
      let folder = queue.folder(run)
      let state =
        folder.isDone(run.fingerprint)
        ? "done" : folder.isOther(run.fingerprint) ? "other" : folder.read() == nil ? "new" : "begun"
      return Forecast.Run(
        name: run.name, potential: run.key.potential, kind: run.key.kind, size: run.key.size,
        training_frames: run.count, seed: run.key.seed, state: state, seconds: run.forecast.seconds,
        bytes: run.forecast.bytes, parameters: run.forecast.parameters)
    }
    let left = runs.filter { $0.state != "done" }
    let total = left.reduce(0) { $0 + $1.seconds } / Double(plan.jobs)
    let longest = left.map(\.seconds).max() ?? 0
    let forecast = Forecast(
      output: plan.folder, threads: plan.threads, jobs: plan.jobs, runs: runs, seconds: max(total, longest))
    var rows = [["run", "training frames", "parameters", "time", "memory", ""]]
    for run in runs {
      let note = ["done": "done", "other": "other settings are there", "begun": "begun"][run.state] ?? ""
      rows.append([
        run.name, String(run.training_frames), String(run.parameters), durationText(max(1, run.seconds)),
        memoryText(run.bytes), note,
      ])
    }
    let end =
      "\(counted(left.count, "run")) to do, \(plan.jobs) at once with \(counted(plan.threads, "thread")): at most "
      + "\(durationText(max(1, forecast.seconds))) of training; \(plan.folder)"
    try console.result(forecast, text: alignedColumns(rows) + "\n" + end, json: arguments.json)
  }
}

/// What `--submit` takes.
enum SubmitTarget: String, ArgumentChoice {
  case slurm
}

/// Figures as PDF by librsvg's own program.
struct FigureConverter {
  private let program: String

  /// - Throws: `InputError` where there is no such program.
  init() throws {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/rsvg-convert") })
    else { throw InputError("--pdf needs rsvg-convert", remedy: "apt install librsvg2-bin") }
    program = "\(folder)/rsvg-convert"
  }

  /// - Parameter names: of drawings, without suffix, inside of the folder.
  func convert(_ names: [String], in folder: String) throws {
    for name in names {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = ["-f", "pdf", "-o", "\(folder)/\(name).pdf", "\(folder)/\(name).svg"]
      try process.run()
      process.waitUntilExit()
      guard process.terminationStatus == 0 else {
        throw InputError("rsvg-convert could not make a PDF of it", file: "\(folder)/\(name).svg")
      }
    }
  }
}
