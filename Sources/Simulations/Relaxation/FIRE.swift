import Structures

/// Fast inertial relaxation engine (Bitzek et al. 2006, doi:10.1103/PhysRevLett.97.170201, its parameters, unit mass).
///
/// Velocities turn towards the forces while they go downhill and stop where they do not. One evaluation a step.
struct FIRE {
  private static let patience = 5
  private static let (growth, shrinking) = (1.1, 0.5)
  private static let (startMixing, mixingDecay) = (0.1, 0.99)
  private static let (startStep, longestTime) = (0.1, 1.0)

  let longestStep: Double
  private var velocity: [SIMD3<Double>] = []
  private var time = Self.startStep
  private var mixing = Self.startMixing
  private var downhill = 0

  init(longestStep: Double) { self.longestStep = longestStep }

  /// The next point from the gradient at this one.
  mutating func next(_ point: [SIMD3<Double>], gradient: [SIMD3<Double>]) -> [SIMD3<Double>] {
    let forces = gradient.map { -$0 }
    if velocity.isEmpty { velocity = forces.map { _ in .zero } }
    let power = sum(forces, velocity)
    if power > 0 {
      let ratio = (sum(velocity, velocity) / sum(forces, forces)).squareRoot()
      for k in velocity.indices { velocity[k] = (1 - mixing) * velocity[k] + mixing * ratio * forces[k] }
      if downhill > Self.patience {
        time = min(Self.growth * time, Self.longestTime)
        mixing *= Self.mixingDecay
      }
      downhill += 1
    } else {
      velocity = forces.map { _ in .zero }
      mixing = Self.startMixing
      time *= Self.shrinking
      downhill = 0
    }
    for k in velocity.indices { velocity[k] += time * forces[k] }
    let step = shortened(velocity.map { time * $0 }, to: longestStep)
    return zip(point, step).map { $0 + $1 }
  }

  private func sum(_ a: [SIMD3<Double>], _ b: [SIMD3<Double>]) -> Double {
    zip(a, b).reduce(0) { $0 + dot($1.0, $1.1) }
  }
}

/// A step of which no atom's part is longer than a limit.
func shortened(_ step: [SIMD3<Double>], to limit: Double) -> [SIMD3<Double>] {
  let longest = step.map(length).max() ?? 0
  guard longest > limit else { return step }
  return step.map { (limit / longest) * $0 }
}
