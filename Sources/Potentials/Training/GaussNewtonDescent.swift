/// Gauss–Newton steps, then BFGS from where they end.
///
/// Gauss–Newton comes close in few evaluations, but neglects the curvature of the errors themselves and samples the rest: where
/// errors stay, its last digits come slowly. Once thirty evaluations have lowered the loss by less than a hundredth, or it
/// finds no way down, BFGS goes on, which learns the whole curvature (in the manner of Fletcher and Xu 1987,
/// doi:10.1093/imanum/7.3.371).
struct GaussNewtonDescent<Model: GradientTrained>: TrainingStep {
  private let objective: FrameObjective<Model>
  private let settings: DescentSettings
  private let seed: UInt64
  private var gauss: GaussNewtonStep<Model>
  private var finish: BFGSStep<Model>?
  /// Losses of the newest evaluations: the lowest by then.
  private var losses: [Double] = []

  private static var window: Int { 30 }
  private static var leastGain: Double { 0.01 }

  init(_ objective: FrameObjective<Model>, start: [Double], settings: DescentSettings, seed: UInt64) {
    self.objective = objective
    self.settings = settings
    self.seed = seed
    gauss = GaussNewtonStep(objective, start: start, settings: settings, seed: seed)
  }

  mutating func epoch() throws -> EpochOutcome {
    if finish != nil { return try finish!.epoch() }
    var outcome = try gauss.epoch()
    losses = losses.suffix(Self.window) + [gauss.loss]
    let isSlow = losses.count > Self.window && losses[0] - gauss.loss < Self.leastGain * losses[0]
    if outcome.end == .noDescent || isSlow, outcome.end != .converged {
      outcome.end = nil
      finish = BFGSStep(objective, start: gauss.current, settings: settings, seed: seed)
      // Its matrix is not needed any more.
      gauss = GaussNewtonStep(objective, start: gauss.current, settings: settings, seed: seed)
    }
    return outcome
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? { try objective.validate(parameters) }

  var current: [Double] { finish?.current ?? gauss.current }

  var state: [String: [Double]] {
    var state = gauss.state
    if let finish { state = Dictionary(uniqueKeysWithValues: finish.state.map { ("finish." + $0, $1) }) }
    state["newest losses"] = losses
    return state
  }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    // Checkpoints of before have none.
    let losses = state["newest losses"] ?? []
    guard losses.count <= Self.window + 1 else { return false }
    self.losses = losses
    let own = state.filter { $0.key.hasPrefix("finish.") }
    guard !own.isEmpty else { return gauss.restore(state) }
    var step = BFGSStep(objective, start: current, settings: settings, seed: seed)
    guard step.restore(Dictionary(uniqueKeysWithValues: own.map { (String($0.dropFirst("finish.".count)), $1) }))
    else { return false }
    finish = step
    return true
  }
}
