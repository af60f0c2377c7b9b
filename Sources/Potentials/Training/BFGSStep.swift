import Optimization
import Structures

/// A potential some of whose parameters enter its energy linearly, whatever the others are.
protocol PartlyLinear: GradientTrained {
  /// Places of these among the parameters.
  var linearParameters: Range<Int> { get }
}

/// Full-batch BFGS with the whole matrix, as MLIP-2 trains: an epoch is one evaluation of loss and gradient.
///
/// Linear parameters are solved for before the first step and after every hundred; the matrix then begins anew, as the inverse
/// of a sampled Gauss–Newton matrix: from the unit matrix mlearn's Mo at level 10 took 900 evaluations to 0.118, from this
/// one 200 to 0.100. It ends where fifty steps have lowered the loss by less than a millionth.
struct BFGSStep<Model: GradientTrained>: TrainingStep {
  private let objective: FrameObjective<Model>
  private let seed: UInt64
  private var optimiser: BFGS
  /// Losses of the newest accepted points, at most fifty steps back.
  private var losses: [Double] = []
  private var isBegun = false

  private static var window: Int { 50 }
  private static var leastGain: Double { 1e-6 }
  /// λ of the first matrix.
  private static var damping: Double { 1e-3 }
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
      try beginAnew()
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
      if losses[0] - loss < Self.leastGain * losses[0] { outcome.end = .converged }
      losses.removeFirst()
    }
    if outcome.end == nil, optimiser.acceptedCount % Self.solveInterval == 0 {
      try beginAnew()
    }
    return outcome
  }

  private mutating func beginAnew() throws {
    let point = try withLinearPartSolved(optimiser.accepted)
    optimiser.begin(at: point, inverse: try sampledInverse(at: point))
  }

  /// The same parameters with the linear ones at their minimum: Newton's steps from a sampled matrix, which shrink the
  /// error by the same factor each time.
  private func withLinearPartSolved(_ parameters: [Double]) throws -> [Double] {
    guard let range = (objective.model as? any PartlyLinear)?.linearParameters, !range.isEmpty else {
      return parameters
    }
    let system = try sampledMatrix(at: parameters)
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

  private func sampledMatrix(at parameters: [Double]) throws -> DampedSystem {
    var system = DampedSystem(size: parameters.count)
    try objective.addCurvature(at: parameters, seed: seed &+ UInt64(optimiser.acceptedCount), to: &system)
    return system
  }

  /// (SᵀS + λD)⁻¹, so that steps along what the loss hardly feels are no longer than others.
  private func sampledInverse(at parameters: [Double]) throws -> [Double] {
    let system = try sampledMatrix(at: parameters)
    let diagonal = parameters.indices.map { system.matrix[$0 * parameters.count + $0] }
    let largest = diagonal.max() ?? 0
    return system.factor(damping: diagonal.map { Self.damping * max($0, 1e-8 * largest) })?.inverse() ?? []
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
