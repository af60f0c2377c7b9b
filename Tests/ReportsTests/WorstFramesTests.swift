import Testing

@testable import Reports

@Test func largestErrorsFirst() throws {
  let part = try PartReport(.test, frames: Sample.frames, predictions: Sample.predictions)
  let worst = WorstFrames([part])
  #expect(worst.energy.map(\.row.index) == [1, 0])
  #expect(worst.forces.map(\.row.index) == [2, 0])
  #expect(WorstFrames([part], count: 1).energy.map(\.row.index) == [1])
}

@Test func equalErrorsKeepTheOrderOfTheParts() throws {
  let train = try PartReport(.train, frames: [Sample.dioxide], predictions: [Sample.dioxidePrediction])
  let test = try PartReport(.test, frames: [Sample.dioxide], predictions: [Sample.dioxidePrediction])
  #expect(WorstFrames([train, test]).energy.map(\.part) == [.train, .test])
}
