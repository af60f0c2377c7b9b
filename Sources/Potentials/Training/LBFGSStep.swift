import Optimization
import Structures

/// A loss with its gradient over all training frames.
protocol Objective {
  /// Loss, gradient and errors over the training part.
  func evaluate(_ parameters: [Double]) throws -> (loss: Double, gradient: [Double], errors: EpochErrors)
  /// nil where there is no validation part.
  func validate(_ parameters: [Double]) throws -> EpochErrors?
}

/// Full-batch L-BFGS: an epoch is one evaluation of loss and gradient, as aenet counts.
struct LBFGSStep<Loss: Objective>: TrainingStep {
  private let objective: Loss
  private var optimiser: LBFGS

  init(_ objective: Loss, start: [Double], memory: Int, gradientTolerance: Double) {
    self.objective = objective
    var options = LBFGS.Options()
    options.memory = memory
    options.gradientTolerance = gradientTolerance
    optimiser = LBFGS(start: start, options: options)
  }

  mutating func epoch() throws -> EpochOutcome {
    let point = optimiser.point
    let (loss, gradient, errors) = try objective.evaluate(point)
    var outcome = EpochOutcome(parameters: point, loss: loss, errors: errors)
    switch optimiser.advance(value: loss, gradient: gradient) {
    case .evaluate: break
    case .converged: outcome.end = .converged
    case .lineSearchFailed: outcome.end = .noDescent
    }
    return outcome
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? { try objective.validate(parameters) }

  var current: [Double] { optimiser.accepted }
  var state: [String: [Double]] { optimiser.state }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    guard let restored = LBFGS(state: state, options: optimiser.options) else { return false }
    optimiser = restored
    return true
  }
}
