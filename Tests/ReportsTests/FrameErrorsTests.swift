import Potentials
import Structures
import Testing

@testable import Reports

@Test func worstAtomOfAFrame() throws {
  let row = try FrameErrors(Sample.monoxide, Sample.monoxidePrediction, baseline: nil)
  let worst = try #require(row.worstAtom)
  #expect(worst.index == 1)
  #expect(worst.element == Sample.oxygen)
  #expect(worst.label == 1)
  #expect(abs(worst.error - 0.2) < 1e-15)
  #expect(row.source == "data/small.extxyz frame 0")
  #expect(row.formula == "LiO")
  #expect(abs((row.energyError ?? 0) - 0.05) < 1e-12)
}

@Test func predictionsThatAreNoNumbersAreRefused() {
  let cases = [
    (Sample.prediction(energy: .nan, forces: [.zero, .zero]), "an energy of nan eV for LiO in frame 0"),
    (Sample.prediction(energy: 0, forces: [.zero, [0, .infinity, 0]]), "no finite force on atom 1"),
  ]
  for (prediction, message) in cases {
    let error = #expect(throws: InputError.self) {
      try FrameErrors(Sample.monoxide, prediction, baseline: nil)
    }
    #expect(error?.description.contains(message) == true)
    #expect(error?.file == "data/small.extxyz")
  }
}

@Test func stressNeedsAVolume() throws {
  var frame = Sample.frame([Sample.lithium], virial: .identity, index: 0)
  frame.structure.periodic = Periodicity(true, true, false)
  let part = try PartReport(.all, frames: [frame], predictions: [Sample.prediction(energy: 0)])
  #expect(part.errors.stress == nil)
  #expect(part.labels.virialWithoutVolume == 1)
  #expect(Verdict([part]).warnings.contains { $0.contains("1 frame with a virial label not periodic") })
}
