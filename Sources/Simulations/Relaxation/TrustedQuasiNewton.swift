import Optimization
import Structures

/// Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4) with steps inside a trust radius.
///
/// A step that raises the energy is taken back and tried at a quarter of its length, at last along the forces alone: the
/// energies of accepted points never rise by more than rounding.
struct TrustedQuasiNewton {
  private static let memory = 50
  /// Stiffness of the first step, eV/Å²: what ASE's LBFGS assumes, too.
  private static let firstStiffness = 70.0
  private static let mostFailures = 12
  private static let failuresUntilSteepest = 3

  let longestStep: Double
  private var radius: Double
  private var accepted: (point: [SIMD3<Double>], energy: Double, gradient: [SIMD3<Double>])?
  private var step: [SIMD3<Double>] = []
  private var pairs: [(s: [Double], y: [Double], sy: Double)] = []
  private var failures = 0

  init(longestStep: Double) {
    self.longestStep = longestStep
    radius = longestStep
  }

  /// The next point to evaluate; nil where no step lowers the energy.
  mutating func next(
    _ point: [SIMD3<Double>], energy: Double, gradient: [SIMD3<Double>]
  ) -> [SIMD3<Double>]? {
    if let last = accepted, !(energy <= last.energy + 1e-9 + 1e-11 * abs(last.energy)) {
      return retry(from: last.point, gradient: last.gradient)
    }
    if let last = accepted { learn(from: last.point, to: point, last.gradient, gradient) }
    if failures == 0 { radius = min(longestStep, 2 * radius) }
    failures = 0
    accepted = (point, energy, gradient)
    step = shortened(direction(gradient), to: radius)
    return zip(point, step).map { $0 + $1 }
  }

  private mutating func retry(from point: [SIMD3<Double>], gradient: [SIMD3<Double>]) -> [SIMD3<Double>]? {
    failures += 1
    guard failures <= Self.mostFailures else { return nil }
    radius = 0.25 * (step.map(length).max() ?? 0)
    if failures == Self.failuresUntilSteepest {
      pairs = []
      step = gradient.map { -$0 / Self.firstStiffness }
    }
    step = shortened(step, to: radius)
    return zip(point, step).map { $0 + $1 }
  }

  private mutating func learn(
    from old: [SIMD3<Double>], to new: [SIMD3<Double>], _ oldGradient: [SIMD3<Double>], _ gradient: [SIMD3<Double>]
  ) {
    let s = flat(zip(new, old).map { $0 - $1 })
    let y = flat(zip(gradient, oldGradient).map { $0 - $1 })
    let sy = zip(s, y).reduce(0) { $0 + $1.0 * $1.1 }
    // Where the energy curves downwards there is nothing to learn of a minimum.
    guard sy > 1e-10 * y.reduce(0, { $0 + $1 * $1 }) else { return }
    if pairs.count == Self.memory { pairs.removeFirst() }
    pairs.append((s, y, sy))
  }

  private mutating func direction(_ gradient: [SIMD3<Double>]) -> [SIMD3<Double>] {
    let steepest = gradient.map { -$0 / Self.firstStiffness }
    guard !pairs.isEmpty else { return steepest }
    let flatDirection = LBFGS.direction(gradient: flat(gradient), pairs: pairs)
    let found = stride(from: 0, to: flatDirection.count, by: 3).map {
      SIMD3(flatDirection[$0], flatDirection[$0 + 1], flatDirection[$0 + 2])
    }
    guard zip(found, gradient).reduce(0, { $0 + dot($1.0, $1.1) }) < 0 else {
      pairs = []
      return steepest
    }
    return found
  }

  private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }
}
