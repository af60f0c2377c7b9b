import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "O", "Mn", "Ti"].compactMap { ChemicalElement($0) }

private func example(_ weights: SpeciesWeights, seed: UInt64 = 6) throws -> AENET {
  var hyperparameters = AENETHyperparameters()
  hyperparameters.speciesWeights = weights
  return try AENET(elements: elements, hyperparameters: hyperparameters, seed: seed)
}

@Suite struct SpeciesWeightsTests {
  @Test func values() throws {
    #expect(ChebyshevFingerprint.nonzeroWeights(count: 3) == [-1, 1, 2])
    #expect(ChebyshevFingerprint.nonzeroWeights(count: 4) == ChebyshevFingerprint.declaredWeights(count: 4))
    #expect(ChebyshevFingerprint.nonzeroWeights(count: 11) == [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6])
    #expect(try example(.given([1, 2, 3, 5])).fingerprints.speciesWeights == [1, 2, 3, 5])
    let error = #expect(throws: InputError.self) { try example(.given([1, 2])) }
    #expect(
      error?.description
        == "species_weights has 2 numbers for 4 elements; give one for each of Li O Mn Ti, in this order")
  }

  /// The gradient of trained weights goes through the moments and through their tangents.
  @Test(arguments: LossKind.allCases) func lossGradientOfTrainedWeights(loss: LossKind) throws {
    let model = try example(.learnable)
    #expect(model.parameters.count == model.networks.parameterCount + 4)
    try expectLossGradient(of: model, loss)
  }

  @Test func trainedWeightsMoveAndAreStored() throws {
    let data = toyData(frames: 12, cations: ["Li", "Mn"], forces: true)
    var hyperparameters = AENETHyperparameters()
    hyperparameters.radialCutoff = 5
    hyperparameters.angularCutoff = 4
    hyperparameters.speciesWeights = .learnable
    hyperparameters.descent.maxEpochs = 4
    let parts = TrainingData(elements: data.elements, training: data, validation: Dataset([]))
    let model = try AENET.train(on: parts, hyperparameters: hyperparameters, run: TrainingRun(threads: 2)).best
    let weights = try #require(model.fingerprints.speciesWeights)
    #expect(weights.count == 3 && zip(weights, [-1, 1, 2]).allSatisfy { $0 != $1 && abs($0 - $1) < 0.5 })
    let potential = FittedPotential(model: model, referenceEnergies: ReferenceEnergies(given: [:]))
    let back = try PotentialFile.read(bytes: Array(PotentialFile.encode(potential)))
    let (a, b) = (
      try Predictor(potential).predict([data[0].structure])[0], try Predictor(back).predict([data[0].structure])[0]
    )
    #expect(a.energy.bitPattern == b.energy.bitPattern && a.forces == b.forces)
  }
}
