import Glibc
import Structures

/// Three axes as the columns of a matrix: whole coordinates to Å.
struct MatchAxes: Sendable {
  var matrix: Matrix3

  init(_ matrix: Matrix3) { self.matrix = matrix }

  /// The rotation that takes two vectors of the star to two bonds, times a length; nil where the angles differ.
  init?(
    taking star: (SIMD3<Double>, SIMD3<Double>), to bonds: (SIMD3<Double>, SIMD3<Double>), length scale: Double
  ) {
    let cosine = { (a: SIMD3<Double>, b: SIMD3<Double>) in dot(a, b) / (length(a) * length(b)) }
    let wanted = cosine(star.0, star.1)
    guard abs(wanted) < 0.9, abs(cosine(bonds.0, bonds.1) - wanted) < 0.35 else { return nil }
    let (from, to) = (Self.frame(star), Self.frame(bonds))
    // to · fromᵀ with the frames as columns.
    matrix = scale * MatchMath.product(to, from.transpose)
  }

  /// Orthonormal columns: along the first vector, in the plane of both, and normal to it.
  private static func frame(_ pair: (SIMD3<Double>, SIMD3<Double>)) -> Matrix3 {
    let x = (1 / length(pair.0)) * pair.0
    let z = cross(pair.0, pair.1)
    let unit = (1 / length(z)) * z
    return Matrix3(x, cross(unit, x), unit).transpose
  }

  static func * (axes: MatchAxes, v: SIMD3<Double>) -> SIMD3<Double> { axes.matrix * v }

  var checkedInverse: MatchAxes? {
    let m = matrix
    let volume = dot(m.x, cross(m.y, m.z))
    guard abs(volume) > 1e-9 else { return nil }
    let columns = Matrix3(cross(m.y, m.z), cross(m.z, m.x), cross(m.x, m.y)).transpose
    return MatchAxes((1 / volume) * columns)
  }

  var inverse: MatchAxes { checkedInverse ?? MatchAxes(.identity) }
}

/// The arithmetic of matching, apart from its logic.
enum MatchMath {
  static func cubeRoot(_ x: Double) -> Double { cbrt(x) }

  static func product(_ a: Matrix3, _ b: Matrix3) -> Matrix3 {
    let columns = b.transpose
    return Matrix3(a * columns.x, a * columns.y, a * columns.z).transpose
  }

  /// Squared.
  static func distance(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { dot(a - b, a - b) }

  static func rounded(_ v: SIMD3<Double>) -> SIMD3<Int> {
    [Int(v.x.rounded()), Int(v.y.rounded()), Int(v.z.rounded())]
  }

  static func double(_ v: SIMD3<Int>) -> SIMD3<Double> { [Double(v.x), Double(v.y), Double(v.z)] }

  static func percent(_ x: Double) -> Int { Int((100 * x).rounded()) }

  /// Where the lattice of whole numbers lies under the atoms: the mean phase of their coordinates, chosen so that
  /// cations come to sites of even sum.
  static func origin(_ points: [SIMD3<Double>], _ isCation: [Bool]) -> SIMD3<Double> {
    var origin = SIMD3<Double>.zero
    for d in 0..<3 {
      let angles = points.map { 2 * Double.pi * $0[d] }
      let (x, y) = (angles.reduce(0) { $0 + cos($1) }, angles.reduce(0) { $0 + sin($1) })
      origin[d] = atan2(y, x) / (2 * .pi)
    }
    let votes = zip(points, isCation).reduce(0) { votes, atom in
      let site = rounded(atom.0 - origin)
      let isEven = (site.x + site.y + site.z).isMultiple(of: 2)
      return votes + (isEven == atom.1 ? 1 : -1)
    }
    return votes >= 0 ? origin : origin + [1, 0, 0]
  }

  /// The nearest point whose coordinates have an even (odd) sum: the rounded one, or that with the coordinate which
  /// rounding moved most taken the other way.
  static func nearest(_ x: SIMD3<Double>, isEven: Bool) -> SIMD3<Int> {
    var site = rounded(x)
    if (site.x + site.y + site.z).isMultiple(of: 2) == isEven { return site }
    let rest = x - double(site)
    let d = [0, 1, 2].max { abs(rest[$0]) < abs(rest[$1]) } ?? 0
    site[d] += rest[d] > 0 ? 1 : -1
    return site
  }

  /// True where a point is nearer to the middle of a unit cube, where a tetrahedral site is, than to its own site.
  static func isInTetrahedron(_ x: SIMD3<Double>, _ site: SIMD3<Int>) -> Bool {
    let middle = x.rounded(.down) + SIMD3(repeating: 0.5)
    return distance(x, middle) < distance(x, double(site))
  }
}
