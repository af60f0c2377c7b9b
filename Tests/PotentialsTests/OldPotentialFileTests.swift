import Formats
import Foundation
import Structures
import Testing

@testable import Potentials

private func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/" + name).path
}

/// Files of earlier versions: read for ever, see `Fixtures/README.md`.
@Suite struct OldPotentialFileTests {
  @Test(arguments: ["aenet-0.1"]) func predictsAsItDid(name: String) throws {
    let potential = try PotentialFile.read(fixture(name + ".safetensors"))
    let frame = try #require(try readFrames(fixture(name + ".extxyz")).frames.first)
    let prediction = try Predictor(potential).predict([frame.structure])[0]
    let energy = try #require(frame.value(ofKey: "halite_energy").flatMap(Double.init))
    #expect(abs(prediction.energy - energy) < 1e-9 * abs(energy))
    let column = try #require(frame.columns.first { $0.name == "halite_forces" })
    let forces = column.values.compactMap(Double.init)
    #expect(forces.count == 3 * frame.structure.count)
    for (atom, force) in prediction.forces.enumerated() {
      for k in 0..<3 { #expect(abs(force[k] - forces[3 * atom + k]) < 1e-9) }
    }
  }

  /// What it was written from can be gone on with.
  @Test func canBeGoneOnWith() throws {
    let start = try WarmStart(fixture("aenet-0.1.safetensors"))
    #expect(start.hash.count == 64 && start.potential.elements.count == 11)
    let model = try #require(start.potential.model as? AENET)
    let again = try AENET.goingOn(from: model, model.hyperparameters)
    #expect(again.parameters == model.parameters && again.tensors == model.tensors)
  }
}
