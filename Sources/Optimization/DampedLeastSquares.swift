import CLAPACKE
import COpenBLAS

/// The symmetric system (H + δ I) x = b of a damped Gauss–Newton step.
public struct DampedSystem: Sendable {
  public let size: Int
  /// H by rows, lower triangle.
  public var matrix: [Double]

  public init(size: Int) {
    self.size = size
    matrix = [Double](repeating: 0, count: size * size)
  }

  /// H += Jᵀ J of `rows` rows of J.
  public mutating func addProduct(of jacobian: [Double], rows: Int) {
    guard rows > 0 else { return }
    cblas_dsyrk(
      CblasRowMajor, CblasLower, CblasTrans, Int32(size), Int32(rows), 1, jacobian, Int32(size), 1, &matrix,
      Int32(size))
  }

  public static func += (a: inout DampedSystem, b: DampedSystem) {
    cblas_daxpy(Int32(a.matrix.count), 1, b.matrix, 1, &a.matrix, 1)
  }

  /// The Cholesky factor of H + diag(δ).
  /// - Returns: nil where that is not positive definite.
  public func factor(damping: [Double]) -> Factor? {
    var l = matrix
    for k in 0..<size { l[k * size + k] += damping[k] }
    guard LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 0x4C, Int32(size), &l, Int32(size)) == 0 else { return nil }
    return Factor(size: size, values: l)
  }

  public struct Factor: Sendable {
    let size: Int
    let values: [Double]

    /// x with (H + δ I) x = b.
    public func solve(_ b: [Double]) -> [Double] {
      var x = b
      cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, Int32(size), values, Int32(size), &x, 1)
      cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, Int32(size), values, Int32(size), &x, 1)
      return x
    }

    /// The diagonal of (H + δ I)⁻¹: sums of squares of the columns of L⁻¹.
    public func inverseDiagonal() -> [Double] {
      var inverse = values
      guard LAPACKE_dtrtri(LAPACK_ROW_MAJOR, 0x4C, 0x4E, Int32(size), &inverse, Int32(size)) == 0 else { return [] }
      var diagonal = [Double](repeating: 0, count: size)
      for row in 0..<size {
        for column in 0...row { diagonal[column] += inverse[row * size + column] * inverse[row * size + column] }
      }
      return diagonal
    }
  }
}
