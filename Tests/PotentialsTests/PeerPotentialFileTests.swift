import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

/// What the Python package safetensors reads in a potential file.
@Suite(.enabled(if: Peers.arePresent, "\(Peers.absence)")) struct PeerPotentialFileTests {
  @Test func safetensorsReadsTensorsAndMetadata() throws {
    let elements = ["Li", "Ti", "O"].compactMap { ChemicalElement($0) }
    var hyperparameters = AENET.defaults
    hyperparameters.network = ["3:tanh"]
    let model = try AENET(elements: elements, hyperparameters: hyperparameters, seed: 5)
    let references = ReferenceEnergies(given: [elements[0]: -1.25, elements[1]: 1e-3, elements[2]: -3])
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try PotentialFile.write(FittedPotential(model: model, referenceEnergies: references), to: file.path)

    let script = """
      import sys, json
      from safetensors import safe_open
      with safe_open(sys.argv[1], framework="numpy") as file:
          print(json.dumps({"metadata": file.metadata(),
              "tensors": {name: file.get_tensor(name).ravel().tolist() for name in file.keys()}}))
      """
    struct Answer: Decodable {
      var metadata: [String: String]
      var tensors: [String: [Double]]
    }
    let text = try Peers.ask(script, arguments: [file.path])
    let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
    #expect(answer.metadata["kind"] == "aenet")
    #expect(answer.metadata["elements"] == #"["Li","Ti","O"]"#)
    #expect(answer.tensors["reference_energies"] == [-1.25, 1e-3, -3])
    #expect(Set(answer.tensors.keys) == Set(model.tensors.tensors.keys).union(["reference_energies"]))
    for (name, tensor) in model.tensors.tensors { #expect(answer.tensors[name] == tensor.values) }
  }
}
