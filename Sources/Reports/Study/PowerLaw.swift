import Foundation

/// How an error falls with the number of frames learned from, and what more of them would buy.
///
///     e(n) = a n^(−b)
///
/// by least squares of log e over log n; the range comes from leaving out one size after the other.
public struct PowerLaw: Codable, Sendable, Equatable {
  /// a: the error at one frame.
  public var factor: Double
  /// b.
  public var exponent: Double
  /// Lowest and highest b of the fits that leave one size out; both b with fewer than four sizes.
  public var lowestExponent: Double
  public var highestExponent: Double
  /// Sizes that it was fitted to.
  public var points: Int

  enum CodingKeys: String, CodingKey {
    case factor, exponent, points
    case lowestExponent = "lowest_exponent"
    case highestExponent = "highest_exponent"
  }

  /// - Parameter points: (frames, error), both above zero.
  /// - Returns: nil for fewer than three different numbers of frames.
  public init?(_ points: [SIMD2<Double>]) {
    let usable = points.filter { $0.x > 0 && $0.y > 0 && $0.x.isFinite && $0.y.isFinite }
    guard Set(usable.map(\.x)).count >= 3, let (intercept, slope) = Self.line(usable) else { return nil }
    factor = exp(intercept)
    exponent = -slope
    self.points = usable.count
    let others = usable.indices.compactMap { left -> Double? in
      let rest = usable.indices.filter { $0 != left }.map { usable[$0] }
      guard Set(rest.map(\.x)).count >= 3 else { return nil }
      return Self.line(rest).map { -$0.slope }
    }
    lowestExponent = min(others.min() ?? exponent, exponent)
    highestExponent = max(others.max() ?? exponent, exponent)
  }

  private static func line(_ points: [SIMD2<Double>]) -> (intercept: Double, slope: Double)? {
    let logs = points.map { SIMD2(log($0.x), log($0.y)) }
    let mean = logs.reduce(.zero, +) / Double(logs.count)
    let spread = logs.reduce(0) { $0 + ($1.x - mean.x) * ($1.x - mean.x) }
    guard spread > 0 else { return nil }
    let slope = logs.reduce(0) { $0 + ($1.x - mean.x) * ($1.y - mean.y) } / spread
    return (mean.y - slope * mean.x, slope)
  }

  /// The error at a number of frames.
  public func error(at frames: Double) -> Double { factor * pow(frames, -exponent) }

  /// What it takes to lower an error.
  public struct Purchase: Codable, Sendable, Equatable {
    /// Frames learned from so far, and the error that the law has there.
    public var frames: Int
    public var error: Double
    /// The error wanted.
    public var target: Double
    /// Frames to add.
    public var more: Double
    /// With the highest and the lowest exponent; nil where that exponent never gets there.
    public var fewest: Double?
    public var most: Double?
  }

  /// - Parameter step: what the error is to fall by, in its unit; half of the error where it is no larger than that.
  /// - Returns: nil where the error does not fall with the frames.
  public func purchase(of step: Double, at frames: Int) -> Purchase? {
    guard exponent > 1e-3, frames > 0 else { return nil }
    let now = error(at: Double(frames))
    let target = now > 1.5 * step ? now - step : now / 2
    func more(_ exponent: Double) -> Double? {
      guard exponent > 1e-3 else { return nil }
      let factor = pow(now / target, 1 / exponent)
      return factor.isFinite && factor < 1e9 ? Double(frames) * (factor - 1) : nil
    }
    guard let likely = more(exponent) else { return nil }
    return Purchase(
      frames: frames, error: now, target: target, more: likely, fewest: more(highestExponent),
      most: more(lowestExponent))
  }
}
