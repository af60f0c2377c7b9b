/// A 3 × 3 matrix of whole numbers by rows: supercells, and symmetry operations in lattice coordinates.
public struct IntegerMatrix: Hashable, Sendable {
  /// Row by row, nine numbers.
  public var elements: [9 of Int]

  public init(rows: [Int]) {
    precondition(rows.count == 9, "a 3 × 3 matrix has nine numbers")
    elements = .init { rows[$0] }
  }

  public static let identity = IntegerMatrix(rows: [1, 0, 0, 0, 1, 0, 0, 0, 1])

  public subscript(row: Int, column: Int) -> Int {
    get { elements[3 * row + column] }
    set { elements[3 * row + column] = newValue }
  }

  /// xx xy xz yx yy yz zx zy zz.
  public var rows: [Int] { (0..<9).map { elements[$0] } }

  public static func == (a: IntegerMatrix, b: IntegerMatrix) -> Bool { a.rows == b.rows }

  public func hash(into hasher: inout Hasher) {
    for k in 0..<9 { hasher.combine(elements[k]) }
  }

  public static func * (a: IntegerMatrix, b: IntegerMatrix) -> IntegerMatrix {
    var result = a
    for i in 0..<3 {
      for j in 0..<3 { result[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j] }
    }
    return result
  }

  /// The product with a column vector.
  public static func * (a: IntegerMatrix, v: SIMD3<Int>) -> SIMD3<Int> {
    var result = SIMD3<Int>.zero
    for i in 0..<3 { result[i] = a[i, 0] * v.x + a[i, 1] * v.y + a[i, 2] * v.z }
    return result
  }

  public var determinant: Int {
    let m = self
    return m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1]) - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
      + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
  }

  /// The matrix of cofactors, transposed: M · adjugate = det M.
  public var adjugate: IntegerMatrix {
    let m = self
    var result = self
    for i in 0..<3 {
      for j in 0..<3 {
        let (r, s) = ((j + 1) % 3, (j + 2) % 3)
        let (p, q) = ((i + 1) % 3, (i + 2) % 3)
        result[i, j] = m[r, p] * m[s, q] - m[r, q] * m[s, p]
      }
    }
    return result
  }

  /// The inverse of a matrix of determinant ±1.
  public var inverse: IntegerMatrix {
    let d = determinant
    precondition(abs(d) == 1, "only a unimodular matrix has an inverse in whole numbers")
    return IntegerMatrix(rows: adjugate.rows.map { $0 * d })
  }

  public var transpose: IntegerMatrix {
    IntegerMatrix(rows: [
      self[0, 0], self[1, 0], self[2, 0], self[0, 1], self[1, 1], self[2, 1], self[0, 2], self[1, 2], self[2, 2],
    ])
  }
}

extension Int {
  /// The remainder in 0 ..< modulus.
  func wrapped(_ modulus: Int) -> Int {
    let r = self % modulus
    return r < 0 ? r + modulus : r
  }
}
