/// A 3 × 3 matrix by rows.
public struct Matrix3: Hashable, Sendable {
  public var x: SIMD3<Double>
  public var y: SIMD3<Double>
  public var z: SIMD3<Double>

  public init(_ x: SIMD3<Double>, _ y: SIMD3<Double>, _ z: SIMD3<Double>) {
    self.x = x
    self.y = y
    self.z = z
  }

  public static let zero = Matrix3(.zero, .zero, .zero)
  public static let identity = Matrix3([1, 0, 0], [0, 1, 0], [0, 0, 1])

  /// Nine numbers by rows: xx xy xz yx yy yz zx zy zz.
  public init(rows numbers: [Double]) {
    precondition(numbers.count == 9, "a 3 × 3 matrix has nine numbers")
    self.init(
      [numbers[0], numbers[1], numbers[2]], [numbers[3], numbers[4], numbers[5]],
      [numbers[6], numbers[7], numbers[8]])
  }

  /// Six numbers in Voigt order: xx yy zz yz xz xy.
  public init(voigt v: [Double]) {
    precondition(v.count == 6, "Voigt order has six numbers")
    self.init([v[0], v[5], v[4]], [v[5], v[1], v[3]], [v[4], v[3], v[2]])
  }

  /// Both halves agree within 1e−6 of the largest element.
  public var isSymmetric: Bool {
    let size = rows.reduce(0) { Swift.max($0, abs($1)) }
    return Swift.max(abs(x.y - y.x), abs(y.z - z.y), abs(x.z - z.x)) <= 1e-6 * size
  }

  /// xx xy xz yx yy yz zx zy zz.
  public var rows: [Double] { [x.x, x.y, x.z, y.x, y.y, y.z, z.x, z.y, z.z] }

  /// xx yy zz yz xz xy of the symmetric part.
  public var voigt: [Double] {
    [x.x, y.y, z.z, (y.z + z.y) / 2, (x.z + z.x) / 2, (x.y + y.x) / 2]
  }

  public var transpose: Matrix3 {
    Matrix3([x.x, y.x, z.x], [x.y, y.y, z.y], [x.z, y.z, z.z])
  }

  /// a bᵀ.
  @inlinable
  public static func outer(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Matrix3 { Matrix3(a.x * b, a.y * b, a.z * b) }

  @inlinable
  public static func + (a: Matrix3, b: Matrix3) -> Matrix3 { Matrix3(a.x + b.x, a.y + b.y, a.z + b.z) }

  @inlinable
  public static func - (a: Matrix3, b: Matrix3) -> Matrix3 { Matrix3(a.x - b.x, a.y - b.y, a.z - b.z) }

  @inlinable
  public static func * (s: Double, a: Matrix3) -> Matrix3 { Matrix3(s * a.x, s * a.y, s * a.z) }

  @inlinable
  public static func += (a: inout Matrix3, b: Matrix3) { a = a + b }

  /// The product with a column vector.
  @inlinable
  public static func * (m: Matrix3, v: SIMD3<Double>) -> SIMD3<Double> { [dot(m.x, v), dot(m.y, v), dot(m.z, v)] }
}

/// a · b.
@inlinable
public func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }

/// a × b.
@inlinable
public func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  [a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x]
}

/// |a|.
@inlinable
public func length(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }
