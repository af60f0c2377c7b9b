import Structures

/// An extxyz file of any size, also packed, read in pieces of whole frames.
struct ExtendedXYZStream {
  /// Bytes of a piece; a frame is never cut.
  private static let pieceSize = 1 << 22

  private var lines: LineStream
  private let keys: KeyChoice
  private var piece: [UInt8] = []
  private var frames = 0

  init(_ window: ByteWindow, keys: KeyChoice) {
    lines = LineStream(window)
    self.keys = keys
  }

  /// - Throws: `InputError`, and what `body` throws.
  mutating func read(_ body: (LabeledStructure) throws -> Void) throws -> StreamSummary {
    var tally = NoteTally()
    while true {
      let line = lines.number
      guard try fill() else { break }
      guard piece.contains(where: { !isBlankByte($0) && $0 != 10 }) else { continue }
      try piece.withUnsafeBytes { bytes in
        var reader = ExtendedXYZReader(
          lines: try TextLines(bytes, file: lines.file, behind: line), keys: keys, framesBefore: frames)
        while let frame = try reader.next() {
          frames += 1
          try body(frame)
        }
        tally.add(reader.tally)
      }
    }
    return StreamSummary(tally: tally)
  }

  /// Takes lines until the piece is full; false at the end of the file.
  private mutating func fill() throws(InputError) -> Bool {
    piece.removeAll(keepingCapacity: true)
    while piece.count < Self.pieceSize, let count = try takeLine() {
      // A line that is no count ends the piece: the reader then says what is wrong with it.
      guard let count, count < 1 << 40 else { continue }
      for _ in 0...count {
        if try takeLine() == nil { return true }
      }
    }
    return !piece.isEmpty
  }

  /// Takes a line; the number that it consists of, if it does. nil at the end of the file.
  private mutating func takeLine() throws(InputError) -> Int?? {
    guard let line = try lines.next() else { return nil }
    piece.append(contentsOf: line.bytes)
    piece.append(10)
    return .some(line.trimmed.integer)
  }
}
