/// Sums over components (of forces, of stresses) from which their mean errors follow.
public struct ComponentSums: Sendable, Equatable {
  public private(set) var count = 0
  private var squares = 0.0
  private var absolutes = 0.0
  private var labelSquares = 0.0

  public init() {}

  public mutating func add(label: Double, predicted: Double) {
    let error = predicted - label
    count += 1
    squares += error * error
    absolutes += abs(error)
    labelSquares += label * label
  }

  public mutating func add(label: SIMD3<Double>, predicted: SIMD3<Double>) {
    for k in 0..<3 { add(label: label[k], predicted: predicted[k]) }
  }

  public mutating func add(_ other: ComponentSums) {
    count += other.count
    squares += other.squares
    absolutes += other.absolutes
    labelSquares += other.labelSquares
  }

  /// √(Σ Δ²/n), in the unit of what was added; nil where nothing was.
  public var rmse: Double? { count == 0 ? nil : (squares / Double(count)).squareRoot() }

  /// Σ |Δ|/n.
  public var mae: Double? { count == 0 ? nil : absolutes / Double(count) }

  /// √(Σ label²/n): the error of predicting zero.
  public var labelRMS: Double? { count == 0 ? nil : (labelSquares / Double(count)).squareRoot() }
}
