import Foundation
import Settings
import Structures

/// The folder of one run: what `halite train` leaves, and `run.json` of the study.
struct StudyRunFolder: Sendable {
  let path: String

  var report: String { path + "/report.json" }
  var predictions: String { path + "/predictions.safetensors" }
  var log: String { path + "/log.csv" }
  var settings: String { path + "/settings.yaml" }
  var output: String { path + "/output.txt" }
  var lock: String { path + "/run.lock" }
  private var state: String { path + "/run.json" }

  /// What the study knows of a run beside its report.
  struct State: Codable, Sendable {
    var fingerprint: String
    var starts = 0
    /// Of all starts whose end was seen, s.
    var processor_seconds = 0.0
    /// Why the last start failed.
    var failure: String?
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

  /// The report is the last file of a training; its checkpoint goes after it.
  var isTrained: Bool {
    exists("report.html") && exists("report.json") && exists("predictions.safetensors") && !exists("checkpoint")
  }

  func isDone(_ fingerprint: String) -> Bool { isTrained && read()?.fingerprint == fingerprint }

  /// A run with other settings, data or split.
  func isOther(_ fingerprint: String) -> Bool { read().map { $0.fingerprint != fingerprint } ?? isTrained }

  func read() -> State? { try? readJSON(State.self, path: state) }

  func write(_ new: State) throws { try AtomicFile.write(Array(jsonText(new).utf8), to: state) }

  /// The line in which a training says why it ended; "ended with status N" where there is none.
  func message(_ status: Int32) -> String {
    let text = String(decoding: (try? AtomicFile.read(output)) ?? [], as: UTF8.self)
    let said = text.split(separator: "\n").last { $0.hasPrefix("halite: ") }
    if let said { return String(said.dropFirst("halite: ".count)) }
    switch status {
    case 137: return "it was killed (out of memory?), see \(output)"
    case 128...: return "signal \(status - 128) ended it, see \(output)"
    default: return "it ended with status \(status), see \(output)"
    }
  }
}
