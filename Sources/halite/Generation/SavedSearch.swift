import Foundation
import Rocksalts
import Settings
import Structures

/// What a search for a quasirandom structure leaves beside its output, `OUT.search.json`, until its work is done: the
/// same call goes on from it.
final class SavedSearch {
  private struct Content: Codable {
    var call: String
    var progress: QuasirandomProgress
  }

  let path: String
  /// What an earlier call has saved.
  let resumed: QuasirandomProgress?
  private let call: String
  private var latest: QuasirandomRound?
  /// The first round is saved at once.
  private var lastSaved = -Double.infinity

  /// Seconds between two saves.
  private static let interval = 5.0

  /// - Parameter call: all that decides the course of the search, for people to read.
  /// - Throws: `InputError` where another search lies beside the output.
  init(output: String, call: String) throws {
    path = output + ".search.json"
    self.call = HaliteVersion.current + ": " + call
    guard FileManager.default.fileExists(atPath: path) else {
      resumed = nil
      return
    }
    let content = try readJSON(Content.self, path: path)
    guard content.call == self.call else {
      throw InputError(
        "another search is unfinished here: \(content.call)", file: path,
        remedy: "go on with that call, delete this file, or write to another one than \(output)")
    }
    resumed = content.progress
  }

  func take(_ round: QuasirandomRound) throws {
    latest = round
    if ProcessInfo.processInfo.systemUptime - lastSaved > Self.interval { try save() }
  }

  /// - Returns: true where the same call would go on.
  func finish(_ stop: QuasirandomStop) throws -> Bool {
    guard latest != nil else { return false }
    switch stop {
    case .time, .interrupted, .running:
      try save()
      return true
    case .steps, .target, .perfect:
      unlink(path)
      return false
    }
  }

  private func save() throws {
    guard let progress = latest?.progress else { return }
    try AtomicFile.write(jsonText(Content(call: call, progress: progress)).utf8, to: path)
    lastSaved = ProcessInfo.processInfo.systemUptime
  }
}
