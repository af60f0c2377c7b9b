import CLAPACKE

/// Cholesky factors of symmetric positive definite matrices.
public enum Cholesky {
  /// Replaces a symmetric matrix by the upper triangle U with UᵀU = A, by columns; what is below is zero.
  /// - Returns: false where the matrix is not positive definite.
  public static func factor(_ matrix: inout [Double], size: Int) -> Bool {
    guard size > 0 else { return true }
    guard LAPACKE_dpotrf(LAPACK_COL_MAJOR, 0x55, Int32(size), &matrix, Int32(size)) == 0 else { return false }
    for column in 0..<size {
      for row in column + 1..<max(size, column + 1) { matrix[column * size + row] = 0 }
    }
    return true
  }

  /// A⁻¹ B from the factor of A, B by columns.
  public static func solve(_ factor: [Double], size: Int, _ rightHandSides: inout [Double]) {
    guard size > 0 else { return }
    LAPACKE_dpotrs(
      LAPACK_COL_MAJOR, 0x55, Int32(size), Int32(rightHandSides.count / size), factor, Int32(size), &rightHandSides,
      Int32(size))
  }
}
