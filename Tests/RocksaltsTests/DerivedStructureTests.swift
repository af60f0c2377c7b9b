import Rocksalts
import Structures
import Testing

struct DerivedStructureTests {
  private let lithium = ChemicalElement("Li")!
  private let nickel = ChemicalElement("Ni")!

  private var layered: Structure {
    Prototype.layered.structure(metal: nickel, Prototype.Parameters(edge: 4.1))
  }

  @Test(arguments: [
    (Prototype.rocksalt, 225, 8), (.layered, 166, 12), (.gammaLiFeO2, 141, 16), (.spinelLike, 227, 16),
    (.li2MnO3Like, 12, 24),
  ]) func prototypesHaveTheirSpaceGroups(_ item: (kind: Prototype, group: Int, atoms: Int)) throws {
    // z off its ideal place, or the layered cell is no less symmetric than it should be anyway.
    let structure = item.kind.structure(metal: nickel, Prototype.Parameters(edge: 4.1, z: 0.24))
    #expect(structure.count == item.atoms)
    #expect(try SpaceGroup.symbol(of: structure).number == item.group)
    let ideal = item.kind.structure(metal: nickel, Prototype.Parameters(edge: 4.1))
    #expect(try SpaceGroup.symbol(of: ideal).number == item.group)
    #expect(abs(try #require(ideal.volume) / Double(ideal.count) - 4.1 * 4.1 * 4.1 / 8) < 1e-9)
    let search = try NeighborSearch(frames: [ideal], elements: ideal.composition.keys.sorted(), cutoff: 2.2)
    let list = try search.list(of: 0..<ideal.count)
    #expect(list.indices.count == 6 * ideal.count)
    #expect(list.vectors.allSatisfy { abs(length($0) - 2.05) < 1e-9 })
  }

  /// LiCoO2 with its published z: Co–O 1.92 Å, Li–O 2.09 Å.
  @Test func publishedCoordinateGivesThePublishedBonds() throws {
    let cobalt = ChemicalElement("Co")!
    let structure = Prototype.layered.structure(
      metal: cobalt, Prototype.Parameters(edge: 4, a: 2.816, c: 14.05, z: 0.2395))
    let search = try NeighborSearch(
      frames: [structure], elements: structure.composition.keys.sorted(), cutoff: 2.3)
    func shortest(_ element: ChemicalElement) throws -> Double {
      let atom = try #require(structure.elements.firstIndex(of: element))
      return try search.list(of: atom..<atom + 1).vectors.map(length).min() ?? 0
    }
    #expect(abs(try shortest(cobalt) - 1.921) < 1e-3)
    #expect(abs(try shortest(lithium) - 2.093) < 1e-3)
  }

  @Test func antisitesDifferFromTheHostAndFromEachOther() throws {
    // Of a cell with one Li and one Ni every exchange is the host, shifted.
    let small = Structure(
      lattice: Lattice(a: [2.9, 0, 0], b: [0, 2.9, 0], c: [0, 0, 4.1]),
      elements: [lithium, nickel, ChemicalElement("O")!, ChemicalElement("O")!],
      positions: [[0, 0, 0], [1.45, 1.45, 2.05], [1.45, 1.45, 0], [0, 0, 2.05]])
    let one = try Antisite(first: lithium, others: [nickel], pairs: 1, count: 9, isDistinct: true, seed: 1)
    #expect(try one.results(small).isEmpty)
    let random = try Antisite(first: lithium, others: [nickel], pairs: 1, count: 20, isDistinct: false, seed: 1)
    let made = try random.results(layered).map(\.elements)
    #expect(made.count == 9 && Set(made).count == 9 && !made.contains(layered.elements))
    #expect(throws: InputError.self) {
      try Antisite(first: lithium, others: [lithium], pairs: 1, count: 1, isDistinct: true, seed: 1)
    }
    #expect(throws: InputError.self) {
      try Antisite(
        first: lithium, others: [ChemicalElement("O")!], pairs: 1, count: 1, isDistinct: true, seed: 1)
    }
  }

  @Test func nearestContent() throws {
    var delithiation = try Delithiation(content: 0.4)
    #expect(throws: InputError.self) { try delithiation.results(layered) }
    delithiation.takesNearest = true
    #expect(try delithiation.results(layered).allSatisfy { $0.removed.count == 2 })
  }

  @Test func delithiatedLayersKeepTheCell() throws {
    let host = layered
    let result = try #require(try Delithiation().results(host).first)
    #expect(result.structure.formula == "Ni3O6")
    #expect(result.structure.lattice == host.lattice)
    #expect(result.removed.count == 3)
    let direct = Prototype.layered.structure(metal: nickel, Prototype.Parameters(edge: 4.1), delithiated: true)
    #expect(direct.composition == result.structure.composition)
  }

  @Test func distinctVacancyOrderingsAreAll() throws {
    let host = layered.repeated(2, 2, 1)
    let sites = host.elements.indices.filter { host.elements[$0] == lithium }
    #expect(sites.count == 12)
    for (removed, labelings) in [(1, 12), (2, 66), (3, 220), (6, 924)] {
      let choices = try HostOrderings(host, atoms: [sites], counts: [removed])
      let all = try choices.all(limit: 10_000)
      #expect(all.reduce(0) { $0 + $1.multiplicity } == labelings)
      #expect(UInt128(all.count) == (try choices.count()))
    }
    #expect(try HostOrderings(host, atoms: [sites], counts: [1]).all(limit: 9).count == 1)
    // Pairs: of one layer (one distance in a 2 × 2 sheet), of neighbouring layers (near or far).
    #expect(try HostOrderings(host, atoms: [sites], counts: [2]).all(limit: 99).count == 3)
  }

  @Test func ewaldOrdersByEnergy() throws {
    let host = layered.repeated(2, 2, 1)
    let lowest = try Delithiation(content: 0.5, method: .ewald, count: 5).results(host)
    let energies = lowest.compactMap(\.energy)
    #expect(energies.count == 5)
    #expect(energies == energies.sorted())
    // Energies are those of the structures without the lithium that is gone.
    for result in lowest {
      let charges = result.structure.elements.map { $0 == lithium ? 1.0 : $0 == nickel ? 3.5 : -2 }
      let direct = try EwaldEnergy(result.structure).energy(charges: charges)
      let energy = try #require(result.energy)
      #expect(abs(direct - energy) < 1e-6 * abs(direct))
    }
    let all = try Delithiation(content: 0.5, method: .ewald, count: 10_000).results(host)
    #expect(all.compactMap(\.energy).min() == energies[0])
    #expect(all.count == (try Delithiation(content: 0.5, count: 10_000).results(host).count))
  }

  @Test func randomOrderingsAreDistinctAndRepeatable() throws {
    let host = layered.repeated(3, 3, 1)
    let some = try Delithiation(content: 2.0 / 3, method: .random, count: 20, seed: 4)
    let first = try some.results(host).map(\.removed)
    #expect(Set(first).count == 20)
    #expect(try some.results(host).map(\.removed) == first)
    #expect(try some.results(host, number: 1).map(\.removed) != first)
  }

  @Test func impossibleDelithiationsAreRefused() throws {
    #expect(throws: InputError.self) { try Delithiation(content: 0.4).results(layered) }
    #expect(throws: InputError.self) { try Delithiation(content: 1.5) }
    #expect(throws: InputError.self) {
      try Delithiation().results(Prototype.rocksalt.structure(metal: nickel, Prototype.Parameters(edge: 4.1)))
    }
    #expect(throws: InputError.self) {
      try Delithiation(content: 0.5, count: 2).results(layered.repeated(2, 2, 1))
    }
  }

  @Test func antisitesExchangeElements() throws {
    let host = layered.repeated(2, 2, 1)
    let distinct = try Antisite(
      first: lithium, others: [nickel], pairs: 1, count: 100, isDistinct: true, seed: 1
    ).results(host)
    // All 12 × 12 exchanges fall into few classes; the composition stays.
    #expect(distinct.count > 1 && distinct.count < 20)
    for structure in distinct {
      #expect(structure.composition == host.composition)
      #expect(zip(structure.elements, host.elements).count { $0 != $1 } == 2)
    }
    let random = try Antisite(
      first: lithium, others: [nickel], pairs: 3, count: 4, isDistinct: false, seed: 1
    ).results(host)
    #expect(random.allSatisfy { zip($0.elements, host.elements).count { $0 != $1 } == 6 })
    #expect(throws: InputError.self) {
      try Antisite(first: lithium, others: [nickel], pairs: 13, count: 1, isDistinct: false, seed: 1).results(host)
    }
  }

  @Test func volumesAndDisplacementsAreWhatWasAsked() throws {
    let host = layered.repeated(3, 3, 1)
    let scan = try Perturbation(volumes: [0.9, 1, 1.1]).results(host)
    for (structure, volume) in zip(scan, [0.9, 1, 1.1]) {
      #expect(abs(try #require(structure.volume) / (try #require(host.volume)) - volume) < 1e-12)
    }
    let rattled = try Perturbation(displacement: 0.05, count: 20, seed: 2).results(host)
    let squares = rattled.flatMap { structure in
      zip(structure.positions, host.positions).map { dot($0 - $1, $0 - $1) / 3 }
    }
    let deviation = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    #expect(abs(deviation - 0.05) < 0.002)
    #expect(throws: InputError.self) { try Perturbation(displacement: -1) }
    #expect(throws: InputError.self) { try Perturbation(volumes: [0]) }
  }
}
