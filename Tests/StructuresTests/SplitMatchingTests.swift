import Foundation
import Structures
import Testing

@Suite struct SplitMatchingTests {
  /// The frame as a file of five decimals gives it back: new id, rounded positions and energy.
  private func throughText(_ frame: LabeledStructure) -> LabeledStructure {
    var structure = frame.structure
    let rounded = { (number: Double) in (number * 1e5).rounded() / 1e5 }
    structure.positions = structure.positions.map { [rounded($0.x), rounded($0.y), rounded($0.z)] }
    return LabeledStructure(
      structure: structure, labels: Labels(energy: frame.labels.energy.map(rounded)), provenance: frame.provenance)
  }

  @Test func framesThatLostTheirIdsAreFound() throws {
    let frames = try rattledFrames(60)
    let split = try DataSplit(Dataset(frames), trainingFraction: 0.7, seed: 4)
    let lossy = Dataset(frames.reversed().map(throughText))
    let (training, test) = try split.parts(of: lossy, threads: 2)
    #expect(training.count == 42)
    #expect(test.count == 18)
    let isTraining = Dictionary(
      uniqueKeysWithValues: frames.map { frame in
        (frame.provenance.index, split.training.contains { $0.id == frame.id })
      })
    #expect(training.allSatisfy { isTraining[$0.provenance.index] == true })
    #expect(test.allSatisfy { isTraining[$0.provenance.index] == false })
  }

  @Test func framesWithinToleranceOfEachOtherAreToldApart() throws {
    // The end of a relaxation: steps closer than the tolerance, but further apart than text rounding.
    let first = try rattledFrames(1)[0]
    let steps = (0..<10).map { step -> LabeledStructure in
      var structure = first.structure
      structure.positions[0].x += 1e-4 * Double(step)
      return LabeledStructure(
        structure: structure, labels: Labels(energy: -40 - 1e-5 * Double(step)),
        provenance: Provenance(file: "relax", index: step))
    }
    let split = try DataSplit(Dataset(steps), trainingFraction: 0.5, seed: 1)
    let (training, _) = try split.parts(of: Dataset(steps.map(throughText)))
    let expected = steps.filter { step in split.training.contains { $0.id == step.id } }
    #expect(training.map(\.provenance.index) == expected.map(\.provenance.index))
  }

  @Test func otherDataAreRefusedWithCounts() throws {
    let frames = try rattledFrames(20)
    let split = try DataSplit(Dataset(frames), trainingFraction: 0.9, seed: 1)
    let message = { (dataset: [LabeledStructure]) -> String in
      do {
        _ = try split.parts(of: Dataset(dataset))
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(message(Array(frames.dropLast(3))).contains("3 of its 20 frames missing (first: made.extxyz frame "))
    let more = try rattledFrames(2, seed: 99)
    #expect(message(frames + more).contains("2 frames that it does not know (first: made.extxyz frame 0, Mn4O4)"))
    #expect(message(more).hasPrefix("the split belongs to other data: 20 of its 20 frames missing"))
    #expect(message(frames) == "no error")
  }

  @Test func theFileComesBackAsItWasAndEditsAreSeen() throws {
    let frames = try rattledFrames(12)
    let split = try DataSplit(Dataset(frames), trainingFraction: 0.75, seed: 8, by: .group(key: "host"))
    let data = try JSONEncoder().encode(split)
    let back = try JSONDecoder().decode(DataSplit.self, from: data)
    #expect(back == split)
    #expect(back.hash == split.hash)

    var edited = split
    edited.test.append(edited.training.removeLast())
    #expect(edited.hash != split.hash)
    let text = String(decoding: try JSONEncoder().encode(edited), as: UTF8.self)
    let tampered = text.replacing(edited.hash, with: split.hash)
    #expect(throws: InputError.self) { try JSONDecoder().decode(DataSplit.self, from: Data(tampered.utf8)) }
    #expect(throws: InputError.self) { try JSONDecoder().decode(DataSplit.self, from: Data("{}".utf8)) }
  }
}
