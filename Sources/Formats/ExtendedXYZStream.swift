import Glibc
import Structures

/// An extxyz file of any size, also packed, read in pieces of whole frames.
struct ExtendedXYZStream {
  /// Whole lines from the window's cursor on.
  private struct Piece {
    var bytes = 0
    var lines = 0
  }

  private var window: ByteWindow
  private let keys: KeyChoice
  private var linesBefore = 0
  private var frames = 0

  init(_ window: ByteWindow, keys: KeyChoice) {
    self.window = window
    self.keys = keys
  }

  /// - Throws: `InputError`, and what `body` throws.
  mutating func read(_ body: (LabeledStructure) throws -> Void) throws -> StreamSummary {
    var tally = NoteTally()
    while let piece = try fill() {
      let bytes = UnsafeRawBufferPointer(start: window.cursor, count: piece.bytes)
      if bytes.contains(where: { !isBlankByte($0) && $0 != 10 }) {
        var reader = ExtendedXYZReader(
          lines: try TextLines(bytes, file: window.file, behind: linesBefore), keys: keys, framesBefore: frames)
        while let frame = try reader.next() {
          frames += 1
          try body(frame)
        }
        tally.add(reader.tally)
      }
      window.cursor += piece.bytes
      linesBefore += piece.lines
    }
    return StreamSummary(tally: tally)
  }

  /// The whole frames in the window, at least one; at the end of the file what is left of it. nil behind that.
  private mutating func fill() throws(InputError) -> Piece? {
    var whole = Piece()
    var piece = Piece()
    while let line = try takeLine(&piece, refills: whole.bytes == 0) {
      // A line that is no count goes along: the reader then says what is wrong with it.
      if let count = line.trimmed.integer, count < 1 << 40 {
        for _ in 0...count {
          guard try takeLine(&piece, refills: whole.bytes == 0) != nil else {
            return whole.bytes > 0 ? whole : piece
          }
        }
      }
      whole = piece
    }
    return whole.bytes > 0 ? whole : nil
  }

  /// Adds a line to the piece, valid until the next call.
  /// - Returns: nil at the end of the file, and at the end of the window if it is not to move on.
  @inline(__always)
  private mutating func takeLine(_ piece: inout Piece, refills: Bool) throws(InputError) -> TextSlice? {
    var searched = piece.bytes
    while true {
      let start = window.cursor + piece.bytes
      let rest = window.cursor + searched
      if let found = memchr(rest, 10, window.end - rest) {
        let end = rest + (UnsafeRawPointer(found) - UnsafeRawPointer(rest))
        piece.bytes = end + 1 - window.cursor
        piece.lines += 1
        return TextSlice(start: start, end: end)
      }
      searched = window.end - window.cursor
      guard refills else { return nil }
      guard searched - piece.bytes <= ByteSource.longestStretch else {
        throw InputError(
          "a line of more than \(ByteSource.longestStretch) bytes", file: window.file,
          line: linesBefore + piece.lines + 1, remedy: "is this an extxyz file?")
      }
      if try !window.refill(limit: .max) {
        guard searched > piece.bytes else { return nil }
        defer { piece = Piece(bytes: searched, lines: piece.lines + 1) }
        return TextSlice(start: window.cursor + piece.bytes, end: window.end)
      }
    }
  }
}
