import Formats
import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

/// Potentials that aenet 2.0.4 trained on data of our own, and what it says of one frame; see Fixtures/aenet/README.md.
private let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("Fixtures/aenet").path
private let kinds = ["chebyshev", "behler"]
private let species = ["Li", "O", "Mn"]

private func fixture(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/\(name)")))
}

private func numbers(_ name: String) throws -> [[Double]] {
  String(decoding: try fixture(name), as: UTF8.self).split(separator: "\n").map { line in
    line.split(separator: " ").compactMap { Double($0) }
  }
}

private func frame() throws -> Structure { try readFrames("\(fixtures)/frame.xsf").frames[0].structure }

/// Calls `body` with a new folder that is removed afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("halite-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

private func expectSame(_ a: Prediction, energy: Double, forces: [SIMD3<Double>], _ tolerance: Double) {
  #expect(abs(a.energy - energy) < tolerance)
  #expect(a.forces.count == forces.count)
  for (x, y) in zip(a.forces, forces) { #expect(length(x - y) < tolerance) }
}

private func failure(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return "no error"
}

@Suite struct AENETFilesTests {
  /// aenet's library on the same frame, printed with 17 digits.
  @Test(arguments: kinds, [".nn", ".nn.ascii"]) func energyAndForcesOfAenet(kind: String, form: String) throws {
    try withFolder { folder in
      for element in species {
        try Data(fixture("\(kind)/\(element)\(form)")).write(
          to: URL(fileURLWithPath: "\(folder)/\(element)\(form)"))
      }
      let expected = try numbers("\(kind)/expected.txt")
      let (potential, notes) = try AENETFolder.read(folder)
      #expect(notes.isEmpty)
      let prediction = try Predictor(potential).predict([frame()])[0]
      expectSame(
        prediction, energy: expected[0][0], forces: expected.dropFirst().map { [$0[0], $0[1], $0[2]] }, 1e-11)
    }
  }

  /// generate.x on the same frame.
  @Test(arguments: kinds) func fingerprintsOfAenet(kind: String) throws {
    let potential = try PotentialFile.read("\(fixtures)/\(kind)")
    let model = try #require(potential.model as? AENET)
    let frame = try frame()
    let rows = try numbers("\(kind)/fingerprints.txt")
    let list = try model.neighborList(of: [frame])
    for group in model.fingerprints.groups {
      let features = group.values(list).features
      for site in list.centers where group.species.contains(list.types[site]) {
        #expect(rows[site].count == group.width)
        for (c, value) in rows[site].enumerated() {
          #expect(abs(features[site * group.width + c] - value) < 1e-11 * max(1, abs(value)))
        }
      }
    }
  }

  /// What aenet wrote is written again byte by byte, and its text says the same as its records.
  @Test(arguments: kinds, species) func bothFormsAreTheSame(kind: String, element: String) throws {
    let bytes = try fixture("\(kind)/\(element).nn")
    let file = try AENETNetworkFile(bytes: bytes)
    #expect(file.binary == bytes)
    #expect(try AENETNetworkFile(bytes: fixture("\(kind)/\(element).nn.ascii")).binary == bytes)
    #expect(try AENETNetworkFile(bytes: file.ascii).binary == bytes)
  }

  /// Written for aenet and read again: the same energies. aenet's own programs read them too (Documentation/Methods).
  @Test(arguments: ["fingerprint=chebyshev", "fingerprint=behler"]) func ownPotentialsComeBack(setting: String)
    throws
  {
    let elements = species.compactMap { ChemicalElement($0) }.sorted()
    var hyperparameters = AENET.defaults
    hyperparameters.fingerprint = setting.hasSuffix("behler") ? .behler : .chebyshev
    hyperparameters.radialCutoff = 5
    hyperparameters.angularCutoff = 4
    var model = try AENET(elements: elements, hyperparameters: hyperparameters, seed: 3)
    var random = RandomSource(seed: 1)
    // Means far above the deviations, a constant component, and one where no digits would be left.
    model.means = model.means.map { _ in 30 * random.uniform() }
    model.inverseDeviations = model.means.map { _ in 1 + random.uniform() }
    model.inverseDeviations[2] = 0
    model.means[3] = 1e7
    model.inverseDeviations[3] = 1
    (model.energyScale, model.energyShift) = (0.7, -3)
    let references = ReferenceEnergies(given: [elements[0]: -1.5, elements[1]: -4.25, elements[2]: -9])
    let potential = FittedPotential(model: model, referenceEnergies: references)
    try withFolder { folder in
      let names = try AENETFolder.write(potential, to: folder + "/new")
      #expect(names == ["Li.nn", "O.nn", "Mn.nn", "Li.nn.ascii", "O.nn.ascii", "Mn.nn.ascii", "predict.in"])
      let frame = try frame()
      let own = try Predictor(potential).predict([frame])[0]
      for path in ["/new", "/new/predict.in"] {
        let back = try Predictor(PotentialFile.read(folder + path)).predict([frame])[0]
        expectSame(back, energy: own.energy, forces: own.forces, 1e-7)
      }
      #expect(failure { try AENETFolder.write(potential, to: folder + "/new") }.contains("it is there already"))
    }
  }

  /// Bytes that are no UTF-8 cannot make a text outgrow its field.
  @Test func textsThatAreNoUTF8() {
    #expect(fortranText([0x61, 0xff, 0xfe, 0x62, 0x20]) == "a??b")
    #expect(fortranText(Array("8 Å  ".utf8)) == "8 Å")
  }

  /// A description with control characters cannot break the lines of the text form.
  @Test func controlCharactersInTexts() throws {
    var file = try AENETNetworkFile(bytes: fixture("behler/Li.nn"))
    file.description = "a\u{0}b\nc\u{2028}d$$"
    let again = try AENETNetworkFile(bytes: file.ascii)
    #expect(again.description == "a b c d$$")
    #expect(again.weights == file.weights)
  }

  @Test func refusesWhatTheFilesCannotHold() throws {
    let elements = species.compactMap { ChemicalElement($0) }.sorted()
    var hyperparameters = AENET.defaults
    var potential = FittedPotential(
      model: try AENET(elements: elements, hyperparameters: hyperparameters, seed: 3),
      referenceEnergies: ReferenceEnergies(given: [:]), prior: try ZBL(inner: 0.7, outer: 1.7))
    #expect(
      failure { try AENETFolder.write(potential, to: "x") }
        == "aenet's files cannot hold the ZBL repulsion of this potential; train one with zbl: null")
    potential.prior = nil
    hyperparameters.angularDomain = .legacy
    potential.model = try AENET(elements: elements, hyperparameters: hyperparameters, seed: 3)
    #expect(failure { try AENETFolder.write(potential, to: "x") }.contains("angular domain is legacy"))
    potential.model = ToyPotential(elements: elements, hyperparameters: .init(), seed: 1)
    #expect(
      failure { try AENETFolder.write(potential, to: "x") } == "aenet's files hold AENET potentials, this is toy")
  }

  /// aenet's own test potential, trained before November 2019, by way of its file format: it must be found out.
  @Test(.enabled(if: SharedData.holds("reference/aenet_tio2.json"))) func findsTheLegacyDomain() throws {
    let reference = try SharedData.json("reference/aenet_tio2.json")
    let potentials = try #require(reference["potentials"] as? [String: Any])
    let files = try ["Ti", "O"].map { symbol -> (path: String, bytes: [UInt8]) in
      let entry = try #require(potentials[symbol] as? [String: Any])
      func integers(_ key: String) -> [Int] { doubles(entry[key]).map { Int($0) } }
      var file = AENETNetworkFile()
      file.nodes = integers("nnodes")
      file.activations = integers("f_a")
      file.weights = doubles(entry["W"])
      file.species = symbol
      file.environment = entry["envtypes"] as? [String] ?? []
      file.basis = entry["sftype"] as? String ?? ""
      file.functionNumbers = integers("sf")
      file.functionParameters = doubleRows(entry["sfparam"]).flatMap { $0 }
      file.functionSpecies = integers("sfenv")
      file.minima = doubles(entry["sfval_min"])
      file.maxima = doubles(entry["sfval_max"])
      file.averages = doubles(entry["sfval_avg"])
      file.squares = doubles(entry["sfval_cov"])
      file.scale = try #require(entry["scale"] as? Double)
      file.shift = try #require(entry["shift"] as? Double)
      file.typeNames = entry["typeName"] as? [String] ?? []
      file.atomEnergies = doubles(entry["E_atom"])
      return (symbol + ".nn", file.binary)
    }
    let lengths = files[0].bytes.count
    #expect(
      lengths
        == [
          4, 4, 4, 4, 16, 12, 16, 16, 7448, 1024, 2, 4, 4, 8, 8, 100, 4, 4, 176, 1408, 352, 4, 352, 352, 352, 352,
          1024, 4, 8, 8, 4, 4, 16, 4, 4, 24,
        ].reduce(0) { $0 + $1 + 8 })
    let (potential, notes) = try AENETFolder.assemble(files)
    #expect(notes.count == 2 && notes[0].hasPrefix("Ti.nn: trained by aenet before November 2019"))
    let cell = vectors(reference["cell"])
    let symbols = try #require(reference["species"] as? [String])
    let frame = Structure(
      lattice: Lattice(a: cell[0], b: cell[1], c: cell[2]), elements: symbols.compactMap { ChemicalElement($0) },
      positions: vectors(reference["positions"]))
    let energy = try Predictor(potential).predict([frame])[0].energy
    #expect(abs(energy - -4990.310783539421) < 1e-8)
  }
}

/// Files that are damaged or do not fit: one clear line each.
@Suite struct DamagedAENETFilesTests {
  private func read(_ changed: [UInt8], _ name: String = "Li", kind: String = "chebyshev") -> String {
    failure {
      let files = try species.map {
        (path: $0 + ".nn", bytes: $0 == name ? changed : try fixture("\(kind)/\($0).nn"))
      }
      _ = try AENETFolder.assemble(files)
    }
  }

  private func changed(kind: String = "chebyshev", _ change: (inout AENETNetworkFile) -> Void) throws -> String {
    var file = try AENETNetworkFile(bytes: fixture("\(kind)/Li.nn"))
    change(&file)
    return read(file.binary, kind: kind)
  }

  /// Cut at any length the file is refused, never read in part.
  @Test func truncatedRecords() throws {
    let bytes = try fixture("chebyshev/Li.nn")
    for length in stride(from: 4, to: bytes.count, by: 37) {
      #expect(read(Array(bytes.prefix(length))).hasPrefix("Li.nn: the aenet potential is cut short: "))
    }
    #expect(
      read(Array(bytes.prefix(10)))
        == "Li.nn: the aenet potential is cut short: record 1 (number of layers) has 4 bytes, 6 are there")
    #expect(read([]) == "Li.nn:1: the aenet potential is cut short: it ends before its number of layers")
    #expect(read(bytes + [1]) == "Li.nn: damaged aenet potential: 1 bytes behind its last record")
  }

  @Test func truncatedAndDamagedText() throws {
    let text = String(decoding: try fixture("behler/O.nn.ascii"), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for count in 1..<lines.count - 1 {
      let part = lines.prefix(count).joined(separator: "\n")
      #expect(read(Array(part.utf8), "O", kind: "behler").contains("O.nn"))
      #expect(read(Array(part.utf8), "O", kind: "behler") != "no error")
    }
    #expect(
      read(Array(text.replacing("7                 3", with: "7                 x").utf8), "O", kind: "behler")
        == "O.nn:5: damaged aenet potential: found 'x', expected a whole number (nodes)")
    #expect(
      read(Array("hello, this is a letter\n".utf8))
        == "Li.nn:1: damaged aenet potential: found 'hello,', expected a whole number (number of layers)")
    #expect(read([1, 2, 0, 255]) == "Li.nn: not an aenet potential: neither Fortran records nor text")
  }

  @Test func wrongRecordLengths() throws {
    var bytes = try fixture("chebyshev/Li.nn")
    bytes[12] = 8
    #expect(
      read(bytes).hasPrefix(
        "Li.nn: damaged aenet potential: record 2 (largest number of nodes) is 8 bytes long, expected 4"))
    bytes = try fixture("chebyshev/Li.nn")
    bytes[8] = 5
    #expect(
      read(bytes) == "Li.nn: damaged aenet potential: record 1 (number of layers) says 4 bytes before and 5 behind")
  }

  @Test func numbersThatMakeNoSense() throws {
    #expect(
      try changed { $0.weights[6] = .nan }
        == "Li.nn: damaged aenet potential: weight 7 of \(try AENETNetworkFile(bytes: fixture("chebyshev/Li.nn")).weights.count) is nan"
    )
    #expect(
      try changed { $0.scale = 0 } == "Li.nn: damaged aenet potential: the energy scale is 0.0, expected above 0")
    #expect(try changed { $0.activations[0] = 7 } == "Li.nn: unknown activation function 7; known are 0 to 4")
    #expect(try changed { $0.activations[2] = 1 } == "Li.nn: the output of the network is tanh, expected linear")
    #expect(try changed { $0.basis = "Gaussian" }.hasPrefix("Li.nn: unknown type of fingerprint 'Gaussian'"))
    #expect(
      try changed(kind: "behler") { $0.functionNumbers[0] = 9 }
        == "Li.nn: unknown function type G9; known are G1 to G5")
    #expect(
      try changed { $0.functionParameters[1] = 5 }
        == "Li.nn: a fingerprint of 16 components, but its orders make 18")
    #expect(try changed { $0.species = "Xx" }.hasPrefix("Li.nn: 'Xx' is no element symbol"))
  }

  @Test func networkThatDoesNotFitItsFingerprint() throws {
    let message = try changed { file in
      file.nodes[0] = 17
      file.weights += [0, 0, 0]
    }
    #expect(
      message
        == "Li.nn: the network has 17 inputs, but its fingerprint has 16 components; train it again with this setup"
    )
    #expect(
      try changed { $0.weights.removeLast() }.hasPrefix(
        "Li.nn: damaged aenet potential: a network of 16, 3, 2, 1 nodes has"))
  }

  @Test func missingSpecies() throws {
    let files = try ["Li", "O"].map { (path: $0 + ".nn", bytes: try fixture("chebyshev/\($0).nn")) }
    #expect(
      failure { _ = try AENETFolder.assemble(files) }
        .hasPrefix(
          "Li.nn: its environment names Mn, of which there is no network; put the missing .nn files beside it"))
    let twice = try ["Li", "O", "Mn", "Li"].map { (path: $0 + ".nn", bytes: try fixture("chebyshev/\($0).nn")) }
    #expect(failure { _ = try AENETFolder.assemble(twice) }.contains("two networks of Li: Li.nn is the other"))
    try withFolder { folder in
      #expect(failure { _ = try AENETFolder.read(folder) }.contains("neither predict.in nor network files"))
      try "TYPES\n2\nLi\nO\nNETWORKS\nLi Li.nn\n".write(
        toFile: folder + "/predict.in", atomically: true, encoding: .utf8)
      #expect(failure { _ = try AENETFolder.read(folder) } == "\(folder)/predict.in: NETWORKS has no file for O")
    }
  }
}
