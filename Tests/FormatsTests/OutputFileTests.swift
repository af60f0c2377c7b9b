import Foundation
import Testing

@testable import Formats

@Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
func aFullDiskIsSaid() throws {
  let said = message { try OutputFile.write(Array("text".utf8), to: "/dev/full") }
  #expect(said == "/dev/full: cannot write: No space left on device; free space or choose another disk")
  #expect(FileManager.default.fileExists(atPath: "/dev/full"))
}

@Test func linksSurviveAndPointToTheNewFile() throws {
  try withTemporaryFolder { folder in
    try FileManager.default.createDirectory(atPath: folder + "/b", withIntermediateDirectories: false)
    try write("old", to: folder + "/b/real.xyz")
    try FileManager.default.createSymbolicLink(atPath: folder + "/a.xyz", withDestinationPath: "b/real.xyz")
    try OutputFile.write(Array("new".utf8), to: folder + "/a.xyz")
    #expect(try String(contentsOfFile: folder + "/b/real.xyz", encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/a.xyz") == "b/real.xyz")
  }
}
