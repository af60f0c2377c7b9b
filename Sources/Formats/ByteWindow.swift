import Glibc
import Structures

/// A stretch of a file that moves on: all of it where the bytes are in memory, a piece of it where they are streamed.
///
/// What `cursor` and `end` point to is valid until the next refill.
struct ByteWindow {
  let file: String
  var cursor: UnsafePointer<UInt8>
  private(set) var end: UnsafePointer<UInt8>
  private let source: ByteSource?
  private var isComplete: Bool

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count > 0 else {
      throw InputError("the file is empty", file: file)
    }
    self.file = file
    cursor = base
    end = base + bytes.count
    source = nil
    isComplete = true
  }

  /// - Throws: `InputError` where the file cannot be read or is empty.
  init(streaming path: String) throws(InputError) {
    let source = try ByteSource(path)
    file = path
    self.source = source
    cursor = UnsafePointer(source.buffer)
    end = cursor
    isComplete = false
    guard try refill() else { throw InputError("the file is empty", file: path) }
  }

  /// True where the bytes handed out so far may be wrong: their packing contradicts itself, which is more than an early end.
  var isCorrupt: Bool { source?.isCorrupt ?? false }

  /// Moves what is left to the front and adds more of the file.
  /// - Parameter limit: the most that may be left, bytes.
  /// - Returns: false at the end of the file.
  @inline(never)
  mutating func refill(limit: Int = ByteSource.longestStretch) throws(InputError) -> Bool {
    guard !isComplete, let source else { return false }
    let kept = end - cursor
    let added: Int
    do throws(InputError) {
      added = try source.refill(keeping: kept, from: cursor - UnsafePointer(source.buffer), limit: limit)
    } catch {
      // What was kept has moved all the same, and perhaps the whole buffer.
      cursor = UnsafePointer(source.buffer)
      end = cursor + kept
      isComplete = true
      throw error
    }
    cursor = UnsafePointer(source.buffer)
    end = cursor + kept + added
    isComplete = added == 0
    return added > 0
  }
}

/// The lines of a file, one after the other, whatever its size.
struct LineStream {
  private var window: ByteWindow
  /// Number of the line that was read last, from 1.
  private(set) var number = 0
  /// What is left of a file that was cut off ends here instead of in an error.
  private let salvages: Bool
  private let leavesUnfinished: Bool
  /// What ended the lines before the end of the file.
  private(set) var damage: FileDamage?

  var file: String { window.file }

  /// - Parameters:
  ///   - salvages: lines end where the bytes can no longer be had, and `damage` says why.
  ///   - leavesUnfinished: a last line without its end is left out, for its last number may be cut.
  init(_ window: ByteWindow, salvages: Bool = false, leavesUnfinished: Bool = false) {
    self.window = window
    self.salvages = salvages
    self.leavesUnfinished = leavesUnfinished
  }

  /// The next line without its end, nil behind the last one; valid until the next call.
  @inline(__always)
  mutating func next() throws(InputError) -> TextSlice? {
    let start = window.cursor
    if let found = memchr(start, 10, window.end - start) {
      let stop = start + (UnsafeRawPointer(found) - UnsafeRawPointer(start))
      window.cursor = stop + 1
      number += 1
      return TextSlice(start: start, end: stop > start && stop[-1] == 13 ? stop - 1 : stop)
    }
    return try nextAcrossPieces()
  }

  @inline(never)
  private mutating func nextAcrossPieces() throws(InputError) -> TextSlice? {
    if damage != nil { return nil }
    do {
      while try window.refill() {
        if memchr(window.cursor, 10, window.end - window.cursor) != nil { return try next() }
      }
    } catch  where salvages {
      damage = FileDamage(error: error, mayBeWrong: window.isCorrupt)
      return nil
    }
    guard window.cursor < window.end, !leavesUnfinished else { return nil }
    let line = TextSlice(start: window.cursor, end: window.end)
    window.cursor = window.end
    number += 1
    return line
  }

  /// An error at the line that was read last.
  func error(_ message: String, remedy: String? = nil) -> InputError {
    InputError(message, file: file, line: number, remedy: remedy)
  }
}
