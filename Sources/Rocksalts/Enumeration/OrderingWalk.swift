import CKernels

/// Walks through the distinct orderings of one supercell and composition, one of each class under the group.
///
/// Species are placed one after another. Of the places for one species only those are kept that no permutation makes
/// smaller which leaves the species before it in place; what is met is then the smallest member of each class, each class
/// once. Nothing grows with the number of orderings: the memory is one block of subsets a species.
public struct OrderingWalk: Sendable {
  private struct Step: Sendable {
    var walk: ck_subset_walk
    var active: [Int32]
    var subsets: [UInt64] = []
    var orders: [Int32] = []
    var at = 0
  }

  private static let block = 512

  private let group: SitePermutations
  private let levels: PlacementLevels
  private var steps: [Step] = []
  private var isDone = false
  /// Classes met so far, and the orderings in them: Σ |G|/|Stab|.
  public private(set) var classes = 0
  public private(set) var members = 0

  public init(_ supercell: Supercell, _ composition: SiteComposition, of parent: ParentLattice) {
    self.init(
      group: supercell.permutations,
      levels: PlacementLevels(composition, sublattices: parent.sublattices, cells: supercell.index))
  }

  init(group: SitePermutations, levels: PlacementLevels) {
    self.group = group
    self.levels = levels
    if let first = levels.chosen.first {
      steps = [Self.step(first, free: levels.masks[first.sublattice], active: (0..<group.count).map { Int32($0) })]
    }
  }

  /// The next orderings, `count` of them unless the walk ends; superperiodic ones included.
  public mutating func next(_ count: Int) -> [Ordering] {
    var result: [Ordering] = []
    result.reserveCapacity(min(count, 4096))
    forEach(upTo: count) { result.append($0) }
    return result
  }

  /// Hands out the next orderings, at most `count` of them.
  mutating func forEach(upTo count: Int, _ body: (Ordering) -> Void) {
    guard !isDone else { return }
    if levels.chosen.isEmpty {
      isDone = true
      classes = 1
      members = 1
      let isPeriodic = group.isTranslation.count { $0 == 1 } > 1
      return body(
        Ordering(
          species: levels.species([], sites: group.sites), stabiliser: group.count, isSuperperiodic: isPeriodic))
    }
    var left = count
    while left > 0, !steps.isEmpty {
      let depth = steps.count - 1
      if steps[depth].at == steps[depth].subsets.count, !refill(depth) {
        steps.removeLast()
        continue
      }
      let order = Int(steps[depth].orders[steps[depth].at])
      steps[depth].at += 1
      if depth + 1 < levels.chosen.count {
        descend(order: abs(order))
        continue
      }
      classes += 1
      members += group.count / abs(order)
      left -= 1
      let subsets = steps.map { $0.subsets[$0.at - 1] }
      body(
        Ordering(
          species: levels.species(subsets, sites: group.sites), stabiliser: abs(order), isSuperperiodic: order < 0))
    }
    if steps.isEmpty { isDone = true }
  }

  /// Places the next species into what the last subset leaves free.
  private mutating func descend(order: Int) {
    let depth = steps.count - 1
    let subset = steps[depth].subsets[steps[depth].at - 1]
    let free = steps[depth].walk.free
    let level = levels.chosen[depth + 1]
    var active: [Int32] = [0]
    if order > 1 {
      let old = steps[depth].active
      active = [Int32](unsafeUninitializedCapacity: old.count) { buffer, count in
        count = group.withGroup {
          Int(ck_stabiliser($0, old, Int64(old.count), free, subset, buffer.baseAddress))
        }
      }
    }
    let isSame = level.sublattice == levels.chosen[depth].sublattice
    steps.append(Self.step(level, free: isSame ? free & ~subset : levels.masks[level.sublattice], active: active))
  }

  private static func step(_ level: PlacementLevels.Level, free: UInt64, active: [Int32]) -> Step {
    let compressed: UInt64 = level.count >= 64 ? ~0 : (1 << UInt64(level.count)) - 1
    return Step(walk: ck_subset_walk(free: free, compressed: compressed, is_done: 0), active: active)
  }

  /// Fetches the next block of subsets; false where there is none.
  private mutating func refill(_ depth: Int) -> Bool {
    guard steps[depth].walk.is_done == 0 else { return false }
    let active = steps[depth].active
    var walk = steps[depth].walk
    var orders = [Int32](repeating: 0, count: Self.block)
    let subsets = [UInt64](unsafeUninitializedCapacity: Self.block) { buffer, count in
      count = group.withGroup {
        Int(
          ck_smallest_subsets(
            $0, active, Int64(active.count), &walk, Int64(Self.block), buffer.baseAddress, &orders))
      }
    }
    steps[depth].walk = walk
    steps[depth].subsets = subsets
    steps[depth].orders = orders
    steps[depth].at = 0
    return !subsets.isEmpty
  }
}
