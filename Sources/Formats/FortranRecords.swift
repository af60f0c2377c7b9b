import Structures

/// Records of a sequential unformatted Fortran file, little-endian: a four-byte length before and after each.
struct FortranRecords {
  let file: String
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  /// Number of the record that was read last, from 1.
  private(set) var number = 0

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  func error(_ message: String, remedy: String? = nil) -> InputError {
    InputError("record \(number): \(message)", file: file, remedy: remedy)
  }

  /// The next record.
  /// - Parameter what: for messages: "the number of atoms".
  /// - Throws: `InputError` where the file ends or the two lengths differ.
  mutating func next(_ what: String) throws(InputError) -> UnsafeRawBufferPointer {
    number += 1
    guard bytes.count - offset >= 8 else {
      throw error("the file ends, expected \(what)", remedy: "the file may be truncated")
    }
    let count = Int(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self).littleEndian)
    guard count >= 0, bytes.count - offset - 8 >= count else {
      throw error(
        "\(count) bytes declared for \(what), more than the file has", remedy: "the file may be truncated")
    }
    let behind = offset + 4 + count
    guard Int(bytes.loadUnaligned(fromByteOffset: behind, as: Int32.self).littleEndian) == count else {
      throw error("the lengths before and behind \(what) differ", remedy: "is this a little-endian Fortran file?")
    }
    defer { offset = behind + 4 }
    return UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<behind])
  }

  mutating func integers(_ count: Int, _ what: String) throws(InputError) -> [Int] {
    let record = try next(what)
    guard record.count == 4 * count else { throw widthError(record.count, 4 * count, what) }
    return (0..<count).map { Int(record.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self).littleEndian) }
  }

  mutating func numbers(_ count: Int, _ what: String) throws(InputError) -> [Double] {
    let record = try next(what)
    guard record.count == 8 * count else { throw widthError(record.count, 8 * count, what) }
    let values = (0..<count).map {
      Double(bitPattern: record.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self).littleEndian)
    }
    guard values.allSatisfy(\.isFinite) else { throw error("\(what) hold a number that is not finite") }
    return values
  }

  mutating func text(_ what: String) throws(InputError) -> String {
    String(decoding: try next(what), as: UTF8.self)
  }

  private func widthError(_ found: Int, _ expected: Int, _ what: String) -> InputError {
    error("\(found) bytes for \(what), expected \(expected)")
  }
}
