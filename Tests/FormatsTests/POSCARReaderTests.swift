import Structures
import TestSupport
import Testing

@testable import Formats

private let cell = "4 0 0\n0 4 0\n0 0 4\n"

private func poscar(_ text: String) throws -> LabeledStructure { try read(text, as: POSCAR.self).frames[0] }

@Test func directAndCartesianAgree() throws {
  let direct = try poscar("title\n2.0\n2 0 0\n0 2 0\n0 0 2\nLi O\n1 1\nDirect\n0 0 0\n0.5 0.25 0.125\n")
  let cartesian = try poscar("title\n2.0\n2 0 0\n0 2 0\n0 0 2\nLi O\n1 1\nKartesian\n0 0 0\n1 0.5 0.25\n")
  #expect(direct.structure == cartesian.structure)
  #expect(direct.structure.positions == [[0, 0, 0], [2, 1, 0.5]])
  #expect(direct.structure.lattice == Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]))
  #expect(direct.structure.periodic == .all)
  #expect(direct.labels == Labels())
  #expect(direct.value(ofKey: "comment") == "title")
}

@Test func scaleIsAFactorAVolumeOrThreeFactors() throws {
  let volume = try poscar("x\n-512\n\(cell)Li\n1\nC\n1 1 1\n")
  #expect(volume.structure.lattice == Lattice(a: [8, 0, 0], b: [0, 8, 0], c: [0, 0, 8]))
  #expect(volume.structure.positions == [[2, 2, 2]])
  let three = try poscar("x\n1 2 3\n4 0 0\n0 4 4\n0 0 4\nLi\n1\nC\n1 1 1\n")
  #expect(three.structure.lattice == Lattice(a: [4, 0, 0], b: [0, 8, 12], c: [0, 0, 12]))
  #expect(three.structure.positions == [[1, 2, 3]])
}

@Test func symbolsOfVASP5And6AreRead() throws {
  let frame = try poscar("x\n1.0d0\n\(cell)Li_sv Fe_pv/1a2b3c O/4d5e6f Li\n1 2 1 1\nd\n" + rows(5))
  #expect(frame.structure.elements.map(\.symbol) == ["Li", "Fe", "Fe", "O", "Li"])
}

@Test func aRemarkMayFollowTheSymbols() throws {
  let frame = try poscar("x\n1\n\(cell)Li O ! species\n1 1 ! counts\nd\n0 0 0\n0 0 0.5\n")
  #expect(frame.structure.formula == "LiO")
}

@Test func symbolsOfVASP4MustStandInTheComment() throws {
  let named = try poscar("Li2 O\n1\n\(cell)2 1\nd\n" + rows(3))
  #expect(named.structure.elements.map(\.symbol) == ["Li", "Li", "O"])
  #expect(
    failure("cubic\n1\n\(cell)2 1\nd\n" + rows(3), as: POSCAR.self)
      == "a.txt:6: no line of symbols (a VASP 4 file), and the comment line does not name 2 of them; "
      + "put the symbols on a line before the numbers of atoms")
}

private func rows(_ count: Int) -> String { (0..<count).map { "0 0 0.\($0)\n" }.joined() }

@Test func selectiveDynamicsIsKept() throws {
  let selective = "x\n1\n\(cell)Li O\n1 1\nSelective dynamics\nCartesian\n0 0 0 T T F\n1 1 1 .FALSE. F f\n"
  let frame = try poscar(selective)
  let mask = AtomColumn(name: "move_mask", kind: .logical, width: 3, values: ["T", "T", "F", "F", "F", "F"])
  #expect(frame.columns == [mask])
  let back = try poscar(text(try POSCAR.write([frame])))
  #expect(back.columns == [mask])
  #expect(back.structure == frame.structure)
}

@Test func velocitiesAreLeftOutAndSaid() throws {
  let file = try read("x\n1\n\(cell)Li\n1\nd\n0 0 0\n \n 0.0E+00 1D-3 0\n", as: POSCAR.self)
  #expect(file.notes == ["velocities and what follows, from line 10 on, not read (1 file)"])
  let titled = try read("x\n1\n\(cell)Li\n1\nd\n0 0 0\nCartesian\n 0 0 0\n", as: POSCAR.self)
  #expect(titled.notes == file.notes)
  #expect(try read("x\n1\n\(cell)Li\n1\nd\n0 0 0\n\n\n", as: POSCAR.self).notes == [])
}

@Test func labelsBehindRowsThatContradictTheSymbolsAreSaid() throws {
  let file = try read("x\n1\n\(cell)Li O\n1 1\nd\n0 0 0 Li+\n0 0 0.5 Mn\n", as: POSCAR.self)
  #expect(
    file.notes == ["label at the end of the row differs from the symbols line, which was taken (1 row)"])
  #expect(file.frames[0].structure.elements.map(\.symbol) == ["Li", "O"])
}

@Test func atomsAreNeverReordered() throws {
  let elements = ["O", "Li", "Li", "O", "Mn"].compactMap { ChemicalElement($0) }
  let structure = Structure(
    lattice: Lattice(a: [4, 0.1, 0], b: [0, 4, 0], c: [1.0 / 3, 0, 4]), elements: elements,
    positions: (0..<5).map { [Double($0) / 7, 0, 1e-6] })
  let frame = LabeledStructure(structure: structure, labels: Labels())
  let written = text(try POSCAR.write([frame]))
  #expect(written.contains("O Li O Mn\n1 2 1 1\n"))
  let back = try poscar(written)
  #expect(back.structure == structure)
  #expect(back.id == frame.id)
  #expect(back.value(ofKey: "comment") == "Li2MnO2")
}

@Test func whatPOSCARCannotHoldIsRefused() throws {
  let free = try read("1\n\nLi 0 0 0\n", file: "a.xyz").frames[0]
  #expect(
    message { _ = try POSCAR.write([free]) }
      == "VASP needs a lattice that repeats in three directions; write extxyz")
  #expect(
    message { _ = try POSCAR.write([free, free]) }
      == "a poscar file holds one frame, not 2; write to a folder, NAME.poscar.d")
}

@Test(arguments: [
  ("", "a.txt: the file is empty"),
  ("x\n", "a.txt:1: the file ends, expected the scale factor; the file may be truncated"),
  (
    "x\n0\n",
    "a.txt:2: found \"0\", expected the scale factor; one number (negative: the volume) or three positive ones"
  ),
  (
    "x\n1 2\n",
    "a.txt:2: found \"1 2\", expected the scale factor; one number (negative: the volume) or three positive ones"
  ),
  ("x\n1\n4 0 0\n0 4\n", "a.txt:4: lattice vector b has 2 numbers, expected 3"),
  ("x\n1\n4 0 0\n0 4 0\n4 4 0\n", "a.txt:5: the cell of the three vectors above has no volume"),
  ("x\n1\n4 0 nan\n", "a.txt:3: lattice vector a is \"nan\", not a finite number"),
  ("x\n1\n\(cell)\n", "a.txt:6: a blank line, expected the symbols"),
  ("x\n1\n\(cell)Qq\n", "a.txt:6: unknown species \"Qq\""),
  ("x\n1\n\(cell)Li O\n1\n", "a.txt:7: 1 numbers of atoms for 2 symbols"),
  ("x\n1\n\(cell)Li\nx\n", "a.txt:7: found \"x\", expected a number of atoms"),
  ("x\n1\n\(cell)Li\n0\n", "a.txt:7: no atoms"),
  ("x\n1\n\(cell)Li\n1\n0 0 0\n", "a.txt:8: found \"0 0 0\", expected Direct or Cartesian"),
  (
    "x\n1\n\(cell)Li\n999999999999\nd\n0 0 0\n",
    "a.txt:8: 999999999999 atoms declared, but only 6 bytes follow; the file may be truncated"
  ),
  (
    "x\n1\n\(cell)Li\n2\nd\n0.000000 0.000000 0.000000\n",
    "a.txt:9: the file ends after 1 of 2 atoms; the file may be truncated"
  ),
  (
    "x\n1\n\(cell)Li\n1\nd\n0 0 0\n0 0 0.5\n",
    "a.txt:10: more rows than the 1 atoms declared; are the numbers of atoms right?"
  ),
  ("x\n1\n\(cell)Li\n1\nd\n0 0 0\nand so on\n", "a.txt:10: found \"and so on\" behind the atoms"),
  ("x\n1\n\(cell)Li\n1\nd\n0 0 inf\n", "a.txt:9: atom 1 of 1 is \"inf\", not a finite number"),
  (
    "x\n1\n\(cell)Li\n1\nd\n0 0.5-0.5 0\n",
    "a.txt:9: atom 1 of 1: two numbers run together in \"0.5-0.5\"; put a blank between them"
  ),
])
func whatIsWrongInPOSCARIsSaidInOneLine(_ text: String, _ expected: String) {
  #expect(failure(text, as: POSCAR.self) == expected)
}

private let odd = "data/fixtures/vasp/dpdata/poscars/"

@Test(
  .enabled(if: SharedData.holds(odd), "needs the shared fixtures"),
  arguments: [
    ("POSCAR.P42nmc", "Hf32O64", 1033.9), ("POSCAR.P42nmc.replace", "Hf24O64Zr8", 1016.6),
    ("POSCAR.SiC", "C4Si4", 0),
    ("POSCAR.SiC.replicate123", "C24Si24", 0), ("POSCAR.h2o.md", "H4O2", 0), ("POSCAR.h4o3", "H4O3", 0),
    ("POSCAR.oh.c", "HO", 0), ("POSCAR.oh.d", "HO", 0), ("POSCAR.oh.d.dup", "HO2", 0),
    ("POSCAR.SiC.const", "C4Si4", 0),
  ])
func oddPOSCARsAreRead(_ name: String, _ formula: String, _ volume: Double) throws {
  let frame = try readFrames(SharedData.path(odd + name)).frames[0]
  #expect(frame.structure.formula == formula)
  #expect(frame.structure.lattice?.isRegular == true)
}

@Test(.enabled(if: SharedData.holds(odd), "needs the shared fixtures"))
func brokenPOSCARsAreRefused() {
  let first = message { _ = try readFrames(SharedData.path(odd + "POSCAR.oh.err1")) }
  #expect(first.hasSuffix("POSCAR.oh.err1:11: atom 2 of 2 lacks a T or F of its three"))
  let second = message { _ = try readFrames(SharedData.path(odd + "POSCAR.oh.err2")) }
  #expect(second.hasSuffix("POSCAR.oh.err2:11: atom 2 of 2 has \"a\", expected T or F"))
}

private let relaxations = [
  "FeO_AFM_PBEU_custodian", "LiCoO2_r2SCANU", "LiMn2O4-type_PBE_atomate", "LiNiO2_SCAN_5steps", "LiNiO2_r2SCANU",
  "Mn3O4_r2SCANU_ferri", "MnO2_r2SCANU",
]

/// A relaxation keeps composition and order of the atoms, and moves none far (but across the cell's faces).
@Test(.enabled(if: SharedData.holds(odd), "needs the shared fixtures"), arguments: relaxations)
func POSCARAndCONTCARDescribeTheSameAtoms(_ folder: String) throws {
  let before = try readFrames(SharedData.path("data/fixtures/vasp/\(folder)/POSCAR")).frames[0].structure
  let after = try readFrames(SharedData.path("data/fixtures/vasp/\(folder)/CONTCAR")).frames[0].structure
  #expect(before.elements == after.elements)
  let b = try #require(before.lattice)
  let a = try #require(after.lattice)
  for (p, q) in zip(before.positions, after.positions) {
    var shift = a.fractional(q) - b.fractional(p)
    shift -= shift.rounded(.toNearestOrAwayFromZero)
    #expect(length(a.cartesian(shift)) < 1.5)
  }
}
