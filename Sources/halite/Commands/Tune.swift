import Foundation
import Potentials
import Reports
import Settings
import Structures

/// `halite tune KIND --data FILES`: settings that are better than the defaults, found without the test part.
enum TuneCommand: Command {
  static let name = "tune"
  static let summary = "search settings of a potential on a validation part cut from the training part"
  static let discussion = """
    halite tune snap --data drx.extxyz --split split.json -o snap-tune
    halite train snap --data drx.extxyz --split split.json --config snap-tune/best.yaml

    Of the training part nine tenths are learned from and one tenth judges; the frames of the test part are given to no
    trial. Methods: halving, where random choices begin with few frames and the best third goes on with three times as
    many; random; grid, all combinations. The score is the mean over what is fitted of error/baseline (composition only,
    zero force, zero stress): below 1 is better than knowing nothing. The same command goes on after a Ctrl-C or a kill.

    --space FILE (YAML) names what to choose from, values or ranges:
      twojmax: [4, 6, 8]
      energy_weight: {from: 10, to: 1000, log: true}
    --sizes trains the best settings on so many frames each and says what more frames would buy. Leaves best.yaml,
    trials.csv, tune.json and a folder for each run.
    """
  static let positionals = [Positional("KIND", help: "kind of potential: aenet, snap, …")]

  private static let split = Option<String?>(
    "split", placeholder: "FILE", help: "split file of halite data split; its test part is left alone")
  private static let space = Option<String?>("space", placeholder: "FILE", help: "what to choose from (YAML)")
  private static let method = Option<TuneSearch.Method>(
    "method", placeholder: "halving|random|grid", default: .halving, help: "how to search")
  private static let trials = Option<Int>("trials", default: 18, help: "choices to try; of a grid, at most")
  private static let objective = Option<TuneSearch.Objective>(
    "objective", placeholder: "all|energy|forces|stress", default: .all, help: "what is to be small")
  private static let seed = Option<UInt64>("seed", default: 1, help: "seed of choices, parts and parameters")
  private static let sizes = Option<[Int]>(list: "sizes", help: "training frames for a learning curve of the best")
  private static let jobs = Option<Int?>(
    "jobs", placeholder: "N", help: "trials at once; one a core where not given")
  private static let output = Option<String?>(
    "output", short: "o", placeholder: "DIR", help: "folder for the results; KIND-tune where it is not given")
  private static let overwrite = Option(flag: "overwrite", help: "replace another search in DIR")

  static let options: [any OptionDeclaration] =
    [
      TrainOptions.data, split, space, method, trials, objective, TrainOptions.preset, TrainOptions.set, seed,
      sizes,
      output, jobs, threadsOption, overwrite, TrainOptions.mixed, TrainOptions.anyVerdict,
    ] + ReadingOptions.all

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let kind = try knownKind(arguments.one(positionals[0]))
    guard arguments[trials] >= 1 else {
      throw usageError("option --trials: expected 1 or more, found \(arguments[trials])")
    }
    let space =
      try arguments[space].map { try TuneSpace(readYAML($0), file: $0) } ?? TuneSpace.standard(kind)
    let base = try arguments[TrainOptions.set].map { try SettingsValue(override: $0) }
      .reduce(nil as SettingsValue?) { $0?.overlaid(with: $1) ?? $1 }
    let points =
      arguments[method] == .grid
      ? try space.grid(limit: arguments[trials]) : space.random(arguments[trials], seed: arguments[seed])
    let choices = TuneChoices(
      kind: kind, preset: arguments[TrainOptions.preset], base: base,
      file: arguments[self.space] ?? "the standard space of \(kind)")
    // A misspelled key shows before the first trial.
    for (place, point) in points.enumerated() {
      _ = try choices.kind(of: TuneTrial(number: place + 1, settings: point), seed: arguments[seed])
    }
    let search = try search(choices, arguments, console)
    let ranked = try search.run(points)
    guard let best = ranked.first, best.score != nil else {
      throw InputError(
        "no trial gave a score: \(ranked.first?.failure ?? "the validation part has no labels")",
        remedy: "see runs/NAME/output.txt in \(search.queue.place.folder)")
    }
    let curve = try curve(of: best, arguments[sizes], search)
    try finish(ranked, curve, space, search, arguments, console)
  }

  private static func knownKind(_ kind: String) throws -> String {
    let known = potentialKinds.map { $0.name }
    guard !known.contains(kind) else { return kind }
    let near = nearestName(to: kind, among: known).map { "did you mean `\($0)`?" }
    throw usageError(
      "there is no potential of kind `\(kind)`", remedy: near ?? "known are " + known.joined(separator: ", "))
  }

  /// The folder of the search with the frames that it may look at.
  private static func search(
    _ choices: TuneChoices, _ arguments: ParsedArguments, _ console: Console
  ) throws -> TuneSearch {
    let (threads, jobs) = try StudyPlan.share(
      threads: arguments[threadsOption] == nil ? nil : try arguments.threads(), jobs: arguments[jobs], file: nil)
    let data = try DataFiles.read(arguments[TrainOptions.data], options: arguments.readOptions, console: console)
    var reading = StudyReading()
    reading.mixedSettings = arguments[TrainOptions.mixed]
    reading.anyVerdict = arguments[TrainOptions.anyVerdict]
    try requireOneKind(data, mixedSettings: reading.mixedSettings, anyVerdict: reading.anyVerdict)
    let outer = try arguments[split].map(readSplit)
    let training = try outer?.parts(of: data, threads: threads * jobs).training ?? data
    let inner = try DataSplit(
      training, trainingFraction: 0.9, seed: arguments[seed] ^ 0x7123, by: outer?.rule ?? .frame,
      threads: threads * jobs)
    let folder = arguments[output] ?? choices.kind + "-tune"
    try makeFolder(folder + "/runs")
    let place = StudyQueue.Place(
      folder: folder, files: [folder + "/training.extxyz"], splitFile: folder + "/split.json", threads: threads,
      jobs: jobs, checkpointInterval: 20, reading: reading)
    let isThere = FileManager.default.fileExists(atPath: place.splitFile)
    if isThere, (try? readSplit(place.splitFile))?.hash != inner.hash {
      guard arguments[overwrite] else {
        throw InputError(
          "holds a search on other data", file: folder, remedy: "choose another -o, or replace it with --overwrite")
      }
      try FileManager.default.removeItem(atPath: folder + "/runs")
      try makeFolder(folder + "/runs")
    }
    try DataFiles.write(training, to: place.files[0], console: console)
    try writeSplit(inner, to: place.splitFile)
    return TuneSearch(
      choices: choices, method: arguments[method],
      objective: arguments[objective], seed: arguments[seed], queue: StudyQueue(place: place, console: console),
      split: inner, training: try inner.parts(of: training).training,
      overwrites: arguments[overwrite], console: console)
  }

  /// Errors of the best settings at several sizes.
  struct Curve: Encodable {
    struct Point: Encodable {
      var training_frames: Int
      var energy_rmse: Double?
      var force_rmse: Double?
    }

    var points: [Point]
    var energy: PowerLaw?
    var forces: PowerLaw?
    var energy_purchase: PowerLaw.Purchase?
    var force_purchase: PowerLaw.Purchase?
  }

  private static func curve(of best: TuneTrial, _ sizes: [Int], _ search: TuneSearch) throws -> Curve? {
    guard !sizes.isEmpty else { return nil }
    let whole = search.training.distinctCount
    guard sizes.allSatisfy({ (2...whole).contains($0) }) else {
      throw usageError("option --sizes: expected numbers from 2 to \(whole), the frames to learn from")
    }
    let runs = try Set(sizes + [whole]).sorted().map { size in
      try search.plan(
        best, frames: size < whole ? size : nil, search.training.nestedSubset(size, seed: search.split.seed))
    }
    try search.queue.clear(runs, overwrite: search.overwrites)
    search.console.say("learning curve: \(runs.map { String($0.count) }.joined(separator: ", ")) frames")
    if let (name, message) = try search.queue.run(runs).min(by: { $0.key < $1.key }) {
      throw InputError("\(name) failed: \(message)")
    }
    let points = try runs.map { run in
      let report = try readJSON(ReportFile.self, path: search.queue.folder(run).report)
      return Curve.Point(
        training_frames: run.count, energy_rmse: report.test?.energy?.rmse, force_rmse: report.test?.forces?.rmse)
    }
    func law(_ value: (Curve.Point) -> Double?) -> PowerLaw? {
      PowerLaw(points.compactMap { point in value(point).map { SIMD2(Double(point.training_frames), $0) } })
    }
    let (energy, forces) = (law(\.energy_rmse), law(\.force_rmse))
    return Curve(
      points: points, energy: energy, forces: forces, energy_purchase: energy?.purchase(of: 1, at: whole),
      force_purchase: forces?.purchase(of: 0.01, at: whole))
  }

  private struct Result: Encodable {
    struct Trial: Encodable {
      var trial: Int
      var training_frames: Int
      var score: Double?
      var energy_rmse: Double?
      var force_rmse: Double?
      var stress_rmse: Double?
      var seconds: Double
      var settings: SettingsValue
      var failure: String?
    }

    var kind: String
    var method: String
    var objective: String
    var validation_frames: Int
    var trials: [Trial]
    var best: String
    var learning_curve: Curve?
  }

  private static func finish(
    _ ranked: [TuneTrial], _ curve: Curve?, _ space: TuneSpace, _ search: TuneSearch, _ arguments: ParsedArguments,
    _ console: Console
  ) throws {
    let folder = search.queue.place.folder
    let result = Result(
      kind: search.choices.kind, method: search.method.rawValue, objective: search.objective.rawValue,
      validation_frames: search.split.test.count,
      trials: ranked.map { trial in
        Result.Trial(
          trial: trial.number, training_frames: trial.frames, score: trial.score,
          energy_rmse: trial.errors?.energy?.rmse, force_rmse: trial.errors?.forces?.rmse,
          stress_rmse: trial.errors?.stress?.rmse, seconds: trial.seconds, settings: trial.settings,
          failure: trial.failure)
      }, best: folder + "/best.yaml", learning_curve: curve)
    let head =
      "# halite tune \(search.choices.kind), Halite \(HaliteVersion.current): trial \(ranked[0].number), score "
      + String(format: "%.4g", ranked[0].score ?? 0) + "\n"
    let best = try search.plan(ranked[0], frames: nil, search.training).configuration
    let keys = space.keys.map(\.key)
    var table =
      "trial,training_frames,score,energy_rmse_meV_per_atom,force_rmse_eV_per_A,stress_rmse_GPa,seconds,"
      + keys.joined(separator: ",") + "\n"
    for trial in result.trials {
      let numbers = [trial.score, trial.energy_rmse, trial.force_rmse, trial.stress_rmse].map {
        $0.map { "\($0)" } ?? ""
      }
      let values = keys.map { key in "\"" + value(trial.settings[key]).replacing("\"", with: "\"\"") + "\"" }
      table +=
        ([String(trial.trial), String(trial.training_frames)] + numbers + ["\(trial.seconds)"] + values)
        .joined(separator: ",") + "\n"
    }
    try AtomicFile.write([
      (folder + "/best.yaml", Array((head + best).utf8)), (folder + "/trials.csv", Array(table.utf8)),
      (folder + "/tune.json", Array(try jsonText(result).utf8)),
    ])
    try console.result(result, text: text(result, keys), json: arguments.json)
  }

  private static func value(_ value: SettingsValue?) -> String {
    value.map { writeYAML($0).trimmingCharacters(in: .newlines) } ?? ""
  }

  private static func text(_ result: Result, _ keys: [String]) -> String {
    func number(_ value: Double?) -> String { value.map { String(format: "%.3g", $0) } ?? "–" }
    var rows = [["trial", "frames", "score", "meV/atom", "eV/Å", "GPa", "s"] + keys]
    for trial in result.trials.prefix(8) {
      rows.append(
        [
          String(trial.trial), String(trial.training_frames), number(trial.score), number(trial.energy_rmse),
          number(trial.force_rmse), number(trial.stress_rmse), number(trial.seconds),
        ] + keys.map { value(trial.settings[$0]) })
    }
    var text =
      alignedColumns(rows)
      + "\n\nErrors on the \(counted(result.validation_frames, "validation frame")), cut from the "
      + "training part; the test part was not looked at.\n"
    if let curve = result.learning_curve {
      text +=
        buying(curve.energy, curve.energy_purchase, "energy", "meV/atom")
        + buying(curve.forces, curve.force_purchase, "forces", "eV/Å")
    }
    return text + result.best
  }

  /// "energy: falls as n^-0.42; from 12.3 to 11.3 meV/atom takes 310 more frames (150 to 900)".
  private static func buying(_ law: PowerLaw?, _ purchase: PowerLaw.Purchase?, _ name: String, _ unit: String)
    -> String
  {
    guard let law else { return "" }
    guard let purchase else {
      return "\(name): more frames do not help (exponent \(String(format: "%.2f", law.exponent)))\n"
    }
    func count(_ value: Double?) -> String { value.map { String(format: "%.0f", $0) } ?? "never" }
    let range = law.points < 4 ? "" : " (\(count(purchase.fewest)) to \(count(purchase.most)))"
    return String(
      format: "%@: falls as n^-%.2f; from %.3g to %.3g %@ takes ", name, law.exponent, purchase.error,
      purchase.target, unit)
      + "\(count(purchase.more)) more frames\(range)\n"
  }
}
