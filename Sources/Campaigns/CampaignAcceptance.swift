import Formats
import Structures

/// What an `accept` did.
public struct AcceptanceReport: Encodable, Sendable {
  public var accepted = 0
  /// Finished entries that were left, with the reason of each.
  public var refused: [Refusal] = []

  public struct Refusal: Encodable, Sendable {
    public var entry: Int
    public var reason: String
  }
}

extension Campaign {
  /// Takes finished entries into the data set.
  /// - Parameters:
  ///   - words: numbers or hashes of entries; none: all finished ones.
  ///   - reasons: why a frame does not look right; empty where it does.
  /// - Throws: `InputError` where an entry is named that is not finished.
  public func accept(_ words: [String], reasons: (LabeledStructure) throws -> [String]) throws -> AcceptanceReport {
    try locked { database in
      var report = AcceptanceReport()
      let entries = words.isEmpty ? try database.entries([.finished]) : try database.entries(named: words)
      if let other = entries.first(where: { ![.finished, .accepted].contains($0.state) }) {
        throw InputError("entry \(other.id) is \(other.state.rawValue), not finished", file: shown)
      }
      try database.transaction {
        for var entry in entries where entry.state == .finished {
          let frame = try database.frames(.result, [entry.id])[0]
          let found = try reasons(frame)
          guard found.isEmpty else {
            report.refused.append(.init(entry: entry.id, reason: found.joined(separator: "; ")))
            continue
          }
          entry.state = .accepted
          try database.move(entry)
          report.accepted += 1
        }
      }
      return report
    }
  }

  /// The accepted frames with what is known of them, in the order of the entries.
  public func acceptedFrames() throws -> [LabeledStructure] {
    let database = try open()
    return try database.frames(.result, database.entries([.accepted]).map(\.id))
  }
}
