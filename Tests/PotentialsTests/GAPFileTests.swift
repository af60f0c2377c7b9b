import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }

private func example(seed: UInt64 = 2) throws -> FittedPotential {
  var settings = GAPHyperparameters()
  (settings.nMax, settings.lMax, settings.cutoff, settings.zeta) = (4, 3, 4.1, 3)
  (settings.delta, settings.centralWeight) = (1.3, 0.8)
  return FittedPotential(
    model: try GAP(elements: elements, hyperparameters: settings, seed: seed),
    referenceEnergies: ReferenceEnergies(given: [elements[0]: -1.5, elements[1]: -4.25, elements[2]: 0.5]))
}

private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gap-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

private func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return ""
}

private func frame() -> Structure {
  RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.25, seed: 4)
    .strained(by: Matrix3([0.02, 0.05, 0], [0, -0.03, 0.04], [0.06, 0, 0.01]))
}

@Suite struct GAPFileTests {
  @Test func roundTrip() throws {
    try withFolder { folder in
      let potential = try example()
      let files = try GAPFile.write(potential, to: folder + "/gap.xml")
      #expect(files.count == 4)
      let back = try PotentialFile.read(folder + "/gap.xml")
      let (a, b) = (
        try Predictor(potential).predict([frame()])[0], try Predictor(back).predict([frame()])[0]
      )
      #expect(a.energy.bitPattern == b.energy.bitPattern)
      #expect(a.forces == b.forces)
    }
  }

  /// One line for each thing that the reader is not made for, with file and line.
  @Test func badFiles() throws {
    try withFolder { folder in
      let path = folder + "/gap.xml"
      try GAPFile.write(try example(), to: path)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      func failure(_ old: String, _ new: String) throws -> String {
        #expect(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
        return message { _ = try PotentialFile.read(path) }
      }
      #expect(try failure(">soap ", ">distance_2b ").contains("holds a descriptor 'distance_2b': only soap"))
      #expect(try failure(">soap ", ">distance_2b ").contains("gap.xml:126: "))
      #expect(
        try failure("covariance_type=\"2\"", "covariance_type=\"1\"").contains("covariance_type is 1.0, only 2"))
      #expect(try failure("do_core=\"F\"", "do_core=\"T\"").contains("has a core potential"))
      #expect(try failure(">soap ", ">soap normalise=F ").contains("normalise=F, which is not supported"))
      #expect(try failure(">soap ", ">soap nonsense=1 ").contains("nonsense=1, which is not supported"))
      #expect(
        try failure("n_max=4", "n_max=5").contains("dimensions is 313, but the descriptor has 481 components"))
      #expect(try failure("n_sparseX=\"6\"", "n_sparseX=\"7\"").contains("n_sparseX is 7, but there are 6"))
      #expect(try failure("</GAP_params>\n</GAP_halite>", "<GAP_params").contains("a tag does not end"))
      #expect(try failure("species_Z={3 8 25}", "species_Z={3 8 3}").contains("names an element twice"))
      #expect(try failure("value=\"-1.5\"", "value=\"x\"").contains("<e0> needs Z and value"))
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      try "1 2 3".write(toFile: path + ".sparseX.GAP_halite2", atomically: true, encoding: .utf8)
      #expect(
        message { _ = try PotentialFile.read(path) }.contains("has 3 numbers, expected 6 sparse points of 313"))
    }
  }

  @Test func whatTheFilesCannotHold() throws {
    try withFolder { folder in
      var potential = try example()
      potential.prior = try ZBL(inner: 0.7, outer: 1.7)
      #expect(message { try GAPFile.write(potential, to: folder + "/gap.xml") }.contains("cannot hold ZBL"))
      var settings = GAPHyperparameters()
      (settings.nMax, settings.lMax, settings.elementChannels) = (3, 2, 2)
      let compressed = FittedPotential(
        model: try GAP(elements: elements, hyperparameters: settings, seed: 1),
        referenceEnergies: ReferenceEnergies(given: [:]))
      #expect(message { try GAPFile.write(compressed, to: folder + "/gap.xml") }.contains("compressed elements"))
      let other = FittedPotential(
        model: try SNAP(elements: elements, hyperparameters: SNAPHyperparameters(), seed: 1),
        referenceEnergies: ReferenceEnergies(given: [:]))
      #expect(message { try GAPFile.write(other, to: folder + "/gap.xml") }.contains("this one is snap"))
    }
  }
}

/// quip on the files that Halite writes, and Halite on those of gap_fit.
@Suite(.enabled(if: Peers.areAll(["quippy"]), "quippy is not among the peers: run `make peers HEAVY=1`"))
struct PeerGAPTests {
  private struct Answer: Decodable {
    var energy: Double
    var forces: [[Double]]
    var stress: [[Double]]
  }

  /// Energies (1e−10 relative), forces and virials (1e−8) of quip.
  @Test func energiesOfQuip() throws {
    try withFolder { folder in
      let potential = try example()
      try GAPFile.write(potential, to: folder + "/gap.xml")
      let frame = frame()
      let lattice = try #require(frame.lattice)
      let input: [String: Any] = [
        "cell": [lattice.a, lattice.b, lattice.c].map { [$0.x, $0.y, $0.z] },
        "numbers": frame.elements.map(\.atomicNumber), "positions": frame.positions.map { [$0.x, $0.y, $0.z] },
      ]
      let json = String(decoding: try JSONSerialization.data(withJSONObject: input), as: UTF8.self)
      let script = """
        import json, os, sys
        from ase import Atoms
        from quippy.potential import Potential
        os.chdir(sys.argv[1]); d = json.loads(sys.argv[2])
        a = Atoms(numbers=d["numbers"], positions=d["positions"], cell=d["cell"], pbc=True)
        a.calc = Potential("", param_filename="gap.xml")
        print("\\nANSWER" + json.dumps(dict(energy=a.get_potential_energy(), forces=a.get_forces().tolist(),
          stress=a.get_stress(voigt=False).tolist())))
        """
      let text = try Peers.ask(script, arguments: [folder, json])
      let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("ANSWER") })
      let answer = try JSONDecoder().decode(Answer.self, from: Data(line.dropFirst(6).utf8))
      let prediction = try Predictor(potential).predict([frame])[0]
      #expect(abs(prediction.energy - answer.energy) < 1e-10 * abs(answer.energy))
      for (a, b) in zip(prediction.forces, answer.forces) { #expect(length(a - [b[0], b[1], b[2]]) < 1e-8) }
      let volume = try #require(frame.volume)
      let rows = prediction.virial.rows
      for i in 0..<3 { for j in 0..<3 { #expect(abs(rows[3 * i + j] + volume * answer.stress[i][j]) < 1e-8) } }
    }
  }
}
