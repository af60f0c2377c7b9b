import Glibc
import Structures

/// The lines of a text file, one after the other, and the errors that name them.
struct TextLines {
  let file: String
  private var cursor: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>
  /// Number of the line that was read last, from 1.
  private(set) var number: Int
  /// Up to here, and to this line, the bytes were looked at and are text.
  private var checked: (end: UnsafePointer<UInt8>, line: Int)

  /// - Throws: `InputError` where there is nothing but blanks, or where the bytes are no UTF-8 text.
  /// - Parameters:
  ///   - line: number of the line before, where the bytes are a piece of a file.
  ///   - checksAhead: looks at all bytes at once; without it `checkText` looks at those that were read.
  init(
    _ bytes: UnsafeRawBufferPointer, file: String, behind line: Int = 0, checksAhead: Bool = true
  ) throws(InputError) {
    self.file = file
    number = line
    let text = bytes.bindMemory(to: UInt8.self)
    guard let base = text.baseAddress, !text.allSatisfy({ isBlankByte($0) || $0 == 10 }) else {
      throw InputError("the file is empty", file: file)
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    cursor = text.starts(with: mark) ? base + mark.count : base
    end = base + text.count
    checked = (cursor, line)
    if checksAhead { try check(upTo: end) }
  }

  /// Looks at the bytes that were read since the last call: a file larger than memory is not run through twice.
  /// - Throws: `InputError` where they are no UTF-8 text.
  mutating func checkText() throws(InputError) {
    guard cursor > checked.end else { return }
    try check(upTo: cursor)
  }

  /// The next line without its end, nil behind the last one.
  @inline(__always)
  mutating func next() -> TextSlice? {
    guard cursor < end else { return nil }
    let start = cursor
    let rest = end - start
    let stop = memchr(start, 10, rest).map { start + (UnsafeRawPointer($0) - UnsafeRawPointer(start)) } ?? end
    cursor = stop < end ? stop + 1 : end
    number += 1
    let isCRLF = stop > start && stop[-1] == 13
    return TextSlice(start: start, end: isCRLF ? stop - 1 : stop)
  }

  /// The next line that is not blank.
  mutating func nextFilled() -> TextSlice? {
    while let line = next() {
      if !line.isBlank { return line }
    }
    return nil
  }

  /// The next line, left where it is.
  func peek() -> TextSlice? {
    var copy = self
    return copy.next()
  }

  /// Bytes that are still to come.
  var bytesLeft: Int { end - cursor }

  /// An error at the line that was read last, or at another one.
  func error(_ message: String, line: Int? = nil, remedy: String? = nil) -> InputError {
    InputError(message, file: file, line: line ?? number, remedy: remedy)
  }

  /// `count` rows of at least `minimum` bytes each must fit into what is left: nothing is set aside for atoms that a
  /// damaged file only claims to have.
  func requireRoom(for count: Int, minimum: Int) throws(InputError) {
    guard count > (bytesLeft + 1) / minimum else { return }
    throw error("\(count) atoms declared, but only \(bytesLeft) bytes follow", remedy: "the file may be truncated")
  }

  private mutating func check(upTo limit: UnsafePointer<UInt8>) throws(InputError) {
    let bytes = UnsafeRawBufferPointer(start: checked.end, count: limit - checked.end)
    var offset = 0
    var high: UInt64 = 0
    while offset + 8 <= bytes.count {
      high |= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset += 8
    }
    for index in offset..<bytes.count { high |= UInt64(bytes[index]) }
    if high & 0x8080_8080_8080_8080 != 0 { try checkLines(upTo: limit) }
    checked = (limit, number)
  }

  private func checkLines(upTo limit: UnsafePointer<UInt8>) throws(InputError) {
    var lines = self
    lines.cursor = checked.end
    lines.number = checked.line
    while lines.cursor < limit, let line = lines.next() {
      guard String(validating: line.bytes, as: UTF8.self) == nil else { continue }
      throw lines.error("not UTF-8 text", remedy: "is this a text file? if so, save it as UTF-8")
    }
  }
}

extension TextLines {
  /// What is wrong with a word that should be a finite number.
  func numberError(_ word: TextSlice, _ place: String) -> InputError {
    let name = word.text.lowercased().drop { $0 == "-" || $0 == "+" }
    if name == "nan" || name.hasPrefix("inf") {
      return error("\(place) is \(word.quoted), not a finite number")
    }
    if word.bytes.contains(UInt8(ascii: "*")) {
      return error("\(place) is \(word.quoted): a number too wide for its column", remedy: "write the file again")
    }
    if isFused(word) {
      return error("\(place): two numbers run together in \(word.quoted)", remedy: "put a blank between them")
    }
    return error("\(place) is \(word.quoted), expected a finite number")
  }

  /// True for "11.201523000-11.221355000" and "0.1234561.234567": a sign inside that belongs to no exponent, or two
  /// decimal points.
  private func isFused(_ word: TextSlice) -> Bool {
    let bytes = word.bytes
    guard bytes.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 || "+-.eEdD".utf8.contains($0) }) else { return false }
    let points = bytes.count { $0 == UInt8(ascii: ".") }
    let signs = bytes.indices.dropFirst().count {
      (bytes[$0] == UInt8(ascii: "-") || bytes[$0] == UInt8(ascii: "+")) && !"eEdD".utf8.contains(bytes[$0 - 1])
    }
    return points > 1 || signs > 0
  }

  /// What is wrong with a word that should be an element.
  func elementError(_ word: TextSlice) -> InputError {
    let near = nearestName(to: word.text, among: ChemicalElement.all.map(\.symbol))
    return error("unknown species \(word.quoted)", remedy: near.map { "did you mean \($0)?" })
  }
}
