import Foundation
import Structures
import Testing

@testable import Formats

private let xyz = "1\nProperties=species:S:1:pos:R:3 energy=-1\nLi 0 0 0\n"
private let xsf = "# total energy = -1 eV\nATOMS\nLi 0 0 0\n"

@Test func aFolderIsReadInNaturalOrderAndOtherFilesAreSaid() throws {
  try withTemporaryFolder { folder in
    for number in [10, 9, 1] {
      try write("# total energy = -\(number) eV\nATOMS\nLi 0 0 0\n", to: folder + "/structure\(number).xsf")
    }
    try write("about", to: folder + "/README")
    let file = try readFrames(folder + "/")
    #expect(file.frames.map(\.labels.energy) == [-1, -9, -10])
    #expect(file.frames[2].provenance.file == folder + "/structure10.xsf")
    #expect(
      file.notes == [
        "energy read from key total energy (3 frames)", "not read: of another format than xsf (1 file)",
      ])
    try write(xyz, to: folder + "/a.xyz")
    #expect(
      message { _ = try readFrames(folder) }.hasSuffix(
        "files of several formats in the folder: extxyz, xsf; name the format"))
    #expect(try readFrames(folder, options: ReadOptions(format: "xsf")).frames.count == 3)
  }
}

@Test func anErrorInAFolderNamesTheFile() throws {
  try withTemporaryFolder { folder in
    try write(xsf, to: folder + "/1.xsf")
    try write("ATOMS\nLi 0 0\n", to: folder + "/2.xsf")
    #expect(message { _ = try readFrames(folder) }.hasPrefix(folder + "/2.xsf:2: atom 1 has 2 numbers"))
    try FileManager.default.removeItem(atPath: folder + "/1.xsf")
    try FileManager.default.removeItem(atPath: folder + "/2.xsf")
    #expect(message { _ = try readFrames(folder) } == folder + ": no file of a known format in the folder")
  }
}

/// Frame by frame, in pieces of 4 MB, is as all at once: ids, places, lines, notes and errors.
@Test func aStreamOfExtendedXYZIsAsTheWholeFile() throws {
  try withTemporaryFolder { folder in
    let frame = "2\nProperties=species:S:1:pos:R:3 energy=-1\nLi 0 0 0\nO 1 1 1\n"
    let path = folder + "/a.extxyz"
    let text = String(repeating: frame, count: 100_000)
    try write(text + "\n\n", to: path)
    var found: [LabeledStructure] = []
    let summary = try forEachFrame(of: path) { found.append($0) }
    let whole = try readFrames(path)
    #expect(found.count == 100_000 && found == whole.frames)
    #expect(!summary.tally.sentences.isEmpty || whole.notes == ["energy read from key energy (100000 frames)"])
    try write(text + "2\nx\nLi 0 0 0\n", to: path)
    let expected = message { _ = try readFrames(path) }
    #expect(message { _ = try forEachFrame(of: path) { _ in } } == expected)
  }
}
