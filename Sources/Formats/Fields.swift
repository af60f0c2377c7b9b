/// The blank-separated words of a line.
struct Fields: Sequence, IteratorProtocol {
  private var cursor: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  @inline(__always)
  init(_ line: TextSlice) {
    cursor = line.start
    end = line.end
  }

  @inline(__always)
  mutating func next() -> TextSlice? {
    skipBlanks()
    guard cursor < end else { return nil }
    let start = cursor
    while cursor < end, !isBlankByte(cursor.pointee) { cursor += 1 }
    return TextSlice(start: start, end: cursor)
  }

  /// The next word as a finite number; nil, with the word left where it is, if it is none.
  @inline(__always)
  mutating func number() -> Double? {
    skipBlanks()
    var p = cursor
    guard let value = DecimalNumber.scan(&p, end: end), p == end || isBlankByte(p.pointee) else { return nil }
    cursor = p
    return value
  }

  @inline(__always)
  mutating func vector() -> SIMD3<Double>? {
    guard let x = number(), let y = number(), let z = number() else { return nil }
    return SIMD3(x, y, z)
  }

  @inline(__always)
  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return cursor == end
    }
  }

  /// What is left of the line, from the next word on.
  var rest: TextSlice {
    mutating get {
      skipBlanks()
      return TextSlice(start: cursor, end: end)
    }
  }

  @inline(__always)
  private mutating func skipBlanks() {
    while cursor < end, isBlankByte(cursor.pointee) { cursor += 1 }
  }
}
