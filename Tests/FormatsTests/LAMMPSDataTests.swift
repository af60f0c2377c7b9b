import Structures
import Testing

@testable import Formats

private let text = """
  LAMMPS data file via write_data, units = metal

  3 atoms
  2 atom types
  1 bonds

  -1 3 xlo xhi  # comment
  0 5 ylo yhi
  0 6 zlo zhi
  0.5 0.25 -0.125 xy xz yz

  Masses

  1 6.94 # Li
  2 15.999

  Atoms # full

  3 1 2 -2.0 1 2 3
  1 1 1 1.0 0 0 0 0 0 1
  2 1 1 1.0 0.5 0.5 0.5

  Bonds

  1 1 1 2
  """

@Test func lammpsDataIsRead() throws {
  let file = try read(text, as: LAMMPSData.self)
  let frame = file.frames[0]
  #expect(frame.structure.elements.map(\.symbol) == ["Li", "Li", "O"])
  #expect(frame.structure.lattice == Lattice(a: [4, 0, 0], b: [0.5, 5, 0], c: [0.25, -0.125, 6]))
  #expect(frame.structure.positions[2] == [1, 2, 3])
  #expect(frame.columns == [AtomColumn(name: "charge", kind: .real, width: 1, values: ["1.0", "1.0", "-2.0"])])
  #expect(file.notes == ["not read: section Bonds (1 file)", "atoms put in the order of their numbers (1 file)"])
}

@Test func typeLabelsAndSpinsAreRead() throws {
  let text = """
    x

    2 atoms
    2 atom types
    4 0 0 avec
    0 4 1 bvec
    0 0 4 cvec
    0 0 0 abc origin

    Atom Type Labels

    1 Ni
    2 O

    Atoms # spin

    1 Ni 0 0 0 0 0 2 1.5
    2 O 1 1 1 1 0 0 0
    """
  let frame = try read(text, as: LAMMPSData.self).frames[0]
  #expect(frame.structure.elements.map(\.symbol) == ["Ni", "O"])
  #expect(frame.structure.moments == .vectors([[0, 0, 1.5], [0, 0, 0]]))
  #expect(frame.structure.lattice?.b == [0, 4, 1])
}

@Test func lammpsCellsAreNeverTurned() throws {
  let elements = [ChemicalElement.all[2]]
  for lattice in [
    Lattice(a: [4, 0, 0], b: [0, 5, 0], c: [0, 0, 6]), Lattice(a: [4, 0, 0], b: [1, 5, 0], c: [2, -1, 6]),
    Lattice(a: [0, 2, 2], b: [2, 0, 2], c: [2, 2, 0]),
  ] {
    let frame = LabeledStructure(
      structure: Structure(lattice: lattice, elements: elements, positions: [[0.1, 0.2, 0.3]]), labels: Labels())
    let back = try read(FormatsTests.text(LAMMPSData.write([frame])), as: LAMMPSData.self).frames[0]
    #expect(back.structure == frame.structure && back.id == frame.id)
    let dumped = try read(FormatsTests.text(LAMMPSDump.write([frame])), as: LAMMPSDump.self).frames[0]
    #expect(dumped.structure == frame.structure)
    let isGeneral = lattice.a.x == 0
    #expect((LAMMPSData.remark(writing: frame) == nil) == !isGeneral)
    guard isGeneral else { continue }
    var mirrored = frame
    mirrored.structure.lattice = Lattice(a: lattice.b, b: lattice.a, c: lattice.c)
    #expect(
      message { _ = try LAMMPSData.write([mirrored]) }.hasSuffix(
        "is left-handed, which LAMMPS does not take; exchange two lattice vectors first"))
  }
}

@Test(arguments: [
  ("x\n\nfoo\n", "a.txt:3: found \"foo\", expected a line such as \"8 atoms\" or \"0 4.2 xlo xhi\""),
  (
    "x\n\n1 atoms\n0 1 xlo xhi\n\nAtoms # atomic\n\n1 1 0 0 0\n",
    "a.txt:8: the head lacks the bounds xlo xhi, ylo yhi, zlo zhi of the box"
  ),
  (
    "x\n\n1 atoms\n0 1 xlo xhi\n0 1 ylo yhi\n0 1 zlo zhi\n\nAtoms # atomic\n\n1 1 0 0 0\n",
    "a.txt:8: nothing says the element of atom type 1: no mass, no label; name the elements in order, as --species Li,Mn,O"
  ),
  (
    "x\n\n1 atoms\n0 1 xlo xhi\n0 1 ylo yhi\n0 1 zlo zhi\n\nMasses\n\n1 1.0\n\nAtoms # atomic\n\n1 1 0 0 0\n",
    "a.txt:12: no element has the mass 1.0 of atom type 1; name the elements in order, as --species Li,Mn,O"
  ),
  (
    "x\n\n2 atoms\n\nAtoms\n\n1 1 0 0 0 0\n",
    "a.txt:7: the section Atoms does not tell its style, and rows of 6 values do not either; write it behind the title, as in: Atoms # atomic"
  ),
  ("x\n\n2 atoms\n\nAtoms # atomic\n\n1 1 0 0 0\n", "a.txt:5: 1 rows of 2 atoms; the file may be truncated"),
  ("x, units = lj\n\n1 atoms\n", "a.txt:1: units = lj, expected metal or real"),
  ("x\n\n1 atoms\n\nGrains\n", "a.txt:5: unknown section \"Grains\""),
])
func brokenLAMMPSDataIsRefused(_ text: String, _ expected: String) {
  #expect(failure(text, as: LAMMPSData.self) == expected)
}
