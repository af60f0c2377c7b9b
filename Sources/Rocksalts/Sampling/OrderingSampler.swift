import Structures

/// Draws distinct orderings of one composition, each with the same probability, where there are too many to list.
///
/// All inequivalent supercells of one index take part. A permutation g of a supercell is drawn with a probability in
/// proportion to fix(g)/|G|, and then one of the fix(g) labelings that it leaves as they are: every class of orderings is
/// then met with the probability 1/N (J. D. Dixon and H. S. Wilf, J. Algorithms 4, 205 (1983),
/// doi:10.1016/0196-6774(83)90021-4), large and small classes alike. Superperiodic ones are drawn again.
public struct OrderingSampler: Sendable {
  /// Permutations of a supercell with the same cycles.
  private struct Choice: Sendable {
    var supercell: Int
    var permutations: [Int]
    var cycles: [OrbitCounts.Cycles]
    /// Σ fix(g)/|G| of this choice and all before.
    var cumulative: Double
  }

  public let supercells: [Supercell]
  public let composition: SiteComposition
  private let parent: ParentLattice
  private let levels: PlacementLevels
  private let choices: [Choice]
  private let weights: [[OrbitCounts.Cycles]: [CycleWays]]

  /// Draws in a row that may be superperiodic before the composition counts as having no other orderings.
  private static let patience = 10_000

  /// - Parameter supercells: all inequivalent ones of an index (`Supercell.all`), or those of them that are wanted.
  /// - Throws: `InputError` where the numbers of orderings are beyond 2^127.
  public init(_ composition: SiteComposition, supercells: [Supercell], of parent: ParentLattice) throws {
    try self.init(composition, supercells: supercells.map { CycledSupercell($0, of: parent) }, of: parent)
  }

  init(
    _ composition: SiteComposition, supercells: [CycledSupercell], of parent: ParentLattice,
    memory: CoefficientMemory = CoefficientMemory()
  ) throws {
    self.supercells = supercells.map(\.supercell)
    self.composition = composition
    self.parent = parent
    levels = PlacementLevels(
      composition, sublattices: parent.sublattices, cells: supercells.first?.supercell.index ?? 1)
    var choices: [Choice] = []
    var weights: [[OrbitCounts.Cycles]: [CycleWays]] = [:]
    var sum = 0.0
    for (k, supercell) in supercells.enumerated() {
      for (cycles, permutations) in supercell.classes {
        let fixed = try FixedOrderings.count(cycles, composition, exchange: nil, memory: memory)
        guard fixed > 0 else { continue }
        sum += Double(fixed) * Double(permutations.count) / Double(supercell.supercell.permutations.count)
        choices.append(Choice(supercell: k, permutations: permutations, cycles: cycles, cumulative: sum))
        guard permutations != [0], weights[cycles] == nil else { continue }
        weights[cycles] = composition.counts.indices.map { s in
          CycleWays(cycles.filter { $0.sublattice == s }, counts: composition.counts[s])
        }
      }
    }
    self.choices = choices
    self.weights = weights
  }

  /// An ordering (the smallest member of its class) and the number of its supercell; nil where there is none without a
  /// smaller period.
  public func next(_ random: inout RandomSource) -> (supercell: Int, ordering: Ordering)? {
    guard let total = choices.last?.cumulative else { return nil }
    for _ in 0..<Self.patience {
      let place = random.uniform() * total
      let choice = choices[firstIndex(above: place)]
      let group = supercells[choice.supercell].permutations
      let permutation = choice.permutations[random.below(choice.permutations.count)]
      let drawn = labeling(fixedBy: permutation, of: group, choice.cycles, &random)
      let smallest = smallestImage(levels.subsets(drawn), group)
      if smallest.order < 0 { continue }
      let ordering = Ordering(
        species: levels.species(smallest.subsets, sites: group.sites), stabiliser: smallest.order,
        isSuperperiodic: false)
      return (choice.supercell, ordering)
    }
    return nil
  }

  private func firstIndex(above place: Double) -> Int {
    var (low, high) = (0, choices.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if choices[middle].cumulative > place { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// One of the labelings that a permutation leaves as they are, each with the same probability.
  private func labeling(
    fixedBy permutation: Int, of group: SitePermutations, _ cycles: [OrbitCounts.Cycles],
    _ random: inout RandomSource
  ) -> [UInt8] {
    var labels = [UInt8](repeating: 0, count: group.sites)
    let n = supercells[0].index
    for (s, sublattice) in parent.sublattices.enumerated() {
      let sites = sublattice.places.lowerBound * n..<sublattice.places.upperBound * n
      let species = sublattice.species.map { UInt8($0) }
      if permutation == 0 {
        var held = zip(species, composition.counts[s]).flatMap { [UInt8](repeating: $0, count: $1) }
        for i in stride(from: held.count - 1, to: 0, by: -1) { held.swapAt(i, random.below(i + 1)) }
        for (site, value) in zip(sites, held) { labels[site] = value }
        continue
      }
      let members = group.cycles(of: permutation, within: sites)
      guard let ways = weights[cycles]?[s] else { preconditionFailure("cycles without their numbers of ways") }
      for (cycle, color) in zip(members, ways.draw(&random)) {
        for site in cycle { labels[site] = species[color] }
      }
    }
    return labels
  }
}

extension SitePermutations {
  /// The cycles of a permutation among some sites, longest first.
  func cycles(of permutation: Int, within range: Range<Int>) -> [[Int]] {
    var isDone = [Bool](repeating: false, count: sites)
    var result: [[Int]] = []
    for start in range where !isDone[start] {
      var cycle: [Int] = []
      var at = start
      while !isDone[at] {
        isDone[at] = true
        cycle.append(at)
        at = Int(sources[permutation * sites + at])
      }
      result.append(cycle)
    }
    return result.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
  }
}

/// A supercell whose permutations are sorted by their cycles, once for all compositions.
struct CycledSupercell: Sendable {
  let supercell: Supercell
  /// Permutations with the same cycles, in the order of their first member.
  let classes: [(cycles: [OrbitCounts.Cycles], permutations: [Int])]

  init(_ supercell: Supercell, of parent: ParentLattice) {
    self.supercell = supercell
    let group = supercell.permutations
    let home = OrbitCounts.home(parent.sublattices, cells: supercell.index, sites: group.sites)
    let blocks = Array(0..<group.sites)
    var order: [[OrbitCounts.Cycles]] = []
    var members: [[OrbitCounts.Cycles]: [Int]] = [:]
    for g in 0..<group.count {
      let cycles = OrbitCounts.cycles(group, g, blocks: blocks, home: home)
      if members[cycles] == nil { order.append(cycles) }
      members[cycles, default: []].append(g)
    }
    classes = order.map { ($0, members[$0] ?? []) }
  }
}
