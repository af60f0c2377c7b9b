import COpenBLAS

/// Limited-memory BFGS (Liu and Nocedal 1989, doi:10.1007/BF01589116), asked for one point at a time.
///
///     d = −H g,  H from the m newest pairs s = x' − x, y = g' − g by the two-loop recursion,
///     H₀ = (sᵀy/yᵀy) I
///
/// The caller evaluates f and ∇f at `point` and hands them to `advance`; that is one "epoch" as aenet counts, line
/// search trials included. With m = 20 and pgtol = 1e−6 it is the unbounded case of L-BFGS-B 3.0
/// (doi:10.1145/2049662.2049669). The whole state can be taken out and put back, bit for bit.
public struct LBFGS: Sendable {
  public struct Options: Sendable {
    /// Pairs kept.
    public var memory = 20
    /// Stop where max |∂f/∂x_k| is below this, in units of f.
    public var gradientTolerance = 1e-6
    /// Trials of one line search.
    public var searchLimit = 20

    public init() {}
  }

  public enum Status: Hashable, Sendable {
    /// `point` wants to be evaluated.
    case evaluate
    /// max |∂f/∂x_k| ≤ tolerance.
    case converged
    /// No lower value along steepest descent: rounding, or a wrong gradient.
    case lineSearchFailed
  }

  public let options: Options
  /// Where f and ∇f are wanted next.
  public private(set) var point: [Double]
  /// The newest accepted point, its value and gradient.
  public private(set) var accepted: [Double]
  public private(set) var value = Double.infinity
  private var gradient: [Double] = []
  private var direction: [Double] = []
  private var pairs: [(s: [Double], y: [Double], sy: Double)] = []
  private var search: LineSearch?
  private var trials = 0

  public init(start: [Double], options: Options = Options()) {
    self.options = options
    point = start
    accepted = start
  }

  /// Takes f and ∇f at `point` and chooses the next point.
  public mutating func advance(value newValue: Double, gradient newGradient: [Double]) -> Status {
    guard var search else { return begin(value: newValue, gradient: newGradient) }
    trials += 1
    let slope = dot(newGradient, direction)
    let isFinite = newValue.isFinite && slope.isFinite
    // A trial where f is not a number is as bad as a trial can be: go back towards the accepted point.
    let outcome = isFinite ? search.advance(value: newValue, slope: slope) : .exhausted
    self.search = search
    switch outcome {
    case .accepted: return accept(value: newValue, gradient: newGradient, step: search.step)
    case .tryStep where trials < options.searchLimit:
      moveTo(step: search.step)
      return .evaluate
    case .tryStep, .exhausted: return restart()
    }
  }

  private mutating func begin(value: Double, gradient: [Double]) -> Status {
    self.value = value
    self.gradient = gradient
    return startSearch()
  }

  private mutating func accept(value newValue: Double, gradient newGradient: [Double], step: Double) -> Status {
    let s = zip(point, accepted).map { $0 - $1 }
    let y = zip(newGradient, gradient).map { $0 - $1 }
    let sy = dot(s, y)
    if sy > 0x1p-52 * dot(y, y) {
      if pairs.count == options.memory { pairs.removeFirst() }
      pairs.append((s, y, sy))
    }
    accepted = point
    value = newValue
    gradient = newGradient
    return startSearch()
  }

  /// Forgets the pairs and tries steepest descent; a second failure ends the run.
  private mutating func restart() -> Status {
    if pairs.isEmpty { return .lineSearchFailed }
    pairs = []
    return startSearch()
  }

  private mutating func startSearch() -> Status {
    if (gradient.map(abs).max() ?? 0) <= options.gradientTolerance { return .converged }
    direction = Self.direction(gradient: gradient, pairs: pairs)
    var slope = dot(gradient, direction)
    if !(slope < 0) {
      pairs = []
      direction = gradient.map { -$0 }
      slope = -dot(gradient, gradient)
    }
    let first = min(1, 1 / (-slope).squareRoot())
    let step = pairs.isEmpty ? first : 1
    search = LineSearch(value: value, slope: slope, step: step)
    trials = 0
    moveTo(step: step)
    return .evaluate
  }

  private mutating func moveTo(step: Double) {
    point = accepted
    cblas_daxpy(Int32(point.count), step, direction, 1, &point, 1)
  }

  /// −H g by the two-loop recursion (Nocedal and Wright, Numerical Optimization, algorithm 7.4).
  package static func direction(gradient: [Double], pairs: [(s: [Double], y: [Double], sy: Double)]) -> [Double] {
    let n = Int32(gradient.count)
    var q = gradient
    var weights = [Double](repeating: 0, count: pairs.count)
    for k in pairs.indices.reversed() {
      weights[k] = cblas_ddot(n, pairs[k].s, 1, q, 1) / pairs[k].sy
      cblas_daxpy(n, -weights[k], pairs[k].y, 1, &q, 1)
    }
    if let newest = pairs.last { cblas_dscal(n, newest.sy / cblas_ddot(n, newest.y, 1, newest.y, 1), &q, 1) }
    for k in pairs.indices {
      let beta = cblas_ddot(n, pairs[k].y, 1, q, 1) / pairs[k].sy
      cblas_daxpy(n, weights[k] - beta, pairs[k].s, 1, &q, 1)
    }
    cblas_dscal(n, -1, &q, 1)
    return q
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { cblas_ddot(Int32(a.count), a, 1, b, 1) }
}

extension LBFGS {
  /// The whole state as named arrays, for checkpoints.
  public var state: [String: [Double]] {
    [
      "point": point, "accepted": accepted, "gradient": gradient, "direction": direction,
      "s": pairs.flatMap(\.s), "y": pairs.flatMap(\.y), "sy": pairs.map(\.sy),
      "search": search?.numbers ?? [], "scalars": [value, Double(trials)],
    ]
  }

  /// The optimiser as it was when `state` was taken; nil where the arrays do not fit together.
  public init?(state: [String: [Double]], options: Options = Options()) {
    guard let point = state["point"], let accepted = state["accepted"], accepted.count == point.count,
      let gradient = state["gradient"], let direction = state["direction"], let s = state["s"], let y = state["y"],
      let sy = state["sy"], s.count == sy.count * point.count, y.count == s.count, sy.count <= options.memory,
      [0, point.count].contains(gradient.count), direction.count == gradient.count, let search = state["search"],
      let scalars = state["scalars"], scalars.count == 2, scalars[1] >= 0, scalars[1] < 1e6
    else { return nil }
    self.init(start: point, options: options)
    self.accepted = accepted
    self.gradient = gradient
    self.direction = direction
    let n = point.count
    pairs = sy.indices.map { (Array(s[$0 * n..<($0 + 1) * n]), Array(y[$0 * n..<($0 + 1) * n]), sy[$0]) }
    value = scalars[0]
    trials = Int(scalars[1])
    self.search = search.isEmpty ? nil : LineSearch(numbers: search)
  }
}
