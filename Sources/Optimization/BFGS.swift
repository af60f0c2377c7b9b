import COpenBLAS

/// BFGS with the whole inverse Hessian (Nocedal and Wright, Numerical Optimization, eq. 6.17), asked for one point at a time.
///
///     d = −H g,  H' = H + (sᵀy + yᵀHy) s sᵀ/(sᵀy)² − (H y sᵀ + s yᵀH)/(sᵀy)
///
/// Line search and restarts are those of MLIP-2 (doi:10.1088/2632-2153/abc9fe): Wolfe's constants 0.1 and 0.5, a trial that
/// moves one of the first parameters by more than a limit is drawn back, H = I again where the direction is not one of
/// descent. H₀ is what the caller knows of it, or I. For some thousand parameters: H has their square. The whole state
/// can be taken out and put back.
public struct BFGS: Sendable {
  public struct Options: Sendable {
    /// How many parameters, from the first, may not move by more than `moveLimit` in one trial.
    public var limitedCount = 0
    public var moveLimit = 0.5
    /// Trials of one line search.
    public var searchLimit = 20
    /// For `isStationary`.
    public var gradientTolerance = 1e-12

    public init() {}
  }

  public let options: Options
  /// Where f and ∇f are wanted next.
  public private(set) var point: [Double]
  /// The newest accepted point, its value and gradient.
  public private(set) var accepted: [Double]
  public private(set) var value = Double.infinity
  /// Points accepted so far.
  public private(set) var acceptedCount = 0
  private var gradient: [Double] = []
  private var direction: [Double] = []
  /// By rows, symmetric, the upper triangle counts; empty where it is the unit matrix.
  private var inverse: [Double] = []
  private var search: LineSearch?
  private var trials = 0

  public init(start: [Double], options: Options = Options()) {
    self.options = options
    point = start
    accepted = start
  }

  /// Takes f and ∇f at `point` and chooses the next point.
  public mutating func advance(value newValue: Double, gradient newGradient: [Double]) -> LBFGS.Status {
    guard var search else {
      (value, gradient) = (newValue, newGradient)
      return startSearch()
    }
    trials += 1
    let slope = dot(newGradient, direction)
    let outcome =
      newValue.isFinite && slope.isFinite ? search.advance(value: newValue, slope: slope) : .exhausted
    self.search = search
    switch outcome {
    case .accepted:
      accept(value: newValue, gradient: newGradient)
      return startSearch()
    case .tryStep where trials < options.searchLimit:
      moveTo(step: search.step)
      return .evaluate
    case .tryStep, .exhausted:
      if inverse.isEmpty { return .lineSearchFailed }
      inverse = []
      return startSearch()
    }
  }

  /// Begins at a point.
  /// - Parameter inverse: H₀ by rows, symmetric and positive definite; empty for the unit matrix.
  public mutating func begin(at point: [Double], inverse: [Double] = []) {
    (self.point, accepted, search) = (point, point, nil)
    self.inverse = inverse
    (gradient, direction) = ([], [])
  }

  private mutating func accept(value newValue: Double, gradient newGradient: [Double]) {
    let s = zip(point, accepted).map { $0 - $1 }
    let y = zip(newGradient, gradient).map { $0 - $1 }
    (accepted, value, gradient) = (point, newValue, newGradient)
    acceptedCount += 1
    let sy = dot(s, y)
    if sy > 0x1p-52 * dot(y, y) { update(s, y, sy) }
  }

  private mutating func update(_ s: [Double], _ y: [Double], _ sy: Double) {
    let n = s.count
    if inverse.isEmpty {
      inverse = [Double](repeating: 0, count: n * n)
      // The unit matrix is scaled as the first pair says.
      let scale = acceptedCount == 1 ? sy / dot(y, y) : 1
      for k in 0..<n { inverse[k * n + k] = scale }
    }
    var hy = [Double](repeating: 0, count: n)
    let (size, width) = (Int32(n), Int32(n))
    cblas_dsymv(CblasRowMajor, CblasUpper, size, 1, inverse, width, y, 1, 0, &hy, 1)
    cblas_dsyr2(CblasRowMajor, CblasUpper, size, -1 / sy, hy, 1, s, 1, &inverse, width)
    cblas_dsyr(CblasRowMajor, CblasUpper, size, (sy + dot(y, hy)) / (sy * sy), s, 1, &inverse, width)
  }

  private mutating func startSearch() -> LBFGS.Status {
    if isStationary(gradient, value: value, tolerance: options.gradientTolerance) { return .converged }
    if inverse.isEmpty {
      direction = gradient.map { -$0 }
    } else {
      let n = Int32(gradient.count)
      direction = gradient
      cblas_dsymv(CblasRowMajor, CblasUpper, n, -1, inverse, n, gradient, 1, 0, &direction, 1)
    }
    var slope = dot(gradient, direction)
    if !(slope < 0) {
      inverse = []
      direction = gradient.map { -$0 }
      slope = dot(gradient, direction)
    }
    var step = inverse.isEmpty ? min(1, 1 / (-slope).squareRoot()) : 1
    let largest = direction.prefix(options.limitedCount).map(abs).max() ?? 0
    if step * largest > options.moveLimit { step = options.moveLimit / largest }
    search = LineSearch(value: value, slope: slope, step: step, sufficientDecrease: 0.1, curvature: 0.5)
    trials = 0
    moveTo(step: step)
    return .evaluate
  }

  private mutating func moveTo(step: Double) {
    point = accepted
    cblas_daxpy(Int32(point.count), step, direction, 1, &point, 1)
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { cblas_ddot(Int32(a.count), a, 1, b, 1) }
}

extension BFGS {
  /// The whole state as named arrays, for checkpoints.
  public var state: [String: [Double]] {
    [
      "point": point, "accepted": accepted, "gradient": gradient, "direction": direction, "inverse": inverse,
      "search": search?.numbers ?? [], "scalars": [value, Double(trials), Double(acceptedCount)],
    ]
  }

  /// The optimiser as it was when `state` was taken; nil where the arrays do not fit together.
  public init?(state: [String: [Double]], options: Options = Options()) {
    guard let point = state["point"], let accepted = state["accepted"], accepted.count == point.count,
      let gradient = state["gradient"], let direction = state["direction"], let inverse = state["inverse"],
      [0, point.count].contains(gradient.count),
      direction.count == gradient.count || (direction.isEmpty && state["search"]?.isEmpty == true),
      [0, point.count * point.count].contains(inverse.count), let search = state["search"],
      let scalars = state["scalars"], scalars.count == 3, (0..<1e6).contains(scalars[1]),
      (0..<1e9).contains(scalars[2])
    else { return nil }
    self.init(start: point, options: options)
    (self.accepted, self.gradient, self.direction, self.inverse) = (accepted, gradient, direction, inverse)
    (value, trials, acceptedCount) = (scalars[0], Int(scalars[1]), Int(scalars[2]))
    self.search =
      search.isEmpty ? nil : LineSearch(numbers: search, sufficientDecrease: 0.1, curvature: 0.5)
  }
}
