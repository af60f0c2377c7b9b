import Structures
import TestSupport
import Testing

@testable import Formats

private func site(_ symbol: String, _ more: String = "") -> String {
  #"{"species": [{"element": "\#(symbol)", "occu": 1}], "abc": [0.5, 0.5, 0.5], "xyz": [2.0, 2, 2], "label": "x"\#(more)}"#
}

private func entry(_ sites: String, _ more: String = "") -> String {
  #"{"structure": {"lattice": {"matrix": [[4,0,0],[0,4,0],[0,0,4]], "a": 4}, "sites": [\#(sites)]}\#(more)}"#
}

@Test func pymatgenJSONIsRead() throws {
  let outputs =
    #", "outputs": {"energy": -1.5, "forces": [[1,2,3]], "virial_stress": [1,2,3,4,5,6]}, "group": "Vac", "n": 3, "x": null, "z": [1]"#
  let moment = #", "properties": {"magmom": 1.25, "label": "a"}"#
  let text = "[" + entry(site("Li", moment), outputs) + "]"
  let file = try read(text, as: PymatgenJSON.self)
  let frame = file.frames[0]
  #expect(frame.structure.positions == [[2, 2, 2]] && frame.structure.moments == .collinear([1.25]))
  #expect(frame.labels.energy == -1.5 && frame.labels.forces == [[1, 2, 3]])
  let unit = 64 * 0.1 / 160.21766208
  // VASP's order: xx yy zz xy yz zx.
  let expected = [1, 2, 3, 5, 6, 4].map { unit * Double($0) }
  #expect(zip(frame.labels.virial?.voigt ?? [], expected).allSatisfy { abs($0 - $1) < 1e-14 })
  #expect(frame.info == [InfoItem(key: "group", value: "Vac"), InfoItem(key: "n", value: "3")])
  #expect(
    file.notes.contains("not read: key z (1 frame)")
      && file.notes.contains("not read: site property label (1 site)"))
  var options = ReadOptions()
  options.stressOrder = StressOrder("xx,yy,zz,xy,xz,yz")
  let other = try read(text, as: PymatgenJSON.self, options: options).frames[0].labels.virial
  #expect(abs((other?.y.z ?? 0) - 6 * unit) < 1e-14 && abs((other?.x.z ?? 0) - 5 * unit) < 1e-14)
  #expect(StressOrder("xx,yy,zz,xy,yz") == nil && StressOrder("xx,yy,zz,xy,yz,zy") == nil)
}

/// `Structure.to("x.json")`, and a list of structures.
@Test func plainStructuresAreRead() throws {
  let plain =
    #"{"@module": "pymatgen.core.structure", "@class": "Structure", "charge": 0.0, "lattice": {"matrix": [[4,0,0],[0,4,0],[0,0,4]]}, "properties": {}, "sites": [\#(site("Li"))]}"#
  for (text, count) in [(plain, 1), ("[\(plain), \(plain)]", 2)] {
    let file = try read(text, as: PymatgenJSON.self)
    #expect(file.frames.count == count)
    #expect(
      file.frames.allSatisfy { $0.structure.positions == [[2, 2, 2]] && $0.labels == Labels() && $0.info.isEmpty })
  }
}

/// kB, compressive positive, as pymatgen's Vasprun has it: 10 kB in 64 Å³.
@Test func stressAndMomentsOfOutputsAreRead() throws {
  let outputs =
    #", "outputs": {"energy": -1.5, "stress": [[10,1,2],[1,20,3],[2,3,30]], "magmom": [{"s": 0.1, "tot": 3.5}]}"#
  let frame = try read("[" + entry(site("Mn"), outputs) + "]", as: PymatgenJSON.self).frames[0]
  let unit = 64 / 1602.1766208
  let expected = [10.0, 1, 2, 1, 20, 3, 2, 3, 30].map { $0 * unit }
  #expect(zip(frame.labels.virial?.rows ?? [], expected).allSatisfy { abs($0 - $1) < 1e-14 })
  #expect(frame.labels.virial != nil && frame.structure.moments == .collinear([3.5]))
  #expect(frame.provenance.stressKey == "stress")
}

@Test(arguments: [
  ("[1]", "a.txt:1: found \"1]\", expected structure 1, an object"),
  (
    "[{}]",
    "a.txt:1: structure 1 has no key \"structure\"; expected pymatgen's Structure.as_dict; a split file belongs to --split"
  ),
  ("[" + entry(site("Xx")) + "]", "a.txt:1: unknown species \"Xx\"; did you mean Xe?"),
  ("[\n" + entry(site("Li"), #", "forces": []"#) + "]", "a.txt:2: structure 1: 0 forces for 1 sites"),
  ("[" + entry(site("Li")), "a.txt:1: the text ends, expected a comma or ]; the file may be truncated"),
  ("[" + entry(site("Li"), #", "energy": NaN"#) + "]", "a.txt:1: energy is \"NaN\", expected a finite number"),
  (
    "[" + entry(#"{"species": [{"element": "Li", "occu": 0.5}], "xyz": [0,0,0]}"#) + "]",
    "a.txt:1: site 1 is disordered: Li, occupancy 0.5; order the structure first"
  ),
  ("[] x", "a.txt:1: text behind the end of the list"),
  (String(repeating: "[", count: 3), "a.txt:1: found \"[[\", expected structure 1, an object"),
  (#"[{"a": \#(String(repeating: "[", count: 300))"#, "a.txt:1: nested more than 200 deep"),
  (#"[{"a\q"#, "a.txt:1: unknown escape in a text"),
])
func brokenPymatgenJSONIsRefused(_ text: String, _ expected: String) {
  #expect(failure(text, as: PymatgenJSON.self) == expected)
}

private func fitSNAP(_ data: String, _ styles: String = #""StressStyle": "bar", "Label": "x""#) -> String {
  "# comment\n{\"Dataset\": {\"Data\": [\(data)], \(styles)}}"
}

private let configuration = """
  {"Stress": [[1e5,2e5,0],[2e5,0,0],[0,0,0]], "Positions": [[1,2,3]], "Energy": -2, "AtomTypes": ["Ta"], "NumAtoms": 1,
  "Lattice": [[2,0,0],[0,2,0],[1,0,2]], "Forces": [[4,5,6]], "Charges": [1]}
  """

@Test func fitSNAPJSONIsRead() throws {
  let file = try read(fitSNAP(configuration + "," + configuration), as: FitSNAPJSON.self)
  let frame = file.frames[1]
  #expect(frame.structure.lattice?.c == [1, 0, 2] && frame.structure.positions == [[1, 2, 3]])
  #expect(frame.labels.energy == -2 && frame.labels.forces == [[4, 5, 6]])
  // 1e5 bar are 10 GPa, compressive: W = 8 Å³ × 10/160.2 eV/Å³.
  #expect(abs((frame.labels.virial?.x.x ?? 0) - 80 / 160.21766208) < 1e-14)
  #expect(abs((frame.labels.virial?.y.x ?? 0) - 160 / 160.21766208) < 1e-14)
  #expect(file.notes.contains("not read: key Charges (2 frames)"))
  let kilobar = try read(fitSNAP(configuration, #""StressStyle": "kB""#), as: FitSNAPJSON.self).frames[0].labels
    .virial
  #expect(abs((kilobar?.x.x ?? 0) - 80_000 / 160.21766208) < 1e-9)
}

@Test(arguments: [
  (fitSNAP(configuration, #""StressStyle": "psi""#), "a.txt:3: StressStyle is \"psi\", expected bar, kbar or GPa"),
  (
    fitSNAP(configuration, #""EnergyStyle": "hartree""#),
    "a.txt:3: EnergyStyle is \"hartree\", expected electronvolt"
  ),
  (
    fitSNAP(#"{"AtomTypes": ["Ta"], "Positions": []}"#),
    "a.txt:2: configuration 1: 1 AtomTypes, 0 Positions, 1 Forces, NumAtoms 1; all must be one number above 0"
  ),
  ("#", "a.txt: the file is empty"),
])
func brokenFitSNAPJSONIsRefused(_ text: String, _ expected: String) {
  #expect(failure(text, as: FitSNAPJSON.self) == expected)
}

/// One suffix, two formats: the contents tell.
@Test func theContentsTellWhichJSONItIs() throws {
  try withTemporaryFolder { folder in
    try write(fitSNAP(configuration), to: folder + "/a.json")
    try write("[" + entry(site("Li")) + "]", to: folder + "/b.json")
    #expect(try readFrames(folder + "/a.json").frames[0].structure.formula == "Ta")
    #expect(try readFrames(folder + "/b.json").frames[0].structure.formula == "Li")
    #expect(try readFrames(folder).frames.map(\.structure.formula) == ["Ta", "Li"])
  }
}
