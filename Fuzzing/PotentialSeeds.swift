import Foundation
import Potentials
import Structures

/// Small potential files to begin from, made by the code under test so that they are never out of date.
/// - Throws: `InputError` where the folder cannot be written.
func writePotentialSeeds(to folder: String) throws {
  for (name, symbols, layer, prior) in [
    ("lithium-oxide", ["Li", "O"], "2:tanh", nil),
    ("titanium-zbl", ["Ti"], "1:twist", try ZBL(inner: 0.7, outer: 1.4)),
  ] {
    let elements = symbols.compactMap { ChemicalElement($0) }
    var hyperparameters = AENET.defaults
    hyperparameters.radialCutoff = 4
    hyperparameters.angularCutoff = 3
    hyperparameters.radialOrder = 1
    hyperparameters.angularOrder = 0
    hyperparameters.network = [layer]
    let potential = FittedPotential(
      model: try AENET(elements: elements, hyperparameters: hyperparameters, seed: 1),
      referenceEnergies: ReferenceEnergies(given: Dictionary(uniqueKeysWithValues: elements.map { ($0, -1.5) })),
      prior: prior)
    let file = "\(folder)/\(name).safetensors"
    try PotentialFile.write(potential, to: file)
    _ = try PotentialFile.read(file)
  }
}

/// Network files of aenet, binary and as text, of each kind of fingerprint.
/// - Throws: `InputError` where the folder cannot be written.
func writeNetworkSeeds(to folder: String) throws {
  let titanium = ChemicalElement("Ti")!
  for kind in AENETHyperparameters.FingerprintKind.allCases {
    var hyperparameters = AENET.defaults
    hyperparameters.fingerprint = kind
    hyperparameters.radialCutoff = 4
    hyperparameters.angularCutoff = 3
    hyperparameters.radialOrder = 1
    hyperparameters.angularOrder = 1
    hyperparameters.radialFunctions = 1
    hyperparameters.angularExponents = [1]
    hyperparameters.network = ["1:tanh"]
    let potential = FittedPotential(
      model: try AENET(elements: [titanium], hyperparameters: hyperparameters, seed: 1),
      referenceEnergies: ReferenceEnergies(given: [titanium: -1.5]))
    let files = "\(folder)/\(kind.rawValue).aenet"
    if !FileManager.default.fileExists(atPath: files) { try AENETFolder.write(potential, to: files) }
  }
}
