/// One ordering of a supercell: what each site holds.
public struct Ordering: Hashable, Sendable {
  /// For each site (number a·n + g, see `Supercell`) the index of its species in the parent.
  public var species: [UInt8]
  /// Permutations that leave it as it is.
  public var stabiliser: Int
  /// True where it repeats within the supercell, so that a smaller one holds it.
  public var isSuperperiodic: Bool
}

/// The order in which species are placed: rarest first within each sublattice, the commonest one fills the rest.
struct PlacementLevels: Hashable, Sendable {
  struct Level: Hashable, Sendable {
    var sublattice: Int
    var species: UInt8
    var count: Int
  }

  /// Species that are placed by choice.
  let chosen: [Level]
  /// For each sublattice the species of all other sites.
  let filling: [UInt8]
  /// Sites of each sublattice.
  let masks: [UInt64]

  init(_ composition: SiteComposition, sublattices: [ParentLattice.Sublattice], cells n: Int) {
    var chosen: [Level] = []
    filling = sublattices.indices.map { s in
      let present = sublattices[s].species.indices.filter { composition.counts[s][$0] > 0 }
        .sorted { (composition.counts[s][$0], $0) < (composition.counts[s][$1], $1) }
      chosen += present.dropLast().map {
        Level(sublattice: s, species: UInt8(sublattices[s].species[$0]), count: composition.counts[s][$0])
      }
      return present.last.map { UInt8(sublattices[s].species[$0]) } ?? 0
    }
    self.chosen = chosen
    masks = sublattices.map { s in
      s.places.reduce(0) { mask, place in mask | (((1 << UInt64(n)) &- 1) << UInt64(place * n)) }
    }
    precondition(n < 64 || sublattices.count == 1, "at most 64 sites")
  }

  /// What each site holds, from the sites of the chosen species.
  func species(_ subsets: [UInt64], sites: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: sites)
    for (s, mask) in masks.enumerated() { fill(&result, mask, filling[s]) }
    for (level, subset) in zip(chosen, subsets) { fill(&result, subset, level.species) }
    return result
  }

  /// The sites of each chosen species.
  func subsets(_ species: [UInt8]) -> [UInt64] {
    chosen.map { level in
      var mask: UInt64 = 0
      for (site, held) in species.enumerated() where held == level.species { mask |= 1 << UInt64(site) }
      return mask & masks[level.sublattice]
    }
  }

  private func fill(_ species: inout [UInt8], _ mask: UInt64, _ value: UInt8) {
    var rest = mask
    while rest != 0 {
      species[rest.trailingZeroBitCount] = value
      rest &= rest - 1
    }
  }
}
