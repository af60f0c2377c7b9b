import Structures
import Testing

@testable import Formats

private func dump(_ box: String, _ columns: String, _ rows: [String], units: String = "") -> String {
  units
    + "ITEM: TIMESTEP\n5\nITEM: NUMBER OF ATOMS\n\(rows.count)\nITEM: BOX BOUNDS \(box)\nITEM: ATOMS \(columns)\n"
    + rows.map { $0 + "\n" }.joined()
}

private let cube = "pp pp ff\n1 5\n0 4\n0 4"

@Test func dumpsAreRead() throws {
  let text =
    dump(cube, "id element xs ys zs fx fy fz q", ["2 O 0.5 0.5 0.5 1 2 3 -1", "1 Li 0 0 0 -1 -2 -3 x"])
    + dump("xy xz yz pp pp pp\n-1 6 1\n0 5 -2\n0 6 0.5", "element x y z", ["Li 0.5 1 2"])
  let file = try read(text, as: LAMMPSDump.self)
  let frame = file.frames[0]
  #expect(frame.structure.elements.map(\.symbol) == ["Li", "O"])
  #expect(frame.structure.positions == [[1, 0, 0], [3, 2, 2]])
  #expect(frame.structure.periodic == Periodicity(true, true, false))
  #expect(frame.labels.forces == [[-1, -2, -3], [1, 2, 3]])
  #expect(frame.columns == [AtomColumn(name: "q", kind: .string, width: 1, values: ["x", "-1"])])
  #expect(frame.info == [InfoItem(key: "timestep", value: "5")])
  // xlo = -1 - min(0, 1, -2, -1) = 1, xhi = 6 - max(0, 1, -2, -1) = 5; yhi = 5 - 0.5.
  #expect(file.frames[1].structure.lattice == Lattice(a: [4, 0, 0], b: [1, 4.5, 0], c: [-2, 0.5, 6]))
  #expect(file.notes == ["forces read from key fx fy fz (1 frame)", "rows put in the order of id (1 frame)"])
}

@Test func forcesOfRealUnitsAreConverted() throws {
  let text = dump(
    cube, "id element x y z fx fy fz", ["1 Li 0 0 0 23.060547830619 0 0"], units: "ITEM: UNITS\nreal\n")
  let force = try read(text, as: LAMMPSDump.self).frames[0].labels.forces?[0].x ?? 0
  #expect(abs(force - 1) < 1e-10)
}

@Test func dumpsComeBack() throws {
  var random = RandomSource(seed: 4)
  for _ in 0..<40 {
    var frame = randomFrame(&random)
    guard let lattice = frame.structure.lattice, lattice.signedVolume > 0 else { continue }
    frame.structure.moments = nil
    frame.columns = [
      AtomColumn(name: "q", kind: .real, width: 1, values: frame.structure.elements.map { _ in "0.5" })
    ]
    let back = try read(text(LAMMPSDump.write([frame])), as: LAMMPSDump.self).frames[0]
    #expect(back.structure == frame.structure && back.labels.forces == frame.labels.forces)
    #expect(back.columns == frame.columns)
  }
}

@Test(arguments: [
  ("hello\n", "a.txt:1: found \"hello\", expected ITEM:; is this a LAMMPS dump?"),
  (
    dump(cube, "id type x y z", ["1 1 0 0 0"]),
    "a.txt:10: the atom types 1 to 1 are numbers, and there is no column element; name the elements in order, as --species Li,Mn,O"
  ),
  (
    dump(cube, "id element vx", ["1 Li 0"]),
    "a.txt:9: ITEM: ATOMS names no positions; dump x y z, xu yu zu, xs ys zs or xsu ysu zsu"
  ),
  (
    dump(cube, "id element x y z", ["1 Li 0 0"]),
    "a.txt:10: row 1 of 1 has 4 values, expected 5; is the number of atoms right?"
  ),
  (dump(cube, "id element x y z", ["1 Li 0 0 0", "1 O 0 0 0"]), "a.txt:11: two rows have the id 1"),
  (
    dump(cube, "id element x y z", ["1 Li 0 0 0"], units: "ITEM: UNITS\nlj\n"),
    "a.txt:2: units lj, expected metal or real"
  ),
  (dump("pp pp pp\n0 0\n0 1\n0 1", "id element x y z", ["1 Li 0 0 0"]), "a.txt:8: the box has no volume"),
  ("ITEM: TIMESTEP\n0\n", "a.txt:2: the file ends, expected ITEM: ATOMS; the file may be truncated"),
])
func brokenDumpsAreRefused(_ text: String, _ expected: String) {
  #expect(failure(text, as: LAMMPSDump.self) == expected)
}
