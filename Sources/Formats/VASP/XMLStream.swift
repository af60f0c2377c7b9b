import Glibc
import Structures

/// The tags of an XML file, one after the other, whatever its size. Comments, declarations and processing instructions are passed
/// over; character data is what stands between two tags.
struct XMLStream {
  private(set) var window: ByteWindow
  private(set) var tag = XMLTag()
  private let salvages: Bool
  /// What ended the file before its end.
  private(set) var damage: FileDamage?

  /// - Parameter salvages: the file ends where its bytes can no longer be had, and `damage` says why.
  init(_ window: ByteWindow, salvages: Bool = false) {
    self.window = window
    self.salvages = salvages
  }

  /// Goes on to the next tag; false at the end of the file, or where it ends inside of a tag. The tag's slices are valid until the
  /// next call of `advance`, `text` or `skip`.
  mutating func advance() throws(InputError) -> Bool {
    while true {
      guard try moveTo(UInt8(ascii: "<")) else { return false }
      guard let close = try find(UInt8(ascii: ">")) else { return false }
      let start = window.cursor + 1
      guard close > start else {
        window.cursor = close + 1
        continue
      }
      switch start[0] {
      case UInt8(ascii: "!"):
        if close - start >= 3, start[1] == UInt8(ascii: "-"), start[2] == UInt8(ascii: "-") {
          guard try skip(to: "-->") else { return false }
        } else {
          window.cursor = close + 1
        }
      case UInt8(ascii: "?"): window.cursor = close + 1
      default:
        tag = XMLTag(TextSlice(start: start, end: close))
        window.cursor = close + 1
        return true
      }
    }
  }

  /// The character data behind the tag that was read last, up to the next tag; nil where the file ends first.
  mutating func text() throws(InputError) -> TextSlice? {
    guard let next = try find(UInt8(ascii: "<")) else { return nil }
    return TextSlice(start: window.cursor, end: next)
  }

  /// Goes behind the next place where `text` stands; false where the file ends first.
  mutating func skip(to text: StaticString) throws(InputError) -> Bool {
    let length = text.utf8CodeUnitCount
    while try moveTo(text.utf8Start[0]) {
      while window.end - window.cursor < length {
        guard try refill() else {
          window.cursor = window.end
          return false
        }
      }
      if memcmp(window.cursor, text.utf8Start, length) == 0 {
        window.cursor += length
        return true
      }
      window.cursor += 1
    }
    return false
  }

  private mutating func moveTo(_ byte: UInt8) throws(InputError) -> Bool {
    while true {
      if let found = memchr(window.cursor, Int32(byte), window.end - window.cursor) {
        window.cursor += UnsafeRawPointer(found) - UnsafeRawPointer(window.cursor)
        return true
      }
      window.cursor = window.end
      guard try refill() else { return false }
    }
  }

  private mutating func refill() throws(InputError) -> Bool {
    guard damage == nil else { return false }
    do {
      return try window.refill()
    } catch  where salvages {
      damage = FileDamage(error: error, mayBeWrong: window.isCorrupt)
      return false
    }
  }

  private mutating func find(_ byte: UInt8) throws(InputError) -> UnsafePointer<UInt8>? {
    while true {
      if let found = memchr(window.cursor, Int32(byte), window.end - window.cursor) {
        return window.cursor + (UnsafeRawPointer(found) - UnsafeRawPointer(window.cursor))
      }
      guard try refill() else { return nil }
    }
  }
}

/// `<name key="value">`, `</name>` or `<name/>`.
struct XMLTag {
  private var content: TextSlice?
  private(set) var isEnd = false
  private(set) var isEmpty = false
  private var nameEnd = 0

  init() {}

  init(_ inside: TextSlice) {
    var inside = inside
    if inside.start[0] == UInt8(ascii: "/") {
      isEnd = true
      inside = TextSlice(start: inside.start + 1, end: inside.end)
    } else if inside.end[-1] == UInt8(ascii: "/") {
      isEmpty = true
      inside = TextSlice(start: inside.start, end: inside.end - 1)
    }
    content = inside
    nameEnd = inside.bytes.firstIndex(where: { isBlankByte($0) || $0 == 10 }) ?? inside.count
  }

  func isNamed(_ name: StaticString) -> Bool {
    guard let content else { return false }
    return TextSlice(start: content.start, end: content.start + nameEnd).equals(name)
  }

  func isStart(_ name: StaticString) -> Bool { !isEnd && !isEmpty && isNamed(name) }
  func isEnd(_ name: StaticString) -> Bool { isEnd && isNamed(name) }

  /// The value of the attribute `name`, in double or single quotation marks.
  var name: TextSlice? {
    guard let content else { return nil }
    var p = content.start + nameEnd
    while p < content.end {
      while p < content.end, isBlankByte(p.pointee) || p.pointee == 10 { p += 1 }
      let key = p
      while p < content.end, p.pointee != UInt8(ascii: "=") { p += 1 }
      let attribute = TextSlice(start: key, end: p).trimmed
      p += 1
      while p < content.end, isBlankByte(p.pointee) { p += 1 }
      guard p < content.end else { return nil }
      let mark = p.pointee
      let value = p + 1
      p = value
      while p < content.end, p.pointee != mark { p += 1 }
      guard p < content.end else { return nil }
      if attribute.equals("name") { return TextSlice(start: value, end: p) }
      p += 1
    }
    return nil
  }
}
