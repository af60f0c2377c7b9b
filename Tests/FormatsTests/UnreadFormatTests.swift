import Testing

@testable import Formats

@Test(arguments: [
  ("XDATCAR", "a VASP XDATCAR"), ("XDATCAR.gz", "a VASP XDATCAR"), ("a.traj", "an ASE trajectory"),
  ("a.pdb", "a PDB file"),
])
func aKnownKindThatIsNotReadSaysTheWay(name: String, description: String) throws {
  try withTemporaryFolder { folder in
    let path = folder + "/" + name
    #expect(message { _ = try readFrames(path) } == "\(path): cannot open: No such file or directory")
    try write("x", to: path)
    let expected =
      "\(path): \(description), which is not read yet; make it extxyz by ASE: ase convert \(path) frames.extxyz"
    #expect(message { _ = try readFrames(path) } == expected)
    #expect(message { _ = try readFrames(folder) } == expected)
  }
}

@Test func packedFilesSayHowToUnpackThem() throws {
  try withTemporaryFolder { folder in
    let path = folder + "/a.extxyz.xz"
    try write("x", to: path)
    #expect(
      message { _ = try readFrames(path) }
        == "\(path): packed as .xz, which is not read; unpack it: unxz \(path)")
    try write("{}", to: folder + "/split.json")
    #expect(message { _ = try readFrames(folder + "/split.json") }.hasSuffix("a split file belongs to --split"))
  }
}

@Test func theWordOfTheFormatCountsForMoreThanTheName() throws {
  try withTemporaryFolder { folder in
    let path = folder + "/frames.json"
    try write("1\nProperties=species:S:1:pos:R:3 energy=-1\nLi 0 0 0\n", to: path)
    #expect(try readFrames(path, options: ReadOptions(format: "extxyz")).frames.count == 1)
  }
}
