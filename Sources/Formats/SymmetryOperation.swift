import Structures

/// A symmetry operation on fractional coordinates, as CIFs write it: "-x+1/2, y, z+1/2".
struct SymmetryOperation {
  private var rows = [SIMD3<Double>](repeating: .zero, count: 3)
  private var shift = SIMD3<Double>.zero

  static let identity = SymmetryOperation("x,y,z")

  /// nil where the text is no operation.
  init?(_ text: String) {
    let parts = text.lowercased().filter { !$0.isWhitespace && $0 != "'" && $0 != "\"" }
      .split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    for (k, part) in parts.enumerated() {
      guard let (row, constant) = Self.sum(Array(part.utf8)) else { return nil }
      rows[k] = row
      shift[k] = constant
    }
    guard abs(dot(rows[0], cross(rows[1], rows[2]))) > 1e-6 else { return nil }
  }

  /// A sum such as "-x+1/2", "1/2+y", "x-y", ".5*z".
  private static func sum(_ bytes: [UInt8]) -> (SIMD3<Double>, Double)? {
    var row = SIMD3<Double>.zero
    var constant = 0.0
    var place = 0
    guard !bytes.isEmpty else { return nil }
    while place < bytes.count {
      var sign = 1.0
      if "+-".utf8.contains(bytes[place]) {
        sign = bytes[place] == UInt8(ascii: "-") ? -1 : 1
        place += 1
      } else if place > 0 {
        return nil
      }
      let end = bytes[place...].firstIndex { "+-".utf8.contains($0) } ?? bytes.count
      guard let (factor, axis) = term(String(decoding: bytes[place..<end], as: UTF8.self)) else { return nil }
      if let axis { row[axis] += sign * factor } else { constant += sign * factor }
      place = end
    }
    return (row, constant)
  }

  /// "x", "1/2", "0.5", "2*x", "2x": a factor and, where there is one, an axis.
  private static func term(_ text: String) -> (Double, Int?)? {
    let axes: [Character: Int] = ["x": 0, "y": 1, "z": 2]
    var number = Substring(text)
    var axis: Int?
    if let last = number.last, let found = axes[last] {
      axis = found
      number = number.dropLast()
      if number.last == "*" { number = number.dropLast() }
      if number.isEmpty { return (1, axis) }
    }
    let parts = number.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") } ? Double(part) : nil
    }
    guard (1...2).contains(parts.count), let numerator = parts[0],
      let denominator = parts.count == 2 ? parts[1] : 1,
      denominator != 0, numerator.isFinite, denominator.isFinite
    else { return nil }
    return (numerator / denominator, axis)
  }

  func callAsFunction(_ r: SIMD3<Double>) -> SIMD3<Double> {
    [dot(rows[0], r), dot(rows[1], r), dot(rows[2], r)] + shift
  }

  /// True where it moves nothing.
  var isIdentity: Bool {
    rows == [[1, 0, 0], [0, 1, 0], [0, 0, 1]] && shift == .zero
  }
}
