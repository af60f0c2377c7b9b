import Foundation
import Structures

/// One way of making a loss smaller, an epoch at a time, with all its state in reach.
protocol TrainingStep {
  /// Carries out one epoch.
  mutating func epoch() throws -> EpochOutcome
  /// Errors of parameters on the validation part; nil where there is none.
  func validate(_ parameters: [Double]) throws -> EpochErrors?
  /// The parameters that the run would end with now.
  var current: [Double] { get }
  /// Everything that an epoch changes, as named arrays.
  var state: [String: [Double]] { get }
  /// Puts a state back; false where the arrays do not fit.
  mutating func restore(_ state: [String: [Double]]) -> Bool
}

/// What an epoch came to.
struct EpochOutcome {
  /// The parameters whose errors these are.
  var parameters: [Double]
  var loss: Double
  var errors: EpochErrors
  /// Why there is no next epoch, where there is none.
  var end: StopReason?
}

/// Errors of one part of the data.
struct EpochErrors {
  /// What best epochs are chosen by: the loss on these frames, in the loss's own unit.
  var score: Double
  /// eV/atom.
  var energyRMSE: Double?
  /// eV/Å.
  var forceRMSE: Double?
}

/// Epochs of any training step: best and last parameters, patience, checkpoints, resume.
///
/// A run that was interrupted after any checkpoint ends with the same bits as one that was not.
struct Descent<Step: TrainingStep> {
  struct Outcome {
    var best: [Double]
    var last: [Double]
    var bestEpoch: Int
    var log: [EpochRecord]
    var stopReason: StopReason
  }

  let maxEpochs: Int
  let patience: Int
  let run: TrainingRun
  private var step: Step
  private var progress: DescentProgress

  /// Begins, or goes on from the checkpoint in the run's folder.
  /// - Throws: `InputError` where the checkpoint belongs to other data or settings, or is damaged.
  init(_ step: Step, maxEpochs: Int, patience: Int, run: TrainingRun) throws {
    self.maxEpochs = maxEpochs
    self.patience = patience
    self.run = run
    self.step = step
    progress = DescentProgress(best: step.current)
    if let stored = try Checkpoint.read(run, parameters: step.current.count) {
      guard self.step.restore(stored.state) else { throw Checkpoint.damaged(run) }
      progress = stored.progress
      run.resumed(progress.log)
    }
  }

  mutating func minimise() throws -> Outcome {
    let clock = ContinuousClock()
    let begin = clock.now - .seconds(progress.log.last?.seconds ?? 0)
    var lastCheckpoint = clock.now
    var reason = StopReason.maxEpochs
    while progress.epoch <= maxEpochs {
      let outcome = try step.epoch()
      guard outcome.loss.isFinite || progress.epoch > 0 else {
        throw InputError("the loss is not a finite number at the first epoch", remedy: "run halite data check")
      }
      record(outcome, validation: try step.validate(outcome.parameters), (clock.now - begin) / .seconds(1))
      let idle = progress.epoch - progress.bestEpoch
      progress.epoch += 1
      if let end = outcome.end {
        reason = end
        break
      }
      if patience > 0, idle >= patience {
        reason = .patience
        break
      }
      if run.shouldStop() {
        try Checkpoint.write(step.state, progress, run)
        reason = .user
        break
      }
      // Long epochs are not to be lost either: at least one checkpoint a minute.
      let isDue = progress.epoch % max(1, run.checkpointInterval) == 0 || clock.now - lastCheckpoint > .seconds(60)
      if isDue {
        try Checkpoint.write(step.state, progress, run)
        lastCheckpoint = clock.now
      }
    }
    return Outcome(
      best: progress.best, last: step.current, bestEpoch: progress.bestEpoch, log: progress.log,
      stopReason: reason)
  }

  private mutating func record(_ outcome: EpochOutcome, validation: EpochErrors?, _ seconds: Double) {
    var row = EpochRecord(epoch: progress.epoch, of: maxEpochs, loss: outcome.loss, seconds: seconds)
    row.trainingEnergyRMSE = outcome.errors.energyRMSE
    row.trainingForceRMSE = outcome.errors.forceRMSE
    row.validationEnergyRMSE = validation?.energyRMSE
    row.validationForceRMSE = validation?.forceRMSE
    progress.log.append(row)
    // Without a validation part the best epoch is the one with the lowest training error.
    let score = validation?.score ?? outcome.errors.score
    if score < progress.bestScore {
      progress.bestScore = score
      progress.best = outcome.parameters
      progress.bestEpoch = progress.epoch
    }
    run.progress(row)
  }
}

/// Where a descent stands, whatever its step.
struct DescentProgress {
  var epoch = 0
  var best: [Double]
  var bestScore = Double.infinity
  var bestEpoch = 0
  var log: [EpochRecord] = []

  init(best: [Double]) { self.best = best }
}
