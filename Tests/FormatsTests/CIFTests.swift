import Structures
import Testing

@testable import Formats

private func cif(_ body: String, cell: String = "4.0(1) 4 4 90 90 90") -> String {
  let names = ["length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"]
  let cell = zip(names, cell.split(separator: " ")).map { "_cell_\($0) \($1)\n" }.joined()
  return "# comment\ndata_NaCl\n" + cell + body
}

private let sites =
  "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\n"

@Test func cifIsRead() throws {
  let text = cif(
    """
    _title
    ;
    data_no loop_ 'text
    ;
    _note 'it's text'   # comment
    loop_
    _symmetry_equiv_pos_as_xyz
    '-x+1/2, y, z' x,y,z 'x, y+.5, z-0.5'
    \(sites)Li1+ 0.1(2) 0 -0.25 1.0
    O2 0.25 .5 1e-1 ?
    """)
  let file = try read(text, as: CIF.self)
  let structure = file.frames[0].structure
  #expect(structure.elements.map(\.symbol) == ["Li", "Li", "Li", "O", "O"])
  #expect(structure.positions.prefix(3).map { $0 / 4 } == [[0.1, 0, -0.25], [0.4, 0, 0.75], [0.1, 0.5, 0.25]])
  #expect(structure.lattice == Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]))
  #expect(file.frames[0].info == [InfoItem(key: "cif_block", value: "NaCl")])
}

@Test func severalBlocksAreSeveralFrames() throws {
  let one = cif(sites + "Li 0 0 0 1\n")
  let file = try read("data_global\n_a b\n" + one + one, as: CIF.self)
  #expect(file.frames.count == 2 && file.frames[1].provenance.line == 19)
  #expect(file.notes == ["data block without atoms passed over (1 block)"])
}

@Test func obliqueCellsStandAlongX() throws {
  let lattice = try #require(
    read(cif(sites + "Li 0 0 0 1\n", cell: "3 3 5 90 90 120"), as: CIF.self).frames[0].structure.lattice)
  #expect(lattice.a == [3, 0, 0] && lattice.c == [0, 0, 5])
  #expect(length(lattice.b - [-1.5, 1.5 * 3.0.squareRoot(), 0]) < 1e-12)
  let triclinic = try #require(
    read(cif(sites + "Li 0 0 0 1\n", cell: "3 4 5 80 95 103"), as: CIF.self).frames[0].structure.lattice)
  let cosine = dot(triclinic.b, triclinic.c) / (length(triclinic.b) * length(triclinic.c))
  #expect(abs(cosine - 0.17364817766693033) < 1e-12 && abs(length(triclinic.c) - 5) < 1e-12)
}

@Test(arguments: [
  ("x,y,z", [0.1, 0.2, 0.3]), ("-X+1/2, Y+0.5, z-x", [0.4, 0.7, 0.2]), ("1/4+y,-z,2*x", [0.45, -0.3, 0.2]),
])
func operationsAreRead(_ text: String, _ expected: [Double]) throws {
  let operation = try #require(SymmetryOperation(text))
  #expect(length(operation([0.1, 0.2, 0.3]) - SIMD3(expected[0], expected[1], expected[2])) < 1e-12)
  for broken in ["x,y", "x,y,", "x,y,w", "x,y,y", "x,,z", "x,y,1/0+z", "x y,z,x", "+,y,z"] {
    #expect(SymmetryOperation(broken) == nil)
  }
}

@Test(arguments: [
  (
    cif(sites + "Li1 0 0 0 0.5\n"),
    "a.txt:15: the site Li1 has occupancy 0.5, expected 1: the structure is disordered; make an ordered structure of it first"
  ),
  (
    cif("_symmetry_space_group_name_H-M 'F m -3 m'\n" + sites + "Li1 0 0 0 1\n"),
    "a.txt:9: space group \"F m -3 m\", but no symmetry operations are listed; write the CIF with its operations, or in P 1"
  ),
  (cif(sites + "Li1 0 0 ? 1\n"), "a.txt:15: a coordinate of Li1 is \"?\", expected a number"),
  (cif(sites + "Qq1 0 0 0 1\n"), "a.txt:15: unknown species \"Qq1\""),
  (cif(sites + "Li1 0 0 0\n"), "a.txt:9: the loop_ has 4 values for 5 names: a torn row"),
  (
    cif("_symmetry_equiv_pos_as_xyz 'x,y'\n" + sites + "Li1 0 0 0 1\n"),
    "a.txt:9: \"x,y\" is no symmetry operation; expected as -x+1/2, y, z"
  ),
  (cif("_a 'b\n"), "a.txt:9: no closing quotation mark"),
  (cif("_a\n;b\n"), "a.txt:10: the text that begins here has no closing semicolon"),
  ("hello\n", "a.txt:1: the value \"hello\" belongs to no name; is this a CIF?"),
  ("data_a\n", "a.txt: no data block with atoms (_atom_site_fract_x); is this a CIF of a crystal?"),
  ("data_a\n" + sites + "Li 0 0 0 1\n", "a.txt:1: the block a has no _cell_length_a"),
])
func brokenCIFIsRefused(_ text: String, _ expected: String) {
  #expect(failure(text, as: CIF.self) == expected)
}
