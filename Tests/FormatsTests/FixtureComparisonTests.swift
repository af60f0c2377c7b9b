import Foundation
import Formats
import Structures
import TestSupport
import Testing

/// What ASE, dpdata, motep and pymatgen read from the fixtures of the shared data, and what Halite reads.
@Suite(
  .enabled(if: Peers.arePresent, "\(Peers.absence)"),
  .enabled(if: SharedData.holds("data/fixtures"), "needs the shared data"))
struct FixtureComparisonTests {
  /// A fixture, how Halite reads it, and a script that prints a frame's numbers as `frames`.
  struct Fixture: Sendable, CustomTestStringConvertible {
    var path: String
    var species = ""
    var format: String?
    var stressOrder: String?
    var script: String
    var testDescription: String { path }
  }

  /// Prints, for each frame, a line of numbers of each kind; `e`, `f`, `w` (virial) and `m` may be None.
  static let show = """
    import sys, json, numpy as np
    from ase.data import atomic_numbers
    path = sys.argv[1]
    frames = []
    def show(numbers, cell, positions, e=None, f=None, w=None, m=None):
        flat = lambda x: None if x is None else [float(y) for y in np.asarray(x, dtype=float).ravel()]
        frames.append([flat(numbers), flat(cell), flat(positions), flat(e), flat(f), flat(w), flat(m)])
    def show_atoms(atoms, m=None):
        r = atoms.calc.results if atoms.calc else {}
        s = atoms.get_stress(voigt=False) if "stress" in r else None
        w = None if s is None else -s * atoms.get_volume()
        show(atoms.numbers, atoms.cell.array if atoms.cell.any() else None, atoms.positions, r.get("free_energy", r.get("energy")), r.get("forces"), w, m)
    def show_system(d, spin=None):
        z = [atomic_numbers[d["atom_names"][t]] for t in d["atom_types"]]
        for i in range(len(d["coords"])):
            get = lambda k: None if k not in d else d[k][i]
            show(z, None if d.get("nopbc") else d["cells"][i], d["coords"][i], get("energies"), get("forces"), get("virials"), get("spins"))

    """

  static let dpdata = """
    import dpdata
    from dpdata.data_type import Axis, DataType
    for cls in (dpdata.System, dpdata.LabeledSystem):
        cls.register_data_type(DataType("spins", np.ndarray, (Axis.NFRAMES, Axis.NATOMS, 3), required=False, deepmd_name="spin"))

    """

  static let fixtures = [
    Fixture(
      path: "fixtures/mlip-cfg/mag_mmtp.cfg", species: "Fe,Al",
      script: """
        from motep.io.mlip.cfg import read_cfg
        for a in read_cfg(path, index=":", species=["Fe", "Al"]):
            m = a.calc.results.get("magmoms")
            show_atoms(a, None if m is None else np.stack([m, 0*m, 0*m], axis=1) if m.ndim == 1 else m)
        """),
    Fixture(
      path: "fixtures/mlip-cfg/molecule_291.cfg", species: "C,H,O,N",
      script: """
        from motep.io.mlip.cfg import read_cfg
        for a in read_cfg(path, index=":", species=["C", "H", "O", "N"]): show_atoms(a)
        """),
    Fixture(
      path: "fixtures/mlip-cfg/molecule_14214.cfg", species: "C,H,O,N",
      script: """
        from motep.io.mlip.cfg import read_cfg
        for a in read_cfg(path, index=":", species=["C", "H", "O", "N"]): show_atoms(a)
        """),
    Fixture(
      path: "fixtures/deepmd/spin-Fe16/Fe16-npy",
      script: dpdata + "show_system(dpdata.LabeledSystem(path, fmt='deepmd/npy').data)"),
    Fixture(
      path: "fixtures/deepmd/spin-Fe16/Fe16-raw",
      script: dpdata + "show_system(dpdata.LabeledSystem(path, fmt='deepmd/raw').data)"),
    Fixture(
      path: "fixtures/deepmd/raw-h2o", species: "O,H",
      script: dpdata + "show_system(dpdata.LabeledSystem(path, fmt='deepmd/raw', type_map=['O', 'H']).data)"),
    Fixture(
      path: "nio-deepspin/deepmd-npy/data_0",
      script: dpdata + "show_system(dpdata.LabeledSystem(path, fmt='deepmd/npy').data)"),
    Fixture(
      path: "li-mn-o-deepmd/deepmd-npy",
      script: dpdata + "import glob\n"
        + "for p in sorted(glob.glob(path + '/*')): show_system(dpdata.LabeledSystem(p, fmt='deepmd/npy').data)"),
    Fixture(
      path: "fixtures/lammps/spin.lmp", species: "Fe,O",
      script: """
        import dpdata
        d = dpdata.System(path, fmt="lammps/lmp", type_map=["Fe", "O"]).data
        show([26 if t == 0 else 8 for t in d["atom_types"]], d["cells"][0], d["coords"][0], m=d["spins"][0])
        """),
    Fixture(
      path: "fixtures/lammps/traj_partial_spin.dump", species: "Fe,O",
      script: """
        import ase.io
        for a in ase.io.read(path, index=":", format="lammps-dump-text", specorder=["Fe", "O"]): show_atoms(a)
        """),
    Fixture(
      path: "mlearn-zuo2020/maml-json/Mo.test.json", stressOrder: "xx,yy,zz,xy,xz,yz",
      script: """
        pairs = [(0,0),(1,1),(2,2),(0,1),(0,2),(1,2)]
        for d in json.load(open(path)):
            s, o = d["structure"], d["outputs"]
            cell = np.array(s["lattice"]["matrix"]); w = np.zeros((3, 3))
            for (i, j), x in zip(pairs, o["virial_stress"]): w[i, j] = w[j, i] = x * 0.1 / 160.21766208 * np.linalg.det(cell)
            show([atomic_numbers[x["species"][0]["element"]] for x in s["sites"]], cell, [x["xyz"] for x in s["sites"]], o["energy"], o["forces"], w)
        """),
  ]

  @Test(arguments: fixtures) func fixturesAreReadAsPeersReadThem(_ fixture: Fixture) throws {
    let path = SharedData.path("data/" + fixture.path)
    var options = ReadOptions(format: fixture.format)
    options.species = fixture.species.split(separator: ",").compactMap { ChemicalElement($0) }
    options.stressOrder = fixture.stressOrder.flatMap { StressOrder($0) }
    let found = try readFrames(path, options: options).frames
    let script = Self.show + fixture.script + "\nprint('RESULT' + json.dumps(frames))\n"
    let answer = try Peers.ask(script, arguments: [path])
    let text = try #require(answer.components(separatedBy: "RESULT").last)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[Any]])
    #expect(found.count == rows.count && !rows.isEmpty)
    for (frame, row) in zip(found, rows) { compare(frame, row) }
  }

  private func compare(_ frame: LabeledStructure, _ row: [Any]) {
    func numbers(_ column: Int) -> [Double]? { row[column] is NSNull ? nil : doubles(row[column]) }
    let structure = frame.structure
    #expect(structure.elements.map { Double($0.atomicNumber) } == numbers(0))
    let lattice = structure.lattice.map { flat([$0.a, $0.b, $0.c]) }
    #expect(near(lattice, numbers(1), 1e-8), "cell")
    #expect(modulo(structure.positions, numbers(2) ?? [], structure.lattice) < 1e-7, "positions")
    #expect(near(frame.labels.energy.map { [$0] }, numbers(3), 1e-8), "energy")
    #expect(near(frame.labels.forces.map(flat), numbers(4), 1e-8), "forces")
    #expect(near(frame.labels.virial?.rows, numbers(5), 1e-8), "virial")
    guard let expected = numbers(6) else { return }
    switch structure.moments {
    case .collinear(let values):
      #expect(
        near(values.flatMap { [0, 0, $0] }, expected, 1e-3) || near(values.flatMap { [$0, 0, 0] }, expected, 1e-3))
    case .vectors(let values): #expect(near(flat(values), expected, 1e-3), "moments")
    case nil: Issue.record("no moments")
    }
  }

  private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }

  private func near(_ a: [Double]?, _ b: [Double]?, _ tolerance: Double) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
  }

  /// The largest distance of positions, lattice vectors and a common shift of the origin apart, Å.
  private func modulo(_ a: [SIMD3<Double>], _ flat: [Double], _ lattice: Lattice?) -> Double {
    let b = stride(from: 0, to: flat.count, by: 3).map { SIMD3(flat[$0], flat[$0 + 1], flat[$0 + 2]) }
    guard a.count == b.count, let first = a.first, let other = b.first else { return .infinity }
    return zip(a, b).reduce(0) { largest, pair in
      var difference = (pair.0 - first) - (pair.1 - other)
      if let lattice {
        let fractional = lattice.fractional(difference)
        difference = lattice.cartesian(fractional - fractional.rounded(.toNearestOrEven))
      }
      return max(largest, length(difference))
    }
  }
}
