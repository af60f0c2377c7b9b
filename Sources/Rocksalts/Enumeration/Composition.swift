import Structures

/// How many sites of each sublattice hold each species.
public struct SiteComposition: Hashable, Sendable {
  /// For each sublattice, the number of each species that it may hold, in the sublattice's order.
  public var counts: [[Int]]

  public init(counts: [[Int]]) { self.counts = counts }

  /// Sites of each of the parent's species, all sublattices together.
  public func totals(_ parent: ParentLattice) -> [Int] {
    var totals = [Int](repeating: 0, count: parent.species.count)
    for (sublattice, counts) in zip(parent.sublattices, counts) {
      for (species, count) in zip(sublattice.species, counts) { totals[species] += count }
    }
    return totals
  }

  /// True where every species of the parent is there.
  public func isComplete(_ parent: ParentLattice) -> Bool { totals(parent).allSatisfy { $0 > 0 } }
}

/// Which compositions are wanted.
public struct CompositionLimits: Sendable {
  /// Amounts of the parent's species up to a common factor; nil for any composition.
  public var ratio: [Double]?
  /// Fraction of the ordered sites that a species (by its index) may hold.
  public var fractions: [Int: ClosedRange<Double>]
  /// False: every species must be there.
  public var allowsIncomplete: Bool
  /// A further condition on the numbers of sites of each species (balanced charges).
  public var condition: (@Sendable ([Int]) -> Bool)?

  public init(
    ratio: [Double]? = nil, fractions: [Int: ClosedRange<Double>] = [:], allowsIncomplete: Bool = false
  ) {
    self.ratio = ratio
    self.fractions = fractions
    self.allowsIncomplete = allowsIncomplete
  }

  public var isFree: Bool { ratio == nil && fractions.isEmpty && condition == nil }

  /// Number of sites of each species in a cell of `sites`; nil where the ratio does not come out whole.
  func wantedTotals(sites: Int) -> [Int]? {
    guard let ratio else { return nil }
    let sum = ratio.reduce(0, +)
    let exact = ratio.map { $0 / sum * Double(sites) }
    let whole = exact.map { Int($0.rounded()) }
    let isExact = zip(exact, whole).allSatisfy { abs($0 - Double($1)) < 1e-6 * Double(sites) }
    return isExact && whole.reduce(0, +) == sites ? whole : nil
  }

  private static let most = 2_000_000

  /// All compositions of a supercell of index n, incomplete ones included, in lexicographic order.
  /// - Throws: `InputError` where there are more than two million of them.
  public func compositions(of parent: ParentLattice, index n: Int) throws -> [SiteComposition] {
    let sites = n * parent.orderedSites.count
    let wanted = wantedTotals(sites: sites)
    if ratio != nil, wanted == nil { return [] }
    var partial: [SiteComposition] = [SiteComposition(counts: [])]
    for sublattice in parent.sublattices {
      let parts = try divisions(of: sublattice.places.count * n, into: sublattice, wanted: wanted, sites: sites)
      guard partial.count * parts.count <= Self.most else { throw tooMany(n) }
      partial = partial.flatMap { head in parts.map { SiteComposition(counts: head.counts + [$0]) } }
    }
    return partial.filter { composition in
      let totals = composition.totals(parent)
      if let wanted, totals != wanted { return false }
      if let condition, !condition(totals) { return false }
      return fractions.allSatisfy { species, range in
        let fraction = Double(totals[species]) / Double(sites)
        return fraction >= range.lowerBound - 1e-9 && fraction <= range.upperBound + 1e-9
      }
    }
  }

  /// Ways to deal `size` sites out to the species of a sublattice, none above what is wanted in all.
  private func divisions(
    of size: Int, into sublattice: ParentLattice.Sublattice, wanted: [Int]?, sites: Int
  ) throws -> [[Int]] {
    var parts: [[Int]] = [[]]
    for (place, species) in sublattice.species.enumerated() {
      let isLast = place == sublattice.species.count - 1
      let most = min(
        size, wanted?[species] ?? size,
        fractions[species].map { Int(($0.upperBound * Double(sites) + 1e-9).rounded(.down)) } ?? size)
      parts = parts.flatMap { head -> [[Int]] in
        let left = size - head.reduce(0, +)
        if isLast { return left <= most ? [head + [left]] : [] }
        return (0...max(0, min(left, most))).map { head + [$0] }
      }
      guard parts.count <= Self.most else { throw tooMany(size) }
    }
    return parts
  }

  private func tooMany(_ n: Int) -> InputError {
    InputError(
      "supercells of index \(n) have more than \(Self.most) compositions", remedy: "name a composition or ranges",
      isUsage: true)
  }
}

/// Exchanges of species that the sites' allowed sets do not tell apart.
enum SpeciesExchange {
  private static let mostSpecies = 8

  /// All permutations of the parent's species that map every sublattice's species on themselves; the identity first.
  /// - Throws: `InputError` for more than eight species.
  static func all(_ parent: ParentLattice) throws -> [[Int]] {
    let count = parent.species.count
    guard count <= mostSpecies else {
      throw InputError(
        "label exchange is possible for at most \(mostSpecies) species, found \(count)", isUsage: true)
    }
    return permutations(of: count).filter { p in
      parent.sublattices.allSatisfy { Set($0.species.map { p[$0] }) == Set($0.species) }
    }
  }

  /// The composition after species c became p[c].
  static func applied(_ p: [Int], to composition: SiteComposition, _ parent: ParentLattice) -> SiteComposition {
    var result = composition
    for (s, sublattice) in parent.sublattices.enumerated() {
      for (place, species) in sublattice.species.enumerated() {
        let target = sublattice.species.firstIndex(of: p[species])!
        result.counts[s][target] = composition.counts[s][place]
      }
    }
    return result
  }

  private static func permutations(of count: Int) -> [[Int]] {
    var result: [[Int]] = [[]]
    for _ in 0..<count {
      result = result.flatMap { head in (0..<count).filter { !head.contains($0) }.map { head + [$0] } }
    }
    return result
  }
}
