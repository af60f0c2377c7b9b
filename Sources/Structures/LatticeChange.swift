/// Another choice of vectors for a lattice: new a = a.x·a + a.y·b + a.z·c, and so on, with whole numbers.
public struct LatticeChange: Hashable, Sendable {
  public var a: SIMD3<Int>
  public var b: SIMD3<Int>
  public var c: SIMD3<Int>

  public init(a: SIMD3<Int>, b: SIMD3<Int>, c: SIMD3<Int>) {
    self.a = a
    self.b = b
    self.c = c
  }

  public static let identity = LatticeChange(a: [1, 0, 0], b: [0, 1, 0], c: [0, 0, 1])

  /// ±1 where both lattices have the same points; else how many cells of the old one the new cell holds.
  public var determinant: Int {
    let x = a.x * (b.y * c.z - b.z * c.y)
    let y = a.y * (b.x * c.z - b.z * c.x)
    let z = a.z * (b.x * c.y - b.y * c.x)
    return x - y + z
  }
}

extension Lattice {
  /// The lattice of the combined vectors, Å.
  public func changed(by change: LatticeChange) -> Lattice {
    Lattice(a: combination(change.a), b: combination(change.b), c: combination(change.c))
  }

  private func combination(_ n: SIMD3<Int>) -> SIMD3<Double> {
    cartesian([Double(n.x), Double(n.y), Double(n.z)])
  }

  /// The longest vector over the shortest: 1 for a cube, large for a needle.
  public var aspectRatio: Double {
    let lengths = [length(a), length(b), length(c)]
    return (lengths.max() ?? 1) / (lengths.min() ?? 1)
  }
}
