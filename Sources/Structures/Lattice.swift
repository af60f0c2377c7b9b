/// Three lattice vectors in Å, named, so that no row or column question arises.
public struct Lattice: Hashable, Sendable {
  public var a: SIMD3<Double>
  public var b: SIMD3<Double>
  public var c: SIMD3<Double>

  public init(a: SIMD3<Double>, b: SIMD3<Double>, c: SIMD3<Double>) {
    self.a = a
    self.b = b
    self.c = c
  }

  /// a·(b×c), Å³; negative for a left-handed cell.
  public var signedVolume: Double { dot(a, cross(b, c)) }

  /// |a·(b×c)|, Å³.
  public var volume: Double { abs(signedVolume) }

  /// The vectors a*, b*, c* with a·a* = 1, a·b* = 0 and so on (no 2π), 1/Å.
  public var reciprocal: Lattice {
    let inverse = 1 / signedVolume
    return Lattice(a: inverse * cross(b, c), b: inverse * cross(c, a), c: inverse * cross(a, b))
  }

  /// Distance between the two faces that each vector connects, Å: 1/|a*|, 1/|b*|, 1/|c*|.
  public var heights: SIMD3<Double> {
    let r = reciprocal
    return [1 / length(r.a), 1 / length(r.b), 1 / length(r.c)]
  }

  /// x a + y b + z c, Å.
  public func cartesian(_ fractional: SIMD3<Double>) -> SIMD3<Double> {
    fractional.x * a + fractional.y * b + fractional.z * c
  }

  /// The coordinates of a Cartesian position along a, b, c.
  public func fractional(_ cartesian: SIMD3<Double>) -> SIMD3<Double> {
    let r = reciprocal
    return [dot(cartesian, r.a), dot(cartesian, r.b), dot(cartesian, r.c)]
  }

  /// The lattice after a homogeneous deformation: every vector v becomes (1 + ε) v.
  public func strained(by strain: Matrix3) -> Lattice {
    Lattice(a: a + strain * a, b: b + strain * b, c: c + strain * c)
  }

  /// True where the vectors span a volume: |V| > 1e−6 |a||b||c|.
  public var isRegular: Bool {
    let scale = length(a) * length(b) * length(c)
    return scale.isFinite && scale > 0 && volume > 1e-6 * scale
  }
}
