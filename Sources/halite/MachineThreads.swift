import Foundation

/// The option of every command that works in parallel.
let threadsOption = Option<Int?>("threads", help: "threads of Halite's own loops; all cores where it is not given")

extension ParsedArguments {
  /// How many threads to use.
  /// - Throws: `InputError` (usage) for a number below 1.
  func threads() throws -> Int {
    let count = self[threadsOption] ?? ProcessInfo.processInfo.activeProcessorCount
    guard count >= 1 else { throw usageError("option --threads: expected 1 or more, found \(count)") }
    return count
  }
}
