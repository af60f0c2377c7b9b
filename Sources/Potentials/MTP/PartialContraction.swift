/// A part of a contraction: some of its factors with the edges between them, and the legs that lead to other factors.
///
/// Legs stand in groups by the factor that they lead to. That factor's tensor is symmetric, so that a group needs one
/// multi-index only, whichever factors its legs come from.
struct PartialContraction {
  /// μ.
  private(set) var functions: [Int]
  /// Edges between the factors: (0,1), (0,2), (1,2).
  private(set) var edges: [Int]
  /// For each group (at most two, none empty), the legs of each factor.
  private(set) var legs: [[Int]]
  /// For each outside factor, its group; nil where no leg leads to it.
  private(set) var groups: [Int?]

  /// - Parameter outside: for each group of legs, the factors that it leads to.
  init(_ graph: MomentContraction, factors: [Int], outside: [[Int]]) {
    functions = factors.map { graph.functions[$0] }
    edges = []
    for a in factors.indices {
      for b in a + 1..<max(factors.count, a + 1) { edges.append(graph.edge(factors[a], factors[b])) }
    }
    legs = []
    groups = []
    for others in outside {
      let column = factors.map { a in others.reduce(0) { $0 + graph.edge(a, $1) } }
      groups.append(column.allSatisfy { $0 == 0 } ? nil : legs.count)
      if groups[groups.count - 1] != nil { legs.append(column) }
    }
  }

  /// Two factors, each with a group of its own.
  init(_ graph: MomentContraction, apart a: Int, _ b: Int, outside: [Int]) {
    self.init(graph, factors: [a, b], outside: [])
    let counts = [a, b].map { x in outside.reduce(0) { $0 + graph.edge(x, $1) } }
    for k in 0..<2 {
      groups.append(counts[k] == 0 ? nil : legs.count)
      if counts[k] > 0 { legs.append(k == 0 ? [counts[0], 0] : [0, counts[1]]) }
    }
  }

  /// Equal for parts that are the same tensor.
  struct Key: Hashable, Sendable {
    var code: UInt64
    /// The groups have changed places.
    var isSwapped: Bool
    /// The tensor stays the same when its groups change places.
    var isSymmetric: Bool
  }

  var key: Key {
    let count = functions.count
    var best = [UInt64](repeating: .max, count: 2)
    for order in Self.orders[count] {
      guard (1..<count).allSatisfy({ functions[order[$0 - 1]] <= functions[order[$0]] }) else { continue }
      for swap in 0..<(legs.count == 2 ? 2 : 1) { best[swap] = min(best[swap], code(order, swapped: swap == 1)) }
    }
    return Key(code: min(best[0], best[1]), isSwapped: best[1] < best[0], isSymmetric: best[0] == best[1])
  }

  private func code(_ order: [Int], swapped: Bool) -> UInt64 {
    let count = functions.count
    var code = UInt64(count) << 2 | UInt64(legs.count)
    for a in order { code = code << 3 | UInt64(functions[a]) }
    for a in 0..<count {
      for b in a + 1..<max(count, a + 1) {
        code = code << 4 | UInt64(edges[MomentContraction.slot(order[a], order[b], of: count)])
      }
    }
    for column in swapped ? legs.reversed() : legs { for a in order { code = code << 4 | UInt64(column[a]) } }
    return code
  }

  private static let orders: [[[Int]]] = [
    [[]], [[0]], [[0, 1], [1, 0]], [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
  ]
}
