import Structures

/// Reads the text of a `.snapparam` file.
struct SNAPParameterText {
  let file: String
  private(set) var isQuadratic = false
  private static let known = [
    "rcutfac", "twojmax", "rfac0", "rmin0", "switchflag", "bzeroflag", "quadraticflag", "chemflag", "bnormflag",
    "wselfallflag", "switchinnerflag", "sinner", "dinner", "diagonalstyle", "chunksize", "parallelthresh",
  ]

  init(file: String) { self.file = file }

  /// - Throws: `InputError` for an unknown keyword with the nearest right one, a wrong value, or a missing keyword.
  mutating func read(_ text: String, elements: [ChemicalElement]) throws -> SNAPHyperparameters {
    var result = SNAPHyperparameters()
    var seen: Set<String> = []
    for (line, words) in snapLines(text) {
      let key = String(words[0])
      guard Self.known.contains(key) else {
        let near = nearestName(to: key, among: Self.known).map { "did you mean '\($0)'?" }
        throw InputError(
          "unknown keyword '\(key)'", file: file, line: line,
          remedy: near ?? "known are " + Self.known.joined(separator: ", "))
      }
      guard seen.insert(key).inserted else { throw InputError("'\(key)' stands twice", file: file, line: line) }
      let values = words.dropFirst().map(String.init)
      if key == "sinner" || key == "dinner" {
        let table = try perElement(key, values, elements, line)
        if key == "sinner" { result.sinner = table } else { result.dinner = table }
      } else {
        guard let value = values.first, values.count == 1 else {
          throw InputError("'\(key)' needs one value, found \(values.count)", file: file, line: line)
        }
        try set(key, value, &result, line)
      }
    }
    for key in ["rcutfac", "twojmax"] where !seen.contains(key) {
      throw InputError("the keyword \(key) is missing", file: file, remedy: "LAMMPS needs it too")
    }
    return result
  }

  private mutating func set(_ key: String, _ value: String, _ result: inout SNAPHyperparameters, _ line: Int) throws
  {
    func number() throws -> Double {
      guard let number = Double(value), number.isFinite else {
        throw InputError("'\(key)' needs a number, found '\(value)'", file: file, line: line)
      }
      return number
    }
    func flag() throws -> Bool {
      guard value == "0" || value == "1" else {
        throw InputError("'\(key)' is 0 or 1, found '\(value)'", file: file, line: line)
      }
      return value == "1"
    }
    switch key {
    case "rcutfac": result.rcutfac = try number()
    case "twojmax":
      guard let whole = Int(value) else {
        throw InputError("'twojmax' needs a whole number, found '\(value)'", file: file, line: line)
      }
      result.twojmax = whole
    case "rfac0": result.rfac0 = try number()
    case "rmin0": result.rmin0 = try number()
    case "switchflag": result.switchflag = try flag()
    case "bzeroflag": result.bzeroflag = try flag()
    case "quadraticflag": isQuadratic = try flag()
    case "chemflag": result.chemflag = try flag()
    case "bnormflag": result.bnormflag = try flag()
    case "wselfallflag": result.wselfallflag = try flag()
    case "switchinnerflag": result.switchinnerflag = try flag()
    case "diagonalstyle":
      // Of old files; 3 is what every potential of today means.
      guard value == "3" else {
        throw InputError("diagonalstyle is \(value), but only 3 is in use", file: file, line: line)
      }
    default: break  // chunksize, parallelthresh: how a GPU goes about it
    }
  }

  private func perElement(
    _ key: String, _ values: [String], _ elements: [ChemicalElement], _ line: Int
  ) throws -> [String: Double] {
    let numbers = values.compactMap(Double.init)
    guard values.count == elements.count, numbers.count == values.count, numbers.allSatisfy(\.isFinite) else {
      throw InputError(
        "'\(key)' needs \(elements.count) numbers, one an element, found '\(values.joined(separator: " "))'",
        file: file, line: line)
    }
    return Dictionary(uniqueKeysWithValues: zip(elements.map(\.symbol), numbers))
  }
}
