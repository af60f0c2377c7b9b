import Structures

/// The tokens of a CIF: names, values, and the words data_, loop_, save_.
struct CIFTokens {
  enum Token {
    /// `data_NAME`, the name.
    case block(String)
    case loop
    /// `_name`, in lower case.
    case name(String)
    /// Isolated quotation marks taken away; `isBare` where there were none.
    case value(String, isBare: Bool)
  }

  private(set) var lines: TextLines
  private var rest: TextSlice?

  init(lines: TextLines) { self.lines = lines }

  func error(_ message: String, line: Int? = nil, remedy: String? = nil) -> InputError {
    lines.error(message, line: line, remedy: remedy)
  }

  /// Line of the token that was read last.
  var line: Int { lines.number }

  /// The next token, nil at the end of the file.
  mutating func next() throws -> Token? {
    while true {
      if let word = try wordOfLine() { return word }
      guard let line = lines.next() else { return nil }
      if line.count > 0, line.start.pointee == UInt8(ascii: ";") {
        return .value(try textField(line), isBare: false)
      }
      rest = line
    }
  }

  /// A value between two lines that begin with a semicolon.
  private mutating func textField(_ first: TextSlice) throws -> String {
    let start = lines.number
    var parts = [TextSlice(start: first.start + 1, end: first.end).text]
    while let line = lines.next() {
      if line.count > 0, line.start.pointee == UInt8(ascii: ";") {
        rest = TextSlice(start: line.start + 1, end: line.end)
        return parts.joined(separator: "\n")
      }
      parts.append(line.text)
    }
    throw lines.error("the text that begins here has no closing semicolon", line: start)
  }

  private mutating func wordOfLine() throws -> Token? {
    guard let line = rest else { return nil }
    var cursor = line.start
    while cursor < line.end, isBlankByte(cursor.pointee) { cursor += 1 }
    guard cursor < line.end, cursor.pointee != UInt8(ascii: "#") else {
      rest = nil
      return nil
    }
    let mark = cursor.pointee
    if mark == UInt8(ascii: "'") || mark == UInt8(ascii: "\"") {
      // The mark closes only before a blank: 'O5' hydroxyl'.
      var stop = cursor + 1
      while stop < line.end, stop.pointee != mark || !(stop + 1 == line.end || isBlankByte(stop[1])) { stop += 1 }
      guard stop < line.end else { throw lines.error("no closing quotation mark") }
      rest = TextSlice(start: stop + 1, end: line.end)
      return .value(TextSlice(start: cursor + 1, end: stop).text, isBare: false)
    }
    var stop = cursor
    while stop < line.end, !isBlankByte(stop.pointee) { stop += 1 }
    rest = TextSlice(start: stop, end: line.end)
    return token(TextSlice(start: cursor, end: stop).text)
  }

  private func token(_ text: String) -> Token {
    let lower = text.lowercased()
    if lower.hasPrefix("data_") { return .block(String(text.dropFirst(5))) }
    if lower == "loop_" { return .loop }
    if lower.hasPrefix("save_") { return .block("") }
    return text.hasPrefix("_") ? .name(lower) : .value(text, isBare: true)
  }
}

/// One data block: single values and loops by their names, in lower case.
struct CIFBlock {
  struct Item {
    var value: String
    /// `.` and `?` without quotation marks say that nothing is known.
    var isKnown: Bool
    var line: Int
  }

  var name: String
  var line: Int
  /// The values of a name, one for each row of its loop.
  var columns: [String: [Item]] = [:]

  /// The blocks of a file.
  /// - Throws: `InputError` for a loop with a torn row, a name without value, or values outside of a block.
  static func blocks(_ lines: TextLines) throws -> [CIFBlock] {
    var tokens = CIFTokens(lines: lines)
    var blocks: [CIFBlock] = []
    var pending = try tokens.next()
    while let token = pending {
      pending = nil
      switch token {
      case .block(let name): blocks.append(CIFBlock(name: name, line: tokens.line))
      case .loop:
        guard !blocks.isEmpty else { throw tokens.error("loop_ before the first data_ block") }
        pending = try blocks[blocks.count - 1].readLoop(&tokens)
        continue
      case .name(let name):
        guard !blocks.isEmpty else {
          throw tokens.error("\(name) before the first data_ block", remedy: "is this a CIF?")
        }
        guard case .value(let text, let isBare)? = try tokens.next() else {
          throw tokens.error("\(name) has no value")
        }
        try blocks[blocks.count - 1].add(name, [Item(text, isBare, tokens.line)], tokens)
      case .value(let text, _):
        throw tokens.error(
          "the value \"\(text.prefix(30).filter { !$0.isNewline })\" belongs to no name", remedy: "is this a CIF?")
      }
      pending = try tokens.next()
    }
    return blocks
  }

  private mutating func add(_ name: String, _ items: [Item], _ tokens: CIFTokens) throws {
    guard columns[name] == nil else { throw tokens.error("\(name) stands twice in the block \(self.name)") }
    columns[name] = items
  }

  /// Reads a loop; gives back the token behind it.
  private mutating func readLoop(_ tokens: inout CIFTokens) throws -> CIFTokens.Token? {
    let start = tokens.line
    var names: [String] = []
    var token = try tokens.next()
    while case .name(let name)? = token {
      names.append(name)
      token = try tokens.next()
    }
    guard !names.isEmpty else { throw tokens.error("a loop_ without names", line: start) }
    var values: [Item] = []
    while case .value(let text, let isBare)? = token {
      values.append(Item(text, isBare, tokens.line))
      token = try tokens.next()
    }
    guard values.count % names.count == 0 else {
      throw tokens.error("the loop_ has \(values.count) values for \(names.count) names: a torn row", line: start)
    }
    for (place, name) in names.enumerated() {
      let column = stride(from: place, to: values.count, by: names.count).map { values[$0] }
      try add(name, column, tokens)
    }
    return token
  }
}

extension CIFBlock.Item {
  fileprivate init(_ text: String, _ isBare: Bool, _ line: Int) {
    value = text
    isKnown = !(isBare && (text == "." || text == "?"))
    self.line = line
  }

  /// A number, its uncertainty in parentheses left out: 4.2001(3).
  var number: Double? {
    let text = value.prefix { $0 != "(" }
    guard text.count == value.count || value.hasSuffix(")") else { return nil }
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.flatMap { TextSlice(start: $0, end: $0 + buffer.count).number() }
    }
  }
}
