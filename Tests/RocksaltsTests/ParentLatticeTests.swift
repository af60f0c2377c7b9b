import Rocksalts
import Structures
import Testing

struct ParentLatticeTests {
  private let both = [Species("Li")!, Species("Mn")!]

  @Test func aCellThatRepeatsIsReduced() throws {
    // Two atoms of fcc: without reduction, superperiodic orderings would be listed.
    let double = try ParentLattice(
      lattice: Lattice(a: [0.5, 0.5, 0], b: [-0.5, 0.5, 0], c: [0, 0, 1]),
      sites: [ParentLattice.Site(.zero, both), ParentLattice.Site([0.5, 0.5, 0.5], both)])
    #expect(double.sites.count == 1)
    #expect(abs(double.lattice.volume - 0.25) < 1e-12)
    #expect(double.operations.count == 48)
    let listed = try Enumeration(parent: double).parts(index: 4).reduce(0) { $0 + $1.listed }
    #expect(listed == 19)
  }

  @Test func conventionalRocksaltIsReducedWithItsAnions() throws {
    let oxygen = [Species("O")!]
    let cations: [SIMD3<Double>] = [.zero, [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    let sites = cations.flatMap { position in
      [ParentLattice.Site(position, both), ParentLattice.Site(position + [0.5, 0.5, 0.5], oxygen)]
    }
    let parent = try ParentLattice(lattice: Lattice(a: [1, 0, 0], b: [0, 1, 0], c: [0, 0, 1]), sites: sites)
    #expect(parent.sites.count == 2)
    #expect(parent.orderedSites.count == 1)
    #expect(parent.spectators.map(\.element) == [ChemicalElement("O")!])
  }

  @Test func sitesOfDifferentSpeciesAreNotExchanged() throws {
    // CsCl with different species on both sites: the translation between them is no symmetry.
    let parent = try ParentLattice(
      lattice: Lattice(a: [1, 0, 0], b: [0, 1, 0], c: [0, 0, 1]),
      sites: [
        ParentLattice.Site(.zero, both), ParentLattice.Site([0.5, 0.5, 0.5], [Species("O")!, Species("F")!]),
      ])
    #expect(parent.sublattices.count == 2)
    #expect(parent.species.count == 4)
    // One cell: every choice is an ordering of its own; all four species cannot be there at once.
    let limits = CompositionLimits(allowsIncomplete: true)
    #expect(try Enumeration(parent: parent, limits: limits).parts(index: 1).reduce(0) { $0 + $1.listed } == 4)
  }

  @Test func nothingToOrderIsAnError() throws {
    #expect(throws: InputError.self) { try StandardParent.fcc.parent(species: [both[0]]) }
    #expect(throws: InputError.self) { try StandardParent.fcc.parent(species: [both[0], both[0]]) }
    let flat = Lattice(a: [1, 0, 0], b: [2, 0, 0], c: [0, 0, 1])
    #expect(throws: InputError.self) {
      try ParentLattice(lattice: flat, sites: [ParentLattice.Site(.zero, both)])
    }
  }

  @Test func vacanciesLeaveTheSiteEmpty() throws {
    let parent = try StandardParent.rocksalt.parent(species: [Species("Mn")!, .vacancy])
    let enumeration = try Enumeration(parent: parent)
    for part in try enumeration.parts(index: 3) {
      var walk = enumeration.walk(part)
      for ordering in try walk.next() {
        let structure = SupercellLayout(part.supercell, of: parent).structure(ordering.species, scale: 4.2)
        #expect(structure.count == 3 + part.composition.counts[0][0])
      }
    }
  }
}
