import Structures

/// One element of a `.snapcoeff` file.
struct SNAPCoefficientEntry {
  var element: ChemicalElement
  var radius: Double
  var weight: Double
  var coefficients: [Double]
}

/// Reads the text of a `.snapcoeff` file.
struct SNAPCoefficientText {
  private let file: String
  /// Words of the lines that hold something, with their numbers.
  private let lines: [(number: Int, words: [Substring])]

  init(_ text: String, file: String) {
    self.file = file
    lines = snapLines(text)
  }

  func read() throws -> (elements: [ChemicalElement], table: [SNAPCoefficientEntry], width: Int) {
    guard let head = lines.first, head.words.count >= 2, let count = Int(head.words[0]),
      let width = Int(head.words[1]),
      (1...1000).contains(count), (1...10_000_000).contains(width)
    else {
      throw InputError(
        "expected the numbers of elements and of coefficients, found '\(shown(0))'", file: file,
        line: lines.first?.number ?? 1)
    }
    let expected = 1 + count * (width + 1)
    guard lines.count == expected else {
      throw InputError(
        "\(count) elements with \(width) coefficients take \(expected) lines, found \(lines.count)", file: file,
        line: lines.last?.number, remedy: "check the counts on line \(head.number)")
    }
    let table = try (0..<count).map { try entry(at: 1 + $0 * (width + 1), width) }
    let elements = table.map(\.element)
    for (k, element) in elements.enumerated() where elements[..<k].contains(element) {
      throw InputError("\(element.symbol) stands twice", file: file, line: lines[1 + k * (width + 1)].number)
    }
    return (elements, table, width)
  }

  private func entry(at start: Int, _ width: Int) throws -> SNAPCoefficientEntry {
    let (number, words) = lines[start]
    guard words.count == 3, let element = ChemicalElement(String(words[0])), let radius = Double(words[1]),
      let weight = Double(words[2]), radius > 0, radius.isFinite, weight.isFinite
    else {
      throw InputError(
        "expected an element with its radius and weight, as 'Li 0.5 1', found '\(shown(start))'", file: file,
        line: number)
    }
    let coefficients = try (start + 1...start + width).map { k -> Double in
      guard lines[k].words.count == 1, let value = Double(lines[k].words[0]), value.isFinite else {
        throw InputError("expected one coefficient, found '\(shown(k))'", file: file, line: lines[k].number)
      }
      return value
    }
    return SNAPCoefficientEntry(element: element, radius: radius, weight: weight, coefficients: coefficients)
  }

  private func shown(_ k: Int) -> String {
    lines.indices.contains(k) ? lines[k].words.joined(separator: " ") : ""
  }
}

/// The words of each line that is not empty, without comments, and the line's number.
func snapLines(_ text: String) -> [(number: Int, words: [Substring])] {
  text.split(omittingEmptySubsequences: false) { $0.isNewline }.enumerated().compactMap { index, line in
    let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
    return words.isEmpty ? nil : (index + 1, words)
  }
}
