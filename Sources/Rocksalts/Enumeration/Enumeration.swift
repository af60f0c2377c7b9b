import CKernels
import Structures

/// All distinct orderings of a parent lattice (derivative structures) of given sizes and compositions.
///
/// Two orderings are the same if an operation of the parent's space group maps one on the other. Orderings with a
/// smaller period belong to a smaller supercell and are left out; so are those that lack a species, unless they are
/// wanted, and, as an option, all but one of those that an exchange of species turns into each other.
///
/// G. L. W. Hart and R. W. Forcade, Phys. Rev. B 77, 224115 (2008) and 80, 014120 (2009); G. L. W. Hart, L. J. Nelson and
/// R. W. Forcade, Comput. Mater. Sci. 59, 101 (2012), doi:10.1016/j.commatsci.2012.02.015.
public struct Enumeration: Sendable {
  public let parent: ParentLattice
  public let limits: CompositionLimits
  public let removesExchanged: Bool
  /// Longest over shortest vector that a supercell (with its shortest vectors) may have; nil for any.
  public let largestAspect: Double?
  /// For each exchange of species (the identity first), where every species goes.
  private let exchanges: [[Int]]
  private let memory = CoefficientMemory()

  /// One supercell and composition: the unit of work, and of a restart.
  public struct Part: Sendable {
    public let supercell: Supercell
    public let composition: SiteComposition
    /// Exchanges that keep the composition; the identity alone unless exchanged orderings are left out.
    let exchanges: [[Int]]
    /// Number that the group alone gives: all classes, and those that will be listed.
    public let burnside: UInt128
    public let listed: UInt128
  }

  /// - Throws: `InputError` where exchanged orderings cannot be told (more than eight species).
  public init(
    parent: ParentLattice, limits: CompositionLimits = CompositionLimits(), removesExchanged: Bool = false,
    largestAspect: Double? = nil
  ) throws {
    self.largestAspect = largestAspect
    self.parent = parent
    self.limits = limits
    self.removesExchanged = removesExchanged
    exchanges = removesExchanged ? try SpeciesExchange.all(parent) : [Array(parent.species.indices)]
  }

  /// The work for supercells of an index, in a fixed order.
  ///
  /// - Parameter listedOnly: leaves out compositions that lack a species where those are not wanted.
  /// - Throws: `InputError` where there are more than 64 sites, too many compositions, or numbers beyond 2^127.
  public func parts(index n: Int, listedOnly: Bool = true, threads: Int = 1) throws -> [Part] {
    let compositions = try representatives(index: n)
      .filter { !listedOnly || limits.allowsIncomplete || $0.composition.isComplete(parent) }
    guard !compositions.isEmpty else { return [] }
    let supercells = try Supercell.all(index: n, of: parent).filter(isWanted)
    return try parallelMap(chunks: supercells.count, threads: threads) { k in
      let counts = OrbitCounts(
        supercells[k].permutations, sublattices: parent.sublattices, memory: memory)
      return try compositions.map { composition, exchanges in
        let local = exchanges.map(localExchange)
        let isListed = limits.allowsIncomplete || composition.isComplete(parent)
        return Part(
          supercell: supercells[k], composition: composition, exchanges: exchanges,
          burnside: try counts.orderings(composition, exchanges: local, primitiveOnly: false),
          listed: isListed ? try counts.orderings(composition, exchanges: local, primitiveOnly: true) : 0)
      }
    }.flatMap { $0 }
  }

  private func isWanted(_ supercell: Supercell) -> Bool {
    guard let largestAspect else { return true }
    return SupercellLayout(supercell, of: parent).lattice.aspectRatio <= largestAspect + 1e-9
  }

  /// Compositions, and the exchanges that keep each; one for all that exchanges turn into each other.
  private func representatives(index n: Int) throws -> [(composition: SiteComposition, exchanges: [[Int]])] {
    let all = try limits.compositions(of: parent, index: n)
    guard removesExchanged else { return all.map { ($0, exchanges) } }
    var seen: Set<SiteComposition> = []
    return all.compactMap { composition in
      guard !seen.contains(composition) else { return nil }
      let images = exchanges.map { SpeciesExchange.applied($0, to: composition, parent) }
      seen.formUnion(images)
      return (composition, zip(exchanges, images).filter { $1 == composition }.map(\.0))
    }
  }

  /// An exchange of the parent's species as each sublattice sees it.
  private func localExchange(_ exchange: [Int]) -> [[Int]] {
    parent.sublattices.map { sublattice in
      sublattice.species.map { sublattice.species.firstIndex(of: exchange[$0])! }
    }
  }

  /// The walk through a part.
  public func walk(_ part: Part) -> PartWalk { PartWalk(part, parent) }
}

/// The orderings of one supercell and composition that are listed, with the count of what was left out.
public struct PartWalk: Sendable {
  private var walk: OrderingWalk
  private let part: Enumeration.Part
  private let parent: ParentLattice
  private let levels: PlacementLevels
  /// Classes under the group (and exchanges), superperiodic ones included, so far.
  public private(set) var found: UInt128 = 0
  public private(set) var listed: UInt128 = 0

  init(_ part: Enumeration.Part, _ parent: ParentLattice) {
    self.part = part
    self.parent = parent
    walk = OrderingWalk(part.supercell, part.composition, of: parent)
    levels = PlacementLevels(part.composition, sublattices: parent.sublattices, cells: part.supercell.index)
  }

  /// The next orderings to list; fewer than `count` (at least one) unless the part is at its end, then none.
  public mutating func next(_ count: Int = 4096) throws -> [Ordering] {
    while true {
      var met = 0
      var result: [Ordering] = []
      result.reserveCapacity(min(count, 1024))
      var (found, listed) = (found, listed)
      let (part, levels, hasExchanges) = (part, levels, part.exchanges.count > 1)
      walk.forEach(upTo: count) { ordering in
        met += 1
        if hasExchanges, !Self.isFirstOfExchanged(ordering, part, levels) { return }
        found += 1
        if !ordering.isSuperperiodic {
          listed += 1
          result.append(ordering)
        }
      }
      self.found = found
      self.listed = listed
      if met == 0 { try check() }
      if met == 0 || !result.isEmpty { return result }
    }
  }

  /// True where no exchange of species gives an ordering that comes earlier.
  private static func isFirstOfExchanged(
    _ ordering: Ordering, _ part: Enumeration.Part, _ levels: PlacementLevels
  ) -> Bool {
    let own = levels.subsets(ordering.species)
    return part.exchanges.allSatisfy { exchange in
      let other = levels.subsets(ordering.species.map { UInt8(exchange[Int($0)]) })
      let smallest = smallestImage(other, part.supercell.permutations).subsets
      return !smallest.lexicographicallyPrecedes(own)
    }
  }

  /// The proof of completeness: what was found is what Burnside's lemma says, before and after superperiodic orderings
  /// were left out, and the classes' members are all labelings.
  private func check() throws {
    guard found == part.burnside, listed == part.listed else {
      throw InputError(
        "the enumeration of supercell \(part.supercell.hermite.rows) found \(found) and listed \(listed) orderings, "
          + "but Burnside's lemma says \(part.burnside) and \(part.listed)",
        remedy: "please report this: it is a bug")
    }
  }
}

/// The image of subsets under a group that is smallest, and the stabiliser's order (negative where superperiodic).
func smallestImage(_ subsets: [UInt64], _ group: SitePermutations) -> (subsets: [UInt64], order: Int) {
  var smallest = subsets
  let order = group.withGroup { Int(ck_smallest_ordering($0, Int64(subsets.count), subsets, &smallest)) }
  return (smallest, order)
}
