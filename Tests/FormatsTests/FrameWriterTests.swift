import Foundation
import Structures
import Testing

@testable import Formats

private func frames(_ count: Int) throws -> [LabeledStructure] {
  try (0..<count).map { index in
    // Two compositions, so that DeePMD has two systems, and a frame without forces now and then.
    let atom = index % 2 == 0 ? "Li" : "Na"
    let forces = index % 5 == 4 ? "" : ":REF_forces:R:3"
    let row = index % 5 == 4 ? "" : " 0.\(index) 0 0"
    return try read(
      "2\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3\(forces) REF_energy=-\(index).5\n"
        + "\(atom) 0 0 0.\(index)\(row)\nO 2 2 2\(row)\n", file: "a.xyz"
    ).frames[0]
  }
}

private func names(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

@Test func whatIsWrittenFrameByFrameComesBackFromEveryFormat() throws {
  let all = try frames(25)
  try withTemporaryFolder { folder in
    for format in Formats.all where format.metadata.canRead && format.metadata.canWrite {
      let metadata = format.metadata
      let path = "\(folder)/a\(metadata.suffixes[0])" + (metadata.holdsManyFrames ? "" : ".d")
      var survey = WriteSurvey()
      for frame in all { survey.add(frame) }
      let writer = try FrameWriter(path, format: metadata.name, survey: survey)
      for frame in all { try writer.append(frame) }
      try writer.finish()
      let back = try readFrames(path, options: ReadOptions(format: metadata.name)).frames
      #expect(back.count == all.count, "\(metadata.name)")
      #expect(Set(back.map(\.structure)) == Set(all.map(\.structure)), "\(metadata.name)")
      if metadata.carries.contains(.id) { #expect(Set(back.map(\.id)) == Set(all.map(\.id)), "\(metadata.name)") }
      if metadata.carries.contains(.energy) {
        #expect(Set(back.map(\.labels.energy)) == Set(all.map(\.labels.energy)), "\(metadata.name)")
      }
    }
  }
}

@Test func whatIsNotFinishedLeavesNothing() throws {
  let all = try frames(3)
  try withTemporaryFolder { folder in
    for name in ["a.extxyz", "a.cfg.gz", "a.xsf.d", "a.npy.d", "a.db"] {
      var survey = WriteSurvey()
      for frame in all { survey.add(frame) }
      var writer: FrameWriter? = try FrameWriter(folder + "/" + name, survey: survey)
      try writer?.append(all[0])
      #expect(try names(folder).allSatisfy { $0.hasPrefix(".") }, "nothing in its place before the end")
      writer = nil
      #expect(try names(folder) == [], "\(name)")
    }
  }
}

@Test func aFilePackedPieceByPieceIsTheOnePackedAtOnce() throws {
  try withTemporaryFolder { folder in
    let text = (0..<200_000).flatMap { Array("\($0 * 7919 % 100_003) ".utf8) }
    let file = try AtomicFileWriter(folder + "/a.gz")
    let compressor = try Gzip.Compressor()
    for start in stride(from: 0, to: text.count, by: 10_007) {
      try compressor.add(Array(text[start..<min(start + 10_007, text.count)]), to: file)
    }
    try compressor.finish(to: file)
    try file.finish()
    #expect(try AtomicFile.read(folder + "/a.gz") == Gzip.compress(text))
  }
}

@Test func bytesThatAreNoTextAreFoundWhereTheyStand() throws {
  let frame = try frames(1)
  for (format, suffix) in [(MLIPConfigurations.self as any StructureFormat.Type, "cfg"), (LAMMPSDump.self, "dump")]
  {
    let good = try format.write(frame)
    let lines = good.count { $0 == 10 }
    var bad = try format.write(frame)
    let place = try #require(bad.firstIndex(of: UInt8(ascii: ".")))
    bad[place] = 0xFF
    let line = bad[..<place].count { $0 == 10 } + 1
    let found = message {
      _ = try (good + bad).withUnsafeBytes { try format.read(bytes: $0, file: "a", options: ReadOptions()) }
    }
    #expect(found.hasPrefix("a:\(lines + line): not UTF-8 text"), "\(suffix): \(found)")
  }
}

@Test func aLargePackedFileGoesThroughTheDisk() throws {
  try withTemporaryFolder { folder in
    let block = Array((0..<1000).map { "\($0)\n" }.joined().utf8)
    let file = try AtomicFileWriter(folder + "/a.gz")
    let compressor = try Gzip.Compressor()
    var size = 0
    while size <= FileBytes.mappedSize {
      try compressor.add(block, to: file)
      size += block.count
    }
    try compressor.finish(to: file)
    try file.finish()
    let bytes = try FileBytes.open(folder + "/a.gz")
    #expect(bytes.buffer.count == size && Array(bytes.buffer.suffix(block.count)) == block)
    bytes.giveBack()
    #expect(Array(bytes.buffer.prefix(block.count)) == block, "what was given back is there again")
  }
}
