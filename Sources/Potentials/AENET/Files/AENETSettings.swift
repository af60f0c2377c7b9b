import Foundation
import Structures

extension AENET: ForeignSettings {
  public static var foreignProgram: String { "aenet" }
  public static var foreignFiles: String { "a folder, train.in or generate.in" }

  /// The settings of a training that was set up for aenet: train.in, generate.in and the setup files that it names.
  /// - Parameter path: train.in, generate.in, or a folder that holds them. generate.in is also looked for where
  ///   train.in's TRAININGSET stands.
  /// - Throws: `InputError` with file and line.
  public static func foreignSettings(
    _ path: String
  ) throws -> (settings: TrainingSettings, hyperparameters: AENETHyperparameters, notes: [String]) {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw InputError("no such file or folder", file: path)
    }
    let folder = isFolder.boolValue ? path : (path as NSString).deletingLastPathComponent
    func file(_ name: String) -> String? {
      let file = AENETFolder.resolved(name, in: folder)
      return files.fileExists(atPath: file) ? file : nil
    }
    let isGenerate = !isFolder.boolValue && path.hasSuffix("generate.in")
    let trainFile = isFolder.boolValue ? file("train.in") : isGenerate ? nil : path
    let train = try trainFile.map { try AENETInput(bytes: AtomicFile.read($0), file: $0, kind: .train) }
    var generateFile = isGenerate ? path : file("generate.in")
    if generateFile == nil, let set = train?.trainingSet {
      generateFile = file((set as NSString).deletingLastPathComponent + "/generate.in")
    }
    guard let generateFile else {
      throw InputError(
        "no generate.in, which names the setups and atomic energies, in the folder or beside the TRAININGSET",
        file: path, remedy: "put generate.in and the .stp files there")
    }
    let generate = try AENETInput(bytes: AtomicFile.read(generateFile), file: generateFile, kind: .generate)
    var taken = AENETTaken()
    try taken.takeSetups(of: generate, file: generateFile)
    if let train, let trainFile { try taken.takeTraining(of: train, file: trainFile) }
    return (taken.settings, taken.hyperparameters, taken.notes)
  }
}

/// Settings gathered from aenet's files, and what has no counterpart.
private struct AENETTaken {
  var settings = TrainingSettings()
  var hyperparameters = AENETHyperparameters()
  var notes: [String] = []

  mutating func takeSetups(of generate: AENETInput, file: String) throws {
    var energies: [ChemicalElement: Double] = [:]
    var setups: [String: AENETSetup] = [:]
    let folder = (file as NSString).deletingLastPathComponent
    for (element, energy) in generate.types {
      energies[element] = energy
      guard let name = generate.setups.first(where: { $0.element == element })?.file else {
        throw InputError("SETUPS has no file for \(element)", file: file)
      }
      let path = AENETFolder.resolved(name, in: folder)
      let setup = try AENETSetupFile(bytes: AtomicFile.read(path), file: path)
      guard setup.species == element else {
        throw InputError("is the setup of \(setup.species), but \(file) names it for \(element)", file: path)
      }
      setups[element.symbol] = setup.setup
      if let distance = setup.minimumDistance, distance > NeighborSearch.closestPair {
        notes.append(
          "\(path): RMIN \(distance) Å is not taken; atoms closer than \(NeighborSearch.closestPair) Å are refused")
      }
    }
    guard !setups.isEmpty else { throw InputError("has no TYPES", file: file) }
    settings.referenceEnergies = .given(energies)
    hyperparameters.setups = setups
    for other in generate.others { notes.append("\(file): '\(other)' is not taken") }
    if generate.structures > 0 {
      notes.append("\(file): its \(generate.structures) FILES are not taken; the frames are those of --data")
    }
    // Energies alone, as aenet trains.
    hyperparameters.descent.method = .lbfgs
    hyperparameters.descent.forceWeight = 0
    hyperparameters.descent.stressWeight = 0
    hyperparameters.descent.memory = 20
    hyperparameters.descent.patience = 0
  }

  mutating func takeTraining(of train: AENETInput, file: String) throws {
    settings.validFraction = (train.testPercent ?? 10) / 100
    settings.maxEnergy = train.maxEnergy
    hyperparameters.descent.maxEpochs = train.iterations ?? 10
    for network in train.networks {
      guard hyperparameters.setups?[network.element.symbol] != nil else {
        throw InputError(
          "NETWORKS names \(network.element), which is not among the TYPES of generate.in", file: file)
      }
      hyperparameters.setups?[network.element.symbol]?.network = network.layers
    }
    if train.networks.isEmpty { throw InputError("has no NETWORKS", file: file) }
    var parameters = train.methodParameters
    switch train.method ?? "bfgs" {
    case "bfgs": break
    case "adam":
      hyperparameters.descent.method = .adam
      if let rate = parameters.removeValue(forKey: "mu") { hyperparameters.descent.learningRate = rate }
      if let size = parameters.removeValue(forKey: "batchsize"), size >= 1, size < 1e6 {
        hyperparameters.descent.batchSize = Int(size)
      }
    default:
      notes.append("\(file): METHOD \(train.method ?? "") is not here; method lbfgs is taken")
    }
    for key in parameters.keys.sorted() { notes.append("\(file): \(key) of METHOD is not taken") }
    for other in train.others { notes.append("\(file): '\(other)' is not taken") }
    let percent = 100 * settings.validFraction
    notes.append(
      "\(file): TESTPERCENT \(percent) is valid_fraction, the part that judges epochs; --split makes a test part")
  }
}
