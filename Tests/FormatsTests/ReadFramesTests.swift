import Foundation
import Structures
import Testing

@testable import Formats

private let xyz = "1\nProperties=species:S:1:pos:R:3 energy=-1\nLi 0 0 0\n"
private let xsf = "# total energy = -1 eV\nATOMS\nLi 0 0 0\n"

@Test(arguments: [
  ("a.xyz", "extxyz"), ("b/a.EXTXYZ", "extxyz"), ("a.xyz.gz", "extxyz"), ("a.xsf", "xsf"), ("a.axsf.GZ", "xsf"),
  ("POSCAR", "poscar"), ("x/CONTCAR", "poscar"), ("POSCAR.relax1.gz", "poscar"), ("POSCAR_12", "poscar"),
  ("a.vasp", "poscar"), ("a.poscar", "poscar"), ("XSF.d/POSCAR", "poscar"),
])
func theNameTellsTheFormat(_ path: String, _ name: String) throws {
  #expect(try Formats.format(for: path).metadata.name == name)
}

@Test(arguments: [("extxyz", "extxyz"), ("xyz", "extxyz"), ("vasp", "poscar"), ("XSF", "xsf")])
func formatsAreNamed(_ asked: String, _ name: String) throws {
  #expect(try Formats.format(named: asked, for: "a.dat").metadata.name == name)
}

@Test func anUnknownFormatIsRefusedWithTheNearest() {
  let known = "known formats: extxyz, xsf, poscar"
  #expect(
    message { _ = try Formats.format(named: "extxzy", for: "a") }
      == "unknown format \"extxzy\"; did you mean extxyz? \(known)")
  #expect(
    message { _ = try Formats.format(for: "a.extxy") }
      == "a.extxy: unknown suffix .extxy; did you mean .extxyz? \(known)")
  #expect(
    message { _ = try Formats.format(for: "data") }
      == "data: a name without suffix does not tell the format; \(known)")
  #expect(message { _ = try Formats.format(named: "qqq", for: "a") } == "unknown format \"qqq\"; \(known)")
}

@Test func filesThatCannotBeOpenedAreSaid() throws {
  #expect(
    message { _ = try readFrames("/nowhere/a.xyz") } == "/nowhere/a.xyz: cannot open: No such file or directory")
}

@Test func gzippedFilesAreReadAndDamagedOnesRefused() throws {
  try withTemporaryFolder { folder in
    let packed = try Gzip.compress(Array(xyz.utf8))
    #expect(try Gzip.decompress(packed + packed, file: "a") == Array((xyz + xyz).utf8))
    #expect(
      message { _ = try Gzip.decompress(packed.dropLast(9), file: "a.gz") }.hasPrefix(
        "a.gz: the gzip data end early"))
    var damaged = packed
    damaged[20] ^= 0xFF
    #expect(message { _ = try Gzip.decompress(damaged, file: "a.gz") }.hasPrefix("a.gz: the gzip data are damaged"))
    try Data(packed).write(to: URL(fileURLWithPath: folder + "/a.xyz.gz"))
    #expect(try readFrames(folder + "/a.xyz.gz").frames[0].labels.energy == -1)
  }
}

@Test func namesAreInNaturalOrder() {
  let names = ["structure10.xsf", "structure2.xsf", "structure1.xsf", "structure01.xsf", "a", "structure2b.xsf"]
  let sorted = names.sorted(by: naturallyPrecedes)
  #expect(
    sorted == ["a", "structure01.xsf", "structure1.xsf", "structure2.xsf", "structure2b.xsf", "structure10.xsf"])
  #expect(!naturallyPrecedes("a1", "a1"))
}

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
