#if canImport(Glibc)
  import Glibc
#endif

/// Adam (Kingma and Ba 2015, arXiv:1412.6980) with averaged parameters.
///
///     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
///     x ← x − lr [m̂/(√v̂ + ε) + λ x],  m̂ = m/(1 − β₁ᵗ),  v̂ = v/(1 − β₂ᵗ)
///     x̄ ← d x̄ + (1 − d) x,  d = min(decay, (1 + t)/(10 + t))
public struct Adam: Sendable {
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  /// Largest d of the average.
  public let averageDecay: Double
  public private(set) var parameters: [Double]
  /// x̄.
  public private(set) var averaged: [Double]
  private var first: [Double]
  private var second: [Double]
  /// t.
  public private(set) var steps = 0

  public init(
    start: [Double], averageDecay: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    parameters = start
    averaged = start
    first = [Double](repeating: 0, count: start.count)
    second = first
    self.averageDecay = averageDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// - Parameter weightDecay: λ, decoupled from the gradient (AdamW, Loshchilov and Hutter 2019, arXiv:1711.05101).
  public mutating func step(gradient: [Double], learningRate: Double, weightDecay: Double = 0) {
    steps += 1
    let t = Double(steps)
    let correction1 = 1 - pow(beta1, t)
    let correction2 = 1 - pow(beta2, t)
    let decay = min(averageDecay, (1 + t) / (10 + t))
    for k in parameters.indices {
      let g = gradient[k]
      first[k] = beta1 * first[k] + (1 - beta1) * g
      second[k] = beta2 * second[k] + (1 - beta2) * g * g
      if weightDecay > 0 { parameters[k] -= learningRate * weightDecay * parameters[k] }
      parameters[k] -= learningRate * (first[k] / correction1) / ((second[k] / correction2).squareRoot() + epsilon)
      averaged[k] = decay * averaged[k] + (1 - decay) * parameters[k]
    }
  }

  /// The whole state as named arrays, for checkpoints.
  public var state: [String: [Double]] {
    ["parameters": parameters, "averaged": averaged, "first": first, "second": second, "steps": [Double(steps)]]
  }

  /// False where the arrays do not fit.
  public mutating func restore(_ state: [String: [Double]]) -> Bool {
    let names = ["parameters", "averaged", "first", "second"]
    guard names.allSatisfy({ state[$0]?.count == parameters.count }), let steps = state["steps"]?.first,
      (0..<1e15).contains(steps)
    else { return false }
    parameters = state["parameters"] ?? []
    averaged = state["averaged"] ?? []
    first = state["first"] ?? []
    second = state["second"] ?? []
    self.steps = Int(steps)
    return true
  }
}
