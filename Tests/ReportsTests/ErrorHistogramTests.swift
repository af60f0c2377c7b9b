import Testing

@testable import Reports

@Test func histogramCountsEveryErrorOnce() {
  let errors = (0..<1000).map { Double($0 - 500) / 500 }
  let histogram = ErrorHistogram(
    title: "T", quantity: "q", counted: "frames", series: [.init(part: .train, errors: errors, legend: "l")])
  #expect(abs(histogram.shares(errors).reduce(0, +) - 100) < 1e-9)
  #expect(histogram.bins % 2 == 1)
  #expect(histogram.outside == 0)
  let far = ErrorHistogram(
    title: "T", quantity: "q", counted: "frames",
    series: [.init(part: .train, errors: errors + [1e6], legend: "l")])
  #expect(far.outside == 1)
  #expect(WellFormed(far.markup().text).error == nil)
}
