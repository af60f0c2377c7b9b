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

  /// H += Jᵀ J, panels of columns side by side.
  public mutating func addProduct(of jacobian: [Double], rows: Int, threads: Int) {
    // Panels do not depend on the threads: the same bits at any number of them.
    let width = 256
    guard rows > 0 else { return }
    guard size > width else { return addProduct(of: jacobian, rows: rows) }
    let size = size
    matrix.withUnsafeMutableBufferPointer { matrix in
      jacobian.withUnsafeBufferPointer { jacobian in
        let (target, source) = (PanelPointer(matrix.baseAddress!), jacobian.baseAddress!)
        let shared = PanelPointer(UnsafeMutablePointer(mutating: source))
        parallelColumns((size + width - 1) / width, threads) { panel in
          // Rows first ..< last of the lower triangle.
          let (first, last) = (panel * width, min(size, (panel + 1) * width))
          cblas_dgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(last - first), Int32(last), Int32(rows), 1,
            shared.pointer + first, Int32(size), shared.pointer, Int32(size), 1, target.pointer + first * size,
            Int32(size))
        }
      }
    }
  }

  private struct PanelPointer: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Double>
    init(_ pointer: UnsafeMutablePointer<Double>) { self.pointer = pointer }
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

    /// (H + δ I)⁻¹ by rows; empty where it has none.
    public func inverse() -> [Double] {
      var inverse = values
      guard LAPACKE_dpotri(LAPACK_ROW_MAJOR, 0x4C, Int32(size), &inverse, Int32(size)) == 0 else { return [] }
      for row in 0..<size {
        for column in 0..<row { inverse[column * size + row] = inverse[row * size + column] }
      }
      return inverse
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
