import Foundation
import Testing

@testable import Reports

@Test func sameBytesTwice() throws {
  let (first, second) = (try Sample.report(frames: 30), try Sample.report(frames: 30))
  #expect(HTMLReport(first).text == HTMLReport(second).text)
  #expect(try ReportFile(first).json == (try ReportFile(second).json))
  #expect(PredictionTable(first.parts).text == PredictionTable(second.parts).text)
}

@Test func threeFilesAreWritten() throws {
  let folder = try Sample.temporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try Sample.report(frames: 8).write(to: folder + "/run")
  let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/run").sorted()
  #expect(files == ["predictions.csv", "report.html", "report.json"])
}
