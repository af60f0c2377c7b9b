import Structures

/// Numbers of one quantity in a DeePMD system, a row a frame: an `.npy` array, or lines of text.
struct FrameTable {
  private enum Source {
    case array(NPYArray, next: Int)
    case text(TextLines)
  }

  /// "set.000/coord.npy", for messages.
  let file: String
  private let bytes: FileBytes
  private var source: Source
  /// Numbers since memory was given back.
  private var numbersRead = 0
  private static let numbersBetween = 2_000_000

  /// - Throws: `InputError`.
  init(_ bytes: FileBytes, file: String) throws {
    self.file = file
    self.bytes = bytes
    source =
      file.hasSuffix(".npy")
      ? .array(try NPYArray(bytes.buffer, file: file), next: 0)
      : .text(try TextLines(bytes.buffer, file: file, checksAhead: false))
  }

  /// The numbers of the next frame, nil behind the last.
  ///
  /// - Throws: `InputError` where there are not as many as one of `widths`, or where one is not finite.
  mutating func next(widths: [Int]) throws -> [Double]? {
    let row = try read(widths: widths)
    numbersRead += row?.count ?? 0
    if numbersRead > Self.numbersBetween {
      bytes.giveBack()
      numbersRead = 0
    }
    return row
  }

  private mutating func read(widths: [Int]) throws -> [Double]? {
    switch source {
    case .array(let array, let row):
      guard row < array.rows else { return nil }
      source = .array(array, next: row + 1)
      guard widths.contains(array.width) else {
        throw widthError(array.width, widths, line: nil)
      }
      let numbers = array.row(row)
      guard numbers.allSatisfy(\.isFinite) else {
        throw InputError("a number of frame \(row) is not finite", file: file)
      }
      return numbers
    case .text(var lines):
      guard let line = lines.nextFilled() else { return nil }
      var numbers: [Double] = []
      for word in Fields(line) {
        guard let value = word.number() else { throw lines.numberError(word, "a number") }
        numbers.append(value)
      }
      guard widths.contains(numbers.count) else { throw widthError(numbers.count, widths, line: lines.number) }
      try lines.checkText()
      source = .text(lines)
      return numbers
    }
  }

  private func widthError(_ found: Int, _ widths: [Int], line: Int?) -> InputError {
    let expected = widths.map(String.init).joined(separator: " or ")
    return InputError(
      "\(found) numbers a frame, expected \(expected)", file: file, line: line,
      remedy: "does type.raw belong to it?")
  }
}
