import Foundation
import Structures
import Testing

@testable import Potentials

private let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("Fixtures/aenet").path

private let setup = """
  DESCR
    a reference
  END DESCR
  ! a comment
  ATOM Ti

  ENV 2
  Ti
  O

  RMIN 0.55d0

  BASIS type=Chebyshev
  radial_Rc = 8.0  radial_N = 16 angular_Rc = 6.5  angular_N = 4
  """

private func failure(_ text: String) -> String {
  do { _ = try AENETSetupFile(bytes: Array(text.utf8), file: "Ti.stp") } catch { return "\(error)" }
  return "no error"
}

private func inputFailure(_ text: String, _ kind: AENETInput.Kind) -> String {
  do { _ = try AENETInput(bytes: Array(text.utf8), file: "x.in", kind: kind) } catch { return "\(error)" }
  return "no error"
}

@Suite struct AENETInputTests {
  @Test func setupFile() throws {
    let file = try AENETSetupFile(bytes: Array(setup.utf8), file: "Ti.stp")
    #expect(file.species.symbol == "Ti")
    #expect(file.description == ["a reference"])
    #expect(file.minimumDistance == 0.55)
    #expect(file.setup.environment.map(\.symbol) == ["Ti", "O"])
    let shape = try #require(file.setup.chebyshev)
    #expect(shape == .init(radialCutoff: 8, radialOrder: 16, angularCutoff: 6.5, angularOrder: 4))
    let behler = try AENETSetupFile(
      bytes: Array(Data(contentsOf: URL(fileURLWithPath: fixtures + "/behler/O.stp"))), file: "O.stp")
    #expect(behler.setup.functions?.map(\.number) == [4, 2, 2, 1, 3, 4, 5])
  }

  @Test(arguments: [
    ("RMIN", "RMINN", "Ti.stp:11: unknown keyword 'RMINN'; did you mean 'RMIN'?"),
    ("ATOM Ti", "ATOM Tx", "Ti.stp:5: found 'Tx', expected an element symbol"),
    ("ENV 2", "ENV two", "Ti.stp:7: found 'two', expected the number of species, 1 to 118"),
    ("0.55d0", "near", "Ti.stp:11: found 'near', expected RMIN in Å, a number"),
    ("type=Chebyshev", "type=Chebychov", "Ti.stp:13: unknown basis 'Chebychov'; known is Chebyshev"),
    ("radial_N = 16", "radial_N = 1.5", "Ti.stp:14: found '1.5', expected radial_n, 0 to 1000"),
    ("angular_N = 4", "", "Ti.stp:14: found '', expected angular_n, 0 to 1000"),
    ("angular_N = 4", "angular_M = 4", "Ti.stp:14: unknown keyword 'angular_m'; did you mean 'ANGULAR_N'?"),
    (
      "angular_Rc = 6.5", "angular_Rc = 9.5",
      "Ti.stp: the angular cutoff (9.5 Å) is larger than the radial one (8.0 Å); choose angular_cutoff ≤ radial_cutoff"
    ),
    ("ATOM Ti", "", "Ti.stp: has no ATOM"),
  ])
  func damagedSetupFiles(part: String, replacement: String, message: String) {
    #expect(failure(setup.replacing(part, with: replacement)) == message)
  }

  @Test(arguments: [
    ("TYPES\n2\nLi -1.0 | eV\n", AENETInput.Kind.generate, "x.in:3: ends before 2 types"),
    ("TYPES\n1\nLi\n", .generate, "x.in:3: found '', expected E_atom of Li in eV, a number"),
    ("SETUPS\nLi Li.stp\n", .generate, "x.in:1: SETUPS before TYPES"),
    ("ITERATION 5\n", .train, "x.in:1: unknown keyword 'ITERATION'; did you mean 'ITERATIONS'?"),
    (
      "NETWORKS\nLi Li.nn 2 15:tanh\n", .train, "x.in:2: network of Li: 2 hidden layers, but 1 are described"
    ),
    (
      "NETWORKS\nLi Li.nn 1 15:tang\n", .train,
      "x.in:2: unknown activation 'tang' in network layer '15:tang'; did you mean 'tanh'?"
    ),
    (
      "TYPES\n1\nLi\nNETWORKS\nX Li.nn\n", .predict,
      "x.in:5: found 'X Li.nn', expected an element symbol and the file of its network"
    ),
  ])
  func damagedInputFiles(text: String, kind: AENETInput.Kind, message: String) {
    #expect(inputFailure(text, kind) == message)
  }

  /// The settings of a training that was set up for aenet.
  @Test func settingsOfATraining() throws {
    let (settings, hyperparameters, notes) = try AENET.foreignSettings(fixtures + "/chebyshev")
    let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }
    #expect(settings.referenceEnergies == .given([elements[0]: -0.5, elements[1]: -1.25, elements[2]: -2]))
    #expect(settings.validFraction == 0.1)
    #expect(hyperparameters.descent.method == .lbfgs && hyperparameters.descent.maxEpochs == 5)
    #expect(hyperparameters.descent.forceWeight == 0 && hyperparameters.descent.memory == 20)
    let setups = try #require(hyperparameters.setups)
    #expect(setups["O"]?.environment.map(\.symbol) == ["O", "Mn", "Li"])
    #expect(setups["O"]?.network == ["4:sigmoid"])
    #expect(setups["Li"]?.network == ["3:tanh", "2:twist"])
    let (fingerprints, networks) = try hyperparameters.shapes(for: elements)
    #expect(fingerprints.widths == [16, 16, 16] && fingerprints.groups.count == 2)
    #expect(networks.networks.map(\.layers.count) == [3, 2, 3])
    #expect(notes.contains { $0.hasSuffix("RMIN 0.55 Å is not taken; atoms closer than 0.5 Å are refused") })
    #expect(notes.contains { $0.hasSuffix("its 1 FILES are not taken; the frames are those of --data") })
  }

  @Test func namesWhatATrainingCannotTake() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("halite-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder + "/train", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ text: String, _ name: String) throws {
      try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }
    try write(setup, "Ti.stp")
    try write("OUTPUT a.train\nTYPES\n1\nTi -3.5\nSETUPS\nTi Ti.stp\n", "generate.in")
    try write(
      "TRAININGSET ../a.train\nTESTPERCENT 20\nMAXENERGY -1.5\nTIMING\nMETHOD\nlm batchsize=100\nNETWORKS\nTi Ti.nn 1 5:tanh\n",
      "train/train.in")
    var thrown = ""
    do { _ = try AENET.foreignSettings(folder + "/train") } catch { thrown = "\(error)" }
    // The environment of the setup names O, which has no atomic energy: that is for the data to show.
    #expect(thrown == "")
    let (settings, hyperparameters, notes) = try AENET.foreignSettings(folder + "/train/train.in")
    #expect(settings.validFraction == 0.2 && settings.maxEnergy == -1.5)
    #expect(hyperparameters.descent.method == .lbfgs)
    for text in [
      "METHOD lm is not here; method lbfgs is taken", "batchsize of METHOD is not taken", "'TIMING' is not taken",
    ] {
      #expect(notes.contains { $0.hasSuffix(text) }, "\(text)")
    }
    try FileManager.default.removeItem(atPath: folder + "/generate.in")
    do { _ = try AENET.foreignSettings(folder + "/train") } catch { thrown = "\(error)" }
    #expect(thrown.contains("no generate.in, which names the setups and atomic energies"))
  }
}
