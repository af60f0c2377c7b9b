import Foundation
import Optimization
import Settings
import Structures

/// What the machine and this build have, for `halite doctor`.
struct MachineReport: Encodable {
  struct Part: Encodable {
    var name: String
    /// "required" or "optional".
    var need: String
    /// Where it was found; nil where it was not.
    var found: String?
    /// What it is for, and how to get it.
    var advice: String
  }

  struct BLAS: Encodable {
    var name = "OpenBLAS"
    var core = OpenBLASCore.name
    var threads = OpenBLASCore.threads
    /// True where Halite chose the core type because OpenBLAS guessed too low.
    var corrected = OpenBLASCore.isCorrected
  }

  var version = HaliteVersion.current
  var build = MachineReport.buildMode
  var processor = Processor.modelName
  var cores = ProcessInfo.processInfo.activeProcessorCount
  /// Bytes that this process may use.
  var memory = MachineReport.memoryLimit()
  var simd = Processor.level
  var blas = BLAS()
  var folder = FileManager.default.currentDirectoryPath
  /// Bytes; nil where the system does not say.
  var free_disk = MachineReport.freeBytes(of: FileManager.default.currentDirectoryPath)
  var writable = FileManager.default.isWritableFile(atPath: FileManager.default.currentDirectoryPath)
  var parts = MachineReport.optionalParts()

  private static var buildMode: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  /// Memory of the machine, or of the control group where that is less.
  private static func memoryLimit() -> UInt64 {
    let machine = ProcessInfo.processInfo.physicalMemory
    let group = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
    let limit = group.flatMap { UInt64($0.split(whereSeparator: \.isWhitespace).first ?? "") }
    return min(machine, limit ?? machine)
  }

  private static func freeBytes(of folder: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }

  private static func optionalParts() -> [Part] {
    [
      Part(
        name: "peers", need: "optional", found: peersPython(),
        advice: "Python environment of other programs for the comparison tests: make peers"),
      Part(
        name: "LAMMPS", need: "optional", found: executable(["lmp"]),
        advice: "for comparison with its potentials: apt install lammps"),
      Part(
        name: "browser", need: "optional", found: executable(["chromium", "google-chrome", "firefox"]),
        advice: "to look at report.html: apt install chromium"),
      Part(
        name: "rsvg-convert", need: "optional", found: executable(["rsvg-convert"]),
        advice: "plots as PNG or PDF: apt install librsvg2-bin"),
    ]
  }

  private static func executable(_ names: [String]) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    for name in names {
      for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
      }
    }
    return nil
  }

  private static func peersPython() -> String? {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HALITE_PEERS"] ?? (environment["HOME"] ?? "") + "/.cache/halite/peers"
    let python = home + "/bin/python"
    return FileManager.default.isExecutableFile(atPath: python) ? python : nil
  }
}

extension MachineReport {
  /// One line a fact; where something is wrong or missing, what to do.
  var text: String {
    var rows = [
      ("version", version),
      ("build", build == "release" ? build : "debug: slow; build with swift build -c release"),
      ("processor", processor.isEmpty ? "unknown" : processor),
      ("cores", "\(cores)"),
      ("memory", bytesText(memory)),
      ("SIMD", simd),
      ("BLAS", blasText),
      ("folder", folderText),
    ]
    rows += parts.map { part in
      (part.name, part.found.map { "\($0)" } ?? "not found (\(part.need)); " + part.advice)
    }
    return rows.map { $0.0 + String(repeating: " ", count: max(1, 14 - $0.0.count)) + $0.1 }.joined(separator: "\n")
  }

  private var blasText: String {
    let threads = blas.threads == 1 ? "1 thread (Halite's loops are the parallel ones)" : "\(blas.threads) threads"
    let choice = blas.corrected ? ", core type chosen by Halite" : ""
    let better = OpenBLASCore.better(than: blas.core, on: Processor.current)
    let set = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
    let advice =
      better.map { core in
        "; slower than this processor can: "
          + (set == nil ? "set OPENBLAS_CORETYPE=\(core)" : "take OPENBLAS_CORETYPE out of the environment")
      } ?? ""
    return "\(blas.name) \(blas.core)\(choice), \(threads)\(advice)"
  }

  private var folderText: String {
    let free = free_disk.map { bytesText($0) + " free" } ?? "free space unknown"
    var advice = writable ? "" : "; not writable: change to a folder of yours"
    if let free_disk, free_disk < 1 << 30 { advice += "; little space: reports and checkpoints may not fit" }
    return "\(folder), \(free)\(advice)"
  }
}

/// "16.4 GB" (10⁹ bytes), "312 MB".
func bytesText(_ bytes: UInt64) -> String {
  bytes >= 1_000_000_000
    ? String(format: "%.1f GB", Double(bytes) / 1e9) : String(format: "%.0f MB", Double(bytes) / 1e6)
}
