import CLAPACKE
import COpenBLAS

/// min ‖A x − b‖² + λ ‖D x‖² from the triangular factor of [A b].
///
/// Columns are scaled to unit norm first (D are their norms), so that λ and the cutoff of singular values are relative.
public struct LinearSolver: Sendable {
  /// λ: 0 for none.
  public var ridge: Double
  /// Singular values below this part of the largest are left out; 0 keeps all (QR). Not used beside a ridge.
  public var singularCutoff: Double

  public init(ridge: Double = 0, singularCutoff: Double = 0) {
    self.ridge = ridge
    self.singularCutoff = singularCutoff
  }

  /// Beyond this, singular values take too long: rank and condition come from the diagonal and an estimate.
  public static let largestDecomposition = 1600

  public struct Solution: Sendable {
    public var x: [Double]
    /// Columns that the data determine: singular values above 1e−13 of the largest.
    public var rank: Int
    /// Largest over smallest singular value that counts, of the scaled columns, without the ridge.
    public var condition: Double
    /// Columns that are zero in every row.
    public var emptyColumns: [Int]
    public var ridge: Double
    /// ‖A x − b‖².
    public var residual: Double
  }

  /// - Returns: nil where a number is not finite or LAPACK does not converge.
  public func solve(_ factor: TriangularFactor, threads: Int = 1) -> Solution? {
    let n = factor.size - 1
    let (r, norms) = Self.scaled(factor)
    guard norms.allSatisfy(\.isFinite), factor.values.allSatisfy(\.isFinite) else { return nil }
    let d = (0..<n).map { factor.values[n * (n + 1) + $0] }
    var y: [Double]
    let rank: Int
    let condition: Double
    if ridge > 0 || n > Self.largestDecomposition {
      (rank, condition) = Self.rank(r, n, norms)
      y = triangular(r, d, n, threads)
    } else {
      guard let result = decomposed(r, d, n) else { return nil }
      (y, rank, condition) = result
    }
    guard y.allSatisfy(\.isFinite) else { return nil }
    let residual = Self.residual(r, y, d, corner: factor.values[n * (n + 1) + n])
    let empty = norms.indices.filter { norms[$0] == 0 }
    for k in 0..<n { y[k] = norms[k] > 0 ? y[k] / norms[k] : 0 }
    return Solution(
      x: y, rank: rank, condition: condition, emptyColumns: empty, ridge: ridge, residual: residual)
  }

  /// R without the right-hand side and with columns of unit norm, by columns; and the norms.
  static func scaled(_ factor: TriangularFactor) -> (r: [Double], norms: [Double]) {
    let n = factor.size - 1
    var r = [Double](repeating: 0, count: n * n)
    var norms = [Double](repeating: 0, count: n)
    for column in 0..<n {
      let start = column * factor.size
      norms[column] = cblas_dnrm2(Int32(column + 1), Array(factor.values[start...start + column]), 1)
      guard norms[column] > 0 else { continue }
      for row in 0...column { r[column * n + row] = factor.values[start + row] / norms[column] }
    }
    return (r, norms)
  }

  /// ‖R y − d‖² and what no y can mend.
  private static func residual(_ r: [Double], _ y: [Double], _ d: [Double], corner: Double) -> Double {
    let n = d.count
    guard n > 0 else { return corner * corner }
    var product = y
    cblas_dtrmv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(n), r, Int32(n), &product, 1)
    return zip(product, d).reduce(corner * corner) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  /// By [R; √λ I], or by R alone, where columns that R does not determine get 0.
  private func triangular(_ r: [Double], _ d: [Double], _ n: Int, _ threads: Int) -> [Double] {
    var factor = TriangularFactor(size: n + 1)
    for column in 0..<n {
      for row in 0...column { factor.values[column * (n + 1) + row] = r[column * n + row] }
    }
    for row in 0..<n { factor.values[n * (n + 1) + row] = d[row] }
    if ridge > 0 {
      let root = ridge.squareRoot()
      // In strips, so that no second square is needed.
      for first in stride(from: 0, to: n, by: 512) {
        let count = min(512, n - first)
        var block = [Double](repeating: 0, count: count * (n + 1))
        for k in 0..<count { block[(first + k) * count + k] = root }
        factor.absorb(&block, rows: count, stride: count, threads: threads)
      }
    }
    var y = (0..<n).map { factor.values[n * (n + 1) + $0] }
    let largest = (0..<n).map { abs(factor.values[$0 * (n + 1) + $0]) }.max() ?? 0
    for k in stride(from: n - 1, through: 0, by: -1) {
      let pivot = factor.values[k * (n + 1) + k]
      y[k] = abs(pivot) > 1e-14 * largest ? y[k] / pivot : 0
      let value = y[k]
      if value != 0 { for row in 0..<k { y[row] -= value * factor.values[k * (n + 1) + row] } }
    }
    return y
  }

  /// By singular values.
  private func decomposed(_ r: [Double], _ d: [Double], _ n: Int) -> ([Double], Int, Double)? {
    guard n > 0 else { return ([], 0, 1) }
    var a = r
    var singular = [Double](repeating: 0, count: n)
    var u = [Double](repeating: 0, count: n * n)
    var vt = u
    let info = LAPACKE_dgesdd(
      LAPACK_COL_MAJOR, 0x53, Int32(n), Int32(n), &a, Int32(n), &singular, &u, Int32(n), &vt, Int32(n))
    guard info == 0 else { return nil }
    let rank = singular.prefix { $0 > 1e-13 * singular[0] }.count
    let kept = singularCutoff > 0 ? singular.prefix { $0 > singularCutoff * singular[0] }.count : rank
    var projections = [Double](repeating: 0, count: n)
    cblas_dgemv(CblasColMajor, CblasTrans, Int32(n), Int32(n), 1, u, Int32(n), d, 1, 0, &projections, 1)
    for k in 0..<n { projections[k] = k < kept ? projections[k] / singular[k] : 0 }
    var y = [Double](repeating: 0, count: n)
    cblas_dgemv(CblasColMajor, CblasTrans, Int32(n), Int32(n), 1, vt, Int32(n), projections, 1, 0, &y, 1)
    return (y, rank, rank > 0 ? singular[0] / singular[rank - 1] : 0)
  }

  /// Rank and condition without singular vectors; an estimate where there are many columns.
  private static func rank(_ r: [Double], _ n: Int, _ norms: [Double]) -> (Int, Double) {
    guard n > 0 else { return (0, 1) }
    if n <= largestDecomposition {
      var a = r
      var singular = [Double](repeating: 0, count: n)
      LAPACKE_dgesdd(
        LAPACK_COL_MAJOR, 0x4E, Int32(n), Int32(n), &a, Int32(n), &singular, nil, 1, nil, 1)
      let rank = singular.prefix { $0 > 1e-13 * singular[0] }.count
      return (rank, rank > 0 ? singular[0] / singular[rank - 1] : 0)
    }
    let diagonal = (0..<n).map { abs(r[$0 * n + $0]) }
    let largest = diagonal.max() ?? 0
    let rank = diagonal.filter { $0 > 1e-13 * largest }.count
    var reciprocal = 0.0
    LAPACKE_dtrcon(LAPACK_COL_MAJOR, 0x31, 0x55, 0x4E, Int32(n), r, Int32(n), &reciprocal)
    return (rank, reciprocal > 0 ? 1 / reciprocal : .infinity)
  }
}
