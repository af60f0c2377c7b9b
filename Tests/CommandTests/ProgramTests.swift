import Foundation
import Structures
import Testing

/// The built program, run as its users run it.
struct Program {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The program of this very build: it lies beside the tests.
  static let path: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("halite").path
  }()

  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// A file beside the project; nil where it is not there.
  static func shared(_ name: String) -> String? {
    let path = root.deletingLastPathComponent().appendingPathComponent("shared/" + name).path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  var status: Int32
  var output: String
  var errors: String

  /// Runs the program to its end.
  /// - Parameters:
  ///   - programs: a folder that stands before PATH.
  ///   - isNobody: as a user who owns nothing, where this one may do everything.
  static func run(
    _ arguments: [String], in folder: URL? = nil, path programs: String? = nil, isNobody: Bool = false
  ) throws -> Program {
    let process = Process()
    let words =
      isNobody && getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", path] : [path]
    process.executableURL = URL(fileURLWithPath: words.count > 1 ? "/usr/bin/" + words[0] : words[0])
    process.arguments = words.dropFirst() + arguments
    process.currentDirectoryURL = folder
    if let programs {
      var environment = ProcessInfo.processInfo.environment
      environment["PATH"] = programs + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
      process.environment = environment
    }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Program(status: process.terminationStatus, output: text, errors: said)
  }

  /// Calls `body` with a new folder that is removed afterwards.
  static func withFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("halite-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// The value of `--json` output.
  func json() throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }
}

@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct ProgramTests {
  @Test(arguments: [
    ([], 2, "halite: no command; halite --help lists them"),
    (["dcotor"], 2, "halite: unknown command `dcotor`; did you mean `halite doctor`?"),
    (["xxxxxxxxxx"], 2, "halite: unknown command `xxxxxxxxxx`; halite --help lists the commands"),
    (["data"], 2, "halite: `data` needs a command: import, census, spins, check, select, merge, diff, split"),
    (["data", "cencus", "x"], 2, "halite: unknown command `data cencus`; did you mean `halite data census`?"),
    (["--verison"], 2, "halite: unknown option `--verison` before a command; did you mean `--version`?"),
    (["doctor", "--jsno"], 2, "halite: unknown option `--jsno`; did you mean `--json`?"),
    (["data", "split", "x"], 2, "halite: option --output is needed"),
    (
      ["data", "split", "x", "-o", "y", "--by", "gruop"], 2,
      "halite: option --by: expected frame, composition or group KEY, found `gruop`; did you mean `group`?"
    ),
    (
      ["data", "split", "x", "-o", "y", "--train", "1.5"], 2,
      "halite: option --train: expected a number above 0 and at most 1, found 1.5"
    ),
    (
      ["data", "check", "x", "--quarantine", "y"], 2,
      "halite: --quarantine and -o belong together; give both, so that no frame is lost"
    ),
  ])
  func wrongCallsEndWithOneLine(arguments: [String], status: Int, expected: String) throws {
    let run = try Program.run(arguments)
    #expect(Int(run.status) == status)
    #expect(run.errors == expected + "\n")
    #expect(run.output.isEmpty)
  }

  @Test func versionAndHelpSucceed() throws {
    let version = try Program.run(["--version"])
    #expect(version.output == "halite \(HaliteVersion.current)\n")
    for arguments in [["--help"], ["help"], ["data", "--help"], ["help", "data", "split"], ["doctor", "-h"]] {
      let run = try Program.run(arguments)
      #expect(run.status == 0)
      #expect(run.errors.isEmpty)
      #expect(run.output.hasPrefix("halite"))
    }
  }

  @Test func aMissingFileIsAFailureNotAWrongCall() throws {
    let run = try Program.run(["data", "census", "/nowhere/x.extxyz"])
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("halite: /nowhere/x.extxyz: "))
    #expect(run.errors.filter(\.isNewline).count == 1)
  }

  @Test func doctorSaysWhatThereIs() throws {
    let facts = try Program.run(["doctor", "--json"]).json()
    #expect(facts["version"] as? String == HaliteVersion.current)
    #expect(try #require(facts["cores"] as? Int) >= 1)
    #expect(try #require(facts["memory"] as? Int) > 1_000_000)
    let blas = try #require(facts["blas"] as? [String: Any])
    #expect(blas["threads"] as? Int == 1)
    let text = try Program.run(["doctor"])
    #expect(text.status == 0)
    #expect(text.output.contains("BLAS"))
  }

  @Test func aFullDiskIsOneLine() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = ["--help"]
    process.standardOutput = full
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(said == "halite: standard output cannot be written (No space left on device)\n")
  }

  @Test func aClosedPipeEndsQuietly() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let script = "( sleep 0.2; \"$0\" --help; echo status $? >&2 ) | true"
    process.arguments = ["-c", script, Program.path]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(said == "status 0\n")
  }
}
