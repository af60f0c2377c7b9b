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
