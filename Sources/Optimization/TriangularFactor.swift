import CLAPACKE
import COpenBLAS

/// The triangular factor of a tall matrix that is never held whole (TSQR): rows come in blocks and are taken in by
/// Householder reflections, [R; block] = Q [R'; 0].
///
/// The last column is the right-hand side b, so that the factor holds R, Qᵀb and, in its corner, the residual norm. The
/// result is that of one QR of all rows, whatever the blocks; the bits depend on the blocks, not on the threads.
public struct TriangularFactor: Sendable {
  /// Columns, the right-hand side included.
  public let size: Int
  /// By columns, upper triangle.
  public var values: [Double]
  /// Rows taken in so far.
  public private(set) var rows = 0

  private static let innerPanel = 16
  /// Columns of one panel, and of one task of the update behind it: of many columns wide ones, because each panel copies
  /// the columns of a task, and each task those of the panel, before they are multiplied.
  private var panel: Int { size > 1024 ? 256 : 128 }
  private var task: Int { size > 1024 ? 640 : 192 }

  public init(size: Int) {
    SingleThreadedBLAS.isSet
    self.size = size
    values = [Double](repeating: 0, count: size * size)
  }

  /// - Parameters:
  ///   - values: by columns, `size` × `size`.
  ///   - rows: how many rows it stands for.
  public init(size: Int, values: [Double], rows: Int) {
    precondition(values.count == size * size, "a square matrix")
    SingleThreadedBLAS.isSet
    self.size = size
    self.values = values
    self.rows = rows
  }

  /// Takes in a block of rows.
  /// - Parameters:
  ///   - block: by columns, `stride` numbers a column; destroyed.
  ///   - counted: how many rows of data it stands for; its own unless it is a factor itself.
  public mutating func absorb(
    _ block: inout [Double], rows count: Int, stride: Int, threads: Int, counted: Int? = nil
  ) {
    rows += counted ?? count
    guard count > 0 else { return }
    let (size, panel, task) = (size, panel, task)
    values.withUnsafeMutableBufferPointer { r in
      block.withUnsafeMutableBufferPointer { b in
        guard let r = r.baseAddress, let b = b.baseAddress else { return }
        let shape = Reflection.Shape(size: size, rows: count, stride: stride)
        for first in Swift.stride(from: 0, to: size, by: panel) {
          let width = min(panel, size - first)
          let t = Reflection.factorPanel(r, b, shape, first: first, width: width, base: Self.innerPanel)
          let start = first + width
          let tasks = (size - start + task - 1) / task
          let matrices = Matrices(r: r, b: b)
          // Columns of a task are updated alone: the bits do not depend on who does it.
          parallelColumns(tasks, threads) { k in
            let column = start + k * task
            Reflection.apply(
              matrices.r, matrices.b, shape, panel: first, width: width, t: t,
              columns: column..<min(column + task, size))
          }
        }
      }
    }
  }

  /// Takes in another factor of the same columns.
  public mutating func absorb(_ other: TriangularFactor, threads: Int) {
    var block = other.values
    absorb(&block, rows: size, stride: size, threads: threads, counted: other.rows)
  }

  private struct Matrices: @unchecked Sendable {
    let r: UnsafeMutablePointer<Double>
    let b: UnsafeMutablePointer<Double>
  }
}

/// One panel of a blocked Householder factorisation of [R; B] with R upper triangular.
private enum Reflection {
  struct Shape: Sendable {
    var size: Int
    var rows: Int
    var stride: Int
  }

  /// Factors the columns first ..< first + width in halves down to `base` columns.
  /// - Returns: T of Q = I − V T Vᵀ, by columns, width × width; V = [I; B].
  static func factorPanel(
    _ r: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, _ shape: Shape, first: Int, width: Int,
    base: Int
  ) -> [Double] {
    var t = [Double](repeating: 0, count: width * width)
    if width <= base {
      var work = [Double](repeating: 0, count: width * width)
      _ = LAPACKE_dtpqrt_work(
        LAPACK_COL_MAJOR, Int32(shape.rows), Int32(width), 0, Int32(width), r + first * shape.size + first,
        Int32(shape.size), b + first * shape.stride, Int32(shape.stride), &t, Int32(width), &work)
      // What stands below the diagonal is not defined.
      for column in 0..<width {
        for row in column + 1..<max(width, column + 1) { t[column * width + row] = 0 }
      }
      return t
    }
    let left = width / 2
    let right = width - left
    let t1 = factorPanel(r, b, shape, first: first, width: left, base: base)
    apply(r, b, shape, panel: first, width: left, t: t1, columns: first + left..<first + width)
    let t2 = factorPanel(r, b, shape, first: first + left, width: right, base: base)
    for column in 0..<left { for row in 0...column { t[column * width + row] = t1[column * left + row] } }
    for column in 0..<right {
      for row in 0...column { t[(left + column) * width + left + row] = t2[column * right + row] }
    }
    // T₁₂ = −T₁ V₁ᵀ V₂ T₂; the unit parts of V₁ and V₂ do not meet.
    var corner = [Double](repeating: 0, count: left * right)
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(left), Int32(right), Int32(shape.rows), -1,
      b + first * shape.stride, Int32(shape.stride), b + (first + left) * shape.stride, Int32(shape.stride), 0,
      &corner, Int32(left))
    cblas_dtrmm(
      CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(left), Int32(right), 1, t1,
      Int32(left),
      &corner, Int32(left))
    cblas_dtrmm(
      CblasColMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(left), Int32(right), 1, t2,
      Int32(right), &corner, Int32(left))
    for column in 0..<right {
      for row in 0..<left { t[(left + column) * width + row] = corner[column * left + row] }
    }
    return t
  }

  /// Columns of [R; B] become Qᵀ times themselves.
  static func apply(
    _ r: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, _ shape: Shape, panel: Int, width: Int,
    t: [Double], columns: Range<Int>
  ) {
    let count = columns.count
    var w = [Double](repeating: 0, count: width * count)
    for k in 0..<count {
      let from = r + (columns.lowerBound + k) * shape.size + panel
      for row in 0..<width { w[k * width + row] = from[row] }
    }
    let v = b + panel * shape.stride
    let target = b + columns.lowerBound * shape.stride
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(width), Int32(count), Int32(shape.rows), 1, v,
      Int32(shape.stride), target, Int32(shape.stride), 1, &w, Int32(width))
    cblas_dtrmm(
      CblasColMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, Int32(width), Int32(count), 1, t,
      Int32(width),
      &w, Int32(width))
    for k in 0..<count {
      let to = r + (columns.lowerBound + k) * shape.size + panel
      for row in 0..<width { to[row] -= w[k * width + row] }
    }
    cblas_dgemm(
      CblasColMajor, CblasNoTrans, CblasNoTrans, Int32(shape.rows), Int32(count), Int32(width), -1, v,
      Int32(shape.stride), w, Int32(width), 1, target, Int32(shape.stride))
  }
}
