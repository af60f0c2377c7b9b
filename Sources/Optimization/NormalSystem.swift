import CLAPACKE
import COpenBLAS

/// Normal equations of columns of unit norm: good enough to choose a ridge by, not to solve with.
public struct NormalSystem: Sendable {
  let size: Int
  /// AᵀA by columns, upper triangle, and Aᵀb.
  var matrix: [Double]
  var right: [Double]

  public init(_ factor: TriangularFactor) {
    let n = factor.size - 1
    size = n
    matrix = [Double](repeating: 0, count: n * n)
    right = [Double](repeating: 0, count: n)
    cblas_dsyrk(
      CblasColMajor, CblasUpper, CblasTrans, Int32(n), Int32(n), 1, factor.values, Int32(factor.size), 0, &matrix,
      Int32(n))
    let b = Array(factor.values[n * (n + 1)..<n * (n + 1) + n])
    cblas_dgemv(
      CblasColMajor, CblasTrans, Int32(n), Int32(n), 1, factor.values, Int32(factor.size), b, 1, 0, &right, 1)
  }

  public init(sum parts: [NormalSystem]) {
    self = parts[0]
    for part in parts.dropFirst() {
      cblas_daxpy(Int32(matrix.count), 1, part.matrix, 1, &matrix, 1)
      for k in right.indices { right[k] += part.right[k] }
    }
  }

  /// x of (AᵀA + λ D²) x = Aᵀb with D the norms of the columns; nil where that is not positive definite.
  public func solve(ridge: Double) -> [Double]? {
    let norms = (0..<size).map { matrix[$0 * size + $0].squareRoot() }
    var a = matrix
    var y = right
    for column in 0..<size {
      let norm = norms[column] > 0 ? norms[column] : 1
      y[column] /= norm
      for row in 0...column { a[column * size + row] /= norm * (norms[row] > 0 ? norms[row] : 1) }
      a[column * size + column] += norms[column] > 0 ? ridge : 1
    }
    guard LAPACKE_dpotrf(LAPACK_COL_MAJOR, 0x55, Int32(size), &a, Int32(size)) == 0 else { return nil }
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasTrans, CblasNonUnit, Int32(size), a, Int32(size), &y, 1)
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(size), a, Int32(size), &y, 1)
    return y.indices.map { norms[$0] > 0 ? y[$0] / norms[$0] : 0 }
  }
}

extension TriangularFactor {
  /// ‖A x − b‖² of all rows.
  public func squaredResidual(of x: [Double]) -> Double {
    var product = x + [-1]
    cblas_dtrmv(
      CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(size), values, Int32(size), &product, 1)
    return product.reduce(0) { $0 + $1 * $1 }
  }

  /// The upper triangle by columns.
  public var packed: [Double] {
    var result: [Double] = []
    result.reserveCapacity(size * (size + 1) / 2)
    for column in 0..<size { result += values[column * size...column * size + column] }
    return result
  }

  /// - Returns: nil where the count does not fit.
  public init?(packed: [Double], size: Int, rows: Int) {
    guard packed.count == size * (size + 1) / 2, size > 0 else { return nil }
    var values = [Double](repeating: 0, count: size * size)
    var at = 0
    for column in 0..<size {
      for row in 0...column { values[column * size + row] = packed[at + row] }
      at += column + 1
    }
    self.init(size: size, values: values, rows: rows)
  }
}
