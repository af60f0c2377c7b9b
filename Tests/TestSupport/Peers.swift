import Foundation

/// Other people's programs that comparison tests ask: the Python environment of `make peers`.
public enum Peers {
  /// Its folder: HALITE_PEERS, or `.cache/halite/peers` at home.
  public static var folder: String {
    let environment = ProcessInfo.processInfo.environment
    return environment["HALITE_PEERS"] ?? (environment["HOME"] ?? "") + "/.cache/halite/peers"
  }

  /// For `.enabled(if:)`.
  public static var arePresent: Bool { FileManager.default.isExecutableFile(atPath: folder + "/bin/python") }

  /// True where Python packages are in the environment, too: those of `make peers HEAVY=1`.
  public static func areAll(_ packages: [String]) -> Bool {
    let library = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/lib")) ?? []
    return arePresent
      && packages.allSatisfy { package in
        library.contains {
          FileManager.default.fileExists(atPath: folder + "/lib/\($0)/site-packages/" + package)
        }
      }
  }

  /// What a left-out comparison test says.
  public static let absence = "the peers are absent: run `make peers`"

  /// What a Python script prints on standard output.
  /// - Throws: `Failure` with the script's last words where it ends with another status than 0.
  public static func ask(_ script: String, arguments: [String] = []) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: folder + "/bin/python")
    process.arguments = ["-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw Failure(description: String(text.suffix(2000))) }
    return text
  }

  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }
}
