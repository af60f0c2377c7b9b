import Structures
import Testing

@testable import Reports

private func cloud(_ count: Int) -> [SIMD2<Double>] {
  var random = RandomSource(seed: 7)
  return (0..<count).map { _ in [random.uniform(), random.uniform()] }
}

@Test func fewPointsAreMarksAndManyARaster() {
  func plot(_ points: [SIMD2<Double>]) -> ParityPlot {
    ParityPlot(
      title: "T", quantity: "q (eV)", series: [.init(part: .test, points: points, legend: "l")], baseline: "zero")
  }
  let few = WellFormed(plot(cloud(50)).markup().text)
  #expect(few.error == nil)
  let many = plot(cloud(300_000))
  #expect(many.isDense)
  // Points all over the box are the worst case for runs.
  #expect(many.markup().text.utf8.count < 300_000)
  #expect(WellFormed(many.markup().text).error == nil)
}

@Test func absurdPredictionsStandAtTheEdge() {
  let plot = ParityPlot(
    title: "T", quantity: "q", series: [.init(part: .all, points: [[0, 0], [1, 1], [0.5, 1e9]], legend: "")],
    baseline: "zero")
  #expect(plot.range.upperBound < 2)
  #expect(plot.outside == 1)
  #expect(ParityPlot(title: "", quantity: "", series: [], baseline: "").range == -1...1)
}
