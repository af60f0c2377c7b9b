import Foundation
import Structures

/// Formatted Fortran text: every field begins on a line of its own; lists of numbers go on over lines.
struct FortranText {
  private let lines: [Substring]
  private var next = 0

  /// - Throws: `InputError` for bytes that are no text.
  init(_ bytes: [UInt8]) throws {
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw InputError("not an aenet potential: neither Fortran records nor text")
    }
    lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
  }

  private mutating func line(_ name: String) throws -> Substring {
    guard next < lines.count else {
      throw InputError("the aenet potential is cut short: it ends before its \(name)", line: lines.count)
    }
    next += 1
    return lines[next - 1]
  }

  private mutating func numbers<T>(
    _ name: String, _ count: Int, expected: String, _ parse: (Substring) -> T?
  ) throws -> [T] {
    var values: [T] = []
    while values.count < count {
      for word in try line(name).split(whereSeparator: { $0 == " " || $0 == "\t" }) {
        guard let value = parse(word) else {
          throw InputError(
            "damaged aenet potential: found '\(word.prefix(40))', expected \(expected) (\(name))", line: next)
        }
        values.append(value)
      }
      guard values.count <= count else {
        throw InputError("damaged aenet potential: more than \(count) numbers (\(name))", line: next)
      }
    }
    return values
  }
}

extension FortranText: AENETFieldReader {
  mutating func integers(_ name: String, _ count: Int) throws -> [Int] {
    try numbers(name, count, expected: "a whole number") { Int($0) }
  }

  mutating func reals(_ name: String, _ count: Int) throws -> [Double] {
    try numbers(name, count, expected: "a number") { word in
      // What is not finite is named later, with its place.
      if ["nan", "-nan", "inf", "-inf", "infinity", "+infinity", "-infinity"].contains(word.lowercased()) {
        return .nan
      }
      return fortranNumber(word)
    }
  }

  mutating func texts(_ name: String, _ count: Int, length: Int) throws -> [String] {
    try (0..<count).map { _ in
      let text = fortranText(Array(try line(name).utf8.prefix(length)))
      return length <= 2 ? text.trimmingCharacters(in: .whitespaces) : text
    }
  }

  mutating func flag(_ name: String) throws -> Bool {
    try numbers(name, 1, expected: "T or F") { ["T": true, "F": false][$0.uppercased()] }[0]
  }

  /// aenet writes as many numbers for a function as the environment has species, running over into the next
  /// function's: of each row the first two count, and with one species the second is the first.
  mutating func functionSpecies(_ components: Int, environment: Int) throws -> [Int] {
    let rows = try integers("species of functions", components * environment)
    return (0..<components).flatMap { k in
      [rows[k * environment], environment > 1 ? rows[k * environment + 1] : rows[k * environment]]
    }
  }

  mutating func finish() throws {
    while next < lines.count {
      guard try line("end").allSatisfy(\.isWhitespace) else {
        throw InputError("damaged aenet potential: more text behind its last field", line: next)
      }
    }
  }
}

/// Writes such text; every number so that it reads back as the same.
struct FortranTextWriter: AENETFieldWriter {
  private(set) var text = ""

  private mutating func put(_ words: [String], to line: Int) {
    for start in stride(from: 0, to: words.count, by: line) {
      text += words[start..<min(start + line, words.count)].map { " " + $0 }.joined() + "\n"
    }
  }

  private func right(_ word: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - word.count)) + word
  }

  private func scientific(_ value: Double) -> String { right(String(format: "%.17E", value), 24) }

  mutating func integers(_ values: [Int]) { put(values.map { right("\($0)", 11) }, to: 4) }
  mutating func integerList(_ values: [Int]) { put(values.map { right("\($0)", 17) }, to: 4) }
  mutating func reals(_ values: [Double]) { put(values.map(scientific), to: 4) }
  mutating func realList(_ values: [Double]) { put(values.map(scientific), to: 4) }
  /// Control characters, which would end a line or make the file no text, become blanks.
  mutating func texts(_ values: [String], length: Int) {
    for value in values {
      let scalars = value.unicodeScalars.prefix(length).map { scalar in
        scalar.properties.generalCategory == .control || (0x2028...0x2029).contains(scalar.value) ? " " : scalar
      }
      text += String(String.UnicodeScalarView(scalars)) + "\n"
    }
  }

  mutating func flag(_ value: Bool) { text += value ? " T\n" : " F\n" }

  mutating func functionSpecies(_ values: [Int], environment: Int) {
    let rows = (0..<values.count / 2).flatMap { k in
      (0..<environment).map { 2 * k + $0 < values.count ? values[2 * k + $0] : 0 }
    }
    integerList(rows)
  }
}
