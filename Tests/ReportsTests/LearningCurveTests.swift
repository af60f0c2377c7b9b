import Testing

@testable import Reports

@Test func learningCurveKeepsItsPeaks() throws {
  var points = (0..<50_000).map { SIMD2(Double($0), 1 + 1 / Double($0 + 1)) }
  points[33_333].y = 77
  let thin = LearningCurve.thinned(points)
  #expect(thin.count <= 1600)
  #expect(thin.contains { $0.y == 77 })
  #expect(thin.first == points.first && thin.last == points.last)
  #expect(LearningCurve.thinned(Array(points.prefix(1600))).count == 1600)
  let curve = LearningCurve(
    title: "Energy", quantity: "q", curves: [.init(part: .train, points: points)],
    baselines: [.init(text: "near", value: 5), .init(text: "far away", value: 1e6)], bestEpoch: 12)
  let read = WellFormed(try #require(curve.markup()).text)
  #expect(read.error == nil)
  #expect(read.text.contains("near"))
  #expect(!read.text.contains("far away"))
}

@Test func learningCurveWithoutPositiveValues() {
  let curve = LearningCurve(
    title: "Energy", quantity: "q", curves: [.init(part: .train, points: [[0, 0], [1, .nan]])], baselines: [])
  #expect(curve.markup() == nil)
}

@Test func namesOfBaselinesDoNotTouch() throws {
  typealias Label = LearningCurve.Label
  let first = Label.free(of: [], text: "mean energy, test: 5.90", end: [400, 100], floor: 300)
  let second = Label.free(of: [first], text: "composition only, test: 5.87", end: [400, 102], floor: 300)
  #expect(second.place.y == 117 && !second.touches(first))
  let third = Label.free(of: [first, second], text: "zero", end: [400, 103], floor: 300)
  #expect(!third.touches(first) && !third.touches(second) && third.place.x < first.place.x - first.width)
  let low = Label.free(of: [first], text: "composition only", end: [400, 102], floor: 110)
  #expect(low.place.y == 96 && !low.touches(first))
  let far = Label.free(of: [first], text: "composition only", end: [400, 200], floor: 300)
  #expect(far.place == [394, 194])
}
