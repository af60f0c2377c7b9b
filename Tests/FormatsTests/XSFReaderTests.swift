import Structures
import Testing

@testable import Formats

private let head = "# total energy = -103.5 eV\n \nCRYSTAL\nPRIMVEC\n 4 0 0 \n0 4d0 0\n0 0 4\nPRIMCOORD\n"

@Test func readsWhatAenetWrites() throws {
  let file = try read(head + "2 1\nLi\t0 0.5 1 0.1 0.2 0.3\nO\t1 2 3 -0.1 -0.2 -0.3\n", as: XSF.self)
  let frame = try #require(file.frames.first)
  #expect(frame.labels.energy == -103.5)
  #expect(frame.labels.forces == [[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]])
  #expect(frame.labels.virial == nil)
  #expect(frame.structure.lattice == Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]))
  #expect(frame.structure.elements.map(\.symbol) == ["Li", "O"])
  #expect(frame.structure.positions == [[0, 0.5, 1], [1, 2, 3]])
  #expect(
    file.notes == ["energy read from key total energy (1 frame)", "forces read from key columns 5-7 (1 frame)"])
}

@Test func forcesAreThereOnlyWithSevenWords() throws {
  let frame = try read(head + "1\n3 0 0 0\n", as: XSF.self).frames[0]
  #expect(frame.labels.forces == nil)
  #expect(frame.structure.elements.map(\.symbol) == ["Li"])
}

@Test func clustersSlabsAndPolymersKeepTheirPeriodicity() throws {
  let cluster = try read("ATOMS\nLi 0 0 0\nO 1 1 1\n\n# cohesive energy = -2 eV\n", as: XSF.self).frames[0]
  #expect(cluster.structure.lattice == nil && cluster.structure.count == 2)
  #expect(cluster.labels.energy == -2 && cluster.provenance.energyKey == "cohesive energy")
  let body = "PRIMVEC\n4 0 0\n0 4 0\n0 0 9\nPRIMCOORD\n1 1\nLi 0 0 0\n"
  #expect(try read("SLAB\n" + body, as: XSF.self).frames[0].structure.periodic == Periodicity(true, true, false))
  #expect(
    try read("POLYMER\n" + body, as: XSF.self).frames[0].structure.periodic == Periodicity(true, false, false))
  #expect(try read(body, as: XSF.self).frames[0].structure.periodic == .all)
}

@Test func trajectoriesKeepTheCellUntilTheNextOne() throws {
  let file = try read(
    """
    ANIMSTEPS 3
    CRYSTAL
    # total energy = -1 eV
    PRIMVEC 1
    4 0 0
    0 4 0
    0 0 4
    PRIMCOORD 1
    1 1
    Li 0 0 0
    # total energy = -2 eV
    PRIMCOORD 2
    1 1
    Li 1 0 0
    # total energy = -3 eV
    PRIMVEC 3
    5 0 0
    0 5 0
    0 0 5
    PRIMCOORD 3
    1 1
    Li 2 0 0
    """, as: XSF.self)
  #expect(file.frames.map(\.labels.energy) == [-1, -2, -3])
  #expect(file.frames.map { $0.structure.lattice?.a.x } == [4, 4, 5])
  #expect(file.frames.map { $0.structure.positions[0].x } == [0, 1, 2])
  #expect(file.frames.map(\.provenance.index) == [0, 1, 2])
}

@Test func repairReadsRowsWithoutSymbolAsOxygenAndCountsThem() throws {
  let text = head + "3 1\nLi\t0 0 0 0 0 0\n\t 3.0 1.7 2 0 0 0\n\t 1 1 1 0.5 0 0\n"
  #expect(
    failure(text, as: XSF.self)
      == "a.txt:11: atom 2 of 3 has numbers, but no symbol; --repair reads rows without a symbol as oxygen (O)")
  let file = try read(text, as: XSF.self, options: ReadOptions(repair: true))
  #expect(file.frames[0].structure.elements.map(\.symbol) == ["Li", "O", "O"])
  #expect(file.frames[0].structure.positions[1] == [3, 1.7, 2])
  #expect(file.frames[0].labels.forces?[2] == [0.5, 0, 0])
  #expect(file.notes.contains("no symbol, read as O (--repair) (2 rows)"))
  let bare = try read(head + "1 1\n 3.0 1.7 2\n", as: XSF.self, options: ReadOptions(repair: true))
  #expect(bare.frames[0].structure.elements.map(\.symbol) == ["O"])
}

@Test func labelsAndIDComeBack() throws {
  let elements = [try #require(ChemicalElement("Mn")), try #require(ChemicalElement("O"))]
  let positions: [SIMD3<Double>] = [[0.1, 1.0 / 3, -1e-7], [1, 2, 3]]
  let lattice = Lattice(a: [4, 0.25, 0], b: [0, 5, 0], c: [0, 0, 6])
  let labels = Labels(energy: -1.0 / 3, forces: [[1e-9, 0, 1], [0.7, -0.7, 0]])
  for periodic in [Periodicity.all, Periodicity(true, true, false), Periodicity(true, false, false), .none] {
    for cell in [lattice, nil] where cell != nil || periodic == .none {
      let structure = Structure(lattice: cell, periodic: periodic, elements: elements, positions: positions)
      let frame = LabeledStructure(structure: structure, labels: labels)
      let back = try read(text(try XSF.write([frame])), as: XSF.self).frames[0]
      #expect(back.structure == structure)
      #expect(back.labels == labels)
      #expect(back.id == frame.id)
    }
  }
}

@Test func aPeriodicityWithoutAWordIsRefused() throws {
  let structure = Structure(
    lattice: Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]), periodic: Periodicity(false, true, true),
    elements: [try #require(ChemicalElement("Li"))], positions: [.zero])
  let said = message { _ = try XSF.write([LabeledStructure(structure: structure, labels: Labels())]) }
  #expect(said == "xsf knows slabs along a and b and polymers along a only; write extxyz")
}

@Test(arguments: [
  ("", "a.txt: the file is empty"),
  ("# total energy = -1 eV\nCRYSTAL\n", "a.txt: no atoms; expected PRIMCOORD or ATOMS"),
  ("# total energy = -1 Ry\n", "a.txt:1: the total energy is in Ry, expected eV"),
  ("# total energy = nan eV\n", "a.txt:1: total energy is \"nan\", not a finite number"),
  ("# total energy = -1\n# total energy = -2\n", "a.txt:2: a second total energy for one frame"),
  (
    "CRYSTALL\n",
    "a.txt:1: found \"CRYSTALL\", expected a keyword such as PRIMVEC or PRIMCOORD; did you mean CRYSTAL?"
  ),
  ("PRIMCOORD\n1 1\nLi 0 0 0\n", "a.txt:1: PRIMCOORD before PRIMVEC; give the lattice first"),
  ("PRIMVEC\n1 0 0\n0 1 0\n", "a.txt:3: the file ends within lattice vector c; the file may be truncated"),
  ("PRIMVEC\n1 0 0\n2 0 0\n0 0 1\n", "a.txt:4: the cell of the three vectors above has no volume"),
  (
    "PRIMVEC\n 0.0 11.201523000-11.221355000\n",
    "a.txt:2: lattice vector a: two numbers run together in \"11.201523000-11.221355000\"; put a blank between them"
  ),
  ("PRIMVEC\n 0.0 1\n", "a.txt:2: lattice vector a has 2 numbers, expected 3"),
  (head + "x\n", "a.txt:9: found \"x\", expected the number of atoms"),
  (
    head + "99999999999 1\nLi 0 0 0\n",
    "a.txt:9: 99999999999 atoms declared, but only 9 bytes follow; "
      + "the file may be truncated"
  ),
  (
    head + "2 1\nLi 0.0000 0.0000 0.0000\n", "a.txt:10: the file ends after 1 of 2 atoms; the file may be truncated"
  ),
  (
    head + "1 1\nLi 0 0 0\nO 1 1 1\n",
    "a.txt:11: found \"O 1 1 1\", expected a keyword such as PRIMVEC or PRIMCOORD; is the number of atoms right?"
  ),
  (head + "1 1\nXx 0 0 0\n", "a.txt:10: unknown species \"Xx\"; did you mean Xe?"),
  (head + "1 1\nLi 0 0 nan\n", "a.txt:10: atom 1 of 1 is \"nan\", not a finite number"),
  (
    head + "1 1\nLi 0 0 0 1 2\n",
    "a.txt:10: atom 1 of 1 has 5 numbers, expected 3 (position) or 6 (position and force)"
  ),
  (head + "2 1\nLi 0 0 0 1 2 3\nLi 0 0 0\n", "a.txt:11: atom 2 of 2 has 3 numbers, but the first atom has 6"),
  (
    head + "1 1\nLi 0 0 0\nPRIMCOORD\n1 1\nLi 0 0 0\n",
    "a.txt:11: a second set of atoms; several frames need ANIMSTEPS, or one file each"
  ),
  (
    head + "1 1\nLi 0.30000-3.00000 0 0\n",
    "a.txt:10: atom 1 of 1: two numbers run together in \"0.30000-3.00000\"; put a blank between them"
  ),
])
func whatIsWrongInXSFIsSaidInOneLine(_ text: String, _ expected: String) {
  #expect(failure(text, as: XSF.self) == expected)
}
