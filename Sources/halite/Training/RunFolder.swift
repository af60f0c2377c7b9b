import Foundation
import Structures

/// The folder that a run leaves its files in.
struct RunFolder {
  let path: String
  /// True where the run made the folder.
  private let isNew: Bool

  var potential: String { path + "/potential.safetensors" }
  var lastPotential: String { path + "/last.safetensors" }
  var configuration: String { path + "/config.yaml" }
  var log: String { path + "/log.csv" }
  /// Of a linear fit, for `--extend`.
  var factor: String { path + "/factor.safetensors" }
  var checkpoint: String { path + "/checkpoint" }

  /// Makes the folder, or finds a run in it that can be gone on with.
  /// - Throws: `InputError` where it cannot be made or written, or holds a finished run that would be lost.
  init(_ path: String, overwrite: Bool) throws {
    self.path = path
    let files = FileManager.default
    isNew = !files.fileExists(atPath: path)
    // The report is the last to be written: without it the same command makes what is missing.
    if files.fileExists(atPath: path + "/report.html"), !files.fileExists(atPath: path + "/checkpoint"), !overwrite
    {
      throw InputError(
        "holds a finished run already", file: path, remedy: "choose another -o, or replace it with --overwrite")
    }
    do {
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw InputError("cannot make the folder", file: path, remedy: "choose another -o")
    }
    guard files.isWritableFile(atPath: path) else {
      throw InputError("the folder cannot be written", file: path, remedy: "choose another -o")
    }
  }

  /// Takes the folder of a run that came to nothing away again, where the run made it and left it empty.
  func abandon() { if isNew { rmdir(path) } }

  /// Takes the checkpoint away once all results are on disk.
  func finish() { try? FileManager.default.removeItem(atPath: checkpoint) }
}

/// Largest resident memory of the process so far, bytes.
func peakMemory() -> Int {
  // The peak of getrusage counts what the process was before it became this program: a part of the one that started it.
  if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
    let kilobytes = line.split(whereSeparator: \.isWhitespace).dropLast().last.flatMap({ Int($0) })
  {
    return kilobytes * 1024
  }
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}

/// "173 MB".
func memoryText(_ bytes: Int) -> String {
  let size = Double(bytes)
  return size < 1e9 ? String(format: "%.0f MB", size / 1e6) : String(format: "%.2f GB", size / 1e9)
}
