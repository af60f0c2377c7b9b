import Structures
import Testing

@testable import Reports

private func part() throws -> PartReport {
  try PartReport(.train, frames: Sample.frames, predictions: Sample.predictions, baseline: Sample.baseline)
}

@Test func groupsByConfigType() throws {
  let groups = try part().groups
  #expect(groups.map(\.name) == ["", "oxide"])
  #expect(groups[0].errors.energy == nil)
  #expect(groups[0].errors.forces?.mae == 1.0 / 3)
  #expect(groups[1].errors.frames == 2)
  #expect(groups[1].errors.energy == (try part()).errors.energy)
}

@Test func forceErrorsByElement() throws {
  let elements = try part().elements
  #expect(elements.map(\.element.symbol) == ["Li", "O"])
  #expect(elements.map(\.atoms) == [2, 1])
  #expect(abs(elements[0].rmse - (1.01 / 6).squareRoot()) < 1e-15)
  #expect(abs(elements[0].zeroForceRMSE - (5.0 / 6).squareRoot()) < 1e-15)
  #expect(abs(elements[1].mae - 0.2 / 3) < 1e-15)
}

@Test func labelCountsAndForcePairs() throws {
  var frames = Sample.frames
  for index in frames.indices { frames[index].provenance.energyKey = "key \(index)" }
  let part = try PartReport(.all, frames: frames, predictions: Sample.predictions)
  #expect(part.labels.energyKeys == ["key 0", "key 1"])
  #expect(part.labels.energy == 2)
  #expect(part.labels.forces == 2)
  #expect(part.labels.stress == 0)
  #expect(part.forcePairs.count == 9)
  #expect(part.forcePairs[0] == [1, 1.1])
}

@Test func withoutABaselineTheMeanIsThatOfTheFrames() throws {
  let part = try PartReport(.test, frames: Sample.frames, predictions: Sample.predictions)
  #expect(part.baseline?.meanPerAtom == -5.5)
  #expect(part.baseline?.part == .test && part.baseline?.frames == 2)
}
