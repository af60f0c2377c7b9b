import Foundation
import Structures
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

@Test func folderThatCannotBeMade() throws {
  let folder = try Sample.temporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
  let report = try Sample.report(frames: 8)
  let error = #expect(throws: InputError.self) { try report.write(to: folder + "/file/run") }
  #expect(error?.description.hasPrefix(folder + "/file/run: cannot make the folder: ") == true)
}
