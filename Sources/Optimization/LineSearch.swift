/// Moré and Thuente's line search (doi:10.1145/192115.192132), asked for one trial step at a time.
///
/// Finds α with f(α) ≤ f(0) + c₁ α f'(0) and |f'(α)| ≤ c₂ |f'(0)|. Constants are those of L-BFGS-B 3.0
/// (doi:10.1145/2049662.2049669) unless others are given. All state is in the struct, so that a search can be stored and gone on with.
struct LineSearch: Sendable {
  /// c₁, c₂, and the relative width of the interval at which the search gives up.
  let sufficientDecrease: Double
  let curvature: Double
  static let intervalTolerance = 0.1
  static let maximumStep = 1e10

  enum Outcome { case tryStep, accepted, exhausted }

  /// One end of the interval: step, value and slope there.
  struct Point: Sendable {
    var step: Double
    var value: Double
    var slope: Double
  }

  private(set) var step: Double
  private var start: Point
  private var best: Point
  private var other: Point
  private var bracketed = false
  private var isFirstStage = true
  private var lower: Double
  private var upper: Double
  private var width: Double
  private var previousWidth: Double

  /// - Parameters:
  ///   - slope: f'(0), negative.
  ///   - sufficientDecrease: c₁.
  ///   - curvature: c₂.
  init(value: Double, slope: Double, step: Double, sufficientDecrease: Double = 1e-3, curvature: Double = 0.9) {
    self.sufficientDecrease = sufficientDecrease
    self.curvature = curvature
    self.step = step
    start = Point(step: 0, value: value, slope: slope)
    best = start
    other = start
    lower = 0
    upper = 5 * step
    width = Self.maximumStep
    previousWidth = 2 * width
  }

  /// Takes value and slope at `step` and chooses the next step.
  mutating func advance(value: Double, slope: Double) -> Outcome {
    let test = sufficientDecrease * start.slope
    let limit = start.value + step * test
    if isFirstStage && value <= limit && slope >= 0 { isFirstStage = false }
    if value <= limit && abs(slope) <= curvature * -start.slope { return .accepted }
    let isStuck = bracketed && (step <= lower || step >= upper || upper - lower <= Self.intervalTolerance * upper)
    if isStuck || (step == Self.maximumStep && value <= limit && slope <= test) {
      return value <= limit ? .accepted : .exhausted
    }
    let trial = Point(step: step, value: value, slope: slope)
    if isFirstStage && value <= best.value && value > limit {
      // Stage 1 works on ψ(α) = f(α) − f(0) − c₁ α f'(0) until ψ ≤ 0 has been met with a positive slope.
      var (low, high) = (best.lowered(by: test), other.lowered(by: test))
      step = Self.nextStep(&low, &high, trial.lowered(by: test), &bracketed, lower, upper)
      (best, other) = (low.lowered(by: -test), high.lowered(by: -test))
    } else {
      step = Self.nextStep(&best, &other, trial, &bracketed, lower, upper)
    }
    narrow()
    return .tryStep
  }

  private mutating func narrow() {
    if bracketed {
      if abs(other.step - best.step) >= 0.66 * previousWidth { step = best.step + 0.5 * (other.step - best.step) }
      previousWidth = width
      width = abs(other.step - best.step)
      lower = min(best.step, other.step)
      upper = max(best.step, other.step)
    } else {
      lower = step + 1.1 * (step - best.step)
      upper = step + 4 * (step - best.step)
    }
    step = min(max(step, 0), Self.maximumStep)
    if bracketed && (step <= lower || step >= upper || upper - lower <= Self.intervalTolerance * upper) {
      step = best.step
    }
  }

  /// Updates the interval that holds a minimiser and gives a safeguarded cubic or quadratic step in it.
  private static func nextStep(
    _ best: inout Point, _ other: inout Point, _ trial: Point, _ bracketed: inout Bool, _ lower: Double,
    _ upper: Double
  ) -> Double {
    let opposite = trial.slope * (best.slope / abs(best.slope))
    var step: Double
    if trial.value > best.value {
      // A higher value: the minimum is bracketed; the cubic step if nearer to the best point, else their mean.
      let cubic = cubicStep(best, trial)
      let quadratic =
        best.step + best.slope / ((best.value - trial.value) / (trial.step - best.step) + best.slope) / 2
        * (trial.step - best.step)
      step = abs(cubic - best.step) < abs(quadratic - best.step) ? cubic : cubic + (quadratic - cubic) / 2
      bracketed = true
    } else if opposite < 0 {
      // A lower value and slopes of opposite sign: bracketed; the step further from the trial.
      let cubic = cubicStep(best, trial)
      let secant = secantStep(best, trial)
      step = abs(cubic - trial.step) > abs(secant - trial.step) ? cubic : secant
      bracketed = true
    } else if abs(trial.slope) < abs(best.slope) {
      step = extrapolated(best, other, trial, bracketed, lower, upper)
    } else if bracketed {
      // A lower value whose slope does not decrease.
      step = cubicStep(other, trial)
    } else {
      step = trial.step > best.step ? upper : lower
    }
    if trial.value > best.value {
      other = trial
    } else {
      if opposite < 0 { other = best }
      best = trial
    }
    return step
  }

  /// A lower value, same sign of slope, decreasing: the cubic may have its minimum beyond the trial.
  private static func extrapolated(
    _ best: Point, _ other: Point, _ trial: Point, _ bracketed: Bool, _ lower: Double, _ upper: Double
  ) -> Double {
    let theta = 3 * (best.value - trial.value) / (trial.step - best.step) + best.slope + trial.slope
    let scale = max(abs(theta), abs(best.slope), abs(trial.slope))
    let root = max(0, (theta / scale) * (theta / scale) - (best.slope / scale) * (trial.slope / scale))
    let gamma = (trial.step > best.step ? -1 : 1) * scale * root.squareRoot()
    let p = gamma - trial.slope + theta
    let q = gamma + (best.slope - trial.slope) + gamma
    let r = p / q
    let secant = secantStep(best, trial)
    let cubic: Double
    if r < 0 && gamma != 0 {
      cubic = trial.step + r * (best.step - trial.step)
    } else {
      cubic = trial.step > best.step ? upper : lower
    }
    if bracketed {
      let nearer = abs(cubic - trial.step) < abs(secant - trial.step) ? cubic : secant
      let guardStep = trial.step + 0.66 * (other.step - trial.step)
      return trial.step > best.step ? min(guardStep, nearer) : max(guardStep, nearer)
    }
    let further = abs(cubic - trial.step) > abs(secant - trial.step) ? cubic : secant
    return min(max(further, lower), upper)
  }

  /// Minimum of the cubic through two points with their slopes.
  private static func cubicStep(_ a: Point, _ b: Point) -> Double {
    let theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
    let scale = max(abs(theta), abs(a.slope), abs(b.slope))
    let root = max(0, (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale))
    let gamma = (b.step < a.step ? -1 : 1) * scale * root.squareRoot()
    let p = gamma - a.slope + theta
    let q = gamma - a.slope + gamma + b.slope
    return a.step + p / q * (b.step - a.step)
  }

  private static func secantStep(_ a: Point, _ b: Point) -> Double {
    b.step + b.slope / (b.slope - a.slope) * (a.step - b.step)
  }
}

extension LineSearch.Point {
  /// The point as seen by f(α) − c α.
  fileprivate func lowered(by c: Double) -> LineSearch.Point {
    LineSearch.Point(step: step, value: value - c * step, slope: slope - c)
  }
}

extension LineSearch {
  /// The whole state as numbers, for checkpoints.
  var numbers: [Double] {
    let points = [start, best, other].flatMap { [$0.step, $0.value, $0.slope] }
    return points + [step, bracketed ? 1 : 0, isFirstStage ? 1 : 0, lower, upper, width, previousWidth]
  }

  init?(numbers n: [Double], sufficientDecrease: Double = 1e-3, curvature: Double = 0.9) {
    guard n.count == 16 else { return nil }
    self.init(value: n[1], slope: n[2], step: n[9], sufficientDecrease: sufficientDecrease, curvature: curvature)
    best = Point(step: n[3], value: n[4], slope: n[5])
    other = Point(step: n[6], value: n[7], slope: n[8])
    bracketed = n[10] == 1
    isFirstStage = n[11] == 1
    (lower, upper, width, previousWidth) = (n[12], n[13], n[14], n[15])
  }
}
