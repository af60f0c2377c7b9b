import Foundation
import Potentials
import Reports
import Settings
import Structures
import Synchronization

/// How a training was asked for.
struct TrainingCall {
  /// As typed.
  var command: String
  var threads: Int
  /// Bytes that a linear fit may take.
  var memoryLimit: Int?
  /// An earlier linear fit that the frames are added to.
  var extends: LinearExtension?
  /// Frames of the training part to learn from, isolated atoms apart; nil: all of them.
  var trainingFrames: Int?
  /// Leave `predictions.safetensors`, too.
  var savesPredictions = false
  /// Learn from a draw with replacement by this seed, as a member of a committee; nil from every frame.
  var bootstrapSeed: UInt64?
  /// A member of a committee: its tables are left to its report.
  var isQuiet = false
  /// Rows of the active set that the potential gets; nil leaves it out.
  var activeRule: ActiveRule?
  var overwrite: Bool
  var json: Bool
  /// What a reader of the report must know: "labels are GFN1-xTB, not DFT".
  var notes: [String] = []
}

/// Old data beside the new: what of it joins the training, and what shows how much is forgotten.
struct ReplayedData {
  var frames: Replay
  var files: [String]
  var hash: String
  var splitHash: String?
}

/// A training from data to report.
struct TrainingJob<Model: TrainablePotential> {
  var configuration: TrainingConfiguration<Model>
  let data: Dataset
  let files: [String]
  let split: DataSplit?
  var output: String
  var call: TrainingCall
  var start: WarmStart?
  var replay: ReplayedData?

  /// - Returns: the path of the report.
  @discardableResult
  func run(console: Console) throws -> String {
    var parts = try self.parts()
    var job = self
    if let count = call.trainingFrames {
      job.call.notes.append("trained on \(counted(count, "frame")) of the training part")
    }
    if let replay {
      let settings = configuration.settings
      let joined = replay.frames.chosen(
        fraction: settings.replayFraction, seed: settings.seed, without: Set(data.map(\.id)))
      parts.training.frames += joined.frames
      let note =
        "replayed: \(joined.count) of \(replay.frames.training.count) old training frames beside "
        + "\(parts.training.count - joined.count) new ones"
      console.note(note)
      job.call.notes.append(note + ", old data hash \(replay.hash)")
    }
    if let seed = call.bootstrapSeed { parts.training = parts.training.bootstrapped(seed: seed) }
    job.configuration.hyperparameters = Model.resolved(configuration.hyperparameters, for: parts.training)
    return try job.run(parts, console)
  }

  /// Training and test part of the split; without one everything is for training. Of the training part so many frames
  /// as are asked for.
  func parts() throws -> (training: Dataset, test: Dataset) {
    var parts =
      try split.map { try $0.parts(of: data, threads: call.threads) } ?? (training: data, test: Dataset([]))
    guard let count = call.trainingFrames else { return parts }
    let whole = parts.training.distinctCount
    guard count <= whole else {
      throw InputError("the training part has \(counted(whole, "frame")), --train-frames asks for \(count)")
    }
    parts.training = parts.training.nestedSubset(count, seed: split?.seed ?? 1)
    return parts
  }

  /// True where the folder holds a finished run of this very data and these settings.
  func isFinished() throws -> Bool {
    let files = FileManager.default
    guard replay == nil, files.fileExists(atPath: output + "/report.html"),
      !files.fileExists(atPath: output + "/checkpoint"), let bytes = try? AtomicFile.read(output + "/config.yaml")
    else { return false }
    var job = self
    var training = try self.parts().training
    if let seed = call.bootstrapSeed { training = training.bootstrapped(seed: seed) }
    job.configuration.hyperparameters = Model.resolved(configuration.hyperparameters, for: training)
    return bytes == Array(try job.configurationText().utf8)
  }

  private func run(_ parts: (training: Dataset, test: Dataset), _ console: Console) throws -> String {
    let begin = ContinuousClock.now
    try start?.requireElements(of: data)
    try requireSense(of: parts)
    let census = try census(of: data, files: files, threads: call.threads)
    if !call.json, !call.isQuiet { console.say(census.text) }
    try requireDistances(census)
    let session = try TrainingSession<Model>(
      part: parts.training, settings: settings, hyperparameters: configuration.hyperparameters, start: start,
      threads: call.threads)
    for note in session.notes { console.note(note) }
    let folder = try RunFolder(output, overwrite: call.overwrite)
    announce(session, console)
    let readSeconds = (ContinuousClock.now - begin) / .seconds(1)
    let trained: Trained<FittedPotential>
    do {
      trained = try train(session, folder, console)
    } catch {
      folder.abandon()
      throw error
    }
    let trainSeconds = (ContinuousClock.now - begin) / .seconds(1) - readSeconds
    try PotentialFile.write([(trained.best, folder.potential), (trained.last, folder.lastPotential)])
    var report = try judge(trained, session, of: parts, census: census, console)
    let total = (ContinuousClock.now - begin) / .seconds(1)
    report.run.seconds = total
    report.run.peakBytes = peakMemory()
    report.stages = [
      .init("reading and census", seconds: readSeconds), .init("training", seconds: trainSeconds),
      .init("predictions", seconds: total - readSeconds - trainSeconds),
    ]
    try report.write(to: folder.path)
    folder.finish()
    try finish(report, folder, console)
    return folder.path + "/report.html"
  }

  /// What would only show after hours of training is said before them.
  private func requireSense(of parts: (training: Dataset, test: Dataset)) throws {
    let elements = start?.potential.elements ?? parts.training.elements
    let model = try Model(elements: elements, hyperparameters: configuration.hyperparameters, seed: 0)
    if let zbl = settings.zbl, zbl.outer > model.cutoff {
      throw InputError(
        "zbl reaches to \(zbl.outer) Å, beyond the potential's cutoff of \(model.cutoff) Å",
        remedy: "choose outer of zbl at most as large as the cutoff")
    }
    let unknown = parts.test.elements.filter { !elements.contains($0) }
    guard unknown.isEmpty else {
      throw InputError(
        "no frame of the training part has " + unknown.map(\.symbol).joined(separator: ", ")
          + ", which frames of the test part have",
        remedy: "split again, or take those frames out")
    }
  }

  private func requireDistances(_ census: Census) throws {
    guard let pair = census.shortestDistances.min(by: { $0.distance < $1.distance }),
      pair.distance < NeighborSearch.closestPair
    else { return }
    throw InputError(
      "two atoms (\(pair.pair)) are \((1000 * pair.distance).rounded() / 1000) Å apart, closer than "
        + "\(NeighborSearch.closestPair) Å",
      file: pair.frame, remedy: "check the cell and the positions (halite data check)")
  }

  private var settings: TrainingSettings { configuration.settings }

  private func configurationText() throws -> String {
    let head = """
      # halite train \(Model.name), Halite \(HaliteVersion.current)
      # data \(files.joined(separator: " "))
      # data hash \(data.hash)\(split.map { "\n# split hash \($0.hash)" } ?? "")

      """
      + (call.bootstrapSeed.map { "# bootstrap seed \($0)\n" } ?? "")
      + (start.map { "# start \($0.path), hash \($0.hash)\n" } ?? "")
      + (call.trainingFrames.map { "# training frames \($0)\n" } ?? "")
      + (replay.map { "# replay \($0.files.joined(separator: " ")), hash \($0.hash)\n" } ?? "")
    return head + (try configuration.text())
  }

  private func announce(_ session: TrainingSession<Model>, _ console: Console) {
    let forecast = Model.forecast(
      session.data, hyperparameters: configuration.hyperparameters, threads: call.threads)
    console.say(
      "\(Model.name): \(forecast.parameters) parameters, \(session.training.count) frames to learn from, "
        + "\(session.validation.count) to judge epochs by; at most \(durationText(max(1, forecast.seconds))) on "
        + "\(call.threads) threads, \(memoryText(forecast.bytes))")
    if forecast.bytes > Int(ProcessInfo.processInfo.physicalMemory) {
      console.warn("that is more than this machine's memory")
    }
  }

  private func train(
    _ session: TrainingSession<Model>, _ folder: RunFolder, _ console: Console
  ) throws -> Trained<FittedPotential> {
    Interruption.install()
    let log = TrainingLog(folder, configuration: try configurationText())
    var run = TrainingRun(
      threads: call.threads, checkpointFolder: folder.checkpoint,
      fingerprint: session.fingerprint(settingsText: try configuration.text()))
    run.memoryLimit = call.memoryLimit
    run.extends = call.extends
    run.activeRule = call.activeRule
    if let seed = call.bootstrapSeed { run.fingerprint += "\nbootstrap \(seed)" }
    if let earlier = call.extends { run.fingerprint += "\nextends \(earlier.potential.card.dataHash ?? "")" }
    run.factorFile = folder.factor
    run.shouldStop = { Interruption.requested || log.failure != nil }
    run.resumed = { rows in
      console.say(rows.isEmpty ? "going on from the checkpoint" : "resuming from epoch \(rows.last?.epoch ?? 0)")
      log.restart(rows)
    }
    let curve = ProgressCurve(console)
    run.progress = { row in
      log.append(row)
      curve.show(row)
    }
    run.advanced = { done, total in console.progress("block of rows", done, of: total) }
    let search = StartSearchProgress(console)
    run.searched = { done, total in search.show(done, of: total) }
    var trained = try session.train(run)
    console.endProgress()
    for note in trained.notes { console.note(note) }
    log.finish(trained.log)
    if let failure = log.failure { throw failure }
    trained.best.card.splitHash = split?.hash
    trained.last.card.splitHash = split?.hash
    if trained.stopReason == .user {
      try PotentialFile.write([(trained.best, folder.potential), (trained.last, folder.lastPotential)])
      throw InputError(
        "stopped at epoch \(trained.log.last?.epoch ?? 0); \(folder.potential) is the best so far",
        remedy: "the same command again goes on")
    }
    return trained
  }

  private func judge(
    _ trained: Trained<FittedPotential>, _ session: TrainingSession<Model>,
    of data: (training: Dataset, test: Dataset), census: Census, _ console: Console
  ) throws -> RunReport {
    let parts: [(DataPart, Dataset)] = [
      (.train, session.training), (.validation, session.validation), (.test, data.test),
    ]
    var predictions = PredictionFile(parts: [])
    let reports = try Judgement.parts(
      trained.best, parts,
      baseline: try Judgement.baseline(for: trained.best, training: data.training, judged: data.training),
      threads: call.threads, console: console, keep: { if call.savesPredictions { predictions.parts.append($0) } })
    if call.savesPredictions { try predictions.write(to: output + "/predictions.safetensors") }
    var run = RunReport.Run(
      potential: Model.name, potentialFile: "potential.safetensors", command: call.command,
      version: HaliteVersion.current, dataHash: self.data.hash, splitHash: split?.hash)
    run.fittedLabels = Judgement.fittedLabels(of: trained.best)
    run.threads = call.threads
    // What is solved for has no course to show.
    let training: RunReport.Training? =
      trained.stopReason == .solved
      ? nil : RunReport.Training(log: trained.log, bestEpoch: trained.bestEpoch, stopReason: trained.stopReason)
    var report = RunReport(
      run, parts: reports, training: training, census: RunReport.Fact.all(of: census),
      settings: try configuration.text(), notes: call.notes + session.notes + trained.notes)
    report.change = try start.map { try change(from: $0, to: trained.best, session, test: data.test, console) }
    return report
  }

  /// Old and new potential on frames that neither learned from.
  private func change(
    from start: WarmStart, to potential: FittedPotential, _ session: TrainingSession<Model>, test: Dataset,
    _ console: Console
  ) throws -> ChangeReport {
    let learned = Set((session.training.frames + session.validation.frames).map(\.id))
    func errors(_ potential: FittedPotential, _ frames: Dataset) throws -> ErrorReport? {
      try Judgement.parts(potential, [(.test, frames)], baseline: nil, threads: call.threads, console: console)
        .first?.errors
    }
    func part(_ frames: Dataset) throws -> ChangeReport.Part? {
      let unseen = Dataset(frames.filter { !learned.contains($0.id) })
      guard let before = try errors(start.potential, unseen), let after = try errors(potential, unseen) else {
        return nil
      }
      return ChangeReport.Part(before: before, after: after)
    }
    return ChangeReport(oldTest: try replay.flatMap { try part($0.frames.test) }, newTest: try part(test))
  }

  private func finish(_ report: RunReport, _ folder: RunFolder, _ console: Console) throws {
    console.endProgress()
    if call.isQuiet { return }
    if call.json { return try console.write(ReportFile(report).json.trimmingCharacters(in: .newlines)) }
    let reason = report.training.map {
      "ended (\($0.stopReason?.text ?? "")) after epoch \($0.log.last?.epoch ?? 0), best epoch \($0.bestEpoch ?? 0)"
    }
    try console.write((reason ?? "") + "\n\n" + report.table.text)
    if let change = report.change, !change.isEmpty { try console.write(change.text) }
    try console.write("\(report.verdict.sentence)\n\n\(folder.potential)\n\(folder.path)/report.html")
    for warning in report.verdict.warnings { console.warn(warning) }
  }
}

/// The live learning curve: a progress line on a terminal, a line now and then in a file.
final class ProgressCurve: Sendable {
  private struct State {
    var errors: [Double] = []
    var lastLine = -Double.infinity
  }

  /// Seconds between lines where standard error is no terminal.
  private static let interval = 30.0
  private let console: Console
  private let state = Mutex(State())

  init(_ console: Console) { self.console = console }

  func show(_ row: EpochRecord) {
    let (history, isDue) = state.withLock { state in
      state.errors.append(row.validationEnergyRMSE ?? row.trainingEnergyRMSE ?? 0)
      let isDue = row.seconds - state.lastLine >= Self.interval
      if isDue { state.lastLine = row.seconds }
      return (state.errors, isDue)
    }
    let parts = [
      ("train", row.trainingEnergyRMSE, row.trainingForceRMSE),
      ("validation", row.validationEnergyRMSE, row.validationForceRMSE),
    ]
    let text = parts.compactMap { name, energy, force -> String? in
      let values = [energy.map { "\(Self.number(1000 * $0)) meV/atom" }, force.map { "\(Self.number($0)) eV/Å" }]
        .compactMap { $0 }
      return values.isEmpty ? nil : name + " " + values.joined(separator: ", ")
    }.joined(separator: "; ")
    if console.isTerminal {
      console.progress("epoch", row.epoch, of: row.of, detail: text + " " + LiveCurve.sparkline(history))
    } else if isDue {
      console.say("epoch \(row.epoch) of \(row.of): \(text)")
    }
  }

  /// Three digits that count.
  private static func number(_ value: Double) -> String { String(format: "%.3g", value) }
}
