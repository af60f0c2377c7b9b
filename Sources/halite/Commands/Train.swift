import Foundation
import Potentials
import Reports
import Structures

/// `halite train KIND --data FILES`: one command for each kind of potential, made from the kind itself.
enum TrainCommand<Model: TrainablePotential>: Command {
  static var name: String { "train \(Model.name)" }
  static var summary: String { "train \(Model.name.uppercased()) on labelled structures" }
  static var discussion: String {
    """
    Needs no config: `halite train \(Model.name) --data FILES`. Leaves potential.safetensors (the epoch with the lowest
    validation error), last.safetensors, config.yaml (every setting), log.csv (one row an epoch), report.html,
    report.json and predictions.csv in the folder of -o. Ctrl-C ends at a checkpoint; the same command again goes on
    and ends with the same bits.

    With --start a training goes on from a potential: its shape, scaling, reference energies and zbl stay, and the
    learning rate of adam begins at a tenth. --replay names the data that it was trained on: a share of its training frames
    joins the new ones, and the report says how the errors on its test part changed.

    --committee 4 trains four potentials of different seeds in member-1 to member-4 and joins them in one
    potential.safetensors: energies and forces are means, and evaluate, predict, relax, voltage and screen show the deviation.

    \(TrainingConfiguration<Model>.explanation)
    """
  }
  static var options: [any OptionDeclaration] {
    TrainOptions.all + (foreign.map { [$0] } ?? []) + (isLinear ? [TrainOptions.memory] : [])
      + (isExtended ? [TrainOptions.extend] : []) + (isGraded ? [TrainOptions.noActiveSet] : [])
  }

  /// Potentials that are solved for keep a limit of memory.
  private static var isLinear: Bool { Model.self is any LinearPotential.Type }

  /// Potentials whose linear coefficients can be solved for again with more frames.
  private static var isExtended: Bool { Model.self is any LinearEnergy.Type }
  /// Potentials that take extrapolation grades.
  private static var isGraded: Bool { Model.self is any GradedPotential.Type }

  /// `--from-aenet`, for the kinds that another program's input files can set up.
  private static var foreign: Option<String?>? {
    guard let type = Model.self as? any ForeignSettings.Type else { return nil }
    return Option<String?>(
      "from-" + type.foreignProgram, placeholder: "PATH",
      help: "settings from \(type.foreignProgram)'s input files: \(type.foreignFiles)")
  }

  private static func start(_ arguments: ParsedArguments, _ console: Console) throws -> TrainingStart<Model> {
    guard let foreign, let path = arguments[foreign] else {
      return try TrainingStart(preset: arguments[TrainOptions.preset])
    }
    guard arguments[TrainOptions.preset] == nil else {
      throw usageError("--preset and --\(foreign.name) exclude each other")
    }
    func read<P: ForeignSettings>(_ type: P.Type) throws -> TrainingStart<Model>? {
      let (settings, hyperparameters, notes) = try P.foreignSettings(path)
      for note in notes { console.note(note) }
      guard let own = hyperparameters as? Model.Hyperparameters else { return nil }
      return TrainingStart(settings: settings, hyperparameters: own)
    }
    let type = Model.self as? any ForeignSettings.Type
    return try type.flatMap { try read($0) } ?? TrainingStart(preset: nil)
  }

  /// The settings of an earlier run, with its reference energies and prior as they are in its potential.
  private static func start(extending earlier: LinearExtension) throws -> TrainingStart<Model> {
    guard let model = earlier.potential.model as? Model else { return try TrainingStart(preset: nil) }
    var settings = TrainingSettings()
    settings.zbl = earlier.potential.prior
    settings.referenceEnergies = .given(earlier.potential.referenceEnergies.energies)
    return TrainingStart(settings: settings, hyperparameters: model.hyperparameters)
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let warm = try arguments[TrainOptions.start].map { try WarmStart($0) }
    let earlier =
      isExtended
      ? try arguments[TrainOptions.extend].map { try LinearExtension(folder: $0, kind: Model.name) } : nil
    if earlier != nil, warm != nil || arguments[TrainOptions.preset] != nil {
      throw usageError("--extend has the settings of an earlier fit: --start and --preset do not go with it")
    }
    var configuration = try TrainingConfiguration<Model>(
      start: try earlier.map(start(extending:)) ?? start(arguments, console), file: arguments[TrainOptions.config],
      overrides: arguments[TrainOptions.set], goingOn: warm)
    if let interval = arguments[TrainOptions.checkpoint] { configuration.settings.checkpointInterval = interval }
    if let share = arguments[TrainOptions.replayFraction] { configuration.settings.replayFraction = share }
    try configuration.settings.validate()
    let replay = try replay(arguments, warm, console)
    let data = try DataFiles.read(
      arguments[TrainOptions.data], options: arguments.readOptions, console: console)
    try requireOneKind(
      data, mixedSettings: arguments[TrainOptions.mixed], anyVerdict: arguments[TrainOptions.anyVerdict])
    let split = try arguments[TrainOptions.split].map(readSplit)
    let memory = isLinear ? try arguments[TrainOptions.memory].map(TrainOptions.bytes) : nil
    var call = TrainingCall(
      command: commandLine(), threads: try arguments.threads(), memoryLimit: memory, extends: earlier,
      overwrite: arguments[TrainOptions.overwrite], json: arguments.json)
    if isGraded, !arguments[TrainOptions.noActiveSet] { call.activeRule = ActiveRule() }
    call.savesPredictions = arguments[TrainOptions.savePredictions]
    call.trainingFrames = arguments[TrainOptions.trainFrames]
    if let count = call.trainingFrames, count < 1 {
      throw usageError("option --train-frames: expected 1 or more, found \(count)")
    }
    let job = TrainingJob<Model>(
      configuration: configuration, data: data, files: arguments[TrainOptions.data], split: split,
      output: arguments[TrainOptions.output] ?? Model.name + "-run", call: call, start: warm, replay: replay)
    guard let members = try committeeSize(arguments) else {
      try job.run(console: console)
      return
    }
    guard earlier == nil, replay == nil, !call.savesPredictions else {
      throw usageError("--committee goes with neither --extend nor --replay nor --save-predictions")
    }
    try CommitteeJob(job: job, members: members, bootstraps: arguments[TrainOptions.bootstrap]).run(
      console: console)
  }

  /// nil where there is no committee.
  private static func committeeSize(_ arguments: ParsedArguments) throws -> Int? {
    guard let members = arguments[TrainOptions.committee] else {
      if arguments[TrainOptions.bootstrap] { throw usageError("--bootstrap needs --committee N") }
      return nil
    }
    guard (2...100).contains(members) else {
      throw usageError("option --committee: expected 2 to 100 members, found \(members)")
    }
    return members
  }

  /// The old data and its parts, where --replay names files.
  private static func replay(
    _ arguments: ParsedArguments, _ start: WarmStart?, _ console: Console
  ) throws -> ReplayedData? {
    let files = arguments[TrainOptions.replay]
    guard !files.isEmpty else {
      for option in ["replay-split", "replay-fraction"] where arguments.given.contains(option) {
        throw usageError("--\(option) needs the old data", remedy: "give --replay FILES")
      }
      return nil
    }
    guard let start else {
      throw usageError("--replay needs a potential to start from", remedy: "give --start FILE")
    }
    let data = try DataFiles.read(files, options: arguments.readOptions, console: console)
    let split = try arguments[TrainOptions.replaySplit].map(readSplit)
    let frames =
      try split.map { Replay(parts: try $0.parts(of: data, threads: try arguments.threads())) }
      ?? Replay(data, members: start.potential.members)
    if frames.training.isEmpty, configuredShare(arguments) {
      console.warn(
        "\(start.path) was trained on none of the frames of --replay, so there is nothing to replay: they all serve to "
          + "show what is forgotten (--replay-split names the split that it obeyed)")
    }
    return ReplayedData(frames: frames, files: files, hash: data.hash, splitHash: split?.hash)
  }

  private static func configuredShare(_ arguments: ParsedArguments) -> Bool {
    arguments[TrainOptions.replayFraction] != 0
  }
}

/// The options of every `train` command.
enum TrainOptions {
  static let data = Option<[String]>(
    words: "data", placeholder: "FILES", help: "labelled structures: extxyz (also .gz), XSF, POSCAR")
  static let split = Option<String?>(
    "split", placeholder: "FILE", help: "split file of halite data split; without it all frames are for training")
  static let config = Option<String?>("config", placeholder: "FILE", help: "settings (YAML)")
  static let set = Option<[String]>(
    repeated: "set", placeholder: "KEY=VALUE", help: "one setting, over the file's")
  static let preset = Option<String?>(
    "preset", placeholder: "NAME", help: "settings to begin with: paper is Table S1 as published")
  static let output = Option<String?>(
    "output", short: "o", placeholder: "DIR", help: "folder for the results; KIND-run where it is not given")
  static let start = Option<String?>(
    "start", placeholder: "FILE", help: "potential to go on from; it must know all elements of the data")
  static let replay = Option<[String]>(
    optionalWords: "replay", placeholder: "FILES", help: "data that the potential of --start was trained on")
  static let replaySplit = Option<String?>(
    "replay-split", placeholder: "FILE",
    help: "split that it obeyed; without it the frames that its file names are its training part")
  static let replayFraction = Option<Double?>(
    "replay-fraction", placeholder: "X",
    help: "share of its training frames that joins the new ones, over replay_fraction of the settings")
  static let memory = Option<String?>(
    "memory", placeholder: "SIZE", help: "what the fit may take, as 4G or 500M: kept, or refused before it starts")

  static let extend = Option<String?>(
    "extend", placeholder: "DIR",
    help: "add the frames to the fit of an earlier run, with its settings: the linear coefficients of all frames")

  static let noActiveSet = Option(
    flag: "no-active-set", help: "leave out the active set that halite active grade and select go by")

  /// Bytes of "4G", "500M" or "1.5G".
  static func bytes(_ text: String) throws -> Int {
    let units: [Character: Double] = ["K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
    guard let unit = text.last.flatMap({ units[Character($0.uppercased())] }), let number = Double(text.dropLast()),
      number > 0, number * unit < 1e18
    else { throw usageError("option --memory: expected a size as 4G or 500M, found `\(text)`") }
    return Int(number * unit)
  }

  static let committee = Option<Int?>(
    "committee", placeholder: "N",
    help:
      "N potentials from seeds seed, seed + 1, … used as one, whose disagreement shows how far it can be trusted")
  static let bootstrap = Option(
    flag: "bootstrap", help: "each member of the committee learns from a draw with replacement")
  static let checkpoint = Option<Int?>(
    "checkpoint-every", unit: "epochs", help: "interval of checkpoints, over checkpoint_interval of the settings")
  static let trainFrames = Option<Int?>(
    "train-frames", placeholder: "N",
    help:
      "learn from N frames of the training part only, drawn by the split's seed: a smaller N is a part of a larger one"
  )
  static let savePredictions = Option(
    flag: "save-predictions",
    help: "also leave energies, forces and virials of every frame: predictions.safetensors")
  static let overwrite = Option(flag: "overwrite", help: "replace a finished run in DIR")
  static let mixed = Option(
    flag: "mixed-settings", help: "train on frames of different DFT settings (functional, U, ENCUT, POTCARs, …)")
  static let anyVerdict = Option(
    flag: "any-verdict", help: "train on frames whose verdict is not ok, too")
  static let all: [any OptionDeclaration] =
    [
      data, split, trainFrames, config, set, preset, committee, bootstrap, start, replay, replaySplit,
      replayFraction,
      output, checkpoint, savePredictions, overwrite, mixed, anyVerdict, threadsOption,
    ] + ReadingOptions.all
}

/// Energies of different settings, and labels of calculations that failed, do not belong into one training.
/// - Throws: `InputError` naming what differs.
func requireOneKind(_ data: Dataset, mixedSettings: Bool, anyVerdict: Bool) throws {
  let survey = SettingsSurvey(of: data)
  if !mixedSettings, !survey.mixtures.isEmpty {
    throw InputError(
      "the frames are of different settings: \(survey.mixtureText)",
      remedy: "select one kind (halite data select --where KEY=VALUE), or --mixed-settings")
  }
  let failed = Set(data.compactMap(\.verdict)).subtracting([.ok]).sorted()
  guard !anyVerdict, !failed.isEmpty else { return }
  let counts = failed.map { verdict in "\(verdict.rawValue) \(data.count { $0.verdict == verdict })" }
  throw InputError(
    "frames are not ok: \(counts.joined(separator: ", ")) of \(data.count)",
    remedy: "halite data select --verdict ok, or --any-verdict")
}

/// The train command of each kind in `potentialKinds`.
func trainCommands() -> [any Command.Type] {
  func command<Model: TrainablePotential>(_ type: Model.Type) -> any Command.Type { TrainCommand<Model>.self }
  return potentialKinds.map { command($0) }
}

/// The command line as typed, for reports.
func commandLine() -> String {
  let words = ["halite"] + CommandLine.arguments.dropFirst()
  return words.map { $0.contains { " '\"$*?;&|<>()".contains($0) } ? "'\($0)'" : $0 }.joined(separator: " ")
}
