import Structures

/// The title of a section: `Atoms # atomic`.
struct LAMMPSTitle {
  var name: String
  var style: String?

  /// nil for a line that does not begin with a letter, or that is a row of a labelled type.
  init?(_ line: TextSlice) {
    var fields = Fields(line)
    guard let first = fields.next(), lowercase(first.start.pointee) &- UInt8(ascii: "a") < 26 else { return nil }
    let parts = line.text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(parts[0]).trimmingBlanks()
    style = parts.count > 1 ? String(parts[1]).trimmingBlanks().lowercased() : nil
    if style?.isEmpty == true { style = nil }
    guard name.first?.isUppercase == true, name.utf8.allSatisfy({ $0 == 32 || lowercase($0) &- 97 < 26 }) else {
      return nil
    }
  }
}

/// The lines between the title and the first section.
struct LAMMPSDataHead {
  private(set) var atoms = 0
  private var low = SIMD3<Double>(repeating: -0.5)
  private var high = SIMD3<Double>(repeating: 0.5)
  private var tilts = SIMD3<Double>.zero
  private var vectors: [String: SIMD3<Double>] = [:]
  private var bounds: Set<String> = []

  /// Reads up to the first title, which is given back.
  mutating func read(_ lines: inout TextLines) throws -> LAMMPSTitle? {
    while let line = lines.nextFilled() {
      if let title = LAMMPSTitle(line) { return title }
      let words = Fields(line).prefix { $0.start.pointee != UInt8(ascii: "#") }.map { $0 }
      if words.isEmpty { continue }
      let numbers = words.prefix { $0.number() != nil }.compactMap { $0.number() }
      let keyword = words.dropFirst(numbers.count).map(\.text).joined(separator: " ")
      guard try take(keyword, numbers, words, lines) else {
        throw lines.error("found \(line.quoted), expected a line such as \"8 atoms\" or \"0 4.2 xlo xhi\"")
      }
    }
    return nil
  }

  /// False where the line is not known.
  private mutating func take(
    _ keyword: String, _ n: [Double], _ words: [TextSlice], _ lines: TextLines
  ) throws(InputError) -> Bool {
    switch keyword {
    case "atoms" where n.count == 1:
      guard let count = words[0].integer else {
        throw lines.error("found \(words[0].quoted), expected a number of atoms")
      }
      atoms = count
    case "xlo xhi" where n.count == 2: setBounds(0, n, keyword)
    case "ylo yhi" where n.count == 2: setBounds(1, n, keyword)
    case "zlo zhi" where n.count == 2: setBounds(2, n, keyword)
    case "xy xz yz" where n.count == 3: tilts = [n[0], n[1], n[2]]
    case "avec" where n.count == 3, "bvec" where n.count == 3, "cvec" where n.count == 3,
      "abc origin" where n.count == 3:
      vectors[keyword] = [n[0], n[1], n[2]]
    default:
      // "12 bonds", "2 atom types", "3 extra bond per atom", "1 ellipsoids"
      return n.count == 1 && !keyword.isEmpty && !keyword.contains { !($0.isLetter || $0 == " ") }
    }
    return true
  }

  private mutating func setBounds(_ axis: Int, _ n: [Double], _ keyword: String) {
    low[axis] = n[0]
    high[axis] = n[1]
    bounds.insert(keyword)
  }

  func lattice(_ lines: TextLines) throws(InputError) -> Lattice {
    let lattice: Lattice
    if let a = vectors["avec"], let b = vectors["bvec"], let c = vectors["cvec"] {
      lattice = Lattice(a: a, b: b, c: c)
    } else {
      guard bounds.count == 3 else {
        throw lines.error("the head lacks the bounds xlo xhi, ylo yhi, zlo zhi of the box")
      }
      guard (0..<3).allSatisfy({ low[$0] < high[$0] }) else {
        throw lines.error("a bound of the box is not below its other")
      }
      lattice = LAMMPSCell(low: low, high: high, tilts: tilts).lattice
    }
    guard lattice.isRegular else { throw lines.error("the box has no volume") }
    return lattice
  }
}
