import Structures

/// Fortran's unformatted sequential file: records with their length, four bytes, before and behind; little-endian.
struct FortranRecords {
  private(set) var bytes: [UInt8]
  private var offset = 0
  private var number = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next record, of a length that is known.
  private mutating func record(_ name: String, length: Int) throws -> ArraySlice<UInt8> {
    number += 1
    guard bytes.count - offset >= 4 else {
      throw InputError(
        "the aenet potential is cut short: it ends before record \(number) (\(name)) at byte \(offset)")
    }
    let found = Int(word(at: offset))
    guard found == length else {
      throw InputError(
        "damaged aenet potential: record \(number) (\(name)) is \(found) bytes long, expected \(length)",
        remedy: "expected a .nn file of aenet 2 in little-endian byte order")
    }
    guard bytes.count - offset - 4 >= length + 4 else {
      throw InputError(
        "the aenet potential is cut short: record \(number) (\(name)) has \(length) bytes, "
          + "\(max(0, bytes.count - offset - 4)) are there")
    }
    let start = offset + 4
    guard Int(word(at: start + length)) == length else {
      throw InputError(
        "damaged aenet potential: record \(number) (\(name)) says \(length) bytes before and "
          + "\(word(at: start + length)) behind")
    }
    offset = start + length + 4
    return bytes[start..<start + length]
  }

  private func word(at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
  }

  private mutating func append(_ word: UInt32) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func append(record content: [UInt8]) {
    append(UInt32(content.count))
    bytes += content
    append(UInt32(content.count))
  }
}

extension FortranRecords: AENETFieldReader {
  mutating func integers(_ name: String, _ count: Int) throws -> [Int] {
    let content = try record(name, length: 4 * count)
    return (0..<count).map { k in Int(Int32(bitPattern: word(at: content.startIndex + 4 * k))) }
  }

  mutating func reals(_ name: String, _ count: Int) throws -> [Double] {
    let content = try record(name, length: 8 * count)
    return (0..<count).map { k in
      let place = content.startIndex + 8 * k
      return Double(bitPattern: UInt64(word(at: place)) | UInt64(word(at: place + 4)) << 32)
    }
  }

  mutating func texts(_ name: String, _ count: Int, length: Int) throws -> [String] {
    let content = try record(name, length: length * count)
    return (0..<count).map { k in
      let start = content.startIndex + length * k
      return fortranText(content[start..<start + length])
    }
  }

  mutating func flag(_ name: String) throws -> Bool { try integers(name, 1)[0] != 0 }

  mutating func functionSpecies(_ components: Int, environment _: Int) throws -> [Int] {
    try integers("species of functions", 2 * components)
  }

  mutating func finish() throws {
    guard offset == bytes.count else {
      throw InputError("damaged aenet potential: \(bytes.count - offset) bytes behind its last record")
    }
  }
}

extension FortranRecords: AENETFieldWriter {
  mutating func integers(_ values: [Int]) {
    append(
      record: values.flatMap { value in
        withUnsafeBytes(of: Int32(clamping: value).littleEndian) { Array($0) }
      })
  }

  mutating func integerList(_ values: [Int]) { integers(values) }

  mutating func reals(_ values: [Double]) {
    append(record: values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
  }

  mutating func realList(_ values: [Double]) { reals(values) }

  mutating func texts(_ values: [String], length: Int) {
    append(
      record: values.flatMap { text in
        let bytes = text.utf8.prefix(length)
        return Array(bytes) + [UInt8](repeating: UInt8(ascii: " "), count: length - bytes.count)
      })
  }

  mutating func flag(_ value: Bool) { integers([value ? 1 : 0]) }

  mutating func functionSpecies(_ values: [Int], environment _: Int) { integers(values) }
}

/// Text without the blanks that fill it up; where it is not UTF-8, each foreign byte becomes a question mark, so that the
/// text never grows longer than its field.
func fortranText(_ bytes: some BidirectionalCollection<UInt8>) -> String {
  let end = bytes.lastIndex { $0 != UInt8(ascii: " ") && $0 != 0 }
  let text = end.map { bytes[...$0] } ?? bytes.prefix(0)
  return String(validating: text, as: UTF8.self)
    ?? String(decoding: text.map { $0 < 0x80 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
