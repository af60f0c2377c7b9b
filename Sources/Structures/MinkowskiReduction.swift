extension Lattice {
  /// The choice of vectors that are as short as they can be: |a| ≤ |b| ≤ |c|, |b ± a| ≥ |b| and |c ± a ± b| ≥ |c|.
  ///
  /// Of the same handedness as before. Greedy reduction in three dimensions (Nguyen and Stehlé 2009,
  /// doi:10.1145/1597036.1597050): the longest vector loses the nearest lattice point of the plane of the others.
  public func minkowskiReduction() -> LatticeChange {
    var vectors = [LatticeChange.identity.a, LatticeChange.identity.b, LatticeChange.identity.c]
    func position(_ n: SIMD3<Int>) -> SIMD3<Double> { cartesian([Double(n.x), Double(n.y), Double(n.z)]) }
    func size(_ n: SIMD3<Int>) -> Double { dot(position(n), position(n)) }
    // A gain must exceed rounding, or two choices of equal length would follow each other for ever.
    let gain = 1 - 1e-12
    while true {
      vectors = vectors.enumerated().sorted { (size($0.element), $0.offset) < (size($1.element), $1.offset) }
        .map(\.element)
      let (a, b, c) = (position(vectors[0]), position(vectors[1]), position(vectors[2]))
      let shorter = vectors[1] &- wholeMultiple(vectors[0], (dot(a, b) / dot(a, a)).rounded())
      if size(shorter) < gain * size(vectors[1]) {
        vectors[1] = shorter
        continue
      }
      let nearest = planePoints(near: c, a, b).map { vectors[2] &- combine(vectors[0], $0, vectors[1], $1) }
        .min { size($0) < size($1) }
      guard let nearest, size(nearest) < gain * size(vectors[2]) else { break }
      vectors[2] = nearest
    }
    let change = LatticeChange(a: vectors[0], b: vectors[1], c: vectors[2])
    if change.determinant > 0 { return change }
    return LatticeChange(a: .zero &- change.a, b: .zero &- change.b, c: .zero &- change.c)
  }
}

private func wholeMultiple(_ n: SIMD3<Int>, _ factor: Double) -> SIMD3<Int> { n &* Int(factor) }

private func combine(_ a: SIMD3<Int>, _ x: Int, _ b: SIMD3<Int>, _ y: Int) -> SIMD3<Int> { (a &* x) &+ (b &* y) }

/// Whole x and y around the foot of c in the plane of a and b: one of them makes c − x a − y b shortest.
private func planePoints(
  near c: SIMD3<Double>, _ a: SIMD3<Double>, _ b: SIMD3<Double>
) -> [(Int, Int)] {
  let (aa, ab, bb) = (dot(a, a), dot(a, b), dot(b, b))
  let area = aa * bb - ab * ab
  let x = (dot(c, a) * bb - dot(c, b) * ab) / area
  let y = (dot(c, b) * aa - dot(c, a) * ab) / area
  let (left, low) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
  return (left - 1...left + 2).flatMap { x in (low - 1...low + 2).map { (x, $0) } }
}
