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
  private let memory: CoefficientMemory

  init(
    _ group: SitePermutations, sublattices: [ParentLattice.Sublattice],
    memory: CoefficientMemory = CoefficientMemory()
  ) {
    order = group.count
    self.memory = memory
    let n = max(1, group.diagonal.x * group.diagonal.y * group.diagonal.z)
    let home = Self.home(sublattices, cells: n, sites: group.sites)
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
        let fixed = try FixedOrderings.count(cycles, composition, exchange: exchange, memory: memory)
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

  /// The sublattice of each site.
  static func home(_ sublattices: [ParentLattice.Sublattice], cells n: Int, sites: Int) -> [Int] {
    var home = [Int](repeating: 0, count: sites)
    for (s, sublattice) in sublattices.enumerated() {
      for place in sublattice.places { for g in 0..<n { home[place * n + g] = s } }
    }
    return home
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
  static func cycles(_ group: SitePermutations, _ g: Int, blocks: [Int], home: [Int]) -> [Cycles] {
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
