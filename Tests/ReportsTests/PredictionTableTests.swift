import Testing

@testable import Reports

@Test func predictionsOfEachFrame() throws {
  let part = try PartReport(.test, frames: Sample.frames, predictions: Sample.predictions)
  let lines = PredictionTable([part]).text.split(separator: "\n").map {
    $0.split(separator: ",", omittingEmptySubsequences: false)
  }
  #expect(lines.count == 4)
  #expect(lines[0][1...3] == ["source", "frame", "part"])
  #expect(lines[1][1...8] == ["data/small.extxyz", "0", "test", "oxide", "LiO", "2", "-10.0", "-9.9"])
  #expect(lines[3][7] == "")
  #expect(lines.allSatisfy { $0.count == lines[0].count })
}
