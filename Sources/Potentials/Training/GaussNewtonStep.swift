import Optimization
import Structures

/// L-BFGS that begins from a Gauss–Newton matrix: an epoch is one evaluation of loss and gradient.
///
///     d = −H g,  H₀ = (SᵀS + λ diag SᵀS)⁻¹,  S some random combinations of the rows of J
///
/// J holds the derivatives of all weighted errors. Rows of S are, frame by frame, the energy and sums of all force and
/// virial components with random signs, so that SᵀS is JᵀJ in the mean; some four rows for each parameter make the loss
/// well-conditioned as H₀ sees it (Avron, Maymounkov and Toledo 2010, doi:10.1137/090767911). A row costs what the
/// gradient of one frame costs. The matrix is made anew as the parameters move.
struct GaussNewtonStep<Model: GradientTrained>: TrainingStep {
  private let objective: FrameObjective<Model>
  private let seed: UInt64
  private var optimiser: LBFGS
  /// λ.
  private var damping = 1e-6
  /// Where the matrix was made, how often one was, and accepted steps since then.
  private var anchor: [Double] = []
  private var refreshes = 0
  private var steps = 0
  private var isBegun = false

  /// Accepted steps from one matrix to the next: few at first.
  private var interval: Int { refreshes <= 2 ? 5 : 15 }
  /// Rows of S for each parameter.
  static var rowsPerParameter: Int { 4 }

  init(_ objective: FrameObjective<Model>, start: [Double], settings: DescentSettings, seed: UInt64) {
    self.objective = objective
    self.seed = seed
    var options = LBFGS.Options()
    options.memory = settings.memory
    options.gradientTolerance = settings.gradientTolerance
    optimiser = LBFGS(start: start, options: options)
  }

  mutating func epoch() throws -> EpochOutcome {
    if !isBegun {
      isBegun = true
      try refresh()
    }
    let point = optimiser.point
    let (loss, gradient, errors) = try objective.evaluate(point)
    var outcome = EpochOutcome(parameters: point, loss: loss, errors: errors)
    let before = optimiser.acceptedCount
    var status = optimiser.advance(value: loss, gradient: gradient)
    if optimiser.acceptedCount > before { steps += 1 }
    if status == .lineSearchFailed, steps > 0 {
      try refresh()
      status = optimiser.searchAnew()
    } else if status == .evaluate, optimiser.acceptedCount > before, steps >= interval {
      try refresh()
      status = optimiser.searchAnew()
    }
    switch status {
    case .evaluate: break
    case .converged: outcome.end = .converged
    case .lineSearchFailed: outcome.end = .noDescent
    }
    return outcome
  }

  /// Makes the matrix at the newest accepted point.
  private mutating func refresh() throws {
    anchor = optimiser.accepted
    refreshes += 1
    steps = 0
    optimiser.preconditioner = try factor()
    // What was learned before there were moments says nothing of radial functions.
    if refreshes <= 3 { optimiser.forget() }
  }

  private func factor() throws -> DampedSystem.Factor? {
    var system = DampedSystem(size: anchor.count)
    try objective.addCurvature(at: anchor, seed: seed &+ UInt64(refreshes), to: &system)
    let diagonal = (0..<system.size).map { system.matrix[$0 * system.size + $0] }
    let floor = 1e-12 * (diagonal.max() ?? 0)
    var damping = damping
    for _ in 0..<12 {
      let added = diagonal.map { $0 > floor ? damping * $0 : max(floor, 1e-300) }
      if let factor = system.factor(damping: added) { return factor }
      damping *= 10
    }
    return nil
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? { try objective.validate(parameters) }

  var current: [Double] { optimiser.accepted }

  var state: [String: [Double]] {
    var state = optimiser.state
    state["anchor"] = anchor
    state["gauss_newton"] = [Double(refreshes), Double(steps), damping, isBegun ? 1 : 0]
    return state
  }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    guard let restored = LBFGS(state: state, options: optimiser.options), let anchor = state["anchor"],
      [0, restored.point.count].contains(anchor.count), let numbers = state["gauss_newton"], numbers.count == 4,
      (0..<1e9).contains(numbers[0]), (0..<1e9).contains(numbers[1]), numbers[2] > 0
    else { return false }
    optimiser = restored
    self.anchor = anchor
    (refreshes, steps, damping, isBegun) = (Int(numbers[0]), Int(numbers[1]), numbers[2], numbers[3] == 1)
    if isBegun {
      // The matrix follows from where it was made: it need not be stored.
      guard let factor = try? factor() else { return false }
      optimiser.preconditioner = factor
    }
    return true
  }
}

extension FrameObjective {
  /// Adds SᵀS at some parameters.
  func addCurvature(at parameters: [Double], seed: UInt64, to system: inout DampedSystem) throws {
    var model = model
    model.parameters = parameters
    let wanted = GaussNewtonStep<Model>.rowsPerParameter * parameters.count
    let draws = max(1, (wanted + blocks.frames.count - 1) / blocks.frames.count)
    let wave = max(32, 4_000_000 / max(1, parameters.count) / (draws + 1))
    for start in stride(from: 0, to: blocks.frames.count, by: wave) {
      let range = start..<min(start + wave, blocks.frames.count)
      let rows = try blocks.curvatureRows(model, frames: range, draws: draws, seed: seed)
      system.addProduct(of: rows, rows: rows.count / parameters.count, threads: blocks.threads)
    }
  }
}
