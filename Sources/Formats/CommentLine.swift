import Glibc

/// The second line of an extxyz frame: `key=value` pairs, apart by blanks.
///
/// A value is bare, in quotation marks (`\"`, `\\`, `\n` inside), or in brackets: `[1, 2]`, `{1 2}`, nested. A key
/// without a value means true.
struct CommentLine {
  struct Item {
    var key: String
    /// Without quotation marks, with brackets.
    var value: TextSlice?
    var isQuoted = false
    var isTaken = false

    /// The count tells most keys apart, without a comparison of text.
    @inline(__always)
    func hasKey(_ other: String) -> Bool { key.utf8.count == other.utf8.count && key == other }
  }

  /// Why a line is no list of keys and values.
  struct Malformed: Error {
    var reason: String
  }

  private(set) var items: [Item] = []
  private var cursor: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  init(_ line: TextSlice) throws(Malformed) {
    cursor = line.start
    end = line.end
    skipBlanks()
    while cursor < end {
      items.append(try item())
      skipBlanks()
    }
  }

  func contains(_ key: String) -> Bool { items.contains { $0.hasKey(key) } }

  /// The item of a key, marked as understood.
  mutating func take(_ key: String) throws(Malformed) -> Item? {
    guard let index = items.firstIndex(where: { $0.hasKey(key) }) else { return nil }
    guard !items[(index + 1)...].contains(where: { $0.hasKey(key) }) else {
      throw Malformed(reason: "the key \(key) stands twice in the line")
    }
    items[index].isTaken = true
    return items[index]
  }

  /// A key that only differs in case from one that decides how everything else is read.
  func refuseMisspelled(_ key: String) throws(Malformed) {
    guard let found = items.first(where: { $0.key.lowercased() == key.lowercased() }) else { return }
    throw Malformed(reason: "found the key \(found.key), expected \(key)")
  }

  /// Makes an item uninterpreted again.
  mutating func giveBack(_ key: String, as name: String) {
    guard let index = items.firstIndex(where: { $0.key == key }) else { return }
    items[index].isTaken = false
    items[index].key = name
  }

  private mutating func item() throws(Malformed) -> Item {
    var item = Item(key: try key())
    let behindKey = cursor
    skipBlanks()
    guard cursor < end, cursor.pointee == UInt8(ascii: "=") else {
      cursor = behindKey
      return item
    }
    cursor += 1
    let behindSign = cursor
    skipBlanks()
    guard cursor < end else {
      item.value = TextSlice(start: end, end: end)
      return item
    }
    switch cursor.pointee {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      item.value = try quoted(of: item.key)
      item.isQuoted = true
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      item.value = try bracketed(of: item.key)
    default:
      let word = bare()
      // "a= b=1": the value of a is empty, and b is a key.
      let isNextKey = cursor > behindSign + word.count && word.bytes.contains(UInt8(ascii: "="))
      if isNextKey { cursor = behindSign }
      item.value = isNextKey ? TextSlice(start: behindSign, end: behindSign) : word
    }
    guard cursor == end || isBlankByte(cursor.pointee) || cursor == behindSign else {
      throw Malformed(reason: "text behind the closing mark of the value of \(item.key)")
    }
    return item
  }

  private mutating func key() throws(Malformed) -> String {
    if cursor.pointee == UInt8(ascii: "\"") || cursor.pointee == UInt8(ascii: "'") {
      return CommentLine.unescaped(try quoted(of: "a quoted key"))
    }
    let start = cursor
    while cursor < end, !isBlankByte(cursor.pointee), cursor.pointee != UInt8(ascii: "=") { cursor += 1 }
    guard cursor > start else { throw Malformed(reason: "a value without a key") }
    return TextSlice(start: start, end: cursor).text
  }

  private mutating func bare() -> TextSlice {
    let start = cursor
    while cursor < end, !isBlankByte(cursor.pointee) { cursor += 1 }
    return TextSlice(start: start, end: cursor)
  }

  /// What stands between two equal quotation marks.
  private mutating func quoted(of key: String) throws(Malformed) -> TextSlice {
    let mark = cursor.pointee
    cursor += 1
    let start = cursor
    if let found = memchr(start, Int32(mark), end - start),
      memchr(start, 0x5C, found - UnsafeMutableRawPointer(mutating: start)) == nil
    {
      cursor += found - UnsafeMutableRawPointer(mutating: start) + 1
      return TextSlice(start: start, end: cursor - 1)
    }
    while cursor < end, cursor.pointee != mark {
      cursor += cursor.pointee == UInt8(ascii: "\\") && cursor + 1 < end ? 2 : 1
    }
    guard cursor < end else { throw Malformed(reason: "no closing quotation mark for the value of \(key)") }
    cursor += 1
    return TextSlice(start: start, end: cursor - 1)
  }

  private mutating func bracketed(of key: String) throws(Malformed) -> TextSlice {
    let start = cursor
    var depth = 0
    while cursor < end {
      switch cursor.pointee {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "\""):
        _ = try quoted(of: key)
        continue
      default: break
      }
      cursor += 1
      if depth == 0 { return TextSlice(start: start, end: cursor) }
    }
    throw Malformed(reason: "no closing bracket for the value of \(key)")
  }

  private mutating func skipBlanks() {
    while cursor < end, isBlankByte(cursor.pointee) { cursor += 1 }
  }
}

extension CommentLine.Item {
  /// The value as text; "T" where the key stands alone.
  var text: String {
    guard let value else { return "T" }
    return isQuoted ? CommentLine.unescaped(value) : value.text
  }

  /// The words of the value, brackets and commas taken for blanks.
  var words: [TextSlice] {
    guard let value else { return [] }
    var words: [TextSlice] = []
    words.reserveCapacity(9)
    var cursor = value.start
    while cursor < value.end {
      let start = cursor
      while cursor < value.end, !isSeparator(cursor.pointee) { cursor += 1 }
      if cursor > start { words.append(TextSlice(start: start, end: cursor)) } else { cursor += 1 }
    }
    return words
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"): true
    default: isBlankByte(byte)
    }
  }
}

extension CommentLine {
  /// `\n` is a line break; `\x` is x for quotation marks and the backslash itself, and stays as it is otherwise.
  static func unescaped(_ value: TextSlice) -> String {
    guard value.bytes.contains(UInt8(ascii: "\\")) else { return value.text }
    var result: [UInt8] = []
    var bytes = value.bytes[...]
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = bytes.first else {
        result.append(byte)
        continue
      }
      switch next {
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): result.append(next)
      default: result += [byte, next]
      }
      bytes.removeFirst()
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// A value as it is written: bare where that is safe, else in brackets or quotation marks.
  static func written(_ value: String) -> String {
    if isBare(value) || isArray(value) { return value }
    if !value.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 == 10 }) {
      return "\"" + value + "\""
    }
    var text = "\""
    for character in value.unicodeScalars {
      switch character {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(character)
      }
    }
    return text + "\""
  }

  private static func isBare(_ value: String) -> Bool {
    isBareKey(value) && !value.utf8.contains(UInt8(ascii: ","))
  }

  /// A key as it is written: bare where that is safe, else in quotation marks.
  static func writtenKey(_ key: String) -> String {
    isBareKey(key) ? key : written(key.isEmpty ? " " : key)
  }

  /// True for what can stand before a `=` as it is.
  private static func isBareKey(_ value: String) -> Bool {
    !value.isEmpty
      && value.utf8.allSatisfy { byte in
        switch byte {
        case 0...32, UInt8(ascii: "="), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"),
          UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
          false
        default: true
        }
      }
  }

  /// One bracketed list without quotation marks, breaks, or text behind it.
  private static func isArray(_ value: String) -> Bool {
    guard let first = value.utf8.first, "[{".utf8.contains(first) else { return false }
    var depth = 0
    for (index, byte) in value.utf8.enumerated() {
      if byte == 10 || "\"'\\".utf8.contains(byte) { return false }
      if "[{".utf8.contains(byte) { depth += 1 }
      if "]}".utf8.contains(byte) { depth -= 1 }
      if depth == 0 { return index == value.utf8.count - 1 }
    }
    return false
  }
}
