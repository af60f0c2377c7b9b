import Structures

/// Numbers of distinct orderings of a supercell from its group alone (Burnside's lemma, Pólya's count).
///
///     N = 1/|G| Σ_g fix(g),   fix(g) = coefficient of Π x_c^{n_c} in Π_{cycles of g} Σ_c x_c^{length}
///
/// Orderings without a smaller period are counted by Möbius inversion over the subgroups of translations T:
/// N' = 1/|G| Σ_g Σ_T μ(T) fix(⟨g, T⟩), μ of a p-group Z_p^r being (−1)^r p^{r(r−1)/2} (and 0 unless elementary).
public struct OrbitCounts: Sendable {
  /// Cycles of one length whose members are blocks of sites; `sublattice` is where they lie.
  struct Cycles: Hashable, Sendable {
    var sublattice: Int
    var length: Int
    var block: Int
    var count: Int
  }

  /// How often each pattern of cycles is met, over the whole group.
  private let all: [(cycles: [Cycles], weight: Int)]
  private let primitive: [(cycles: [Cycles], weight: Int)]
  private let order: Int

  init(_ group: SitePermutations, sublattices: [ParentLattice.Sublattice]) {
    order = group.count
    let n = max(1, group.diagonal.x * group.diagonal.y * group.diagonal.z)
    var home = [Int](repeating: 0, count: group.sites)
    for (s, sublattice) in sublattices.enumerated() {
      for place in sublattice.places { for g in 0..<n { home[place * n + g] = s } }
    }
    var everything: [[Cycles]: Int] = [:]
    var aperiodic: [[Cycles]: Int] = [:]
    for part in TranslationSubgroups.withMobius(group.diagonal) {
      var blocks: [Int: [Int]] = [:]
      for g in 0..<group.count {
        let kind = group.kinds[g]
        if blocks[kind] == nil {
          blocks[kind] = Self.blocks(part.members, moved: group.actions[kind], group.diagonal, sites: group.sites)
        }
        let cycles = Self.cycles(group, g, blocks: blocks[kind]!, home: home)
        if part.members.count == 1 { everything[cycles, default: 0] += 1 }
        aperiodic[cycles, default: 0] += part.mobius
      }
    }
    all = everything.map { ($0.key, $0.value) }
    primitive = aperiodic.filter { $0.value != 0 }.map { ($0.key, $0.value) }
  }

  /// Orderings of a composition, those with a smaller period included.
  public func orderings(_ composition: SiteComposition) throws -> UInt128 {
    try orbits(all, composition, exchanges: [nil])
  }

  /// Orderings of a composition without a smaller period.
  public func primitiveOrderings(_ composition: SiteComposition) throws -> UInt128 {
    try orbits(primitive, composition, exchanges: [nil])
  }

  /// The same with orderings that an exchange of species maps on each other counted once.
  /// - Parameter exchanges: for each exchange (the identity among them) and each sublattice, where every species goes.
  func orderings(_ composition: SiteComposition, exchanges: [[[Int]]], primitiveOnly: Bool) throws -> UInt128 {
    try orbits(primitiveOnly ? primitive : all, composition, exchanges: exchanges)
  }

  private func orbits(
    _ patterns: [(cycles: [Cycles], weight: Int)], _ composition: SiteComposition, exchanges: [[[Int]]?]
  ) throws -> UInt128 {
    var sum: Int128 = 0
    for (cycles, weight) in patterns {
      for exchange in exchanges {
        let fixed = try FixedOrderings.count(cycles, composition, exchange: exchange)
        let (product, over) = fixed.multipliedReportingOverflow(by: Int128(weight))
        let (next, overSum) = sum.addingReportingOverflow(product)
        guard !over, !overSum else { throw InputError("the number of orderings is beyond 2^127") }
        sum = next
      }
    }
    let group = Int128(order * exchanges.count)
    precondition(sum >= 0 && sum % group == 0, "Burnside's sum is not divisible by the order of the group")
    return UInt128(sum / group)
  }

  /// For each site the block it belongs to: orbits of the smallest translation group that holds `members` and that the
  /// operation maps on itself.
  private static func blocks(_ members: [Int], moved: [Int], _ s: SIMD3<Int>, sites: Int) -> [Int] {
    let n = moved.count
    guard members.count > 1 else { return Array(0..<sites) }
    let group = TranslationSubgroups.closure(of: members, under: moved, s)
    let elements = groupElements(s)
    let first = elements.map { g in
      group.map { TranslationSubgroups.sum(g, elements[$0], s) }.min()!
    }
    return (0..<sites).map { $0 / n * n + first[$0 % n] }
  }

  /// The cycles of one permutation on blocks, sorted.
  private static func cycles(_ group: SitePermutations, _ g: Int, blocks: [Int], home: [Int]) -> [Cycles] {
    var size = [Int](repeating: 0, count: group.sites)
    for block in blocks { size[block] += 1 }
    var isDone = [Bool](repeating: false, count: group.sites)
    var found: [Cycles: Int] = [:]
    for start in 0..<group.sites where blocks[start] == start && !isDone[start] {
      var (length, at) = (0, start)
      while !isDone[at] {
        isDone[at] = true
        length += 1
        at = blocks[Int(group.sources[g * group.sites + at])]
      }
      found[Cycles(sublattice: home[start], length: length, block: size[start], count: 0), default: 0] += 1
    }
    return found.map { Cycles(sublattice: $0.sublattice, length: $0.length, block: $0.block, count: $1) }
      .sorted { ($0.sublattice, $0.length, $0.block) < ($1.sublattice, $1.length, $1.block) }
  }
}

/// Orderings of a composition that one permutation (with an exchange of species) leaves as they are.
enum FixedOrderings {
  static func count(
    _ cycles: [OrbitCounts.Cycles], _ composition: SiteComposition, exchange: [[Int]]?
  ) throws -> Int128 {
    var product: Int128 = 1
    for (s, counts) in composition.counts.enumerated() {
      let own = cycles.filter { $0.sublattice == s }
      let factor = try coefficient(own, counts, exchange: exchange?[s] ?? Array(counts.indices))
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
    for cycle in cycles {
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

/// Subgroups of the translations Z_s1 × Z_s2 × Z_s3 of a supercell, as lists of numbers of elements.
enum TranslationSubgroups {
  static func number(_ v: SIMD3<Int>, _ s: SIMD3<Int>) -> Int {
    (v.x.wrapped(s.x) * s.y + v.y.wrapped(s.y)) * s.z + v.z.wrapped(s.z)
  }

  static func sum(_ a: SIMD3<Int>, _ b: SIMD3<Int>, _ s: SIMD3<Int>) -> Int { number(a &+ b, s) }

  /// All subgroups whose Möbius function is not zero: products of elementary abelian ones.
  static func withMobius(_ s: SIMD3<Int>) -> [(members: [Int], mobius: Int)] {
    let n = s.x * s.y * s.z
    var result: [(members: [Int], mobius: Int)] = [([0], 1)]
    for p in 2...max(2, n) where n % p == 0 && (2..<p).allSatisfy({ p % $0 != 0 }) {
      let part = elementary(p, s)
      result = result.flatMap { head in
        part.map { tail in (closure(of: head.members + tail.members, s), head.mobius * tail.mobius) }
      }
    }
    return result
  }

  /// Subgroups of the elements of order p (and the trivial one), with their Möbius function.
  private static func elementary(_ p: Int, _ s: SIMD3<Int>) -> [(members: [Int], mobius: Int)] {
    let elements = groupElements(s)
    let torsion = elements.indices.filter { number(elements[$0] &* p, s) == 0 }
    var known: Set<[Int]> = [[0]]
    var layer: [[Int]] = [[0]]
    while !layer.isEmpty {
      var larger: [[Int]] = []
      for group in layer {
        for element in torsion where !group.contains(element) {
          let joined = closure(of: group + [element], s)
          if known.insert(joined).inserted { larger.append(joined) }
        }
      }
      layer = larger
    }
    return known.sorted { ($0.count, $0.description) < ($1.count, $1.description) }.map { members in
      var (rank, size) = (0, members.count)
      while size > 1 {
        size /= p
        rank += 1
      }
      return (members, (rank % 2 == 0 ? 1 : -1) * power(p, rank * (rank - 1) / 2))
    }
  }

  private static func power(_ base: Int, _ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { value, _ in value * base }
  }

  /// The smallest subgroup with these elements, sorted.
  static func closure(of members: [Int], _ s: SIMD3<Int>) -> [Int] {
    let elements = groupElements(s)
    var group: Set<Int> = [0]
    for member in members where !group.contains(member) {
      var multiple = elements[member]
      var multiples = [0]
      while number(multiple, s) != 0 {
        multiples.append(number(multiple, s))
        multiple &+= elements[member]
      }
      group = Set(group.flatMap { a in multiples.map { sum(elements[a], elements[$0], s) } })
    }
    return group.sorted()
  }

  /// The smallest subgroup with these elements that `moved` maps on itself.
  static func closure(of members: [Int], under moved: [Int], _ s: SIMD3<Int>) -> [Int] {
    var group = closure(of: members, s)
    while true {
      let larger = closure(of: group + group.map { moved[$0] }, s)
      if larger.count == group.count { return group }
      group = larger
    }
  }
}
