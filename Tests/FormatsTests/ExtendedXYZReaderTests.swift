import Structures
import Testing

@testable import Formats

private let lattice = "Lattice=\"4 0 0 0 4 0 0 0 4\""
private let columns = "Properties=species:S:1:pos:R:3"

/// One frame of one Li atom with a comment line.
private func one(_ comment: String, row: String = "Li 0 0 0") throws -> FrameFile {
  try read("1\n\(comment)\n\(row)\n")
}

@Test func readsWhatTheConventionsWrite() throws {
  let file = try read(
    """
    2
    \(lattice) pbc="T T T" \(columns):REF_forces:R:3:REF_magmoms:R:1 REF_energy=-3.5 \
    REF_stress="1 4 5 4 2 6 5 6 3" config_type=litmo2 energy_sigma0=-3.25 host="a b"
    Li 0 0.5 1 0.1 0.2 0.3 1.5
    O 1 2 3 -0.1 -0.2 -0.3 -0.5

    """)
  let frame = try #require(file.frames.first)
  #expect(file.frames.count == 1)
  #expect(frame.structure.elements.map(\.symbol) == ["Li", "O"])
  #expect(frame.structure.positions == [[0, 0.5, 1], [1, 2, 3]])
  #expect(frame.structure.periodic == .all)
  #expect(frame.structure.moments == .collinear([1.5, -0.5]))
  #expect(frame.labels.energy == -3.5)
  #expect(frame.labels.energyWithoutSmearing == -3.25)
  #expect(frame.labels.forces == [[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]])
  #expect(frame.labels.virial == -64 * Matrix3([1, 4, 5], [4, 2, 6], [5, 6, 3]))
  #expect(frame.configType == "litmo2")
  #expect(frame.info == [InfoItem(key: "host", value: "a b")])
  #expect(frame.provenance.line == 1)
  #expect(
    file.notes == [
      "energy read from key REF_energy (1 frame)", "forces read from key REF_forces (1 frame)",
      "stress read from key REF_stress (1 frame)", "moments read from column REF_magmoms (1 frame)",
    ])
}

@Test(arguments: ["REF_energy", "free_energy", "energy", "dft_energy", "DFT_energy", "Energy", "total_energy"])
func energyKeysOfUsersAreRead(_ key: String) throws {
  let file = try one("\(columns) \(key)=-2.5")
  #expect(file.frames[0].labels.energy == -2.5)
  #expect(file.notes == ["energy read from key \(key) (1 frame)"])
}

@Test func theBestOfSeveralEnergiesIsTakenAndTheOthersAreKept() throws {
  let file = try one("\(columns) dft_energy=1 energy=2 free_energy=3")
  let frame = file.frames[0]
  #expect(frame.labels.energy == 3)
  #expect(frame.value(ofKey: "energy") == "2")
  #expect(frame.value(ofKey: "dft_energy") == "1")
  #expect(file.notes.contains("free_energy taken; energy stands there too and is kept uninterpreted (1 frame)"))
}

@Test(arguments: [
  ("stress=\"1 2 3 4 5 6\"", [-64.0, -384, -320, -384, -128, -256, -320, -256, -192]),
  ("stress=[[1, 0, 0], [0, 2, 0], [0, 0, 3]]", [-64, 0, 0, 0, -128, 0, 0, 0, -192]),
  ("virial={1 0 0 0 2 0 0 0 3}", [1, 0, 0, 0, 2, 0, 0, 0, 3]),
  ("virials='1 2 3 4 5 6'", [1, 6, 5, 6, 2, 4, 5, 4, 3]),
  ("dft_virial=\"1 0 0 0 2 0 0 0 3\"", [1, 0, 0, 0, 2, 0, 0, 0, 3]),
  ("REF_virials=\"1 0 0 0 2 0 0 0 3\"", [1, 0, 0, 0, 2, 0, 0, 0, 3]),
])
func stressAndVirialAreReadInAllTheirForms(_ text: String, _ virial: [Double]) throws {
  #expect(try one("\(lattice) \(columns) \(text)").frames[0].labels.virial?.rows == virial)
}

@Test func aVirialThatContradictsTheStressIsSaid() throws {
  let file = try one("\(lattice) \(columns) stress=\"1 1 1 0 0 0\" virial=\"64 64 64 0 0 0\"")
  #expect(file.frames[0].labels.virial?.x.x == -64)
  #expect(file.notes.contains("virial and stress disagree; stress taken (1 frame)"))
}

@Test func aVirialNeedsNoVolume() throws {
  let frame = try one("\(columns) virial=\"1 0 0 0 2 0 0 0 3\"").frames[0]
  #expect(frame.structure.volume == nil)
  #expect(frame.labels.virial == Matrix3([1, 0, 0], [0, 2, 0], [0, 0, 3]))
}

@Test func aStressWithoutAVolumeStaysUninterpreted() throws {
  let file = try one("\(lattice) pbc=\"T T F\" \(columns) stress=\"1 2 3 4 5 6\"")
  #expect(file.frames[0].labels.virial == nil)
  #expect(file.frames[0].structure.periodic == Periodicity(true, true, false))
  #expect(file.frames[0].value(ofKey: "stress") == "1 2 3 4 5 6")
  #expect(
    file.notes == ["stress kept uninterpreted: not periodic in three directions, so it has no volume (1 frame)"])
}

@Test func absentLabelsAreNil() throws {
  let frame = try one("\(lattice) \(columns)").frames[0]
  #expect(frame.labels == Labels())
  #expect(frame.structure.moments == nil)
}

@Test(arguments: [("force", "forces"), ("dft_force", "forces"), ("forces", "forces"), ("force_mag", "magnetic")])
func forceColumnsOfUsersAreRead(_ column: String, _ label: String) throws {
  let labels = try one("\(columns):\(column):R:3", row: "Li 0 0 0 1 2 3").frames[0].labels
  #expect((label == "forces" ? labels.forces : labels.magneticForces) == [[1, 2, 3]])
  #expect((label == "forces" ? labels.magneticForces : labels.forces) == nil)
}

@Test(arguments: ["REF_magmoms", "magmoms", "moments"])
func momentColumnsOfUsersAreRead(_ column: String) throws {
  let collinear = try one("\(columns):\(column):R:1", row: "Li 0 0 0 -1.5")
  #expect(collinear.frames[0].structure.moments == .collinear([-1.5]))
  let vectors = try one("\(columns):\(column):R:3", row: "Li 0 0 0 1 2 3")
  #expect(vectors.frames[0].structure.moments == .vectors([[1, 2, 3]]))
}

/// What a calculation started from is a guess, not its result.
@Test func startingMomentsAreNoLabels() throws {
  let file = try one("\(columns):initial_magmoms:R:1", row: "Li 0 0 0 5.0")
  #expect(file.frames[0].structure.moments == nil)
  #expect(file.frames[0].columns == [AtomColumn(name: "initial_magmoms", kind: .real, width: 1, values: ["5.0"])])
  #expect(file.notes.contains { $0.hasPrefix("initial_magmoms are what a calculation started from") })
}

/// ASE writes nested lists so: rows first.
@Test func stressesInJSONAreRead() throws {
  for key in ["REF_stress", "dft_virial"] {
    let file = try one(
      "Lattice=\"2 0 0 0 2 0 0 0 2\" \(columns) \(key)=\"_JSON [[1.0, 0.5, 0.25], [0.5, 2.0, 0.125], [0.25, 0.125, 3.0]]\"",
      row: "Li 0 0 0")
    let expected = Matrix3([1, 0.5, 0.25], [0.5, 2, 0.125], [0.25, 0.125, 3])
    #expect(file.frames[0].labels.virial == (key == "REF_stress" ? -8 * expected : expected))
    #expect(file.frames[0].provenance.stressKey == key)
  }
}

@Test func uninterpretedKeysAndColumnsAreKept() throws {
  let file = try one(
    "\(columns):energies:R:1:tag:S:1:mask:L:2 flag n=3 list=[1, 2] old={1 2} text=\"a \\\"b\\\"\" empty= last=x=y",
    row: "Li 0 0 0 -0.5 bulk T F")
  let frame = file.frames[0]
  #expect(frame.columns.map(\.name) == ["energies", "tag", "mask"])
  #expect(frame.columns[0].values == ["-0.5"])
  #expect(frame.columns[2] == AtomColumn(name: "mask", kind: .logical, width: 2, values: ["T", "F"]))
  let info = frame.info.map { "\($0.key)→\($0.value)" }
  #expect(info == ["flag→T", "n→3", "list→[1, 2]", "old→{1 2}", "text→a \"b\"", "empty→", "last→x=y"])
}

@Test func plainXYZKeepsItsCommentAndKnowsNumbersOfElements() throws {
  let frame = try read("2\nWater, or nearly\r\n8 0 0 0\r\n H 1 0 0\r\n").frames[0]
  #expect(frame.structure.lattice == nil && frame.structure.periodic == .none)
  #expect(frame.structure.elements.map(\.symbol) == ["O", "H"])
  #expect(frame.info == [InfoItem(key: "comment", value: "Water, or nearly")])
  #expect(try read("1\n\nLi 0 0 0").frames[0].info.isEmpty)
  let strange = try read("1\na = \"b, E=3\nLi 0 0 0").frames[0]
  #expect(strange.value(ofKey: "comment") == "a = \"b, E=3")
}

@Test func aMoleculeWithAZeroCellIsAFreeCluster() throws {
  let frame = try one("Lattice=\"0 0 0 0 0 0 0 0 0\" pbc=\"F F F\" \(columns)").frames[0]
  #expect(frame.structure.lattice == nil)
}

@Test func idsAreCarriedAndStrangeOnesKept() throws {
  let id = String(repeating: "0a", count: 32)
  #expect(try one("\(columns) id=\(id)").frames[0].id == id)
  let file = try one("\(columns) id=17")
  #expect(file.frames[0].value(ofKey: "original_id") == "17")
  #expect(file.frames[0].id == FrameIdentity.exact(file.frames[0].structure, file.frames[0].labels))
  #expect(file.notes == ["the key id holds no id of Halite and is kept as original_id (1 frame)"])
}

@Test func framesFollowEachOtherWithTheirLines() throws {
  let file = try read("\u{FEFF}1\n\(columns)\nLi 0 0 0\n\n2\n\(columns)\nLi 0 0 0\nO 1 1 1")
  #expect(file.frames.map(\.structure.count) == [1, 2])
  #expect(file.frames.map(\.provenance.line) == [1, 5])
  #expect(file.frames.map(\.provenance.index) == [0, 1])
}

@Test(arguments: [
  ("", "a.txt: the file is empty"),
  ("  \n\n", "a.txt: the file is empty"),
  ("Li 0 0 0\n", "a.txt:1: found \"Li 0 0 0\", expected the number of atoms"),
  ("0\n\n", "a.txt:1: a frame of 0 atoms"),
  ("1\n", "a.txt:1: the file ends behind the number of atoms; the file may be truncated"),
  (
    "2\n\(columns)\nLi 0.0000 0.0000 0.0000\n",
    "a.txt:3: the file ends after 1 of 2 atoms; the file may be truncated"
  ),
  (
    "2\n\(columns)\nLi 0 0 0\n1\n\(columns)\nO 0 0 0\n",
    "a.txt:4: atom 2 of 2 has 1 values, expected 4 (species pos); does line 1 give the right number of atoms?"
  ),
  (
    "1\n\(columns)\nLi 0 0 0\nO 1 1 1\n",
    "a.txt:4: found \"O 1 1 1\", expected the number of atoms of the next frame; "
      + "does line 1 give the right number of atoms?"
  ),
  (
    "999999999999\n\(columns)\nLi 0 0 0\n",
    "a.txt:2: 999999999999 atoms declared, but only 9 bytes follow; "
      + "the file may be truncated"
  ),
  ("99999999999999999999\n\nLi 0 0 0\n", "a.txt:1: found \"99999999999999999999\", expected the number of atoms"),
  ("1\n\(columns)\nLx 0 0 0\n", "a.txt:3: unknown species \"Lx\"; did you mean La?"),
  ("1\n\(columns)\nli 0 0 0\n", "a.txt:3: unknown species \"li\"; did you mean Li?"),
  ("1\n\(columns)\n119 0 0 0\n", "a.txt:3: unknown species \"119\""),
  ("1\n\(columns)\nLi 0 NaN 0\n", "a.txt:3: pos of atom 1 is \"NaN\", not a finite number"),
  ("1\n\(columns):forces:R:3\nLi 0 0 0 0 -inf 0\n", "a.txt:3: forces of atom 1 is \"-inf\", not a finite number"),
  (
    "1\n\(columns)\nLi 0 0.1-0.2 0\n",
    "a.txt:3: pos of atom 1: two numbers run together in \"0.1-0.2\"; "
      + "put a blank between them"
  ),
  (
    "1\n\(columns)\nLi 0 ***** 0\n",
    "a.txt:3: pos of atom 1 is \"*****\": a number too wide for its column; "
      + "write the file again"
  ),
  ("1\n\(columns) energy=nan\nLi 0 0 0\n", "a.txt:2: energy is \"nan\", not a finite number"),
  ("1\n\(columns) energy=None\nLi 0 0 0\n", "a.txt:2: energy is \"None\", expected a finite number"),
  ("1\n\(columns) energy=1 energy=2\nLi 0 0 0\n", "a.txt:2: the key energy stands twice in the line"),
  ("1\n\(lattice) \(columns) stress=\"1 2 3\"\nLi 0 0 0\n", "a.txt:2: stress has 3 numbers, expected 6 or 9"),
  (
    "1\n\(lattice) \(columns) stress=\"1 1 1 0 0 inf\"\nLi 0 0 0\n",
    "a.txt:2: stress is \"inf\", not a finite number"
  ),
  (
    "1\nLattice=\"1 0 0 2 0 0 0 0 1\" \(columns)\nLi 0 0 0\n",
    "a.txt:2: the cell has no volume: Lattice=\"1 0 0 2 0 0 0 0 1\"; a free cluster has no Lattice"
  ),
  ("1\nlattice=\"1 0 0 0 1 0 0 0 1\" \(columns)\nLi 0 0 0\n", "a.txt:2: found the key lattice, expected Lattice"),
  (
    "1\npbc=\"T T T\" \(columns)\nLi 0 0 0\n",
    "a.txt:2: pbc says periodic, but there is no Lattice; give Lattice or pbc=\"F F F\""
  ),
  ("1\n\(lattice) pbc=\"T T\" \(columns)\nLi 0 0 0\n", "a.txt:2: pbc has 2 values, expected 3"),
  ("1\n\(lattice) pbc=\"T T X\" \(columns)\nLi 0 0 0\n", "a.txt:2: pbc holds \"X\", expected T or F"),
  ("1\nProperties=pos:R:3\n0 0 0\n", "a.txt:2: Properties names no species column"),
  ("1\nProperties=species:S:1\nLi\n", "a.txt:2: Properties names no pos column"),
  (
    "1\nProperties=species:S:1:pos:R\nLi 0 0 0\n",
    "a.txt:2: Properties has 5 parts, expected name:type:width for each column"
  ),
  ("1\n\(columns):forces:R:2\nLi 0 0 0 0 0\n", "a.txt:2: Properties: the column forces has width 2, expected 3"),
  ("1\n\(columns):x:Q:2\nLi 0 0 0 0 0\n", "a.txt:2: Properties: the type of x is \"Q\", expected S, R, I or L"),
  ("1\n\(columns) a=\"b\nLi 0 0 0\n", "a.txt:2: no closing quotation mark for the value of a"),
  ("1\n\(columns) a=[1, [2]\nLi 0 0 0\n", "a.txt:2: no closing bracket for the value of a"),
  (
    "1\ncomment\nLi 0 0 0 0.5\n",
    "a.txt:3: atom 1 of 1 has 5 values, expected 4 (species pos); "
      + "name the columns by Properties=…"
  ),
])
func whatIsWrongIsSaidInOneLine(_ text: String, _ expected: String) {
  #expect(failure(text) == expected)
}

@Test func bytesThatAreNoTextAreRefused() {
  let bytes: [UInt8] = Array("1\n\nLi 0 0 0\n1\n".utf8) + [0xFF, 0xFE, 10]
  let said = message {
    _ = try bytes.withUnsafeBytes { try ExtendedXYZ.read(bytes: $0, file: "a.xyz") }
  }
  #expect(said == "a.xyz:5: not UTF-8 text; is this a text file? if so, save it as UTF-8")
}
