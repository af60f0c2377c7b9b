import Structures

/// Reads JSON text piece by piece, without holding more than the piece: what a file of a million frames needs.
///
/// Lines that begin with `#` before the text are passed over, as FitSNAP writes them. Python's NaN and Infinity are
/// refused like every number that is not finite.
struct JSONScanner {
  let file: String
  private let start: UnsafePointer<UInt8>
  private(set) var cursor: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>
  private var depth = 0

  /// - Throws: `InputError` where there is nothing but blanks and comments.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) {
    self.file = file
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else {
      throw InputError("the file is empty", file: file)
    }
    start = base
    cursor = base
    end = base + bytes.count
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if bytes.starts(with: mark) { cursor += mark.count }
    skipBlanks()
    while cursor < end, cursor.pointee == UInt8(ascii: "#") {
      while cursor < end, cursor.pointee != 10 { cursor += 1 }
      skipBlanks()
    }
    guard cursor < end else { throw InputError("the file is empty", file: file) }
  }

  /// An error at the place where reading stands.
  func error(_ message: String, remedy: String? = nil) -> InputError {
    let line = 1 + UnsafeBufferPointer(start: start, count: cursor - start).count { $0 == 10 }
    // A string of JSON may hold line ends; an error is one line.
    let oneLine = String(message.map { $0.isNewline ? " " : $0 })
    return InputError(oneLine, file: file, line: line, remedy: remedy)
  }

  // MARK: Structure

  /// The first byte of the next value.
  mutating func peek() -> UInt8? {
    skipBlanks()
    return cursor < end ? cursor.pointee : nil
  }

  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return cursor == end
    }
  }

  /// Calls `body` with each key of an object; it must read or skip the value.
  mutating func object(_ what: String, _ body: (inout JSONScanner, String) throws -> Void) throws {
    try open("{", what)
    if try close("}") { return }
    while true {
      guard peek() == UInt8(ascii: "\"") else { throw expected("a key in quotation marks") }
      let key = try string("a key")
      guard peek() == UInt8(ascii: ":") else { throw expected("a colon behind the key \"\(key.prefix(30))\"") }
      cursor += 1
      try body(&self, key)
      if try close("}") { return }
      try comma("}")
    }
  }

  /// Calls `body` at each value of an array; it must read or skip the value.
  mutating func array(_ what: String, _ body: (inout JSONScanner) throws -> Void) throws {
    try open("[", what)
    if try close("]") { return }
    while true {
      try body(&self)
      if try close("]") { return }
      try comma("]")
    }
  }

  private mutating func open(_ mark: Unicode.Scalar, _ what: String) throws(InputError) {
    guard peek() == UInt8(ascii: mark) else { throw expected(what + (mark == "{" ? ", an object" : ", an array")) }
    guard depth < 200 else { throw error("nested more than 200 deep") }
    depth += 1
    cursor += 1
  }

  private mutating func close(_ mark: Unicode.Scalar) throws(InputError) -> Bool {
    guard peek() == UInt8(ascii: mark) else { return false }
    cursor += 1
    depth -= 1
    return true
  }

  private mutating func comma(_ mark: Character) throws(InputError) {
    guard peek() == UInt8(ascii: ",") else { throw expected("a comma or \(mark)") }
    cursor += 1
  }

  private mutating func expected(_ what: String) -> InputError {
    guard peek() != nil else {
      return error("the text ends, expected \(what)", remedy: "the file may be truncated")
    }
    var stop = cursor
    while stop < end, stop - cursor < 30, stop.pointee > 32 { stop += 1 }
    return error("found \(TextSlice(start: cursor, end: stop).quoted), expected \(what)")
  }

  private mutating func skipBlanks() {
    while cursor < end, isBlankByte(cursor.pointee) || cursor.pointee == 10 { cursor += 1 }
  }

  // MARK: Values

  /// - Parameter what: for messages: "energy".
  mutating func number(_ what: String) throws(InputError) -> Double {
    let word = try word(what)
    guard let value = word.number() else {
      throw error("\(what) is \(word.quoted), expected a finite number")
    }
    return value
  }

  mutating func integer(_ what: String) throws(InputError) -> Int {
    let word = try word(what)
    guard let value = word.integer else { throw error("\(what) is \(word.quoted), expected a whole number") }
    return value
  }

  /// A bare word: number, true, false, null.
  private mutating func word(_ what: String) throws(InputError) -> TextSlice {
    skipBlanks()
    let begin = cursor
    while cursor < end, cursor.pointee > 32, !",:]}[{\"".utf8.contains(cursor.pointee) { cursor += 1 }
    guard cursor > begin else { throw expected(what) }
    return TextSlice(start: begin, end: cursor)
  }

  /// null is taken as absent.
  mutating func skipsNull() -> Bool {
    guard peek() == UInt8(ascii: "n"), end - cursor >= 4, TextSlice(start: cursor, end: cursor + 4).equals("null")
    else {
      return false
    }
    cursor += 4
    return true
  }

  mutating func numbers(_ what: String) throws -> [Double] {
    var values: [Double] = []
    try array(what) { values.append(try $0.number(what)) }
    return values
  }

  mutating func vectors(_ what: String) throws -> [SIMD3<Double>] {
    var vectors: [SIMD3<Double>] = []
    try array(what) { json in
      let n = try json.numbers(what)
      guard n.count == 3 else { throw json.error("\(what) has a row of \(n.count) numbers, expected 3") }
      vectors.append([n[0], n[1], n[2]])
    }
    return vectors
  }

  mutating func string(_ what: String) throws(InputError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw expected(what + ", text in quotation marks") }
    cursor += 1
    var bytes: [UInt8] = []
    while cursor < end, cursor.pointee != UInt8(ascii: "\"") {
      guard cursor.pointee == UInt8(ascii: "\\") else {
        bytes.append(cursor.pointee)
        cursor += 1
        continue
      }
      cursor += 1
      try escaped(into: &bytes)
    }
    guard cursor < end else { throw error("no closing quotation mark", remedy: "the file may be truncated") }
    cursor += 1
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error("text that is no UTF-8") }
    return text
  }

  private mutating func escaped(into bytes: inout [UInt8]) throws(InputError) {
    guard cursor < end else { throw error("the text ends", remedy: "the file may be truncated") }
    let mark = cursor.pointee
    cursor += 1
    switch mark {
    case UInt8(ascii: "n"): bytes.append(10)
    case UInt8(ascii: "t"): bytes.append(9)
    case UInt8(ascii: "r"): bytes.append(13)
    case UInt8(ascii: "b"): bytes.append(8)
    case UInt8(ascii: "f"): bytes.append(12)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(mark)
    case UInt8(ascii: "u"): bytes += Array(String(try scalar()).utf8)
    default: throw error("unknown escape in a text")
    }
  }

  /// The scalar of `\uXXXX`, two of them for those beyond the first plane.
  private mutating func scalar() throws(InputError) -> Character {
    let high = try hexadecimal()
    var value = high
    if 0xD800..<0xDC00 ~= high {
      guard end - cursor >= 2, cursor[0] == UInt8(ascii: "\\"), cursor[1] == UInt8(ascii: "u") else {
        throw error("half of a pair of \\u escapes")
      }
      cursor += 2
      let low = try hexadecimal()
      guard 0xDC00..<0xE000 ~= low else { throw error("half of a pair of \\u escapes") }
      value = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw error("half of a pair of \\u escapes") }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(InputError) -> UInt32 {
    guard end - cursor >= 4 else { throw error("the text ends", remedy: "the file may be truncated") }
    let digits = TextSlice(start: cursor, end: cursor + 4).text
    guard let value = UInt32(digits, radix: 16), digits.utf8.count == 4, digits.first != "+" else {
      throw error("unknown escape in a text")
    }
    cursor += 4
    return value
  }

  /// Passes over a value of any kind.
  mutating func skip() throws {
    switch peek() {
    case UInt8(ascii: "{"): try object("an object") { json, _ in try json.skip() }
    case UInt8(ascii: "["): try array("an array") { try $0.skip() }
    case UInt8(ascii: "\""): _ = try string("text")
    default: _ = try word("a value")
    }
  }

  /// A number, text, true or false as it is written; nil, passed over, for anything else.
  mutating func scalarText() throws -> String? {
    switch peek() {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      try skip()
      return nil
    case UInt8(ascii: "\""): return try string("text")
    default:
      let text = try word("a value").text
      return text == "null" ? nil : text
    }
  }
}
