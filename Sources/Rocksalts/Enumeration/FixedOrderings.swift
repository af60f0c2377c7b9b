import Structures
import Synchronization

/// Orderings of a composition that one permutation (with an exchange of species) leaves as they are.
enum FixedOrderings {
  static func count(
    _ cycles: [OrbitCounts.Cycles], _ composition: SiteComposition, exchange: [[Int]]?, memory: CoefficientMemory
  ) throws -> Int128 {
    var product: Int128 = 1
    for (s, counts) in composition.counts.enumerated() {
      let own = cycles.filter { $0.sublattice == s }
      let key = CoefficientMemory.Key(cycles: own, counts: counts, exchange: exchange?[s] ?? Array(counts.indices))
      let factor = try memory.value(of: key) { try coefficient(key.cycles, key.counts, exchange: key.exchange) }
      let (next, over) = product.multipliedReportingOverflow(by: factor)
      guard !over else { throw InputError("the number of orderings is beyond 2^127") }
      product = next
      if product == 0 { return 0 }
    }
    return product
  }

  /// The coefficient of Π x_c^{n_c} in Π_cycles Σ_O |O| Π_{c∈O} x_c^{length·block/|O|}, O the cycles of the exchange whose
  /// length divides that of the cycle.
  private static func coefficient(_ cycles: [OrbitCounts.Cycles], _ counts: [Int], exchange: [Int]) throws -> Int128
  {
    let orbits = Self.orbits(of: exchange)
    let strides = counts.indices.map { k in counts[..<k].reduce(1) { $0 * ($1 + 1) } }
    let states = counts.reduce(1) { $0 * ($1 + 1) }
    guard states <= 1 << 22 else {
      throw InputError("the composition has too many species to count its orderings", remedy: "take fewer species")
    }
    var ways = [Int128](repeating: 0, count: states)
    ways[0] = 1
    // The longest cycles first: they fit in few ways, so that few states are alive.
    for cycle in cycles.sorted(by: { ($0.length * $0.block, $0.length) > ($1.length * $1.block, $1.length) }) {
      let moves: [(delta: Int, needs: [(Int, Int)], factor: Int128)] = orbits.compactMap { orbit in
        guard cycle.length % orbit.count == 0 else { return nil }
        let amount = cycle.length / orbit.count * cycle.block
        guard orbit.allSatisfy({ counts[$0] >= amount }) else { return nil }
        return (orbit.reduce(0) { $0 + strides[$1] * amount }, orbit.map { ($0, amount) }, Int128(orbit.count))
      }
      for _ in 0..<cycle.count {
        var next = [Int128](repeating: 0, count: states)
        for state in 0..<states where ways[state] != 0 {
          for move in moves {
            let fits = move.needs.allSatisfy { c, amount in
              state / strides[c] % (counts[c] + 1) + amount <= counts[c]
            }
            guard fits else { continue }
            let (product, over) = ways[state].multipliedReportingOverflow(by: move.factor)
            let (sum, overSum) = next[state + move.delta].addingReportingOverflow(product)
            guard !over, !overSum else { throw InputError("the number of orderings is beyond 2^127") }
            next[state + move.delta] = sum
          }
        }
        ways = next
      }
    }
    return ways[states - 1]
  }

  private static func orbits(of exchange: [Int]) -> [[Int]] {
    var isDone = [Bool](repeating: false, count: exchange.count)
    return exchange.indices.compactMap { start in
      var orbit: [Int] = []
      var at = start
      while !isDone[at] {
        isDone[at] = true
        orbit.append(at)
        at = exchange[at]
      }
      return orbit.isEmpty ? nil : orbit
    }
  }
}

/// Coefficients that were computed before; the same cycles are met in many supercells.
final class CoefficientMemory: Sendable {
  struct Key: Hashable, Sendable {
    var cycles: [OrbitCounts.Cycles]
    var counts: [Int]
    var exchange: [Int]
  }

  private let values = Mutex<[Key: Int128]>([:])

  func value(of key: Key, _ compute: () throws -> Int128) rethrows -> Int128 {
    if let known = values.withLock({ $0[key] }) { return known }
    let value = try compute()
    values.withLock { $0[key] = value }
    return value
  }
}
