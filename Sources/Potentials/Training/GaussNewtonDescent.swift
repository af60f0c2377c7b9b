/// Gauss–Newton steps, then BFGS from the matrix that they end with.
///
/// Gauss–Newton comes close in few evaluations, but neglects the curvature of the errors themselves and samples the rest: where
/// errors stay, its last digits come slowly. The last third of the epochs, or what is left when it finds no way down, are
/// BFGS's, which learns the whole curvature (in the manner of Fletcher and Xu 1987, doi:10.1093/imanum/7.3.371).
struct GaussNewtonDescent<Model: GradientTrained>: TrainingStep {
  private let objective: FrameObjective<Model>
  private let settings: DescentSettings
  private let seed: UInt64
  private var gauss: GaussNewtonStep<Model>
  private var finish: BFGSStep<Model>?
  private var evaluations = 0

  /// Evaluations before BFGS.
  private var share: Int { settings.epochLimit * 2 / 3 }

  init(_ objective: FrameObjective<Model>, start: [Double], settings: DescentSettings, seed: UInt64) {
    self.objective = objective
    self.settings = settings
    self.seed = seed
    gauss = GaussNewtonStep(objective, start: start, settings: settings, seed: seed)
  }

  mutating func epoch() throws -> EpochOutcome {
    evaluations += 1
    if finish != nil { return try finish!.epoch() }
    var outcome = try gauss.epoch()
    if outcome.end == .noDescent || evaluations >= share, outcome.end != .converged {
      outcome.end = nil
      finish = BFGSStep(objective, start: gauss.current, settings: settings, seed: seed)
    }
    return outcome
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? { try objective.validate(parameters) }

  var current: [Double] { finish?.current ?? gauss.current }

  var state: [String: [Double]] {
    var state = gauss.state
    if let finish { state = Dictionary(uniqueKeysWithValues: finish.state.map { ("finish." + $0, $1) }) }
    state["evaluations"] = [Double(evaluations)]
    return state
  }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    guard let count = state["evaluations"]?.first, (0..<1e9).contains(count) else { return false }
    evaluations = Int(count)
    let own = state.filter { $0.key.hasPrefix("finish.") }
    guard !own.isEmpty else { return gauss.restore(state) }
    var step = BFGSStep(objective, start: current, settings: settings, seed: seed)
    guard step.restore(Dictionary(uniqueKeysWithValues: own.map { (String($0.dropFirst("finish.".count)), $1) }))
    else { return false }
    finish = step
    return true
  }
}
