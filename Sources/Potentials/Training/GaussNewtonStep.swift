import Optimization
import Structures

/// Levenberg–Marquardt steps from a sampled Gauss–Newton matrix: an epoch is one evaluation of loss and gradient.
///
///     (SᵀS + λ D) s = −g,  S random combinations of the rows of J,  D the largest diagonals of SᵀS so far
///
/// J holds the derivatives of all weighted errors and g is the whole gradient. Rows of S are, frame by frame, the energy and
/// sums of all force and virial components with random signs, so that SᵀS is JᵀJ in the mean; with four rows for each
/// parameter the loss is well-conditioned as SᵀS sees it (Avron, Maymounkov and Toledo 2010, doi:10.1137/090767911).
/// A row costs what the gradient of one frame costs, the matrix of all forces would cost some hundred times as much. A
/// step that does not lower the loss is taken back, and λ follows the gain (Nielsen 1999, report IMM-REP-1999-05).
struct GaussNewtonStep<Model: GradientTrained>: TrainingStep {
  private let objective: FrameObjective<Model>
  private let seed: UInt64
  private let gradientTolerance: Double
  /// The newest accepted point, its loss and gradient; the point under trial and the decrease expected of it.
  private var accepted: [Double]
  private var value = Double.infinity
  private var gradient: [Double] = []
  private var point: [Double]
  private var expected = 0.0
  /// λ, the factor of its next growth, and D.
  private var damping = 1e-4
  private var growth = 2.0
  private var scales: [Double] = []
  /// Accepted points.
  private var count = 0
  private var system: DampedSystem?

  private static var dampings: ClosedRange<Double> { 1e-12...1e12 }

  init(_ objective: FrameObjective<Model>, start: [Double], settings: DescentSettings, seed: UInt64) {
    self.objective = objective
    self.seed = seed
    gradientTolerance = settings.gradientTolerance
    accepted = start
    point = start
  }

  mutating func epoch() throws -> EpochOutcome {
    let (loss, slope, errors) = try objective.evaluate(point)
    var outcome = EpochOutcome(parameters: point, loss: loss, errors: errors)
    if loss.isFinite, slope.allSatisfy(\.isFinite), gradient.isEmpty || loss < value {
      let ratio = (value - loss) / expected
      if !gradient.isEmpty {
        let bend = 2 * min(ratio, 1) - 1
        damping = max(damping * max(0.2, 1 - bend * bend * bend), Self.dampings.lowerBound)
        growth = 2
      }
      (accepted, value, gradient) = (point, loss, slope)
      count += 1
      try refresh()
    } else {
      damping *= growth
      growth *= 2
    }
    if isStationary(gradient, value: value, tolerance: gradientTolerance) {
      outcome.end = .converged
    } else if !propose() {
      outcome.end = .noDescent
    }
    return outcome
  }

  /// Chooses the next trial.
  /// - Returns: false where no step can be hoped to go down.
  private mutating func propose() -> Bool {
    while damping <= Self.dampings.upperBound {
      if let factor = system?.factor(damping: scales.map { damping * $0 }) {
        let step = factor.solve(gradient).map { -$0 }
        expected = step.indices.reduce(0) {
          $0 + 0.5 * step[$1] * (damping * scales[$1] * step[$1] - gradient[$1])
        }
        if expected > 0, expected.isFinite {
          point = zip(accepted, step).map { $0 + $1 }
          return point != accepted
        }
      }
      damping *= growth
      growth *= 2
    }
    return false
  }

  /// Makes the matrix at the accepted point.
  private mutating func refresh() throws {
    var system = DampedSystem(size: accepted.count)
    try objective.addCurvature(at: accepted, seed: seed &+ UInt64(count), to: &system)
    self.system = system
    let diagonal = (0..<system.size).map { system.matrix[$0 * system.size + $0] }
    // Parameters that the loss does not feel yet must not run away when it does.
    let floor = 1e-10 * (diagonal.max() ?? 0)
    scales = diagonal.indices.map { max(diagonal[$0], floor, scales.isEmpty ? 0 : scales[$0]) }
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? { try objective.validate(parameters) }

  var current: [Double] { accepted }
  /// Of the current parameters; infinite before the first evaluation.
  var loss: Double { value }

  var state: [String: [Double]] {
    [
      "accepted": accepted, "point": point, "gradient": gradient, "scales": scales,
      "numbers": [value, expected, damping, growth, Double(count)],
    ]
  }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    let size = accepted.count
    guard let accepted = state["accepted"], let point = state["point"], let gradient = state["gradient"],
      let scales = state["scales"], let numbers = state["numbers"], numbers.count == 5,
      [accepted, point, gradient, scales].allSatisfy({ $0.count == size }), numbers[2] > 0, numbers[3] >= 2,
      (0..<1e9).contains(numbers[4])
    else { return false }
    (self.accepted, self.point, self.gradient) = (accepted, point, gradient)
    (value, expected, damping, growth) = (numbers[0], numbers[1], numbers[2], numbers[3])
    count = Int(numbers[4])
    // The matrix follows from the point: it need not be stored.
    do { try refresh() } catch { return false }
    self.scales = scales
    return true
  }
}

extension FrameObjective {
  /// Adds SᵀS at some parameters.
  func addCurvature(at parameters: [Double], seed: UInt64, to system: inout DampedSystem) throws {
    var model = model
    model.parameters = parameters
    let draws = CurvatureRows.draws(parameters: parameters.count, frames: blocks.frames.count)
    // Rows of some frames at a time: 32 MB.
    let wave = max(32, 4_000_000 / max(1, parameters.count) / (draws + 1))
    for start in stride(from: 0, to: blocks.frames.count, by: wave) {
      let range = start..<min(start + wave, blocks.frames.count)
      let rows = try blocks.curvatureRows(model, frames: range, draws: draws, seed: seed)
      system.addProduct(of: rows, rows: rows.count / parameters.count, threads: blocks.threads)
    }
  }
}
