import Structures

/// Vectors from atoms to near neighbours, and the vectors of the ideal lattice that they stand for.
struct BondSet: Sendable {
  var star: [SIMD3<Double>]
  /// By atom, Å.
  var vectors: [[SIMD3<Double>]]
}

/// Looks for the cubic axes of a structure: those under which its bonds lie near the ideal ones.
///
/// Two bonds of one atom, taken for two vectors of the star, give a first guess; assigning all bonds to their nearest
/// vectors and fitting the axes to them mends it. Bonds further than a quarter of the cube's edge from any vector count
/// as that far and take no part in the fit, so that a few displaced atoms do not spoil it.
struct AxesSearch: Sendable {
  let bonds: [BondSet]
  /// a/2, Å.
  let spacing: Double
  /// Good enough to look no further, in units of a/2.
  private static let goodMisfit = 0.2
  private static let furthest = 0.5

  /// Axes (columns of a/2, Å), the best first.
  func candidates() -> [MatchAxes] {
    var found: [(misfit: Double, axes: MatchAxes)] = []
    let sample = bonds.map { BondSet(star: $0.star, vectors: Array($0.vectors.filter { !$0.isEmpty }.prefix(120))) }
    search: for set in sample {
      for near in set.vectors.prefix(8) where near.count > 1 {
        for guess in guesses(near, set.star) {
          guard let fit = refined(guess, sample, rounds: 4) else { continue }
          found.append(fit)
          if fit.misfit < Self.goodMisfit { break search }
        }
      }
    }
    let ranked = found.enumerated().sorted { ($0.element.misfit, $0.offset) < ($1.element.misfit, $1.offset) }
    return ranked.prefix(40).compactMap { refined($0.element.axes, bonds, rounds: 2)?.axes }
  }

  /// The first bond stands for the first vector of the star; a second one for each that makes about the same angle.
  private func guesses(_ near: [SIMD3<Double>], _ star: [SIMD3<Double>]) -> [MatchAxes] {
    near.dropFirst().flatMap { other in
      star.dropFirst().compactMap { vector in
        MatchAxes(taking: (star[0], vector), to: (near[0], other), length: spacing)
      }
    }
  }

  /// - Returns: the axes and the root mean square misfit in units of a/2; nil where the bonds do not tell three axes.
  private func refined(_ start: MatchAxes, _ sets: [BondSet], rounds: Int) -> (misfit: Double, axes: MatchAxes)? {
    var axes = start
    var misfit = Double.infinity
    for _ in 0..<rounds {
      var (cross, square, sum, count) = (Matrix3.zero, Matrix3.zero, 0.0, 0)
      let limit = Self.furthest * Self.furthest * spacing * spacing
      for set in sets {
        let ideal = set.star.map { axes * $0 }
        for bond in set.vectors.joined() {
          var (nearest, smallest) = (0, Double.infinity)
          for (k, vector) in ideal.enumerated() {
            let distance = MatchMath.distance(vector, bond)
            if distance < smallest { (nearest, smallest) = (k, distance) }
          }
          count += 1
          sum += min(smallest, limit)
          guard smallest < limit else { continue }
          cross += Matrix3.outer(bond, set.star[nearest])
          square += Matrix3.outer(set.star[nearest], set.star[nearest])
        }
      }
      let now = (sum / Double(max(1, count))).squareRoot() / spacing
      guard let inverse = MatchAxes(square).checkedInverse else { return nil }
      axes = MatchAxes(MatchMath.product(cross, inverse.matrix))
      guard axes.checkedInverse != nil else { return nil }
      if abs(now - misfit) < 1e-9 { break }
      misfit = now
    }
    return (misfit, axes)
  }
}
