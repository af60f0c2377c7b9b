import Structures
import TestSupport
import Testing

@testable import Rocksalts

private func parent(_ count: Int) throws -> ParentLattice {
  try StandardParent.fcc.parent(species: (0..<count).map { .element(ChemicalElement.all[20 + $0]) })
}

/// The plain twin of the kernels: images by looping over sites.
private func image(_ subset: UInt64, _ group: SitePermutations, _ g: Int) -> UInt64 {
  (0..<group.sites).reduce(0) { mask, p in
    mask | ((subset >> UInt64(group.sources[g * group.sites + p])) & 1) << UInt64(p)
  }
}

struct OrderingWalkTests {
  @Test(arguments: [4, 6, 8]) func binaryOrderingsAreTheSmallestOfTheirClasses(index: Int) throws {
    let parent = try parent(2)
    for supercell in try Supercell.all(index: index, of: parent) {
      let group = supercell.permutations
      for chosen in 1...index / 2 {
        let composition = SiteComposition(counts: [[chosen, index - chosen]])
        let levels = PlacementLevels(composition, sublattices: parent.sublattices, cells: index)
        var walk = OrderingWalk(supercell, composition, of: parent)
        let found = walk.next(100_000)
        let plain = (0..<UInt64(1) << UInt64(index)).filter { $0.nonzeroBitCount == chosen }
          .filter { subset in (0..<group.count).allSatisfy { image(subset, group, $0) >= subset } }
        #expect(found.map { levels.subsets($0.species)[0] } == plain)
        for (ordering, subset) in zip(found, plain) {
          let fixing = (0..<group.count).filter { image(subset, group, $0) == subset }
          #expect(ordering.stabiliser == fixing.count)
          #expect(ordering.isSuperperiodic == fixing.contains { $0 > 0 && group.isTranslation[$0] == 1 })
        }
        #expect(
          walk.members
            == plain.reduce(0) { sum, subset in
              sum + Set((0..<group.count).map { image(subset, group, $0) }).count
            })
      }
    }
  }

  @Test func ternaryOrderingsMeetEveryLabelingOnce() throws {
    let parent = try parent(3)
    let composition = SiteComposition(counts: [[2, 2, 4]])
    for supercell in try Supercell.all(index: 8, of: parent) {
      var walk = OrderingWalk(supercell, composition, of: parent)
      let found = walk.next(100_000)
      #expect(walk.members == 420)  // 8!/(2! 2! 4!)
      #expect(Set(found.map(\.species)).count == found.count)
    }
  }

  @Test func smallestImageIsTheSmallestOfAll() throws {
    let parent = try parent(3)
    var random = RandomSource(seed: 5)
    for supercell in try Supercell.all(index: 6, of: parent) {
      let group = supercell.permutations
      for _ in 0..<20 {
        let order = random.permutation(of: 6)
        let subsets = [
          UInt64(1) << UInt64(order[0]), UInt64(1) << UInt64(order[1]) | UInt64(1) << UInt64(order[2]),
        ]
        let images = (0..<group.count).map { g in subsets.map { image($0, group, g) } }
        let smallest = images.min { $0.lexicographicallyPrecedes($1) }
        let found = smallestImage(subsets, group)
        #expect(found.subsets == smallest)
        #expect(abs(found.order) == images.count { $0 == subsets })
      }
    }
  }

  @Test func blocksDoNotChangeTheList() throws {
    let parent = try parent(3)
    let supercell = try Supercell.all(index: 9, of: parent)[4]
    let composition = SiteComposition(counts: [[3, 3, 3]])
    var whole = OrderingWalk(supercell, composition, of: parent)
    var pieces = OrderingWalk(supercell, composition, of: parent)
    let all = whole.next(1_000_000)
    var joined: [Ordering] = []
    while case let block = pieces.next(7), !block.isEmpty { joined += block }
    #expect(joined == all)
    #expect(pieces.members == 1680)  // 9!/3!³
  }
}
