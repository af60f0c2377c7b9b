/// The frames that a potential gets most wrong.
public struct WorstFrames: Sendable {
  public struct Entry: Sendable, Equatable {
    public var part: DataPart
    public var row: FrameErrors
  }

  /// By |ΔE|/N, largest first.
  public let energy: [Entry]
  /// By the largest |ΔF| of an atom, largest first.
  public let forces: [Entry]

  /// - Parameter count: frames in each list; frames of equal error stand in the order of the parts.
  public init(_ parts: [PartReport], count: Int = 10) {
    let entries = parts.flatMap { report in report.rows.map { Entry(part: report.part, row: $0) } }
    energy = Self.largest(count, of: entries) { $0.energyError.map(abs) }
    forces = Self.largest(count, of: entries) { $0.worstAtom?.error }
  }

  private static func largest(
    _ count: Int, of entries: [Entry], by measure: (FrameErrors) -> Double?
  ) -> [Entry] {
    let measured = entries.enumerated().compactMap { place, entry in
      measure(entry.row).map { (size: $0, place: place, entry: entry) }
    }
    return measured.sorted { ($1.size, $0.place) < ($0.size, $1.place) }.prefix(count).map(\.entry)
  }
}
