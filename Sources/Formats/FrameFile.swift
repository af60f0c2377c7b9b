import Structures

/// The frames of a file, and what the user should know of how they were read.
public struct FrameFile: Sendable {
  public var frames: [LabeledStructure]
  /// Things said once per file, each with how often it applied.
  public var tally: NoteTally

  /// Sentences for the user: "energy read from key REF_energy (284 frames)".
  public var notes: [String] { tally.sentences }

  /// - Parameter tally: what the reader noted; the keys that labels were read from are added.
  public init(frames: [LabeledStructure], tally: NoteTally = NoteTally()) {
    self.frames = frames
    self.tally = NoteTally()
    for (label, key) in [("energy", \Provenance.energyKey), ("forces", \.forcesKey), ("stress", \.stressKey)] {
      for frame in frames {
        if let name = frame.provenance[keyPath: key] { self.tally.add("\(label) read from key \(name)") }
      }
    }
    self.tally.add(tally)
  }
}

/// Sentences that are said once, however often they apply.
public struct NoteTally: Hashable, Sendable {
  private struct Note: Hashable, Sendable {
    var sentence: String
    var unit: String
    var count: Int
  }

  private var notes: [Note] = []

  public init() {}

  /// - Parameters:
  ///   - unit: what is counted ("frame", "row").
  public mutating func add(_ sentence: String, count: Int = 1, of unit: String = "frame") {
    if let index = notes.firstIndex(where: { $0.sentence == sentence && $0.unit == unit }) {
      notes[index].count += count
    } else {
      notes.append(Note(sentence: sentence, unit: unit, count: count))
    }
  }

  /// The notes of another file, added to these.
  public mutating func add(_ other: NoteTally) {
    for note in other.notes { add(note.sentence, count: note.count, of: note.unit) }
  }

  public var sentences: [String] {
    notes.map { "\($0.sentence) (\($0.count) \($0.unit)\($0.count == 1 ? "" : "s"))" }
  }
}
