import Rocksalts
import Structures
import Testing

struct SymmetryTests {
  private let oxygen = ChemicalElement("O")!
  private let manganese = ChemicalElement("Mn")!

  @Test func rocksaltIsFm3m() throws {
    let lattice = Lattice(a: [0, 2.1, 2.1], b: [2.1, 0, 2.1], c: [2.1, 2.1, 0])
    let cell = Structure(lattice: lattice, elements: [manganese, oxygen], positions: [.zero, [2.1, 2.1, 2.1]])
    let group = try SpaceGroup.symbol(of: cell)
    #expect(group.symbol == "Fm-3m")
    #expect(group.number == 225)
    let operations = try SpaceGroup.operations(
      lattice: lattice, positions: cell.positions.map(lattice.fractional), types: [1, 2])
    #expect(operations.count == 48)
    #expect(Set(operations.map(\.rotation)).count == 48)
  }

  @Test func aClusterHasNoSpaceGroup() {
    #expect(throws: InputError.self) {
      try SpaceGroup.symbol(of: Structure(lattice: nil, elements: [oxygen], positions: [.zero]))
    }
  }
}
