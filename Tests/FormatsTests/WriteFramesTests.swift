import Foundation
import Structures
import Testing

@testable import Formats

private func frames(_ count: Int) throws -> [LabeledStructure] {
  try (0..<count).map { index in
    try read(
      "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3 energy=-\(index) stress=\"1 1 1 0 0 0\"\nLi 0 0 0.\(index)\n",
      file: "a.xyz"
    ).frames[0]
  }
}

private func names(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

@Test(arguments: ["a.extxyz", "a.xyz.gz", "a.xsf.d", "a.vasp.d/"])
func framesComeBackFromWhereTheyWereWritten(_ name: String) throws {
  try withTemporaryFolder { folder in
    let frames = try frames(12)
    try writeFrames(frames, to: folder + "/" + name)
    let back = try readFrames(folder + "/" + name).frames
    #expect(back.map(\.structure) == frames.map(\.structure))
    #expect(back.map(\.id) == frames.map(\.id))
    #expect(try names(folder).count == 1)
  }
}

@Test func aSingleFrameComesBackFromEveryFormat() throws {
  try withTemporaryFolder { folder in
    let frame = try frames(1)[0]
    for format in Formats.all where format.metadata.canRead && format.metadata.canWrite {
      let packed = format is any FolderFormat.Type ? [] : format.metadata.suffixes.map { $0 + ".gz" }
      for suffix in format.metadata.suffixes + packed {
        try writeFrames([frame], to: folder + "/a" + suffix)
        #expect(try readFrames(folder + "/a" + suffix).frames[0].structure == frame.structure)
      }
    }
  }
}

@Test func whatIsLostIsSaid() throws {
  try withTemporaryFolder { folder in
    let frames = try frames(2)
    #expect(
      try writeFrames(Array(frames[..<1]), to: folder + "/POSCAR")
        == ["poscar does not hold energy (1 frame)", "poscar does not hold stress (1 frame)"])
    #expect(try writeFrames(frames, to: folder + "/a.xsf.d") == ["xsf does not hold stress (2 frames)"])
    #expect(try writeFrames(frames, to: folder + "/a.xyz") == [])
  }
}

/// Settings and other keys are named, and so are columns.
@Test func keysAndColumnsThatAreLostAreNamed() throws {
  try withTemporaryFolder { folder in
    var frame = try frames(1)[0]
    frame.set("functional", "PBE")
    frame.set("hubbard_u", "Mn=3.9")
    frame.columns = [
      AtomColumn(
        name: "tags", kind: .integer, width: 1, values: Array(repeating: "1", count: frame.structure.count))
    ]
    let losses = try writeFrames([frame], to: folder + "/a.npy.d")
    #expect(
      losses.contains("deepmd/npy does not hold the keys functional, hubbard_u (1 frame)")
        && losses.contains("deepmd/npy does not hold the columns tags (1 frame)"), "\(losses)")
  }
}

/// Six numbers hold half of an asymmetric stress.
@Test func asymmetricStressesAreSaid() throws {
  var frame = try frames(1)[0]
  let skew = Matrix3([1, 0.5, 0], [0, 1, 0], [0, 0, 1])
  frame.labels.virial = skew
  for format in [MLIPConfigurations.self, ASEDatabase.self] as [any StructureFormat.Type] {
    #expect(format.remark(writing: frame)?.contains("the stress is not symmetric") ?? false)
    frame.labels.virial = .identity
    #expect(!(format.remark(writing: frame)?.contains("symmetric") ?? false))
    frame.labels.virial = skew
  }
}

@Test func manyFramesNeedAFolder() throws {
  try withTemporaryFolder { folder in
    let frames = try frames(2)
    #expect(
      message { try writeFrames(frames, to: folder + "/a.xsf") }
        == "\(folder)/a.xsf: a xsf file holds one frame, not 2; write to a folder, NAME.xsf.d")
    #expect(message { try writeFrames([], to: "a.xyz") } == "a.xyz: no frames to write")
    try writeFrames(frames, to: folder + "/a.xsf.d")
    #expect(
      message { try writeFrames(frames, to: folder + "/a.xsf.d") }
        == "\(folder)/a.xsf.d: cannot write: it is there already; remove it or choose another name")
    #expect(try names(folder) == ["a.xsf.d"])
  }
}

@Test func aFailedWriteLeavesTheOldFileAndNothingElse() throws {
  try withTemporaryFolder { folder in
    var frames = try frames(2)
    try writeFrames(frames, to: folder + "/a.xyz")
    let old = try Data(contentsOf: URL(fileURLWithPath: folder + "/a.xyz"))
    frames[1].labels.energy = .infinity
    #expect(
      message { try writeFrames(frames, to: folder + "/a.xyz") }
        == "\(folder)/a.xyz: the energy of a.xyz frame 0 hold a number that is not finite")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/a.xyz")) == old)
    #expect(try names(folder) == ["a.xyz"])
  }
}

@Test func aPlaceThatCannotBeWrittenIsSaid() throws {
  let frames = try frames(1)
  #expect(
    message { try writeFrames(frames, to: "/nowhere/a.xyz") }
      == "/nowhere/a.xyz: cannot write: No such file or directory; choose another folder")
  try withTemporaryFolder { folder in
    #expect(
      message { try AtomicFile.write([], to: folder) }
        == "\(folder): cannot write: there is a folder of that name")
  }
}
