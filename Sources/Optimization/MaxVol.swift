import CLAPACKE
import COpenBLAS

/// A square set of rows of largest volume, and the extrapolation grade of other rows by it (D-optimality).
///
///     c = b A⁻¹,  γ(b) = max_j |c_j|
///
/// γ ≤ 1: the row b is a combination of active rows with coefficients of at most 1.
public struct MaxVol: Sendable {
  public let size: Int
  /// A by rows.
  public private(set) var rows: [Double]
  /// What each active row is: the caller's number of the row that was taken, −1 for one of the start.
  public private(set) var members: [Int]
  /// A⁻¹ by rows.
  private var inverse: [Double]
  private var swapsSinceInversion = 0

  private static let swapsBetweenInversions = 500

  /// Starts from ε I, which every real row beats.
  public init(size: Int, epsilon: Double = 1e-5) {
    SingleThreadedBLAS.isSet
    self.size = size
    rows = [Double](repeating: 0, count: size * size)
    inverse = rows
    members = [Int](repeating: -1, count: size)
    for k in 0..<size {
      rows[k * size + k] = epsilon
      inverse[k * size + k] = 1 / epsilon
    }
  }

  /// Starts from rows with their numbers.
  /// - Returns: nil where they are dependent.
  public init?(rows: [Double], members: [Int]) {
    precondition(rows.count == members.count * members.count, "as many rows as columns")
    SingleThreadedBLAS.isSet
    size = members.count
    self.rows = rows
    self.members = members
    guard let inverse = Self.inverse(rows, members.count) else { return nil }
    self.inverse = inverse
  }

  /// Starts from the pivots of an LU factorisation of some rows with ε I below them: near the largest volume, and of
  /// full rank whatever the rows are.
  public init(pivotsOf pool: [Double], numbers: [Int], size: Int, epsilon: Double = 1e-5) {
    self.init(size: size, epsilon: epsilon)
    let count = numbers.count
    precondition(pool.count == count * size, "a number for each row")
    let height = count + size
    // By columns, as LAPACK wants it.
    var columns = [Double](repeating: 0, count: height * size)
    for k in 0..<size {
      for row in 0..<count { columns[k * height + row] = pool[row * size + k] }
      columns[k * height + count + k] = epsilon
    }
    var pivots = [Int32](repeating: 0, count: size)
    guard count > 0, size > 0,
      LAPACKE_dgetrf(LAPACK_COL_MAJOR, Int32(height), Int32(size), &columns, Int32(height), &pivots) == 0
    else { return }
    var order = Array(0..<height)
    for k in 0..<size { order.swapAt(k, Int(pivots[k]) - 1) }
    var start = rows
    for (slot, row) in order.prefix(size).enumerated() {
      members[slot] = row < count ? numbers[row] : -1
      for k in 0..<size {
        start[slot * size + k] = row < count ? pool[row * size + k] : row - count == k ? epsilon : 0
      }
    }
    guard let inverse = Self.inverse(start, size) else {
      self.init(size: size, epsilon: epsilon)
      return
    }
    rows = start
    self.inverse = inverse
  }

  /// One exchange: the row of the pool, the place that it took, and its grade before.
  public struct Swap: Sendable, Equatable {
    public var row: Int
    public var slot: Int
    public var grade: Double
  }

  /// γ of a row.
  public func grade(_ row: [Double]) -> Double { grades(row).first ?? 0 }

  /// γ of rows that stand one after the other.
  public func grades(_ pool: [Double]) -> [Double] {
    let count = pool.count / size
    let c = coefficients(pool, count)
    return (0..<count).map { k in
      (0..<size).reduce(0) { max($0, abs(c[k * size + $1])) }
    }
  }

  /// Exchanges rows until no row of the pool has a grade above 1 + threshold; |det A| grows with each.
  /// - Parameters:
  ///   - pool: rows one after the other; rows that are put out go back into it.
  ///   - numbers: the caller's number of each row of the pool.
  /// - Returns: the exchanges in order; the row is its place in the pool.
  @discardableResult
  public mutating func select(
    from pool: inout [Double], numbers: inout [Int], threshold: Double = 1e-3
  ) -> [Swap] {
    let count = numbers.count
    precondition(pool.count == count * size, "a number for each row")
    guard count > 0, size > 0 else { return [] }
    var c = coefficients(pool, count)
    var swaps: [Swap] = []
    while true {
      let best = Self.largest(c)
      let grade = abs(c[best])
      guard grade > 1 + threshold, grade.isFinite else { return swaps }
      let (row, slot) = (best / size, best % size)
      swaps.append(Swap(row: row, slot: slot, grade: grade))
      exchange(row, slot, &pool, &numbers)
      if swapsSinceInversion == 0 {
        c = coefficients(pool, count)
      } else {
        update(&c, count, row: row, slot: slot)
      }
    }
  }

  /// The place of the largest modulus, the first of equals.
  private static func largest(_ c: [Double]) -> Int {
    c.withUnsafeBytes { bytes in
      var lanes = SIMD8<Double>.zero
      let whole = c.count / 8
      for k in 0..<whole {
        let values = bytes.loadUnaligned(fromByteOffset: 64 * k, as: SIMD8<Double>.self)
        let sizes = values.replacing(with: -values, where: values .< 0)
        lanes.replace(with: sizes, where: sizes .> lanes)
      }
      var largest = lanes.max()
      for k in 8 * whole..<c.count { largest = Swift.max(largest, abs(c[k])) }
      return c.firstIndex { abs($0) == largest } ?? 0
    }
  }

  /// How far A⁻¹ A is from the unit matrix; the inverse is made anew where that is more than 10⁻⁸.
  @discardableResult
  public mutating func refine() -> Double {
    guard size > 0 else { return 0 }
    var product = [Double](repeating: 0, count: size * size)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(size), Int32(size), Int32(size), 1, inverse, Int32(size),
      rows, Int32(size), 0, &product, Int32(size))
    for k in 0..<size { product[k * size + k] -= 1 }
    let error = product.reduce(0) { Swift.max($0, abs($1)) }
    if !(error < 1e-8), let fresh = Self.inverse(rows, size) {
      inverse = fresh
      swapsSinceInversion = 0
    }
    return error
  }

  /// C ← C − (C e_j + e_i)(C_i − e_jᵀ)/p, p = C_ij: row i holds the old A_j from now on.
  private func update(_ c: inout [Double], _ count: Int, row: Int, slot: Int) {
    let pivot = c[row * size + slot]
    var right = Array(c[row * size..<(row + 1) * size])
    right[slot] -= 1
    var left = (0..<count).map { c[$0 * size + slot] }
    left[row] += 1
    cblas_dger(
      CblasRowMajor, Int32(count), Int32(size), -1 / pivot, left, 1, right, 1, &c, Int32(size))
  }

  /// Row i of the pool and row j of A change places; A⁻¹ by Sherman and Morrison with its own denominator.
  private mutating func exchange(_ row: Int, _ slot: Int, _ pool: inout [Double], _ numbers: inout [Int]) {
    var change = [Double](repeating: 0, count: size)
    for k in 0..<size {
      let (new, old) = (pool[row * size + k], rows[slot * size + k])
      change[k] = new - old
      rows[slot * size + k] = new
      pool[row * size + k] = old
    }
    (members[slot], numbers[row]) = (numbers[row], members[slot])
    swapsSinceInversion += 1
    if swapsSinceInversion >= Self.swapsBetweenInversions, let fresh = Self.inverse(rows, size) {
      inverse = fresh
      swapsSinceInversion = 0
      return
    }
    let column = (0..<size).map { inverse[$0 * size + slot] }
    var product = [Double](repeating: 0, count: size)
    cblas_dgemv(
      CblasRowMajor, CblasTrans, Int32(size), Int32(size), 1, inverse, Int32(size), change, 1, 0, &product, 1)
    let denominator = 1 + product[slot]
    cblas_dger(
      CblasRowMajor, Int32(size), Int32(size), -1 / denominator, column, 1, product, 1, &inverse, Int32(size))
  }

  /// B A⁻¹ by rows.
  private func coefficients(_ pool: [Double], _ count: Int) -> [Double] {
    var c = [Double](repeating: 0, count: count * size)
    guard count > 0, size > 0 else { return c }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(count), Int32(size), Int32(size), 1, pool, Int32(size),
      inverse, Int32(size), 0, &c, Int32(size))
    return c
  }

  private static func inverse(_ matrix: [Double], _ size: Int) -> [Double]? {
    var a = matrix
    var pivots = [Int32](repeating: 0, count: size)
    guard
      LAPACKE_dgetrf(LAPACK_ROW_MAJOR, Int32(size), Int32(size), &a, Int32(size), &pivots) == 0,
      LAPACKE_dgetri(LAPACK_ROW_MAJOR, Int32(size), &a, Int32(size), pivots) == 0
    else { return nil }
    return a
  }
}
