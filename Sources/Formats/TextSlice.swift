import Structures

/// A stretch of bytes inside a file that is being read; valid as long as the file's bytes are.
struct TextSlice {
  let start: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>

  var count: Int { end - start }
  var isEmpty: Bool { start == end }
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
  var text: String { String(decoding: bytes, as: UTF8.self) }
  var isBlank: Bool { bytes.allSatisfy(isBlankByte) }

  func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && (0..<count).allSatisfy { start[$0] == text.utf8Start[$0] }
  }

  /// The same but for the case of ASCII letters; `text` in lower case.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && (0..<count).allSatisfy { lowercase(start[$0]) == text.utf8Start[$0] }
  }

  /// Offset behind the first place where `text` (lower case) stands, case of ASCII letters apart.
  func offset(behind text: StaticString) -> Int? {
    let length = text.utf8CodeUnitCount
    guard count >= length else { return nil }
    for offset in 0...(count - length) {
      let part = TextSlice(start: start + offset, end: start + offset + length)
      if part.equalsIgnoringCase(text) { return offset + length }
    }
    return nil
  }

  /// For messages: in quotation marks, without control characters, at most 40 characters.
  var quoted: String {
    let shown = String(decoding: bytes.prefix(48), as: UTF8.self).unicodeScalars.prefix(40)
    let clean = String(String.UnicodeScalarView(shown.map { $0.properties.isPrintable ? $0 : "?" }))
    return "\"" + clean + (count > clean.utf8.count ? "…" : "") + "\""
  }

  /// The element of a symbol ("Li") or an atomic number ("3"), else nil.
  @inline(__always)
  var element: ChemicalElement? {
    guard count > 0, count <= 3 else { return nil }
    if start[0] &- UInt8(ascii: "0") <= 9 { return Int(text).flatMap { ChemicalElement(atomicNumber: $0) } }
    return count > 2 ? nil : ChemicalElement(first: start[0], second: count == 2 ? start[1] : nil)
  }

  /// A finite number that fills the whole slice.
  func number(fortran: Bool = false) -> Double? {
    var cursor = start
    let value = DecimalNumber.scan(&cursor, end: end, fortran: fortran)
    return cursor == end ? value : nil
  }

  /// A whole number without sign, of at most 15 digits, that fills the slice.
  var integer: Int? {
    guard count > 0, count <= 15 else { return nil }
    var value = 0
    for byte in bytes {
      let digit = byte &- UInt8(ascii: "0")
      if digit > 9 { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }
}

extension Unicode.Scalar.Properties {
  fileprivate var isPrintable: Bool {
    switch generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}

@inline(__always)
func isBlankByte(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 11 || byte == 12 }

@inline(__always)
func lowercase(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }

extension String {
  /// Without blanks at either end.
  func trimmingBlanks() -> String {
    let bytes = Array(utf8)
    guard let first = bytes.firstIndex(where: { !isBlankByte($0) }),
      let last = bytes.lastIndex(where: { !isBlankByte($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
