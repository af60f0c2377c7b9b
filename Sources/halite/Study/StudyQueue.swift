import Campaigns
import Foundation
import Reports
import Settings
import Structures
import Synchronization

/// Does the runs of a study, several at once, each as a process of its own.
///
/// The state is on the disk alone: a run is done when its report is there. A killed study takes its trainings with it;
/// the next call skips what is done and lets the others go on from their checkpoints. A run's folder is locked from
/// before it is started until its process has ended, so that two calls at once share the work.
struct StudyQueue: Sendable {
  /// What all runs have in common.
  struct Place: Sendable {
    /// Of the study; each run has a folder in its folder `runs`.
    var folder: String
    /// Of data, as the trainings are given them.
    var files: [String]
    var splitFile: String
    /// Of each run.
    var threads: Int
    /// Runs at once.
    var jobs: Int
    var checkpointInterval: Int
    var reading = StudyReading()
  }

  let place: Place
  let console: Console

  func folder(_ run: PlannedRun) -> StudyRunFolder { StudyRunFolder(path: place.folder + "/runs/" + run.name) }

  /// Refuses folders that hold runs with other settings, or takes them away.
  /// - Throws: `InputError` naming the first.
  func clear(_ runs: [PlannedRun], overwrite: Bool) throws {
    let others = runs.filter { folder($0).isOther($0.fingerprint) }
    guard let first = others.first else { return }
    guard overwrite else {
      throw InputError(
        "\(counted(others.count, "run")) of other settings, data or split \(others.count == 1 ? "is" : "are") there "
          + "already", file: folder(first).path, remedy: "choose another -o, or do them again with --overwrite")
    }
    for run in others { try? FileManager.default.removeItem(atPath: folder(run).path) }
  }

  private struct Progress {
    var done = 0
    /// Forecast and true seconds of what was done by this call.
    var forecast = 0.0
    var seconds = 0.0
    var failures: [String: String] = [:]
    var running: [String] = []
  }

  /// - Parameter runs: some or all of the plan's.
  /// - Returns: why runs failed, by name.
  /// - Throws: `InputError` where the user stops it: what is done stays.
  func run(_ runs: [PlannedRun]) throws -> [String: String] {
    let left = runs.filter { !folder($0).isDone($0.fingerprint) }
    let skipped = runs.count - left.count
    if skipped > 0 { console.say("\(counted(skipped, "run")) of \(runs.count) done already") }
    guard !left.isEmpty else { return [:] }
    Interruption.install()
    // The longest first, so that none is left alone at the end.
    let order = left.enumerated().sorted {
      ($1.element.forecast.seconds, $0.offset) < ($0.element.forecast.seconds, $1.offset)
    }.map(\.element)
    let progress = Mutex(Progress())
    let jobs = min(place.jobs, order.count)
    try parallelLoop(chunks: order.count, threads: jobs, scratch: { () }) { chunk, _ in
      guard !Interruption.requested else { return }
      let run = order[chunk]
      progress.withLock { $0.running.append(run.name) }
      let begin = ContinuousClock.now
      let failure: String?
      do {
        failure = try perform(run)
      } catch {
        failure = "\(error)"
      }
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      progress.withLock { state in
        state.running.removeAll { $0 == run.name }
        state.done += 1
        state.forecast += run.forecast.seconds
        state.seconds += seconds
        if let failure, !Interruption.requested { state.failures[run.name] = failure }
      }
      guard !Interruption.requested else { return }
      say(run, failure, seconds: seconds, of: order, progress.withLock { $0 })
    }
    console.endProgress()
    if Interruption.requested {
      throw InputError("stopped by the user", remedy: "the same command goes on, each run from its checkpoint")
    }
    return progress.withLock { $0.failures }
  }

  /// - Returns: why it failed; nil where the run is done.
  private func perform(_ run: PlannedRun) throws -> String? {
    let folder = folder(run)
    try makeFolder(folder.path)
    var waiting: FileLock?
    // Another call's run, or what a killed study has not let go of yet.
    while waiting == nil {
      waiting = try FileLock(folder.lock, waiting: false)
      if waiting == nil {
        if Interruption.requested { return nil }
        usleep(100_000)
      }
    }
    guard let lock = waiting, !folder.isDone(run.fingerprint) else { return nil }
    var state = folder.read() ?? StudyRunFolder.State(fingerprint: run.fingerprint)
    state.starts += 1
    state.failure = nil
    try folder.write(state)
    try AtomicFile.write(Array(run.configuration.utf8), to: folder.settings)
    let process = try StudyProcess(arguments(run, folder), lock: lock.descriptor, output: folder.output)
    let end = process.wait(isStopped: { Interruption.requested })
    withExtendedLifetime(lock) {}
    state.processor_seconds += end.processorSeconds
    if !(end.status == 0 && folder.isTrained) { state.failure = folder.message(end.status) }
    if Interruption.requested { state.failure = nil }
    try folder.write(state)
    return state.failure
  }

  private func arguments(_ run: PlannedRun, _ folder: StudyRunFolder) -> [String] {
    ["train", run.key.kind, "--data"] + place.files + ["--split", place.splitFile]
      + (run.trainingFrames.map { ["--train-frames", String($0)] } ?? [])
      + ["--config", folder.settings, "-o", folder.path, "--threads", String(place.threads)]
      + ["--checkpoint-every", String(place.checkpointInterval), "--save-predictions"]
      + place.reading.arguments
  }

  /// "[3/16] snap-400-s1: 4.2 s, 210 MB; test 12.3 meV/atom, 0.35 eV/Å; about 3 min left".
  private func say(
    _ run: PlannedRun, _ failure: String?, seconds: Double, of order: [PlannedRun], _ progress: Progress
  ) {
    var parts = ["[\(progress.done)/\(order.count)] \(run.name): "]
    if let failure {
      parts.append("failed: \(failure)")
    } else if let report = try? readJSON(ReportFile.self, path: folder(run).report) {
      parts.append("\(durationText(seconds)), \(memoryText(report.peakBytes))")
      let errors = report.test ?? report.train
      let values = [
        errors?.energy.map { String(format: "%.3g meV/atom", $0.rmse) },
        errors?.forces.map { String(format: "%.3g eV/Å", $0.rmse) },
      ].compactMap { $0 }
      if !values.isEmpty {
        parts.append("; \(report.test == nil ? "train" : "test") " + values.joined(separator: ", "))
      }
    }
    if progress.done < order.count {
      let rest = max(0, order.reduce(0) { $0 + $1.forecast.seconds } - progress.forecast)
      // What forecasts were off by so far.
      let scale = progress.forecast > 0 ? progress.seconds / progress.forecast : 1
      let even = progress.seconds / Double(progress.done) * Double(order.count - progress.done)
      let left = progress.forecast > 0 ? scale * rest : even
      parts.append("; about \(durationText(max(1, left / Double(min(place.jobs, order.count))))) left")
    }
    console.say(parts.joined())
    console.progress(
      "runs", progress.done, of: order.count, detail: progress.running.joined(separator: ", "))
  }
}
