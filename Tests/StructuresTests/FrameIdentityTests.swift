import Structures
import Testing

/// The id is part of every file ever written: this one was computed by another program from the documented content.
@Test func theIDIsTheHashOfTheDocumentedContent() throws {
  let structure = Structure(
    lattice: Lattice(a: [4, 0, 0], b: [0, 5, 0], c: [0.5, 0, 6]),
    elements: [try #require(ChemicalElement("Li")), try #require(ChemicalElement("O"))],
    positions: [[-0.0, 0, 0], [1, 2, 3]], moments: .collinear([1.25, -1.25]))
  let labels = Labels(energy: -1.5, forces: [[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]])
  #expect(
    FrameIdentity.exact(structure, labels) == "07d572a5a5b28a0731a38a1de6eebfbf850c986412e3998e9c9553be3cdaf3fb")
}
