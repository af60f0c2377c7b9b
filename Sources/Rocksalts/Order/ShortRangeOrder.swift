import Structures

/// Pairs of species shell by shell, and Warren and Cowley's order parameters of them.
///
///     α_AB = 1 − P(B|A)/c_B for A ≠ B,   α_AA = (P(A|A) − c_A)/(1 − c_A)
///
/// with P(B|A) the share of B among the neighbours of A in the shell (Cowley 1950, doi:10.1103/PhysRev.77.669; de
/// Fontaine 1971, doi:10.1107/S0021889871006174). Zero for the random mixture; α_AB > 0 means fewer A–B pairs, α_AA > 0
/// more A–A pairs than there.
struct ShortRangeOrder: Sendable {
  private let first: OccupiedLattice.Sublattice
  private let second: OccupiedLattice.Sublattice
  private let isOneSublattice: Bool
  /// Squared length in units of a/2, neighbours, and pairs[A][B].
  private var counted: [(square: Int, neighbors: Int, pairs: [[Int]])] = []

  init(
    _ lattice: OccupiedLattice, _ first: OccupiedLattice.Sublattice, _ second: OccupiedLattice.Sublattice,
    shells: Int
  ) {
    self.first = first
    self.second = second
    isOneSublattice = first.parity == second.parity
    for (square, vectors) in Self.shells(shells, isEven: isOneSublattice) {
      var pairs = [[Int]](
        repeating: [Int](repeating: 0, count: second.species.count), count: first.species.count)
      for site in first.sites {
        let point = lattice.points[site]
        for vector in vectors {
          let neighbor = lattice.shape.number(of: point &+ vector)
          pairs[lattice.occupation[site]][lattice.occupation[neighbor]] += 1
        }
      }
      counted.append((square, vectors.count, pairs))
    }
  }

  /// The vectors of the first shells: even sums of coordinates lead to the same sublattice, odd ones to the other.
  static func shells(_ count: Int, isEven: Bool) -> [(square: Int, vectors: [SIMD3<Int>])] {
    var found: [(square: Int, vectors: [SIMD3<Int>])] = []
    var square = isEven ? 2 : 1
    while found.count < count {
      let reach = Int(Double(square).squareRoot())
      let range = -reach...reach
      let vectors = range.flatMap { x in range.flatMap { y in range.map { SIMD3(x, y, $0) } } }
        .filter { squareLength($0) == square }
      if !vectors.isEmpty { found.append((square, vectors)) }
      square += 2
    }
    return found
  }

  /// - Parameter edge: of the ideal cube, Å.
  func shells(edge: Double) -> [OrderReport.Shell] {
    counted.enumerated().map { number, shell in
      OrderReport.Shell(
        shell: number + 1, distance: edge / 2 * Double(shell.square).squareRoot(), neighbors: shell.neighbors,
        pairs: pairs(shell.pairs), correlations: correlations(shell.pairs))
    }
  }

  private func share(_ sublattice: OccupiedLattice.Sublattice, _ species: Int) -> Double {
    Double(sublattice.counts[species]) / Double(sublattice.sites.count)
  }

  private func pairs(_ counts: [[Int]]) -> [OrderReport.Pair] {
    first.species.indices.flatMap { a in
      ((isOneSublattice ? a : 0)..<second.species.count).map { b in
        let probability = Double(counts[a][b]) / Double(counts[a].reduce(0, +))
        let random = share(second, b)
        let isSame = isOneSublattice && a == b
        return OrderReport.Pair(
          first: "\(first.species[a])", second: "\(second.species[b])",
          alpha: isSame ? (probability - random) / (1 - random) : 1 - probability / random,
          probability: probability, random: random)
      }
    }
  }

  private func correlations(_ counts: [[Int]]) -> [OrderReport.Correlation] {
    let (left, right) = (
      PointFunctions.table(species: first.species.count), PointFunctions.table(species: second.species.count)
    )
    let total = Double(counts.reduce(0) { $0 + $1.reduce(0, +) })
    func mean(_ row: [Double], _ sublattice: OccupiedLattice.Sublattice) -> Double {
      row.indices.reduce(0) { $0 + row[$1] * share(sublattice, $1) }
    }
    return left.indices.flatMap { p in
      ((isOneSublattice ? p : 0)..<right.count).map { q in
        var sum = 0.0
        for a in counts.indices {
          for b in counts[a].indices { sum += Double(counts[a][b]) * left[p][a] * right[q][b] }
        }
        return OrderReport.Correlation(
          functions: [p + 1, q + 1], value: sum / total, random: mean(left[p], first) * mean(right[q], second))
      }
    }
  }
}
