import Structures
import Testing

@Suite struct FrameSignatureTests {
  private func element(_ symbol: String) throws -> ChemicalElement { try #require(ChemicalElement(symbol)) }

  @Test func rockSaltHasItsNearestDistance() throws {
    let (li, o) = (try element("Li"), try element("O"))
    let cell = Lattice(a: [0, 2, 2], b: [2, 0, 2], c: [2, 2, 0])
    let structure = Structure(lattice: cell, elements: [li, o], positions: [.zero, [2, 0, 0]])
    #expect(try nearestNeighborDistances(structure).allSatisfy { abs($0 - 2) < 1e-12 })
  }

  @Test func farAtomsAndImagesAreFoundWhateverTheRadius() throws {
    let he = try element("He")
    let cell = Lattice(a: [50, 0, 0], b: [0, 60, 0], c: [0, 0, 70])
    let alone = Structure(lattice: cell, elements: [he], positions: [[1, 2, 3]])
    #expect(try nearestNeighborDistances(alone) == [50])
    let pair = Structure(lattice: nil, elements: [he, he], positions: [.zero, [0, 0, 123]])
    #expect(try nearestNeighborDistances(pair) == [123, 123])
    let free = Structure(lattice: nil, elements: [he], positions: [.zero])
    #expect(try nearestNeighborDistances(free) == [])
    let chain = Structure(
      lattice: cell, periodic: Periodicity(false, true, false), elements: [he], positions: [.zero])
    #expect(try nearestNeighborDistances(chain) == [60])
  }

  @Test func theSignatureDoesNotDependOnTheChoiceOfCellOrder() throws {
    let frame = try rattledFrames(1)[0]
    var moved = frame
    moved.structure.positions = frame.structure.positions.map { $0 + [4.2, -8.4, 0.7] }
    moved.structure.positions.reverse()
    moved.structure.elements.reverse()
    let (a, b) = (try FrameSignature(of: frame), try FrameSignature(of: moved))
    #expect(a.matches(b, atoms: 8))
    moved.structure.positions[0].x += 0.01
    #expect(try !a.matches(FrameSignature(of: moved), atoms: 8))
  }
}
