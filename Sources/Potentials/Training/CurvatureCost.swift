/// Rows of random sums of forces and virials, from which Gauss–Newton and BFGS make their matrix.
enum CurvatureRows {
  /// For each parameter.
  static let perParameter = 4

  /// Sums of each frame.
  static func draws(parameters: Int, frames: Int) -> Int {
    max(1, (perParameter * parameters + frames - 1) / max(1, frames))
  }
}

/// What a method costs that goes through all frames each epoch, a matrix over all parameters included.
struct CurvatureCost {
  /// Of an epoch on one thread, s.
  let epochSeconds: Double
  /// Of square matrices and the rows that they are summed from, bytes.
  let bytes: Int

  /// - Parameters:
  ///   - frames: that are learned from.
  ///   - pass: one pass of loss and gradient on one thread, s.
  init(_ descent: DescentSettings, parameters: Int, frames: Int, pass: Double) {
    guard descent.method == .gaussNewton || descent.method == .bfgs else {
      (epochSeconds, bytes) = (pass, 0)
      return
    }
    let draws = CurvatureRows.draws(parameters: parameters, frames: frames)
    let size = Double(parameters)
    // For each row of a frame some 0.7 of a pass, then products and factors at 15 GF/s.
    let matrix = 0.7 * Double(draws + 1) * pass + (Double(draws * frames) + size / 3) * size * size / 15e9
    // Two steps in three of Gauss–Newton are kept and make one, of BFGS two in some ninety.
    epochSeconds = pass + (descent.method == .bfgs ? 0.02 * matrix + 3e-9 * size * size : 0.67 * matrix)
    bytes = 8 * 6 * parameters * parameters + (64 << 20)
  }
}
