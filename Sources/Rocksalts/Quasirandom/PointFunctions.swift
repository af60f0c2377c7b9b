import Glibc

/// The functions of a site's species in which correlations are written: cosines and sines, orthonormal over equal
/// shares of M species, the constant left out (van de Walle 2009, doi:10.1016/j.calphad.2008.12.005):
///
///     φ_p(s) = −√2 cos(2π ⌈p/2⌉ s/M) for odd p, −√2 sin(2π (p/2) s/M) for even p, p = 1 … M−1;
///
/// the last one of an even M is −cos(π s) = ∓1, so that two species have σ = ∓1.
public enum PointFunctions {
  /// φ_p(s) as `table[p − 1][s]`.
  public static func table(species count: Int) -> [[Double]] {
    guard count > 1 else { return [] }
    return (1..<count).map { p in
      let wave = (p + 1) / 2
      let norm = 2 * wave == count ? 1 : 2.0.squareRoot()
      return (0..<count).map { s in
        // Whole turns are taken off first, so that equal angles give equal bits.
        let angle = 2 * Double.pi * Double(wave * s % count) / Double(count)
        return -norm * (p.isMultiple(of: 2) ? sin(angle) : cos(angle))
      }
    }
  }
}

/// The correlation functions of an orbit: products of point functions, averaged over the exchanges that leave the
/// cluster as it is.
struct OrbitFunctions {
  /// Function number (from 0) of each position; one of each class of exchanges.
  let indices: [[Int]]
  /// Colourings of the cluster: the product of the species' numbers.
  let codes: Int
  /// Of each position, by how much the number of a colouring grows with its species.
  let strides: [Int]
  /// `values[function][code]`.
  let values: [[Double]]
  /// Of the random mixture.
  let targets: [Double]

  init(_ orbit: ClusterOrbit, sublattices: [MixedSublattice]) {
    let mixed = orbit.sublattices.map { sublattices[$0] }
    let sizes = mixed.map(\.occupants.count)
    let strides = sizes.indices.map { k in sizes[(k + 1)...].reduce(1, *) }
    let codes = sizes.reduce(1, *)
    let tables = sizes.map { PointFunctions.table(species: $0) }
    let means = zip(mixed, tables).map { sublattice, table in
      table.map { row in zip(row, sublattice.occupants).reduce(0) { $0 + $1.0 * $1.1.amount } }
    }
    func averaged(_ index: [Int], _ factor: (_ position: Int, _ function: Int) -> Double) -> Double {
      let sum = orbit.permutations.reduce(0.0) { sum, exchange in
        sum + index.indices.reduce(1.0) { $0 * factor($1, index[exchange[$1]]) }
      }
      return sum / Double(orbit.permutations.count)
    }
    var indices: [[Int]] = []
    for number in 0..<sizes.reduce(1, { $0 * ($1 - 1) }) {
      var rest = number
      let index = sizes.map { size in
        defer { rest /= size - 1 }
        return rest % (size - 1)
      }
      let exchanged = orbit.permutations.map { exchange in index.indices.map { index[exchange[$0]] } }
      if !exchanged.contains(where: { $0.lexicographicallyPrecedes(index) }) { indices.append(index) }
    }
    self.strides = strides
    self.codes = codes
    self.indices = indices.sorted { $0.lexicographicallyPrecedes($1) }
    values = self.indices.map { index in
      (0..<codes).map { code in
        averaged(index) { position, function in
          tables[position][function][code / strides[position] % sizes[position]]
        }
      }
    }
    targets = self.indices.map { index in averaged(index) { means[$0][$1] } }
  }
}
