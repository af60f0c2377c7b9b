import Optimization
import Structures

/// A potential some of whose parameters enter its energy linearly, whatever the others are.
protocol PartlyLinear: GradientTrained {
  /// Places of these among the parameters.
  var linearParameters: Range<Int> { get }
}

/// Full-batch BFGS with the whole matrix, as MLIP-2 trains: an epoch is one evaluation of loss and gradient.
///
/// Linear parameters are solved for before the first step and after every hundred, the matrix then begins anew; it ends
/// where fifty steps have lowered the loss by less than a thousandth.
struct BFGSStep<Model: GradientTrained>: TrainingStep {
  private let objective: FrameObjective<Model>
  private let seed: UInt64
  private var optimiser: BFGS
  /// Losses of the newest accepted points, at most fifty steps back.
  private var losses: [Double] = []
  private var isBegun = false

  private static var window: Int { 50 }
  private static var solveInterval: Int { 100 }

  init(_ objective: FrameObjective<Model>, start: [Double], settings: DescentSettings, seed: UInt64) {
    self.objective = objective
    self.seed = seed
    var options = BFGS.Options()
    options.gradientTolerance = settings.gradientTolerance
    options.limitedCount = (objective.model as? any PartlyLinear)?.linearParameters.lowerBound ?? 0
    optimiser = BFGS(start: start, options: options)
  }

  mutating func epoch() throws -> EpochOutcome {
    if !isBegun {
      isBegun = true
      optimiser.begin(at: try withLinearPartSolved(optimiser.accepted))
    }
    let point = optimiser.point
    let (loss, gradient, errors) = try objective.evaluate(point)
    var outcome = EpochOutcome(parameters: point, loss: loss, errors: errors)
    let before = optimiser.acceptedCount
    switch optimiser.advance(value: loss, gradient: gradient) {
    case .evaluate: break
    case .converged: outcome.end = .converged
    case .lineSearchFailed: outcome.end = .noDescent
    }
    guard optimiser.acceptedCount > before else { return outcome }
    losses.append(loss)
    if losses.count > Self.window {
      if losses[0] - loss < 1e-3 * losses[0] { outcome.end = .converged }
      losses.removeFirst()
    }
    if optimiser.acceptedCount % Self.solveInterval == 0 {
      optimiser.begin(at: try withLinearPartSolved(optimiser.accepted))
    }
    return outcome
  }

  /// The same parameters with the linear ones at their minimum: Newton's steps from a sampled matrix, which shrink the
  /// error by the same factor each time.
  private func withLinearPartSolved(_ parameters: [Double]) throws -> [Double] {
    guard let range = (objective.model as? any PartlyLinear)?.linearParameters, !range.isEmpty else {
      return parameters
    }
    var system = DampedSystem(size: parameters.count)
    try objective.addCurvature(at: parameters, seed: seed &+ UInt64(optimiser.acceptedCount), to: &system)
    var part = DampedSystem(size: range.count)
    for (row, i) in range.enumerated() {
      for (column, j) in range.prefix(row + 1).enumerated() {
        part.matrix[row * range.count + column] = system.matrix[i * parameters.count + j]
      }
    }
    let diagonal = (0..<range.count).map { part.matrix[$0 * range.count + $0] }
    let largest = diagonal.max() ?? 0
    guard largest > 0, let factor = part.factor(damping: diagonal.map { 1e-10 * max($0, 1e-6 * largest) }) else {
      return parameters
    }
    var (point, best, lowest) = (parameters, parameters, Double.infinity)
    for _ in 0..<20 {
      let (loss, gradient, _) = try objective.evaluate(point)
      guard loss < lowest else { break }
      let isClose = lowest - loss < 1e-9 * loss
      (best, lowest) = (point, loss)
      if isClose { break }
      for (k, step) in factor.solve(Array(gradient[range])).enumerated() { point[range.lowerBound + k] -= step }
    }
    return best
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? { try objective.validate(parameters) }

  var current: [Double] { optimiser.accepted }

  var state: [String: [Double]] {
    var state = optimiser.state
    state["losses"] = losses
    state["begun"] = [isBegun ? 1 : 0]
    return state
  }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    guard let restored = BFGS(state: state, options: optimiser.options), let losses = state["losses"],
      restored.point.count == optimiser.point.count, let begun = state["begun"]?.first
    else { return false }
    (optimiser, self.losses, isBegun) = (restored, losses, begun == 1)
    return true
  }
}
