import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private func example() throws -> FittedPotential {
  let elements = ["Li", "O"].compactMap { ChemicalElement($0) }
  let model = try AENET(elements: elements, hyperparameters: AENET.defaults, seed: 2)
  return FittedPotential(
    model: model, referenceEnergies: ReferenceEnergies(given: [elements[0]: -1, elements[1]: -2]))
}

private func failure(_ bytes: [UInt8]) -> String? {
  do { _ = try PotentialFile.read(bytes: bytes) } catch { return (error as? InputError)?.message ?? "\(error)" }
  return nil
}

@Suite struct PotentialFileTests {
  @Test func refusesWhatIsNoPotentialFile() throws {
    #expect(failure([]) == "not a potential file: it has 0 bytes")
    #expect(failure(Array("Lattice=\"1 0 0\" and more text".utf8))?.contains("no header length") == true)
    #expect(failure([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D])?.contains("without format=halite-potential") == true)
    #expect(failure([3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])?.contains("not JSON") == true)
  }

  /// Cut at any length the file is refused with a reason, never read in part.
  @Test func refusesTruncatedFiles() throws {
    let bytes = Array(try PotentialFile.encode(example()))
    for length in stride(from: 0, to: bytes.count, by: 97) {
      #expect(failure(Array(bytes.prefix(length))) != nil)
    }
    #expect(failure(Array(bytes.dropLast()))?.contains("cut short inside tensor") == true)
  }

  @Test func refusesNumbersThatAreNotFinite() throws {
    var potential = try example()
    var model = try #require(potential.model as? AENET)
    model.parameters[3] = .nan
    potential.model = model
    #expect(failure(Array(try PotentialFile.encode(potential)))?.contains("not finite") == true)
  }

  /// Changed bytes end in an error or a potential, never in a crash.
  @Test func survivesChangedBytes() throws {
    let bytes = Array(try PotentialFile.encode(example()))
    var random = RandomSource(seed: 7)
    var refused = 0
    for _ in 0..<500 {
      var changed = bytes
      for _ in 0..<1 + random.below(4) { changed[random.below(3000)] = UInt8(random.below(256)) }
      if failure(changed) != nil { refused += 1 }
    }
    #expect(refused > 100)
  }

  /// 100 million parameters for each element: refused by what the file holds, before anything of that size is made.
  @Test(.timeLimit(.minutes(1))) func asksForNoMoreThanTheFileHolds() throws {
    var hyperparameters = AENET.defaults
    hyperparameters.network = [String](repeating: "4096:tanh", count: 7)
    let elements = (1...100).compactMap { ChemicalElement(atomicNumber: $0) }
    var tensors = TensorTable()
    tensors["networks"] = .init(shape: [1], values: [0])
    let error = #expect(throws: InputError.self) {
      try AENET(elements: elements, hyperparameters: hyperparameters, tensors: tensors)
    }
    #expect(error?.message.hasPrefix("damaged potential file: tensor 'networks' has 1 numbers, expected") == true)
  }

  @Test func namesTheFile() {
    let error = #expect(throws: InputError.self) { try PotentialFile.read("/nonexistent/p.safetensors") }
    #expect(error?.description.hasPrefix("/nonexistent/p.safetensors: cannot open: No such file") == true)
    let unwritable = #expect(throws: InputError.self) {
      try PotentialFile.write(example(), to: "/nonexistent/p.safetensors")
    }
    #expect(unwritable?.description.hasPrefix("/nonexistent/p.safetensors: cannot write: No such file") == true)
  }
}
