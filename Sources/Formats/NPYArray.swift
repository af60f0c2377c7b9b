import Structures

/// A NumPy array file (`.npy`, versions 1 to 3): little-endian numbers of one kind, rows of equal length.
struct NPYArray {
  private enum Kind: String {
    case float64 = "f8"
    case float32 = "f4"
    case int64 = "i8"
    case int32 = "i4"
    case int16 = "i2"
    case int8 = "i1"

    var size: Int { Int(rawValue.dropFirst()) ?? 8 }
  }

  /// Length of the first axis; 1 for a single number.
  let rows: Int
  /// Product of the other axes.
  let width: Int
  private let kind: Kind
  private let isColumnMajor: Bool
  private let data: UnsafeRawBufferPointer

  /// - Parameter bytes: valid for as long as the array is used.
  /// - Throws: `InputError` where the header is none or the data are shorter or longer than it says.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) {
    func error(_ message: String, _ remedy: String? = nil) -> InputError {
      InputError(message, file: file, remedy: remedy)
    }
    guard bytes.count >= 10, bytes.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(bytes[6]) else {
      throw error("not a NumPy array file", "expected .npy of version 1 to 3")
    }
    let isFirst = bytes[6] == 1
    let start = isFirst ? 10 : 12
    guard bytes.count >= start else { throw error("the NumPy header ends early") }
    let length =
      isFirst
      ? Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self).littleEndian)
      : Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian)
    guard length <= 1 << 16, bytes.count >= start + length else { throw error("the NumPy header ends early") }
    let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
    guard let description = Self.value(of: "descr", in: header),
      let order = Self.value(of: "fortran_order", in: header),
      let shape = Self.shape(header), description.count >= 4
    else { throw error("the NumPy header does not tell descr, fortran_order and shape") }
    let type = description.dropFirst().prefix { $0 != "'" && $0 != "\"" }
    guard type.hasPrefix("<") || type.hasPrefix("|"), let kind = Kind(rawValue: String(type.dropFirst())) else {
      throw error("NumPy numbers of type \(type)", "expected little-endian <f8, <f4, <i8 or <i4")
    }
    self.kind = kind
    isColumnMajor = order.hasPrefix("True")
    var count = 1
    for extent in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard !overflows, product <= 1 << 50 else { throw error("the shape \(shape) is too large") }
      count = product
    }
    rows = shape.first ?? 1
    width = rows == 0 ? 0 : count / rows
    guard !isColumnMajor || shape.count <= 2 else { throw error("column order in more than two axes") }
    let available = bytes.count - start - length
    guard available == count * kind.size else {
      throw error("\(count) numbers declared, but \(available) bytes follow", "the file may be truncated")
    }
    data = UnsafeRawBufferPointer(rebasing: bytes[(start + length)...])
  }

  subscript(row: Int, column: Int) -> Double {
    let place = (isColumnMajor ? column * rows + row : row * width + column) * kind.size
    switch kind {
    case .float64: return Double(bitPattern: load(place, UInt64.self))
    case .float32: return Double(Float(bitPattern: load(place, UInt32.self)))
    case .int64: return Double(load(place, Int64.self))
    case .int32: return Double(load(place, Int32.self))
    case .int16: return Double(load(place, Int16.self))
    case .int8: return Double(load(place, Int8.self))
    }
  }

  func row(_ index: Int) -> [Double] { (0..<width).map { self[index, $0] } }

  private func load<T: FixedWidthInteger & BitwiseCopyable>(_ place: Int, _: T.Type) -> T {
    T(littleEndian: data.loadUnaligned(fromByteOffset: place, as: T.self))
  }

  /// What follows `'key':` in the header.
  private static func value(of key: String, in header: String) -> Substring? {
    for mark in ["'", "\""] {
      let parts = header.split(separator: "\(mark)\(key)\(mark):", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { return parts[1].drop { $0 == " " } }
    }
    return nil
  }

  private static func shape(_ header: String) -> [Int]? {
    guard let text = value(of: "shape", in: header), text.first == "(", let end = text.firstIndex(of: ")") else {
      return nil
    }
    var shape: [Int] = []
    for part in text[text.index(after: text.startIndex)..<end].split(separator: ",") {
      let word = String(part).trimmingBlanks()
      if word.isEmpty { continue }
      guard let extent = Int(word), extent >= 0 else { return nil }
      shape.append(extent)
    }
    return shape
  }
}

extension NPYArray {
  /// Bytes of the head of a file that Halite writes.
  static let headSize = 128

  /// The head of a file of doubles or 32-bit integers, version 1, as NumPy writes it: padded with blanks.
  static func header(isInteger: Bool, shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(isInteger ? "<i4" : "<f8")', 'fortran_order': False, 'shape': (\(extents)), }"
    text += String(repeating: " ", count: headSize - 11 - text.utf8.count) + "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + Array(text.utf8)
  }
}
