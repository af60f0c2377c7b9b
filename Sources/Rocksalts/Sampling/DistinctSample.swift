import Structures

/// Distinct orderings drawn without repetition, every one of an enumeration with the same probability.
public enum DistinctSample {
  public struct Draw: Sendable {
    public var supercell: Supercell
    public var composition: SiteComposition
    public var ordering: Ordering
  }

  private struct Key: Hashable {
    var part: Int
    var species: [UInt8]
  }

  /// Lists of at most this many orderings are made and shuffled rather than drawn from.
  private static let shortList: UInt128 = 200_000

  /// - Parameters:
  ///   - indices: sizes of the supercells.
  ///   - count: orderings wanted.
  /// - Throws: `InputError` where there are fewer than `count` distinct ones.
  public static func draw(
    _ enumeration: Enumeration, indices: [Int], count: Int, seed: UInt64, threads: Int = 1
  ) throws -> [Draw] {
    precondition(!enumeration.removesExchanged, "orderings that differ by an exchange of species are all drawn")
    let parts = try indices.flatMap { try enumeration.parts(index: $0, threads: threads) }
    let total = parts.reduce(UInt128(0)) { $0 + $1.listed }
    guard total >= UInt128(count) else {
      throw InputError(
        total == 0
          ? "no ordering has this composition and size"
          : "there are \(total) distinct orderings, fewer than \(count)",
        remedy: total == 0 ? "take numbers of sites that the composition divides" : "ask for fewer or larger cells")
    }
    var random = RandomSource(seed: seed)
    if total <= max(4 * UInt128(count), 1000), total <= shortList {
      return try shuffled(enumeration, parts, count, &random)
    }
    var cumulative = 0.0
    let limits = parts.map { part in
      cumulative += Double(part.listed)
      return cumulative
    }
    var samplers: [Int: OrderingSampler] = [:]
    var seen: Set<Key> = []
    var result: [Draw] = []
    while result.count < count {
      let place = random.uniform() * cumulative
      let k = limits.firstIndex { $0 > place } ?? parts.count - 1
      let part = parts[k]
      if samplers[k] == nil {
        samplers[k] = try OrderingSampler(
          part.composition, supercells: [part.supercell], of: enumeration.parent)
      }
      guard let ordering = samplers[k]?.next(&random)?.ordering else { continue }
      guard seen.insert(Key(part: k, species: ordering.species)).inserted else { continue }
      result.append(Draw(supercell: part.supercell, composition: part.composition, ordering: ordering))
    }
    return result
  }

  private static func shuffled(
    _ enumeration: Enumeration, _ parts: [Enumeration.Part], _ count: Int, _ random: inout RandomSource
  ) throws -> [Draw] {
    var all: [Draw] = []
    for part in parts {
      var walk = enumeration.walk(part)
      while case let block = try walk.next(), !block.isEmpty {
        all += block.map { Draw(supercell: part.supercell, composition: part.composition, ordering: $0) }
      }
    }
    return random.permutation(of: all.count).prefix(count).map { all[$0] }
  }
}
