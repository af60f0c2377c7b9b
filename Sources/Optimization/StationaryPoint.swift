/// True where no derivative counts any more: max |∂f/∂x_k| is not above `tolerance` times |f|, which counts as 1e-6 at least, so
/// that a function that vanishes comes to an end, and as 1 at most.
public func isStationary(_ gradient: [Double], value: Double, tolerance: Double) -> Bool {
  (gradient.map(abs).max() ?? 0) <= tolerance * min(1, max(1e-6, abs(value)))
}
