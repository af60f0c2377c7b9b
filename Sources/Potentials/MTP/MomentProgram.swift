/// One component of a moment tensor,
///
///     M_{μ;kx,ky,kz} = Σ_j f_μ(r_j) x_j^kx y_j^ky z_j^kz,  (x, y, z)_j the unit vector towards neighbour j
struct BasicMoment: Hashable, Sendable {
  /// μ.
  var function: Int
  var x: Int
  var y: Int
  var z: Int

  var order: Int { x + y + z }
}

/// How scalars are made of basic moments: m[target] += factor m[left] m[right], in order.
///
/// Moments 0 ..< basics.count are the basic ones. This is what `.mtp` files of MLIP hold too.
struct MomentProgram: Hashable, Sendable {
  struct Product: Hashable, Sendable {
    var left: Int32
    var right: Int32
    var factor: Int32
    var target: Int32
  }

  /// Moments of a program that a file may bring.
  static let largestCount = 1_000_000

  var basics: [BasicMoment]
  var products: [Product]
  /// All moments: basic ones, intermediate ones, scalars.
  var count: Int
  /// The moment that each scalar B_α is.
  var scalars: [Int32]

  /// All moments from the basic ones, plainly.
  func moments(_ basic: [Double]) -> [Double] {
    var m = basic + [Double](repeating: 0, count: count - basic.count)
    for p in products { m[Int(p.target)] += Double(p.factor) * m[Int(p.left)] * m[Int(p.right)] }
    return m
  }
}

/// Multi-indices (kx, ky, kz) of one order: x descending, then y descending.
enum MultiIndex {
  static func count(_ order: Int) -> Int { (order + 1) * (order + 2) / 2 }

  static func place(_ k: SIMD3<Int>) -> Int {
    let rest = k.y + k.z
    return rest * (rest + 1) / 2 + k.z
  }

  static let all: [[SIMD3<Int>]] = (0...24).map { order in
    (0...order).reversed().flatMap { x in (0...order - x).reversed().map { y in [x, y, order - x - y] } }
  }

  /// k!/(kx! ky! kz!).
  static func multinomial(_ k: SIMD3<Int>) -> Int {
    var result = 1
    var n = 0
    for part in [k.x, k.y, k.z] {
      for i in 1..<max(part + 1, 1) {
        n += 1
        result = result * n / i
      }
    }
    return result
  }
}
