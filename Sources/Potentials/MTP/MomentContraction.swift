/// A rotation-invariant product of moment tensors: a multigraph without loops.
///
///     B = Σ over a multi-index κ_e, |κ_e| = k_e, for each edge e  Π_e k_e!/(κ_x! κ_y! κ_z!)  Π_a M_{μ_a; Σ_{e∋a} κ_e}
///
/// Its nodes are at most four factors M_{μ,ν}; an edge's multiplicity is the number of indices that its two factors share,
/// and ν of a factor is its degree. The graph may fall into parts: B is then a product of scalars. An edge from a node to
/// itself would be the trace of a tensor of unit vectors, which is a moment of lower order.
struct MomentContraction: Hashable, Sendable {
  /// μ of the factors, not decreasing.
  let functions: [Int]
  /// k of (0,1), (0,2), …, (1,2), …
  let edges: [Int]

  static let largestLevel = 28
  /// Radial functions at most, at any level.
  static let largestFunctionCount = 6
  /// Order of a moment at most.
  static let largestOrder = 10
  static let largestFactorCount = 4

  /// K of a level.
  static func functionCount(level: Int) -> Int { min(largestFunctionCount, (level - 2) / 4 + 1) }

  var factorCount: Int { functions.count }

  /// Σ over factors of 2 + 4μ + ν.
  var level: Int { functions.reduce(0) { $0 + 2 + 4 * $1 } + 2 * edges.reduce(0, +) }

  /// The place of an edge in `edges`.
  static func slot(_ a: Int, _ b: Int, of count: Int) -> Int {
    let (low, high) = (min(a, b), max(a, b))
    return low * (2 * count - low - 1) / 2 + high - low - 1
  }

  func edge(_ a: Int, _ b: Int) -> Int { a == b ? 0 : edges[Self.slot(a, b, of: factorCount)] }

  /// ν of a factor.
  func degree(_ a: Int) -> Int { (0..<factorCount).reduce(0) { $0 + edge(a, $1) } }

  /// The factors of each part that holds together, ascending.
  var parts: [[Int]] {
    var label = Array(0..<factorCount)
    for a in 0..<factorCount {
      for b in a + 1..<max(factorCount, a + 1) where edge(a, b) > 0 {
        let (old, new) = (label[b], label[a])
        label = label.map { $0 == old ? new : $0 }
      }
    }
    return Set(label).sorted().map { part in (0..<factorCount).filter { label[$0] == part } }
      .sorted { $0[0] < $1[0] }
  }

  /// The part of the graph on some factors, as it stands in `all`.
  func part(_ factors: [Int]) -> MomentContraction {
    let order = factors.sorted { functions[$0] < functions[$1] }
    var part = [Int](repeating: 0, count: order.count * (order.count - 1) / 2)
    for a in order.indices {
      for b in a + 1..<max(order.count, a + 1) {
        part[Self.slot(a, b, of: order.count)] = edge(order[a], order[b])
      }
    }
    let own = order.map { functions[$0] }
    return MomentContraction(
      functions: own, edges: Self.smallest(part, EdgePermutations(own).permutations))
  }

  private static func smallest(_ edges: [Int], _ permutations: [[Int]]) -> [Int] {
    permutations.map { $0.map { edges[$0] } }.min { $0.lexicographicallyPrecedes($1) } ?? edges
  }

  /// One graph of each isomorphism class up to a level: by factors, then μ, then the number of shared indices.
  ///
  /// The order is part of the file format: coefficients of trained potentials stand in it.
  static func all(level: Int) -> [MomentContraction] {
    let count = functionCount(level: level)
    var result: [MomentContraction] = []
    for factors in 1...largestFactorCount {
      for functions in nonDecreasing(factors, below: count) {
        let edges = (level - functions.reduce(0) { $0 + 2 + 4 * $1 }) / 2
        guard level >= functions.reduce(0, { $0 + 2 + 4 * $1 }) else { continue }
        result += contractions(functions, edges: edges)
      }
    }
    return result
  }

  private static func contractions(_ functions: [Int], edges limit: Int) -> [MomentContraction] {
    let slots = functions.count * (functions.count - 1) / 2
    let permutations = EdgePermutations(functions).permutations
    var found: [[Int]] = []
    var edges = [Int](repeating: 0, count: slots)
    func visit(_ slot: Int, _ left: Int) {
      guard slot < slots else {
        if isSmallest(edges, permutations) { found.append(edges) }
        return
      }
      for k in 0...left {
        edges[slot] = k
        visit(slot + 1, left - k)
      }
      edges[slot] = 0
    }
    visit(0, limit)
    let all = found.map { MomentContraction(functions: functions, edges: $0) }
    return all.filter { graph in graph.functions.indices.allSatisfy { graph.degree($0) <= largestOrder } }
      .sorted(by: stands)
  }

  private static func isSmallest(_ edges: [Int], _ permutations: [[Int]]) -> Bool {
    for permutation in permutations {
      for (own, slot) in zip(edges, permutation) where own != edges[slot] {
        if edges[slot] < own { return false }
        break
      }
    }
    return true
  }

  /// Fewer edges first, then as lists of (a, b, k) are ordered.
  private static func stands(_ a: MomentContraction, before b: MomentContraction) -> Bool {
    let (m, n) = (a.edges.reduce(0, +), b.edges.reduce(0, +))
    guard m == n else { return m < n }
    for (k, l) in zip(a.edges, b.edges) where k != l { return l == 0 || (k != 0 && k < l) }
    return false
  }

  private static func nonDecreasing(_ count: Int, below limit: Int, from first: Int = 0) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return (first..<max(limit, first)).flatMap { value in
      nonDecreasing(count - 1, below: limit, from: value).map { [value] + $0 }
    }
  }
}

/// Where edges go when factors of the same μ change places.
private struct EdgePermutations {
  /// For each permutation, the edge that comes to each place.
  private(set) var permutations: [[Int]] = []

  init(_ functions: [Int]) {
    var order: [Int] = []
    let count = functions.count
    func visit(_ free: [Int]) {
      if free.isEmpty {
        var slots: [Int] = []
        for a in 0..<count {
          for b in a + 1..<max(count, a + 1) { slots.append(MomentContraction.slot(order[a], order[b], of: count)) }
        }
        permutations.append(slots)
        return
      }
      for next in free where functions[next] == functions[order.count] {
        order.append(next)
        visit(free.filter { $0 != next })
        order.removeLast()
      }
    }
    visit(Array(0..<count))
  }
}
