import Foundation
import Testing

@testable import Structures

private func inFolder<R>(_ body: (String) throws -> R) throws -> R {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("atomic-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}

private func names(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

private func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return "no error"
}

@Suite struct AtomicFileTests {
  @Test(arguments: [0, 1, 1 << 16, (1 << 16) + 1, 300_000])
  func bytesComeBack(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try inFolder { folder in
      try AtomicFile.write(bytes, to: folder + "/a")
      #expect(try AtomicFile.read(folder + "/a") == bytes)
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func whatCannotBeReadOrWrittenIsSaid() throws {
    #expect(
      message { _ = try AtomicFile.read("/nowhere/a") } == "/nowhere/a: cannot open: No such file or directory")
    #expect(
      message { try AtomicFile.write([1], to: "/nowhere/a") }
        == "/nowhere/a: cannot write: No such file or directory; choose another folder")
    try inFolder { folder in
      #expect(message { _ = try AtomicFile.read(folder) } == "\(folder): is a folder, expected a file")
      #expect(
        message { try AtomicFile.write([], to: folder) }
          == "\(folder): cannot write: there is a folder of that name")
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func aFullDiskIsSaid() throws {
    let said = message { try AtomicFile.write(Array("text".utf8), to: "/dev/full") }
    #expect(said == "/dev/full: cannot write: No space left on device; free space or choose another disk")
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }

  @Test func linksSurviveAndPointToTheNewFile() throws {
    try inFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/b", withIntermediateDirectories: false)
      try AtomicFile.write("old".utf8, to: folder + "/b/real")
      try FileManager.default.createSymbolicLink(atPath: folder + "/a", withDestinationPath: "b/real")
      try AtomicFile.write("new".utf8, to: folder + "/a")
      #expect(try AtomicFile.read(folder + "/b/real") == Array("new".utf8))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/a") == "b/real")
    }
  }

  /// Where the second of two files cannot be written, the first one is not there either, and an old one stays.
  @Test func filesThatBelongTogetherAppearTogether() throws {
    try inFolder { folder in
      try AtomicFile.write("old".utf8, to: folder + "/a")
      let files = [("\(folder)/a", Array("new".utf8)), ("\(folder)/missing/b", Array("new".utf8))]
      #expect(message { try AtomicFile.write(files) }.hasPrefix("\(folder)/missing/b: cannot write"))
      #expect(try AtomicFile.read(folder + "/a") == Array("old".utf8))
      #expect(try names(folder) == ["a"])
      try AtomicFile.write([("\(folder)/a", [1]), ("\(folder)/b", [2])])
      #expect(try names(folder) == ["a", "b"])
    }
  }

  /// Parts of files are removed once their writer is gone, and nothing else.
  @Test func leftoversOfKilledWritersGo() throws {
    try inFolder { folder in
      let dead = Process()
      dead.executableURL = URL(fileURLWithPath: "/bin/true")
      try dead.run()
      dead.waitUntilExit()
      func part(_ process: Int32) -> String {
        let place = AtomicFile.place(beside: folder + "/a.csv").replacing(".\(getpid()).", with: ".\(process).")
        return String(place.dropFirst(folder.count + 1))
      }
      let own = part(getpid())
      let gone = part(dead.processIdentifier)
      #expect(own != gone && own.hasPrefix(".a.csv.") && own.hasSuffix(".\(getpid()).part"))
      let other = ".a.csv.elsewhere.\(dead.processIdentifier).part"
      let kept = ["a.csv", own, ".hidden.part", other]
      for name in kept + [gone] {
        try AtomicFile.write([0x41], to: folder + "/" + name)
      }
      AtomicFile.removeLeftovers(in: folder)
      #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder)) == Set(kept))
    }
  }
}
