#if canImport(Glibc)
  import Glibc
#endif

extension Lattice {
  /// The Niggli cell: the one reduced cell that every lattice has, so that equal lattices are seen to be equal.
  ///
  /// The steps of Křivý and Gruber 1976 (doi:10.1107/S0567739476000636) with the comparisons of Grosse-Kunstleve et
  /// al. 2004 (doi:10.1107/S010876730302186X). Right-handed where this lattice is.
  ///
  /// - Parameter tolerance: two scalar products are equal where they differ by less than this times V^(2/3).
  public func niggliReduction(tolerance: Double = 1e-7) -> LatticeChange {
    let edge = cbrt(volume)
    var state = NiggliSteps(lattice: self, epsilon: tolerance * edge * edge)
    // Minkowski's short vectors first: from there the steps are few, however skewed the cell was.
    state.change = minkowskiReduction()
    for _ in 0..<1000 where !state.step() { return state.change }
    return state.change
  }
}

/// One walk through the steps; `change` holds the vectors reached so far.
private struct NiggliSteps {
  let lattice: Lattice
  let epsilon: Double
  var change = LatticeChange.identity

  private var vectors: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
    let reduced = lattice.changed(by: change)
    return (reduced.a, reduced.b, reduced.c)
  }

  private func isLess(_ x: Double, _ y: Double) -> Bool { x < y - epsilon }
  private func isEqual(_ x: Double, _ y: Double) -> Bool { abs(x - y) <= epsilon }

  /// Normalises the order and the signs, then makes the first reduction that is due.
  /// - Returns: false where nothing was left to do.
  mutating func step() -> Bool {
    order()
    settleSigns()
    let (a, b, c) = vectors
    let (aa, bb) = (dot(a, a), dot(b, b))
    let (xi, eta, zeta) = (2 * dot(b, c), 2 * dot(a, c), 2 * dot(a, b))
    if isLess(bb, abs(xi)) || (isEqual(xi, bb) && isLess(2 * eta, zeta)) || (isEqual(xi, -bb) && isLess(zeta, 0)) {
      change.c = change.c &- sign(xi) &* change.b
    } else if isLess(aa, abs(eta)) || (isEqual(eta, aa) && isLess(2 * xi, zeta))
      || (isEqual(eta, -aa) && isLess(zeta, 0))
    {
      change.c = change.c &- sign(eta) &* change.a
    } else if isLess(aa, abs(zeta)) || (isEqual(zeta, aa) && isLess(2 * xi, eta))
      || (isEqual(zeta, -aa) && isLess(eta, 0))
    {
      change.b = change.b &- sign(zeta) &* change.a
    } else {
      let sum = xi + eta + zeta + aa + bb
      guard isLess(sum, 0) || (isEqual(sum, 0) && isLess(0, 2 * (aa + eta) + zeta)) else { return false }
      change.c = change.c &+ change.a &+ change.b
    }
    return true
  }

  private func sign(_ x: Double) -> Int { x > 0 ? 1 : -1 }

  /// A ≤ B ≤ C, and among equal lengths |ξ| ≤ |η| ≤ |ζ|; an exchange turns all three vectors to keep the hand.
  private mutating func order() {
    var isDone = false
    while !isDone {
      isDone = true
      let (a, b, c) = vectors
      let (aa, bb, cc) = (dot(a, a), dot(b, b), dot(c, c))
      let (xi, eta, zeta) = (abs(2 * dot(b, c)), abs(2 * dot(a, c)), abs(2 * dot(a, b)))
      if isLess(bb, aa) || (isEqual(aa, bb) && isLess(eta, xi)) {
        change = LatticeChange(a: .zero &- change.b, b: .zero &- change.a, c: .zero &- change.c)
        isDone = false
      } else if isLess(cc, bb) || (isEqual(bb, cc) && isLess(zeta, eta)) {
        change = LatticeChange(a: .zero &- change.a, b: .zero &- change.c, c: .zero &- change.b)
        isDone = false
      }
    }
  }

  /// All three angles acute, or none of them.
  private mutating func settleSigns() {
    let (a, b, c) = vectors
    let products = [2 * dot(b, c), 2 * dot(a, c), 2 * dot(a, b)]
    let signs = products.map { isLess(0, $0) ? 1 : isLess($0, 0) ? -1 : 0 }
    var turns = [1, 1, 1]
    if signs.reduce(1, *) > 0 {
      turns = signs
    } else {
      var free: Int?
      for k in 0..<3 {
        if signs[k] > 0 { turns[k] = -1 } else if signs[k] == 0 { free = k }
      }
      if turns.reduce(1, *) < 0, let free { turns[free] = -1 }
    }
    change = LatticeChange(a: turns[0] &* change.a, b: turns[1] &* change.b, c: turns[2] &* change.c)
  }
}
