import Potentials
import Testing

@testable import Reports

@Test func pageIsWellFormedAndSaysItAll() throws {
  let page = WellFormed(HTMLReport(try Sample.report(frames: 40)).text)
  #expect(page.error == nil)
  #expect(page.elements["script"] == nil && page.elements["link"] == nil && page.elements["img"] == nil)
  #expect(page.elements["svg"] == 5)
  for text in [
    "AENET potential", "training report", "Labels are <b>random</b>.", "Elements <all>", "Li & O", "<script>",
    "halite train aenet --data 'a & b'", String(repeating: "a", count: 64), "no split given", "Worst frames",
    "Every epoch is in log.csv.", "mean energy, test: ", "fitted to: energy forces stress",
    "better than every baseline", "1.23 MB", "small.extxyz #",
  ] { #expect(page.text.contains(text), "\(text)") }
}

@Test func pageOfManyFramesStaysSmall() throws {
  // 300,000 force components.
  let report = Sample.report(
    parts: [try Sample.noisy(.all, frames: 12_500, energyNoise: 0.004, forceNoise: 0.3, seed: 1)],
    training: RunReport.Training(log: Sample.log(20_000, forces: true)))
  let page = HTMLReport(report).text
  #expect(page.utf8.count < 1_000_000)
  #expect(WellFormed(page).error == nil)
}

@Test func pageWithoutAnyLabel() throws {
  let part = try PartReport(
    .all, frames: [Sample.frame([Sample.lithium], index: 0)], predictions: [Sample.prediction(energy: 1)])
  let page = WellFormed(HTMLReport(Sample.report(parts: [part])).text)
  #expect(page.error == nil)
  #expect(page.elements["svg"] == nil)
  #expect(page.text.contains("On 1 frame there is no label to compare with."))
  #expect(WellFormed(HTMLReport(Sample.report(parts: [])).text).error == nil)
}

@Test func lossIsDrawnWhereNoErrorWasMeasured() throws {
  let records = (0..<5).map { EpochRecord(epoch: $0, of: 5, loss: 1 / Double($0 + 1), seconds: 0) }
  var report = try Sample.report(frames: 8)
  report.training = RunReport.Training(log: records)
  let page = WellFormed(HTMLReport(report).text)
  #expect(page.text.contains("Loss"))
  #expect(page.elements["svg"] == 5)
}
