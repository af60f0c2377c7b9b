import Foundation
import Rocksalts
import Settings
import Structures
import TestSupport
import Testing

@testable import Campaigns

func vaspSettings(_ preset: String) throws -> VASPSettings {
  let tree = try readYAML(bytes: #require(CampaignFiles.bytes(preset + ".yaml")), file: preset)
  return try VASPSettings(#require(tree["vasp"]), file: preset)
}

func frame(_ symbols: [String], cell: [Double], positions: [SIMD3<Double>]? = nil, columns: [AtomColumn] = [])
  throws
  -> LabeledStructure
{
  let lattice = Lattice(a: [cell[0], 0, 0], b: [0, cell[1], 0], c: [0, 0, cell[2]])
  let elements = try symbols.map { try #require(ChemicalElement($0)) }
  let places = positions ?? elements.indices.map { lattice.cartesian([0, 0, Double($0) / Double(elements.count)]) }
  return LabeledStructure(
    structure: Structure(lattice: lattice, elements: elements, positions: places), labels: Labels(),
    columns: columns)
}

private let reference = "reference/vasp_kpoints_incar.json"
private let eightFour =
  Array(repeating: "Li", count: 4) + ["Ti", "Ti", "Ni", "Ni"] + Array(repeating: "O", count: 8)

struct VASPInputsTests {
  @Test(.enabled(if: SharedData.holds(reference)))
  func meshesAreThoseOfTheReference() throws {
    var checked = 0
    for (name, value) in try SharedData.json(reference) {
      guard let entry = value as? [String: Any], let atoms = entry["natoms"] as? Int else { continue }
      let abc = doubles(entry["abc"])
      guard abc.count == 3 else { continue }
      let mesh = KPointMesh(try frame(Array(repeating: "O", count: atoms), cell: abc).structure, density: 1000)
      #expect(mesh.divisions == doubles(entry["grid"]).map(Int.init), "\(name)")
      #expect(mesh.text.contains("\nGamma\n"))
      checked += 1
    }
    #expect(checked >= 1)
  }

  @Test func meshesOfTheContract() throws {
    func mesh(_ atoms: Int, _ cell: [Double]) throws -> [Int] {
      KPointMesh(try frame(Array(repeating: "O", count: atoms), cell: cell).structure, density: 1000).divisions
    }
    #expect(try mesh(16, [2.978596, 6.508241, 7.905359]) == [7, 3, 2])
    #expect(try mesh(12, [2.816, 2.816, 14.05]) == [7, 7, 1])
    #expect(try mesh(4, [2.816, 2.816, 4.957509]) == [7, 7, 4])
    // 21.0/4.2 is on the edge of a floor: the density of 1,000 counts as 1,010.
    #expect(try mesh(8, [4.2, 4.2, 4.2]) == [5, 5, 5])
    #expect(try mesh(64, [8.4, 8.4, 8.4]) == [2, 2, 2])
  }

  @Test(.enabled(if: SharedData.holds(reference)))
  func theTagsOfTheMaterialsProjectAreThoseOfTheReference() throws {
    let wanted = try #require(try SharedData.json(reference)["MPRelaxSet_incar_xsf1001"] as? [String: Any])
    let inputs = try VASPInputs(
      frame(eightFour, cell: [2.978596, 6.508241, 7.905359]), settings: vaspSettings("mp-relax"),
      order: .ferromagnetic)
    #expect(Set(inputs.incar.tags.map(\.name)) == Set(wanted.keys))
    for (name, value) in wanted {
      let found = try #require(inputs.incar[name], "\(name)")
      switch found {
      case .list(let numbers): #expect(numbers == doubles(value), "\(name)")
      case .flag(let flag): #expect(flag == value as? Bool, "\(name)")
      case .text(let text): #expect(text == value as? String, "\(name)")
      case .integer(let number): #expect(Double(number) == (value as? NSNumber)?.doubleValue, "\(name)")
      case .real(let number): #expect(number == (value as? NSNumber)?.doubleValue, "\(name)")
      }
    }
  }

  @Test(.enabled(if: Peers.arePresent, Comment(rawValue: Peers.absence)))
  func pymatgenSetsTheSameTags() throws {
    let symbols = ["Li", "Li", "Mn", "Co", "Cr", "V", "Fe", "Ti", "O", "O", "O", "O", "O", "O", "O", "O"]
    let made = try frame(symbols, cell: [4.2, 4.2, 8.4])
    let ours = try VASPInputs(made, settings: vaspSettings("mp-relax"), order: .ferromagnetic).incar
    let script = """
      import json, sys
      from pymatgen.core import Structure, Lattice
      from pymatgen.io.vasp.sets import MPRelaxSet
      s = json.loads(sys.argv[1])
      p = Structure(Lattice.from_parameters(4.2, 4.2, 8.4, 90, 90, 90), s, [[0, 0, i / len(s)] for i in range(len(s))])
      print("INCAR" + str(MPRelaxSet(p, sort_structure=False, validate_magmom=False).incar))
      """
    let list = String(decoding: try JSONEncoder().encode(symbols), as: UTF8.self)
    let text = try Peers.ask(script, arguments: [list])
    let lines = try #require(text.components(separatedBy: "INCAR").last).split(separator: "\n")
    var checked = 0
    for line in lines {
      let sides = line.components(separatedBy: " = ")
      guard sides.count == 2, sides[0] != "MAGMOM" else { continue }
      let found = try #require(ours[sides[0]], "\(line)")
      let words = { (text: String) -> [String] in
        text.split(separator: " ").flatMap { word -> [String] in
          let parts = word.split(separator: "*")
          return parts.count == 2 ? Array(repeating: String(parts[1]), count: Int(parts[0]) ?? 0) : [String(word)]
        }.map { word in
          let plain = word.replacing(".TRUE.", with: "True").replacing(".FALSE.", with: "False")
          return Double(plain).map { "\($0)" } ?? plain
        }
      }
      #expect(words(found.text) == words(sides[1]), "\(sides[0])")
      checked += 1
    }
    #expect(checked >= 20)
  }

  @Test func theSettingsOfTheBenchmark() throws {
    let relaxed = try VASPInputs(
      frame(eightFour, cell: [2.978596, 6.508241, 7.905359]), settings: vaspSettings("lithium-drx-2024-relax"),
      order: .ferromagnetic)
    let text = relaxed.incar.text
    for line in [
      "ENCUT = 520\n", "EDIFF = 1e-05\n", "EDIFFG = -0.03\n", "ISPIN = 2\n", "LORBIT = 11\n", "ISIF = 3\n",
      "NSW = 99\n",
      "IBRION = 2\n", "ISYM = 0\n", "LDAU = .TRUE.\n", "LDAUU = 0 0 6.2 0\n", "LDAUL = 0 0 2 0\n", "LMAXMIX = 4\n",
      "MAGMOM = 6*0.6 5 5 8*0.6\n", "ISMEAR = -5\n",
    ] { #expect(text.contains(line), "\(line)") }
    let single = try VASPInputs(
      frame(eightFour, cell: [2.978596, 6.508241, 7.905359]), settings: vaspSettings("lithium-drx-2024-static"),
      order: .ferromagnetic, nupdown: 4)
    #expect(single.incar.number("NSW") == 0 && single.incar.number("NUPDOWN") == 4 && single.incar["EDIFFG"] == nil)
    #expect(single.potcars == ["Li_sv", "Ti_pv", "Ni_pv", "O"])
    let u = try vaspSettings("lithium-drx-2024-relax").hubbard_u
    #expect(u == ["Mn": 3.9, "Ni": 6.2, "V": 3.25, "Cr": 3.7, "Fe": 5.3, "Co": 3.32])
  }

  @Test func fewerThanFourPointsHaveNoTetrahedra() throws {
    let large = try VASPInputs(
      frame(Array(repeating: "O", count: 500), cell: [20, 20, 20]),
      settings: vaspSettings("lithium-drx-2024-static"),
      order: .ferromagnetic)
    #expect(large.mesh.count < 4 && large.incar.number("ISMEAR") == 0)
    // k and −k are one point to VASP: 1 × 1 × 5 has 0, ±1/5 and ±2/5; 2 × 2 × 2 has no such pairs.
    #expect(KPointMesh(divisions: [1, 1, 5]).distinctCount == 3)
    #expect(KPointMesh(divisions: [4, 1, 1]).distinctCount == 3)
    #expect(KPointMesh(divisions: [2, 2, 2]).distinctCount == 8)
    #expect(KPointMesh(divisions: [3, 3, 3]).distinctCount == 14)
    let long = try VASPInputs(
      frame(Array(repeating: "O", count: 72), cell: [12, 12, 4]), settings: vaspSettings("lithium-drx-2024-static"),
      order: .ferromagnetic)
    #expect(long.mesh.count >= 4 && long.mesh.distinctCount < 4 && long.incar.number("ISMEAR") == 0)
  }

  /// mp-relax leaves symmetry on: a rocksalt of 64 sites has a mesh of 2 × 2 × 2, of which four points are left.
  @Test func symmetryLeavesFewerPoints() throws {
    let side = 8.4
    var (symbols, places): ([String], [SIMD3<Double>]) = ([], [])
    for i in 0..<4 {
      for j in 0..<4 {
        for k in 0..<4 {
          symbols.append((i + j + k) % 2 == 0 ? "Mn" : "O")
          places.append(SIMD3(Double(i), Double(j), Double(k)) * (side / 4))
        }
      }
    }
    let made = try frame(symbols, cell: [side, side, side], positions: places).planned()
    let symmetric = try VASPInputs(made, settings: vaspSettings("mp-relax"), order: .ferromagnetic)
    // Γ, X, M and R of the cubic cell.
    #expect(symmetric.mesh.divisions == [2, 2, 2] && symmetric.incar.number("ISMEAR") == -5)
    func rotations(_ moments: [Double]?) -> [IntegerMatrix] {
      KPointMesh.rotations(of: made.structure, moments: moments, tolerance: 1e-5)
    }
    let all = rotations(nil)
    #expect(all.count == 48)
    let meshes: [([Int], Int)] = [
      ([2, 2, 2], 4), ([3, 3, 3], 4), ([4, 4, 4], 10), ([1, 1, 1], 1), ([5, 5, 5], 10),
    ]
    for (mesh, count) in meshes { #expect(KPointMesh(divisions: mesh).irreducibleCount(all) == count, "\(mesh)") }
    #expect(KPointMesh(divisions: [2, 2, 1]).irreducibleCount(all) == 3)
    // Without symmetry: as many as k → −k leaves.
    for mesh in [[3, 3, 3], [4, 3, 2], [1, 5, 1]] {
      let mesh = KPointMesh(divisions: mesh)
      #expect(mesh.irreducibleCount([]) == mesh.distinctCount)
    }
    // One moment that differs lowers the symmetry to that of its site; a pattern along c to a tetragonal one.
    let magnetic = made.structure.elements.map { $0.symbol == "Mn" ? 5.0 : 0.6 }
    #expect(rotations(magnetic).count == 48)
    let heights = made.structure.positions.map { Int(($0.z / 2.1).rounded()) % 2 }
    let planes = zip(magnetic, heights).map { $1 == 0 ? $0 : -$0 }
    #expect(rotations(planes).count == 16)
    // A mesh that symmetry makes too small for tetrahedra, and a repair without symmetry that must not bring them back.
    let flat = try frame(
      ["Mn", "O"], cell: [12, 12, 12], positions: [[0, 0, 0], [6, 6, 6]])
    var settings = try vaspSettings("mp-relax")
    settings.kpoints.density = 55
    let three = try VASPInputs(flat, settings: settings, order: .ferromagnetic)
    #expect(three.mesh.divisions == [3, 3, 3] && three.incar.number("ISMEAR") == -5)
    settings.kpoints.density = 17
    let two = try VASPInputs(flat, settings: settings, order: .ferromagnetic)
    #expect(two.mesh.divisions == [2, 2, 2] && two.incar.number("ISMEAR") == -5)
    let slab = try frame(["Mn", "O"], cell: [6, 6, 12], positions: [[0, 0, 0], [3, 3, 0]])
    settings.kpoints.density = 2 * 4
    let fewer = try VASPInputs(slab, settings: settings, order: .ferromagnetic)
    #expect(
      fewer.mesh.divisions == [2, 2, 1] && fewer.mesh.distinctCount == 4 && fewer.incar.number("ISMEAR") == 0)
    let fix = try #require(try shippedLadder().rung(named: "no-symmetry"))
    let repaired = try VASPInputs(slab, settings: settings, order: .ferromagnetic, fixes: [fix])
    #expect(repaired.incar.number("ISYM") == 0 && repaired.incar.number("ISMEAR") == 0, "labels stay")
    settings.incar = try readYAML(bytes: Array("ISMEAR: -5\nISPIN: 2\nISYM: 0\n".utf8), file: "x")
    #expect(try VASPInputs(slab, settings: settings, order: .ferromagnetic).incar.number("ISMEAR") == -5)
  }

  /// MPRelaxSet's moments of decorated structures.
  @Test(arguments: ["lithium-drx-2024-static", "lithium-drx-2024-relax", "mp-relax"])
  func momentsOfOxidationStates(preset: String) throws {
    let moments = try vaspSettings(preset).moments
    #expect(moments["Mn3+"] == 4 && moments["Mn4+"] == 3 && moments["Co3+"] == 0.6 && moments["Co4+"] == 1)
  }

  @Test func anAtomAloneStaysInItsBox() throws {
    var atom = try frame(["Mn"], cell: [18, 19, 20], positions: [[0, 0, 0]])
    atom.configType = "IsolatedAtom"
    let inputs = try VASPInputs(atom, settings: vaspSettings("lithium-drx-2024-relax"), order: .ferromagnetic)
    #expect(inputs.mesh.divisions == [1, 1, 1])
    #expect(inputs.incar.number("NSW") == 0 && inputs.incar.number("ISMEAR") == 0 && inputs.incar["EDIFFG"] == nil)
    #expect(inputs.incar["LDAUU"]?.text == "3.9" && inputs.incar["MAGMOM"]?.text == "5")
  }

  @Test func momentsByOxidationState() throws {
    let states = AtomColumn(name: "oxidation_states", kind: .real, width: 1, values: ["3", "4", "3", "-2"])
    let made = try frame(["Mn", "Mn", "Co", "O"], cell: [4, 4, 8], columns: [states])
    let inputs = try VASPInputs(made, settings: vaspSettings("lithium-drx-2024-static"), order: .ferromagnetic)
    #expect(inputs.incar["MAGMOM"] == .list([4, 3, 0.6, 0.6]))
  }

  @Test func aPOTCARIsTheOneThatIsNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("potcar-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, title) in [("Li_sv", "PAW_PBE Li_sv 10Sep2004"), ("O", "PAW_PBE O_s 07Sep2000")] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
      try Data("  \(title)\n 3.0\nEnd of Dataset\n".utf8).write(to: folder.appendingPathComponent(name + "/POTCAR"))
    }
    let library = POTCARLibrary(folder: folder.path)
    let lithium = try #require(ChemicalElement("Li"))
    let oxygen = try #require(ChemicalElement("O"))
    #expect(try library.potcar(["Li_sv"], for: [lithium]).count == 46)
    #expect(try !library.potcar(["PAW_PBE Li_sv 10Sep2004"], for: [lithium]).isEmpty)
    #expect(throws: InputError.self) { try library.potcar(["PAW_PBE Li_sv 23Jan2001"], for: [lithium]) }
    #expect(throws: InputError.self) { try library.potcar(["O"], for: [oxygen]) }
    #expect(throws: InputError.self) { try library.potcar(["Li_sv"], for: [oxygen]) }
    #expect(throws: InputError.self) { try library.potcar(["Mn_pv"], for: [#require(ChemicalElement("Mn"))]) }
  }

  @Test func everyPresetIsRead() throws {
    for name in CampaignFiles.presets {
      let tree = try readYAML(bytes: #require(CampaignFiles.bytes(name + ".yaml")), file: name)
      if let vasp = tree["vasp"] {
        _ = try VASPSettings(vasp, file: name)
      } else {
        _ = try TightBindingLabeller(#require(tree["gfn1_xtb"]), file: name)
      }
    }
  }

  @Test func aMistypedKeyIsNamed() throws {
    let text = try String(decoding: #require(CampaignFiles.bytes("mp-relax.yaml")), as: UTF8.self)
      .replacing("hubbard_u:", with: "hubard_u:")
    let tree = try #require(try readYAML(bytes: Array(text.utf8), file: "x.yaml")["vasp"])
    let error = #expect(throws: InputError.self) { try VASPSettings(tree, file: "x.yaml") }
    #expect(error?.description.contains("hubbard_u") ?? false)
  }
}

struct MagneticOrderTests {
  private let sizes: [Double] = [0.6, 5, 5, 5, 5, 0.6]

  private func structure() throws -> Structure {
    try frame(["Li", "Mn", "Mn", "Mn", "Mn", "O"], cell: [4, 4, 12]).structure
  }

  @Test func patterns() throws {
    let made = try structure()
    #expect(try MagneticOrder.ferromagnetic.moments(of: made, sizes: sizes) == sizes)
    #expect(try MagneticOrder.antiferromagnetic.moments(of: made, sizes: sizes) == [0.6, 5, -5, 5, -5, 0.6])
    let first = try MagneticOrder.random(seed: 3).moments(of: made, sizes: sizes)
    #expect(try first == MagneticOrder.random(seed: 3).moments(of: made, sizes: sizes))
    #expect(first.map(abs) == sizes && first[0] == 0.6 && first[5] == 0.6)
    let all = try (0..<200).map { try MagneticOrder.random(seed: $0).moments(of: made, sizes: sizes) }
    #expect(Set(all).count == 16, "every pattern of four signs comes up")
    #expect(throws: InputError.self) { try MagneticOrder.given.moments(of: made, sizes: sizes) }
    var spins = made
    spins.moments = .collinear([0, 1, 2, 3, 4, 5])
    #expect(try MagneticOrder.given.moments(of: spins, sizes: sizes) == [0, 1, 2, 3, 4, 5])
  }

  @Test func names() {
    for word in ["fm", "afm", "random:12", "given"] { #expect(MagneticOrder(word)?.description == word) }
    for word in ["", "ferro", "random", "random:x", "random:-1"] { #expect(MagneticOrder(word) == nil) }
  }
}
