import Structures

/// The text of an `.mtp` file: keys with values, and the block of radial coefficients.
struct MLIPText {
  struct Value {
    var line: Int
    var text: String
  }

  private(set) var values: [String: Value] = [:]
  /// Rows `{c0, c1, …}` of each pair of types, in the order of the file.
  private(set) var radial: [(line: Int, pair: [Int], rows: [[Double]])] = []
  /// Line of `radial_coeffs`; nil in an untrained file.
  private(set) var radialLine: Int?
  /// True where an active set of MLIP-3 stands behind the potential.
  private(set) var hasActiveSet = false
  let file: String

  static let keys = [
    "version", "potential_name", "scaling", "species_count", "potential_tag", "radial_basis_type", "min_dist",
    "max_dist",
    "radial_basis_size", "radial_funcs_count", "alpha_moments_count", "alpha_index_basic_count",
    "alpha_index_basic",
    "alpha_index_times_count", "alpha_index_times", "alpha_scalar_moments", "alpha_moment_mapping",
    "species_coeffs",
    "moment_coeffs",
  ]

  /// - Throws: `InputError` with file and line.
  init(_ bytes: [UInt8], file: String) throws {
    self.file = file
    var lines = MLIPLines(bytes)
    guard let head = lines.next(), head.text == "MTP" else {
      throw InputError("expected MTP on the first line: this is no potential of MLIP", file: file, line: 1)
    }
    while let line = lines.next() {
      // What follows is an active set, in part binary.
      if line.text.hasPrefix("#MVS") {
        hasActiveSet = true
        break
      }
      if line.text == "radial_coeffs" {
        guard radialLine == nil else {
          throw InputError("radial_coeffs stands twice", file: file, line: line.number)
        }
        radialLine = line.number
      } else if let equals = line.text.firstIndex(of: "=") {
        try add(line.text[..<equals], line.text[line.text.index(after: equals)...], line.number, &lines)
      } else if radialLine != nil {
        try addRadial(line.text, line.number)
      } else {
        throw InputError(
          "expected KEY = VALUE, found '\(line.text.prefix(40))'", file: file, line: line.number)
      }
    }
  }

  private mutating func add(
    _ key: Substring, _ first: Substring, _ number: Int, _ lines: inout MLIPLines
  ) throws {
    let key = String(MLIPLines.trimmed(key))
    guard Self.keys.contains(key) else {
      let hint = nearestName(to: key, among: Self.keys).map { "did you mean \($0)?" }
      throw InputError("unknown key '\(key.prefix(40))'", file: file, line: number, remedy: hint)
    }
    guard values[key] == nil else { throw InputError("\(key) stands twice", file: file, line: number) }
    var text = String(MLIPLines.trimmed(first))
    var depth = Self.depth(text)
    while depth > 0 {
      guard let more = lines.next() else {
        throw InputError("the braces of \(key) do not close", file: file, line: number)
      }
      depth += Self.depth(more.text)
      text += " " + more.text
    }
    values[key] = Value(line: number, text: text)
  }

  private static func depth(_ text: String) -> Int {
    text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "{") ? 1 : $1 == UInt8(ascii: "}") ? -1 : 0) }
  }

  private mutating func addRadial(_ text: String, _ number: Int) throws {
    if text.hasPrefix("{") {
      guard !radial.isEmpty else {
        throw InputError(
          "radial coefficients without a pair of types, as 0-1, before them", file: file, line: number)
      }
      radial[radial.count - 1].rows.append(try numbers(Value(line: number, text: text)))
      return
    }
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 2, text.split(separator: "-").count == 2, parts.allSatisfy({ (0..<1000).contains($0) })
    else {
      throw InputError(
        "expected a pair of types as 0-1, or coefficients in braces, found '\(text.prefix(40))'", file: file,
        line: number)
    }
    radial.append((number, parts, []))
  }

  // MARK: Values

  func value(_ key: String) throws -> Value {
    guard let value = values[key] else {
      throw InputError("\(key) is missing", file: file)
    }
    return value
  }

  func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
    let value = try value(key)
    guard let number = Int(value.text), range.contains(number) else {
      throw InputError(
        "\(key) must be \(range.lowerBound) to \(range.upperBound), found '\(value.text.prefix(40))'", file: file,
        line: value.line)
    }
    return number
  }

  func number(_ key: String) throws -> Double {
    let value = try value(key)
    guard let number = Double(value.text), number.isFinite else {
      throw InputError("\(key) must be a number, found '\(value.text.prefix(40))'", file: file, line: value.line)
    }
    return number
  }

  func numbers(_ key: String, count: Int) throws -> [Double] {
    let value = try value(key)
    let found = try numbers(value)
    guard found.count == count else {
      throw InputError("\(key) has \(found.count) numbers, expected \(count)", file: file, line: value.line)
    }
    return found
  }

  private func numbers(_ value: Value) throws -> [Double] {
    let parts = value.text.split { "{}, \t".contains($0) }
    return try parts.map { part in
      guard let number = Double(part), number.isFinite else {
        throw InputError("'\(part.prefix(40))' is no number", file: file, line: value.line)
      }
      return number
    }
  }

  /// `{{a, b, c, d}, …}`.
  func rows(_ key: String, count: Int) throws -> [[Int]] {
    let value = try value(key)
    let all = try numbers(key, count: 4 * count)
    guard all.allSatisfy({ abs($0) < 1e9 && $0 == $0.rounded() }) else {
      throw InputError("\(key) must hold whole numbers", file: file, line: value.line)
    }
    return stride(from: 0, to: all.count, by: 4).map { all[$0..<$0 + 4].map { Int($0) } }
  }
}

/// Lines that hold something, with their numbers and without space at their ends.
private struct MLIPLines {
  private let bytes: [UInt8]
  private var position = 0
  private var number = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> (number: Int, text: String)? {
    while position < bytes.count {
      let end = bytes[position...].firstIndex(of: 10) ?? bytes.count
      let line = String(decoding: bytes[position..<end], as: UTF8.self)
      position = end + 1
      number += 1
      let text = Self.trimmed(line[...])
      if !text.isEmpty { return (number, String(text)) }
    }
    return nil
  }

  static func trimmed(_ text: Substring) -> Substring {
    let body = text.drop { $0.isWhitespace }
    guard let last = body.lastIndex(where: { !$0.isWhitespace }) else { return body.prefix(0) }
    return body[...last]
  }
}
