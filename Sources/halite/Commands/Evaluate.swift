import Foundation
import Potentials
import Reports
import Structures

/// `halite evaluate POTENTIAL --data FILES`: how wrong a potential is.
enum EvaluateCommand: Command {
  static let name = "evaluate"
  static let summary = "errors of a potential on labelled structures, with baselines, tables and plots"
  static let discussion = """
    With --split, --part chooses the part; baselines are then fitted to the training part, else the potential's own
    reference energies are taken. Of a committee the deviation of its members stands beside the errors, frame by frame in
    deviation.csv. Leaves report.html, report.json and predictions.csv in the folder of -o.
    """
  private static let potential = PotentialFiles.positional
  private static let part = Option<EvaluatedPart>(
    "part", placeholder: "test|train|all", default: .test, help: "which part of the split")
  private static let output = Option<String>(
    "output", short: "o", placeholder: "DIR", default: "halite-evaluation", help: "folder for the report")

  private static let split = Option<String?>(
    "split", placeholder: "FILE", help: "split file of halite data split, of which --part is judged")

  static let positionals = [potential]
  static let options: [any OptionDeclaration] =
    [
      TrainOptions.data, split, part, output, threadsOption,
    ] + ReadingOptions.all

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let begin = ContinuousClock.now
    let file = arguments.one(potential)
    let fitted = try PotentialFiles.read(file, console)
    let files = arguments[TrainOptions.data]
    let threads = try arguments.threads()
    let data = try DataFiles.read(files, options: arguments.readOptions, console: console)
    let split = try arguments[Self.split].map(readSplit)
    if arguments.isGiven(part), split == nil, arguments[part] != .all {
      throw usageError("--part needs a split", remedy: "give --split FILE")
    }
    let parts = try split.map { try $0.parts(of: data, threads: threads) }
    let chosen = try choose(arguments[part], parts, data)
    let judged = chosen.filter { $0.0 != .train }.flatMap(\.1.frames)
    warn(of: fitted, judgedBy: judged, console)
    warnOfOpenZero(fitted, Dataset(judged), console)
    let baseline = try Judgement.baseline(for: fitted, training: parts?.training, judged: data)
    let reports = try Judgement.parts(fitted, chosen, baseline: baseline, threads: threads, console: console)
    let deviations = try Judgement.deviations(of: fitted, chosen, threads: threads, console: console)
    console.endProgress()
    var run = RunReport.Run(
      potential: fitted.title, potentialFile: file, command: commandLine(), version: HaliteVersion.current,
      dataHash: data.hash, splitHash: split?.hash)
    run.fittedLabels = Judgement.fittedLabels(of: fitted)
    run.threads = threads
    run.seconds = (ContinuousClock.now - begin) / .seconds(1)
    run.peakBytes = peakMemory()
    let census = try census(of: data, files: files, threads: threads)
    let report = RunReport(
      run, parts: reports, census: RunReport.Fact.all(of: census), notes: deviations.map(\.sentence))
    let folder = arguments[output]
    try makeFolder(folder)
    if !deviations.isEmpty {
      try AtomicFile.write(DeviationReport.csv(deviations).utf8, to: folder + "/deviation.csv")
    }
    try report.write(to: folder)
    if arguments.json { return try console.write(ReportFile(report).json.trimmingCharacters(in: .newlines)) }
    try console.write(report.table.text)
    for deviation in deviations { try console.write(deviation.sentence + "\n") }
    try console.write("\(report.verdict.sentence)\n\n\(folder)/report.html")
    for warning in report.verdict.warnings { console.warn(warning) }
  }

  /// A potential that has learned from the frames it is judged by looks better than it is.
  private static func warn(of potential: FittedPotential, judgedBy frames: [LabeledStructure], _ console: Console) {
    let known = potential.members.count(in: frames)
    guard known > 0 else { return }
    console.warn(
      "\(known) of \(frames.count) frames are among those that the potential was trained on: their errors say little "
        + "about others (--split FILE --part test leaves them out)")
  }

  private static func choose(
    _ part: EvaluatedPart, _ parts: (training: Dataset, test: Dataset)?, _ data: Dataset
  ) throws -> [(DataPart, Dataset)] {
    guard let parts else { return [(.all, data)] }
    let chosen: [(DataPart, Dataset)] =
      switch part {
      case .test: [(.test, parts.test)]
      case .train: [(.train, parts.training)]
      case .all: [(.train, parts.training), (.test, parts.test)]
      }
    guard chosen.contains(where: { !$0.1.isEmpty }) else {
      throw InputError("the \(part.rawValue) part of the split has no frames", remedy: "choose another --part")
    }
    return chosen
  }
}

/// What `--part` takes.
enum EvaluatedPart: String, ArgumentChoice {
  case test, train, all
}

/// Makes a folder for results.
/// - Throws: `InputError` where it cannot be made.
func makeFolder(_ path: String) throws {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw InputError("cannot make the folder", file: path, remedy: "choose another -o")
  }
}

/// Energies of compositions that the reference energies know nothing of have an open zero.
func warnOfOpenZero(_ potential: FittedPotential, _ data: Dataset, _ console: Console) {
  let outside = data.filter { potential.referenceEnergies.isOutside($0.structure, elements: potential.elements) }
  guard let first = outside.first else { return }
  console.warn(
    "\(outside.count) of \(data.count) frames have compositions that the training frames do not reach (the first is "
      + "\(first.name), \(first.structure.formula)): the zero of their energies is open; forces and stresses are not "
      + "concerned")
}
