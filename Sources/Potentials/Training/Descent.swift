import Foundation
import Optimization
import Structures

/// A loss to be made small by its gradient, and the error that decides which epoch is best.
protocol Objective {
  var parameterCount: Int { get }
  /// Loss and gradient over the training part, and its energy RMSE, eV/atom.
  func evaluate(_ parameters: [Double]) throws -> (loss: Double, gradient: [Double], energyRMSE: Double)
  /// Energy RMSE of the validation part, eV/atom; nil where there is none.
  func validationRMSE(_ parameters: [Double]) throws -> Double?
}

/// Full-batch L-BFGS over any objective: epochs, best and last parameters, patience, checkpoints, resume.
///
/// One epoch is one evaluation of loss and gradient, as aenet counts. A run that was interrupted after any
/// checkpoint ends with the same bits as one that was not.
struct Descent {
  struct Settings {
    var maxEpochs: Int
    var patience: Int
    var memory: Int
    var gradientTolerance: Double
  }

  struct Outcome {
    var best: [Double]
    var last: [Double]
    var bestEpoch: Int
    var log: [EpochRecord]
    var stopReason: String
  }

  let settings: Settings
  let run: TrainingRun
  private var state: DescentState

  /// Begins, or goes on from the checkpoint in the run's folder.
  /// - Throws: `InputError` where the checkpoint belongs to other data or settings.
  init(start: [Double], settings: Settings, run: TrainingRun) throws {
    self.settings = settings
    self.run = run
    var options = LBFGS.Options()
    options.memory = settings.memory
    options.gradientTolerance = settings.gradientTolerance
    let stored = try Checkpoint.read(run, options: options)
    if let stored { run.resumed(stored.log) }
    state = stored ?? DescentState(optimiser: LBFGS(start: start, options: options), best: start)
    if state.optimiser.point.count != start.count {
      throw InputError("the checkpoint has \(state.optimiser.point.count) parameters, expected \(start.count)")
    }
  }

  mutating func minimise(_ objective: some Objective) throws -> Outcome {
    let clock = ContinuousClock()
    let begin = clock.now - .seconds(state.log.last?.seconds ?? 0)
    while state.stopReason == nil {
      if state.epoch > settings.maxEpochs { state.stopReason = "max_epochs"; break }
      let point = state.optimiser.point
      let (loss, gradient, rmse) = try objective.evaluate(point)
      guard loss.isFinite || state.epoch > 0 else {
        throw InputError("the loss is not a finite number at the first epoch", remedy: "run halite data check")
      }
      let validation = try objective.validationRMSE(point)
      let elapsed = (clock.now - begin) / .seconds(1)
      record(loss: loss, rmse: rmse, validation: validation, seconds: elapsed, point: point)
      switch state.optimiser.advance(value: loss, gradient: gradient) {
      case .evaluate: break
      case .converged: state.stopReason = "converged"
      case .lineSearchFailed: state.stopReason = "no further descent"
      }
      let idle = state.epoch - state.bestEpoch
      if validation != nil, settings.patience > 0, idle >= settings.patience { state.stopReason = "patience" }
      state.epoch += 1
      if run.shouldStop(), state.stopReason == nil {
        try Checkpoint.write(state, run)
        return outcome(reason: "stopped by the user")
      }
      if state.epoch % max(1, run.checkpointInterval) == 0 { try Checkpoint.write(state, run) }
    }
    return outcome(reason: state.stopReason ?? "")
  }

  private mutating func record(loss: Double, rmse: Double, validation: Double?, seconds: Double, point: [Double]) {
    var row = EpochRecord(epoch: state.epoch, of: settings.maxEpochs, loss: loss, seconds: seconds)
    row.trainingEnergyRMSE = rmse
    row.validationEnergyRMSE = validation
    state.log.append(row)
    // Without a validation part the best epoch is the one with the lowest training error.
    let score = validation ?? rmse
    if score < state.bestScore {
      state.bestScore = score
      state.best = point
      state.bestEpoch = state.epoch
    }
    run.progress(row)
  }

  private func outcome(reason: String) -> Outcome {
    Outcome(
      best: state.best, last: state.optimiser.accepted, bestEpoch: state.bestEpoch, log: state.log,
      stopReason: reason)
  }
}

/// All that a descent must remember.
struct DescentState {
  var optimiser: LBFGS
  var epoch = 0
  var best: [Double]
  var bestScore = Double.infinity
  var bestEpoch = 0
  var log: [EpochRecord] = []
  var stopReason: String?

  init(optimiser: LBFGS, best: [Double]) {
    self.optimiser = optimiser
    self.best = best
  }
}
