import Structures

/// The start tags of an XML text in their order, with the text that follows each: all that quip's files need.
struct XMLTags {
  struct Tag {
    var name: String
    var attributes: [String: String]
    /// Up to the next tag.
    var text: String
    var line: Int
  }

  private let bytes: [UInt8]
  private let file: String
  private var at = 0
  private var line = 1

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// - Throws: `InputError` with file and line for a tag that does not end.
  mutating func read() throws -> [Tag] {
    var tags: [Tag] = []
    while at < bytes.count {
      guard bytes[at] == UInt8(ascii: "<") else {
        advance()
        continue
      }
      if starts("<![CDATA[") {
        try skip(to: "]]>")
      } else if starts("<!--") {
        try skip(to: "-->")
      } else if starts("<?") || starts("<!") || starts("</") {
        try skip(to: ">")
      } else {
        tags.append(try tag())
      }
    }
    return tags
  }

  private mutating func advance() {
    if bytes[at] == 10 { line += 1 }
    at += 1
  }

  private func starts(_ word: String) -> Bool { bytes[at...].starts(with: word.utf8) }

  private mutating func skip(to word: String) throws {
    let start = line
    while at < bytes.count {
      if starts(word) {
        at += word.utf8.count
        return
      }
      advance()
    }
    throw InputError("the file is cut short: '\(word)' is missing", file: file, line: start)
  }

  private mutating func tag() throws -> Tag {
    let start = line
    let first = at + 1
    var quote: UInt8?
    while at < bytes.count, quote != nil || bytes[at] != UInt8(ascii: ">") {
      let byte = bytes[at]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      }
      advance()
    }
    guard at < bytes.count else { throw InputError("a tag does not end", file: file, line: start) }
    let inside = bytes[first..<at]
    at += 1
    let textStart = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "<") { advance() }
    let name = inside.prefix { !Self.isSpace($0) && $0 != UInt8(ascii: "/") }
    return Tag(
      name: String(decoding: name, as: UTF8.self), attributes: Self.attributes(inside.dropFirst(name.count)),
      text: Self.decoded(bytes[textStart..<at]), line: start)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func attributes(_ bytes: ArraySlice<UInt8>) -> [String: String] {
    var result: [String: String] = [:]
    var rest = bytes
    while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
      let name = String(decoding: rest[..<equals].filter { !isSpace($0) }, as: UTF8.self)
      guard let open = rest[equals...].firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }),
        let close = rest[(open + 1)...].firstIndex(of: rest[open])
      else { break }
      result[name] = decoded(rest[(open + 1)..<close])
      rest = rest[(close + 1)...]
    }
    return result
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    var text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("&") else { return text }
    for (entity, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
    ] {
      text = text.split(separator: entity, omittingEmptySubsequences: false).joined(separator: character)
    }
    return text
  }
}
