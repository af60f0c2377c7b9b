import Structures

/// Exchanges of ions between two kinds of sites: Li on metal sites and metal on Li sites.
public struct Antisite: Sendable {
  public var first: ChemicalElement
  /// Elements that the first may change places with.
  public var others: [ChemicalElement]
  /// Pairs that are exchanged.
  public var pairs: Int
  /// Structures for each host.
  public var count: Int
  /// True: all symmetry-distinct exchanges (at most `count`); false: `count` random ones.
  public var isDistinct: Bool
  public var seed: UInt64

  /// - Throws: `InputError` (usage) for numbers below 1, and for an element that the first cannot change places with.
  public init(
    first: ChemicalElement, others: [ChemicalElement], pairs: Int, count: Int, isDistinct: Bool, seed: UInt64
  ) throws {
    for (number, what) in [(pairs, "pair"), (count, "structure")] where number < 1 {
      throw InputError("one \(what) or more is needed, found \(number)", isUsage: true)
    }
    if let wrong = others.first(where: { $0 == first || $0.isAnion != first.isAnion }) {
      throw InputError("\(wrong) is nothing that \(first) can change places with", isUsage: true)
    }
    self.first = first
    self.others = others
    self.pairs = pairs
    self.count = count
    self.isDistinct = isDistinct
    self.seed = seed
  }

  /// Structures that differ from the host and from each other: for `isDistinct` also by the symmetry that the host has
  /// where the exchanged elements count as one. There may be fewer than `count`, or none.
  /// - Parameter number: of the host, so that hosts have independent random choices.
  /// - Throws: `InputError` where the host has too few of the ions, or more distinct exchanges than `count`.
  public func results(_ host: Structure, number: Int = 0) throws -> [Structure] {
    let sources = host.elements.indices.filter { host.elements[$0] == first }
    let targets = host.elements.indices.filter { others.contains(host.elements[$0]) }
    guard pairs <= min(sources.count, targets.count) else {
      throw InputError(
        "\(host.formula) has \(sources.count) \(first) and \(targets.count) of "
          + "\(others.map(\.symbol).joined(separator: ", ")), too few for \(pairs) exchanged pairs")
    }
    if isDistinct {
      // Which Li takes the place of which metal matters only where the metals differ; the sites decide.
      guard Set(targets.map { host.elements[$0] }).count == 1 || pairs == 1 else {
        throw InputError(
          "symmetry-distinct exchanges of several pairs need one kind of metal", remedy: "name one with --with")
      }
      let choices = try HostOrderings(host, atoms: [sources, targets], counts: [pairs, pairs])
      let made = try choices.all(limit: count).map { exchanged(host, $0.atoms[0], $0.atoms[1]) }
      return try different(made, from: host, sites: (sources + targets).sorted())
    }
    var random = RandomSource(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    var seen: Set<[ChemicalElement]> = [host.elements]
    var result: [Structure] = []
    var misses = 0
    while result.count < count, misses < 1000 {
      let a = random.permutation(of: sources.count).prefix(pairs).map { sources[$0] }
      let b = random.permutation(of: targets.count).prefix(pairs).map { targets[$0] }
      let made = exchanged(host, a, b)
      if seen.insert(made.elements).inserted { result.append(made) } else { misses += 1 }
    }
    return result
  }

  /// Those that no operation maps on the host or on one before, where the exchanged elements count as one: on a small
  /// cell an exchange can give the host again, turned or shifted.
  private func different(_ made: [Structure], from host: Structure, sites: [Int]) throws -> [Structure] {
    let alike = Set(others + [first])
    let types = host.elements.map { alike.contains($0) ? -1 : $0.atomicNumber }
    let images = try HostOrderings.permutations(of: host, sites: sites, types: types)
    func smallest(_ structure: Structure) -> [Int] {
      let own = sites.map { structure.elements[$0].atomicNumber }
      var best = own
      for image in images {
        let moved = image.map { own[Int($0)] }
        if moved.lexicographicallyPrecedes(best) { best = moved }
      }
      return best
    }
    var seen: Set<[Int]> = [smallest(host)]
    return made.filter { seen.insert(smallest($0)).inserted }
  }

  private func exchanged(_ host: Structure, _ a: [Int], _ b: [Int]) -> Structure {
    var result = host
    for (i, j) in zip(a, b) { result.elements.swapAt(i, j) }
    result.moments = nil
    return result
  }
}
