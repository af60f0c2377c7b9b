import CLAPACKE

/// Linear least squares min ‖A x − b‖₂ by singular values.
public enum LeastSquares {
  public struct Solution: Sendable {
    /// The solution of least norm.
    public var x: [Double]
    public var rank: Int
    /// Largest over smallest singular value that counts.
    public var condition: Double
    /// Directions of x that A does not see: unit vectors, one for each missing rank.
    public var freeDirections: [[Double]]
  }

  /// - Parameters:
  ///   - matrix: `rows` × `columns`, by rows.
  ///   - relativeTolerance: singular values below this part of the largest count as zero.
  /// - Returns: nil where LAPACK's iteration does not converge or a number is not finite.
  public static func minimumNorm(
    matrix: [Double], columns: Int, rightHandSide: [Double], relativeTolerance: Double = 1e-10
  ) -> Solution? {
    let rows = rightHandSide.count
    precondition(matrix.count == rows * columns, "matrix of rows × columns")
    guard rows > 0, columns > 0, matrix.allSatisfy(\.isFinite), rightHandSide.allSatisfy(\.isFinite) else {
      return nil
    }
    var a = matrix
    var singular = [Double](repeating: 0, count: min(rows, columns))
    var u = [Double](repeating: 0, count: rows * min(rows, columns))
    // All rows of Vᵀ are wanted, so that the null space is there when rows < columns; pad with zero rows then.
    var padded = rows
    if rows < columns {
      a += [Double](repeating: 0, count: (columns - rows) * columns)
      padded = columns
      singular = [Double](repeating: 0, count: columns)
      u = [Double](repeating: 0, count: columns * columns)
    }
    var vt = [Double](repeating: 0, count: columns * columns)
    let info = LAPACKE_dgesdd(
      LAPACK_ROW_MAJOR, 0x53, Int32(padded), Int32(columns), &a, Int32(columns), &singular, &u,
      Int32(columns), &vt, Int32(columns))
    guard info == 0 else { return nil }
    let largest = singular[0]
    let rank = singular.prefix { $0 > relativeTolerance * largest && $0 > 0 }.count
    var x = [Double](repeating: 0, count: columns)
    for k in 0..<rank {
      var projection = 0.0
      for row in 0..<rows { projection += u[row * columns + k] * rightHandSide[row] }
      for column in 0..<columns { x[column] += projection / singular[k] * vt[k * columns + column] }
    }
    return Solution(
      x: x, rank: rank, condition: rank > 0 ? largest / singular[rank - 1] : 0,
      freeDirections: (rank..<columns).map { Array(vt[$0 * columns..<($0 + 1) * columns]) })
  }
}
