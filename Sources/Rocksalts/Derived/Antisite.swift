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

  /// - Throws: `InputError` (usage) for numbers below 1.
  public init(
    first: ChemicalElement, others: [ChemicalElement], pairs: Int, count: Int, isDistinct: Bool, seed: UInt64
  ) throws {
    for (number, what) in [(pairs, "pair"), (count, "structure")] where number < 1 {
      throw InputError("one \(what) or more is needed, found \(number)", isUsage: true)
    }
    self.first = first
    self.others = others
    self.pairs = pairs
    self.count = count
    self.isDistinct = isDistinct
    self.seed = seed
  }

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
      return try choices.all(limit: count).map { exchanged(host, $0.atoms[0], $0.atoms[1]) }
    }
    var random = RandomSource(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    return (0..<count).map { _ in
      let a = random.permutation(of: sources.count).prefix(pairs).map { sources[$0] }
      let b = random.permutation(of: targets.count).prefix(pairs).map { targets[$0] }
      return exchanged(host, a, b)
    }
  }

  private func exchanged(_ host: Structure, _ a: [Int], _ b: [Int]) -> Structure {
    var result = host
    for (i, j) in zip(a, b) { result.elements.swapAt(i, j) }
    result.moments = nil
    return result
  }
}
