import Optimization
import Structures

/// A loss ½ Σ e² that gives its residuals' Jacobian.
protocol ResidualObjective {
  /// Residuals e, H = Jᵀ J and Jᵀ e over the training part.
  func linearise(_ parameters: [Double]) throws -> (residuals: [Double], system: DampedSystem, slope: [Double])
  func residuals(_ parameters: [Double]) throws -> [Double]
  func errors(_ residuals: [Double]) -> EpochErrors
  func validate(_ parameters: [Double]) throws -> EpochErrors?
  /// Group of each parameter: weights of a group share one prior width.
  var groups: [Int] { get }
}

/// Levenberg–Marquardt with Bayesian regularisation (MacKay 1992, doi:10.1162/neco.1992.4.3.448; Foresee and Hagan
/// 1997, doi:10.1109/ICNN.1997.614194).
///
///     F = β ½ Σ e² + Σ_g α_g ½ Σ_{k∈g} w_k²
///     γ_g = n_g − α_g tr_g (β JᵀJ + α)⁻¹,  α_g ← γ_g/Σ_g w²,  β ← (n − Σ γ)/Σ e²
///
/// γ is the number of parameters that the data determine. The weight decay follows from the data, without a
/// validation part. An epoch is one accepted step. For some thousand parameters: H has their square.
struct BayesianStep<Loss: ResidualObjective>: TrainingStep {
  private let objective: Loss
  private var parameters: [Double]
  /// α_g/β of each group.
  private var decays: [Double]
  /// μ, the damping of the step.
  private var damping = 1e-3

  init(_ objective: Loss, start: [Double]) {
    self.objective = objective
    parameters = start
    decays = [Double](repeating: 1e-6, count: (objective.groups.max() ?? 0) + 1)
  }

  mutating func epoch() throws -> EpochOutcome {
    let (residuals, system, slope) = try objective.linearise(parameters)
    let decay = objective.groups.map { decays[$0] }
    let before = value(residuals, parameters, decay)
    let gradient = parameters.indices.map { slope[$0] + decay[$0] * parameters[$0] }
    var outcome = EpochOutcome(parameters: parameters, loss: before, errors: objective.errors(residuals))
    guard try takeStep(system, gradient, decay, from: before) else {
      outcome.end = .noDescent
      return outcome
    }
    try updateDecays(system, decay)
    return outcome
  }

  /// Tries steps with growing damping until one goes down.
  private mutating func takeStep(
    _ system: DampedSystem, _ gradient: [Double], _ decay: [Double], from before: Double
  ) throws -> Bool {
    for _ in 0..<30 {
      if let factor = system.factor(damping: decay.map { $0 + damping }) {
        let step = factor.solve(gradient)
        let trial = parameters.indices.map { parameters[$0] - step[$0] }
        let after = value(try objective.residuals(trial), trial, decay)
        if after < before {
          parameters = trial
          damping = max(damping / 5, 1e-12)
          return true
        }
      }
      damping *= 4
    }
    return false
  }

  /// MacKay's update of α/β from the curvature at the last point.
  private mutating func updateDecays(_ system: DampedSystem, _ decay: [Double]) throws {
    guard let factor = system.factor(damping: decay.map { $0 + 1e-12 }) else { return }
    let inverse = factor.inverseDiagonal()
    let residuals = try objective.residuals(parameters)
    let squares = residuals.reduce(0) { $0 + $1 * $1 }
    var determined = [Double](repeating: 0, count: decays.count)
    var weights = determined
    for (k, group) in objective.groups.enumerated() {
      determined[group] += 1 - decay[k] * inverse[k]
      weights[group] += parameters[k] * parameters[k]
    }
    let free = max(1, Double(residuals.count) - determined.reduce(0, +))
    let variance = squares / free
    for group in decays.indices where weights[group] > 0 {
      // Half the way (in the logarithm): the curvature is that of the point before.
      let target = max(determined[group], 1e-3) / weights[group] * variance
      decays[group] = (decays[group] * min(max(target, 1e-12), 1e3)).squareRoot()
    }
  }

  private func value(_ residuals: [Double], _ parameters: [Double], _ decay: [Double]) -> Double {
    var sum = 0.0
    for e in residuals { sum += e * e }
    for k in parameters.indices { sum += decay[k] * parameters[k] * parameters[k] }
    return sum.isFinite ? 0.5 * sum : .infinity
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? { try objective.validate(parameters) }

  var current: [Double] { parameters }
  var state: [String: [Double]] { ["parameters": parameters, "decays": decays, "damping": [damping]] }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    guard let parameters = state["parameters"], parameters.count == self.parameters.count,
      let decays = state["decays"], decays.count == self.decays.count, let damping = state["damping"]?.first
    else { return false }
    self.parameters = parameters
    self.decays = decays
    self.damping = damping
    return true
  }
}
