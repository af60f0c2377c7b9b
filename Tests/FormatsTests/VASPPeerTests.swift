import Foundation
import Structures
import TestSupport
import Testing

@testable import Formats

private let folder = "data/fixtures/vasp"

/// Every file of VASP that ASE or pymatgen can read gives the same numbers here.
@Suite(
  .enabled(if: Peers.arePresent, "\(Peers.absence)"),
  .enabled(if: SharedData.holds(folder), "the shared data are absent"))
struct VASPPeerTests {
  private struct Frame: Decodable {
    var numbers: [Int]
    var cell: [[Double]]
    var positions: [[Double]]
    var energy: Double
    var freeEnergy: Double
    var forces: [[Double]]
    var stress: [Double]?
    var magmoms: [Double]?
  }

  private static let ase = """
    import bz2, gzip, json, sys, tempfile, warnings
    import ase.io
    warnings.filterwarnings("ignore")
    name = sys.argv[1]
    opener = bz2.open if name.endswith(".bz2") else gzip.open if name.endswith(".gz") else open
    kind = "vasp-xml" if "vasprun" in name else "vasp-out"
    with opener(name, "rb") as source, tempfile.NamedTemporaryFile(suffix=".xml") as copy:
        copy.write(source.read()); copy.flush()
        frames = []
        for atoms in ase.io.iread(copy.name, index=":", format=kind):
            r = atoms.calc.results
            frames.append(dict(
                numbers=atoms.numbers.tolist(), cell=atoms.cell.array.tolist(), positions=atoms.positions.tolist(),
                energy=float(r["energy"]), freeEnergy=float(r["free_energy"]), forces=r["forces"].tolist(),
                stress=r["stress"].tolist() if r.get("stress") is not None else None,
                magmoms=r["magmoms"].tolist() if r.get("magmoms") is not None else None))
    print(json.dumps(frames))
    """

  private static let pymatgen = """
    import gzip, json, sys, tempfile, warnings
    from pymatgen.io.vasp.outputs import Vasprun
    warnings.filterwarnings("ignore")
    name = sys.argv[1]
    with (gzip.open if name.endswith(".gz") else open)(name, "rb") as source, tempfile.NamedTemporaryFile(suffix=".xml") as copy:
        copy.write(source.read()); copy.flush()
        run = Vasprun(copy.name, parse_dos=False, parse_eigen=False, parse_potcar_file=False)
    frames = []
    for step in run.ionic_steps:
        s = step["structure"]
        k = [[-v / 1602.1766208 for v in row] for row in step["stress"]]
        frames.append(dict(
            numbers=[site.specie.Z for site in s], cell=s.lattice.matrix.tolist(), positions=s.cart_coords.tolist(),
            energy=float(step["electronic_steps"][-1]["e_0_energy"]), freeEnergy=float(step["e_fr_energy"]),
            forces=[list(map(float, f)) for f in step["forces"]],
            stress=[k[0][0], k[1][1], k[2][2], k[1][2], k[0][2], k[0][1]], magmoms=None))
    print(json.dumps(frames))
    """

  private func frames(_ script: String, _ path: String) throws -> [Frame] {
    let text = try Peers.ask(script, arguments: [path])
    let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("[") })
    return try JSONDecoder().decode([Frame].self, from: Data(line.utf8))
  }

  private func compare(_ found: [LabeledStructure], _ expected: [Frame]) throws {
    #expect(found.count == expected.count)
    for (frame, peer) in zip(found, expected) {
      #expect(frame.structure.elements.map(\.atomicNumber) == peer.numbers)
      let lattice = try #require(frame.structure.lattice)
      #expect(largest(flat([lattice.a, lattice.b, lattice.c]), peer.cell.flatMap { $0 }) < 1e-8)
      #expect(largestShift(frame.structure.positions, peer.positions, lattice) < 1e-6)
      #expect(abs(try #require(frame.labels.energy) - peer.freeEnergy) < 1e-8)
      #expect(abs(try #require(frame.labels.energyWithoutSmearing) - peer.energy) < 1e-8)
      #expect(largest(flat(try #require(frame.labels.forces)), peer.forces.flatMap { $0 }) < 1e-8)
      if let stress = peer.stress {
        let own = try #require(frame.labels.stress(volume: lattice.volume))
        #expect(largest(own.voigt, stress) < 1e-8)
      }
      if let magmoms = peer.magmoms, magmoms.contains(where: { $0 != 0 }) {
        guard case .collinear(let own)? = frame.structure.moments else {
          Issue.record("no moments")
          continue
        }
        #expect(largest(own, magmoms) < 1e-3)
      }
    }
  }

  @Test(arguments: [
    "FeO_AFM_PBEU_custodian/OUTCAR", "LiCoO2_r2SCANU/OUTCAR.bz2", "LiNiO2_SCAN_5steps/OUTCAR.bz2",
    "LiNiO2_r2SCANU/OUTCAR.bz2", "Mn3O4_r2SCANU_ferri/OUTCAR.bz2", "MnO2_r2SCANU/OUTCAR.bz2",
    "LiMn2O4-type_PBE_atomate/OUTCAR", "LiMn2O4-type_PBE_atomate/im1/OUTCAR.relax1",
    "dpdata/OUTCAR.ch4.unconverged",
    "dpdata/OUTCAR.h2o.md.10", "FeO_AFM_PBEU_custodian/vasprun.xml",
    "LiMn2O4-type_PBE_atomate/im1/vasprun.xml.relax1.gz", "dpdata/Ti-aimd-nwrite0/vasprun.xml",
    "dpdata/vasprun.h2o.md.10.xml", "dpdata/vasprun.h2o.md.tribox.xml",
  ])
  func aseReadsTheSame(name: String) throws {
    let path = SharedData.path(folder + "/" + name)
    try compare(try readFrames(path).frames, try frames(Self.ase, path))
  }

  @Test(arguments: [
    "FeO_AFM_PBEU_custodian/vasprun.xml", "LiMn2O4-type_PBE_atomate/im1/vasprun.xml.relax1.gz",
    "dpdata/Ti-aimd-nwrite0/vasprun.xml", "dpdata/vasprun.h2o.md.10.xml", "dpdata/vasprun.h2o.md.tribox.xml",
  ])
  func pymatgenReadsTheSame(name: String) throws {
    guard (try? Peers.ask("import pymatgen.io.vasp.outputs")) != nil else {
      return print("pymatgen is absent: run `make peers`")
    }
    let path = SharedData.path(folder + "/" + name)
    try compare(try readFrames(path).frames, try frames(Self.pymatgen, path))
  }

  private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }

  private func largest(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
  }

  /// Programs differ in which image of an atom they give.
  private func largestShift(_ a: [SIMD3<Double>], _ b: [[Double]], _ lattice: Lattice) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { worst, pair in
      var difference = lattice.fractional(pair.0 - [pair.1[0], pair.1[1], pair.1[2]])
      difference -= difference.rounded(.toNearestOrEven)
      return max(worst, length(lattice.cartesian(difference)))
    }
  }
}
