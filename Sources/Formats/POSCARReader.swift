import Glibc
import Structures

struct POSCARReader {
  private var lines: TextLines
  private var tally = NoteTally()
  private var info: [InfoItem] = []
  private var id: String?

  init(lines: TextLines) { self.lines = lines }

  mutating func read() throws -> ([LabeledStructure], NoteTally) {
    let comment = try line("the comment line")
    readComment(comment)
    let scale = try self.scale()
    let lattice = try self.lattice(scale)
    let species = try self.species(comment)
    let count = species.reduce(0) { $0 + $1.count }
    var mode = try line("Direct or Cartesian")
    let isSelective = mode.initial == UInt8(ascii: "s")
    if isSelective { mode = try line("Direct or Cartesian") }
    let isCartesian = try self.isCartesian(mode)
    try lines.requireRoom(for: count, minimum: 6)
    var rows = Rows()
    for (element, number) in species {
      for _ in 0..<number { try readRow(element, of: count, isSelective: isSelective, into: &rows) }
    }
    try readTail(count)
    let factors = scale.factors(lattice)
    let scaled = lattice.scaled(by: factors)
    let positions = rows.coordinates.map { isCartesian ? $0 * factors : scaled.cartesian($0) }
    let structure = Structure(lattice: scaled, elements: rows.elements, positions: positions)
    let mask = AtomColumn(name: POSCAR.moveMask, kind: .logical, width: 3, values: rows.flags)
    let frame = LabeledStructure(
      id: id, structure: structure, labels: Labels(), provenance: Provenance(file: lines.file, index: 0, line: 1),
      info: info, columns: isSelective ? [mask] : [])
    return ([frame], tally)
  }

  private struct Rows {
    var elements: [ChemicalElement] = []
    var coordinates: [SIMD3<Double>] = []
    var flags: [String] = []
  }

  private mutating func line(_ expected: String) throws(InputError) -> TextSlice {
    guard let line = lines.next() else {
      throw lines.error("the file ends, expected \(expected)", remedy: "the file may be truncated")
    }
    return line
  }

  // MARK: Head

  private mutating func readComment(_ line: TextSlice) {
    var words: [String] = []
    for word in Fields(line) {
      let text = word.text
      if text.hasPrefix("id="), isFrameID(String(text.dropFirst(3))) {
        id = String(text.dropFirst(3))
      } else {
        words.append(text)
      }
    }
    if !words.isEmpty { info = [InfoItem(key: "comment", value: words.joined(separator: " "))] }
  }

  private mutating func scale() throws(InputError) -> Scale {
    let line = try line("the scale factor")
    let numbers = Fields(line).map { $0.number(fortran: true) }.prefix { $0 != nil }.compactMap { $0 }
    switch numbers.count {
    case 1 where numbers[0] < 0: return .volume(-numbers[0])
    case 1 where numbers[0] > 0: return .factors(SIMD3(repeating: numbers[0]))
    case 3 where numbers.allSatisfy({ $0 > 0 }): return .factors([numbers[0], numbers[1], numbers[2]])
    default:
      throw lines.error(
        "found \(line.quoted), expected the scale factor",
        remedy: "one number (negative: the volume) or three positive ones")
    }
  }

  private mutating func lattice(_ scale: Scale) throws(InputError) -> Lattice {
    var vectors: [SIMD3<Double>] = []
    for name in ["a", "b", "c"] {
      let line = try line("lattice vector \(name)")
      var fields = Fields(line)
      vectors.append(try vector(&fields, "lattice vector \(name)"))
    }
    let lattice = Lattice(a: vectors[0], b: vectors[1], c: vectors[2])
    guard lattice.isRegular, lattice.scaled(by: scale.factors(lattice)).isRegular else {
      throw lines.error("the cell of the three vectors above has no volume")
    }
    return lattice
  }

  private func vector(_ fields: inout Fields, _ place: String) throws(InputError) -> SIMD3<Double> {
    var vector = SIMD3<Double>.zero
    for k in 0..<3 {
      guard let word = fields.next() else { throw lines.error("\(place) has \(k) numbers, expected 3") }
      guard let value = word.number(fortran: true) else { throw lines.numberError(word, place) }
      vector[k] = value
    }
    return vector
  }

  private mutating func species(_ comment: TextSlice) throws(InputError) -> [(ChemicalElement, count: Int)] {
    let line = try line("the symbols")
    let first = Array(Fields(line))
    guard !first.isEmpty else { throw lines.error("a blank line, expected the symbols") }
    if first[0].integer != nil {
      let counts = try self.counts(line)
      return try zip(symbols(ofVersion4: comment, counts: counts), counts).map { ($0, count: $1) }
    }
    var symbols: [ChemicalElement] = []
    for word in first {
      // "! comment" may follow.
      if !symbols.isEmpty, word.start.pointee == UInt8(ascii: "!") || word.start.pointee == UInt8(ascii: "#") {
        break
      }
      guard let symbol = word.symbolOfPotential else { throw lines.elementError(word) }
      symbols.append(symbol)
    }
    let second = try self.line("the numbers of atoms")
    let counts = try self.counts(second)
    guard counts.count == symbols.count else {
      throw lines.error("\(counts.count) numbers of atoms for \(symbols.count) symbols")
    }
    return zip(symbols, counts).map { ($0, count: $1) }
  }

  private func counts(_ line: TextSlice) throws(InputError) -> [Int] {
    var counts: [Int] = []
    for word in Fields(line) {
      // "! comment" may follow.
      if !counts.isEmpty, word.start.pointee == UInt8(ascii: "!") || word.start.pointee == UInt8(ascii: "#") {
        break
      }
      guard let count = word.integer, count < 1 << 40 else {
        throw lines.error("found \(word.quoted), expected a number of atoms")
      }
      counts.append(count)
    }
    guard counts.contains(where: { $0 > 0 }) else { throw lines.error("no atoms") }
    guard counts.count <= 10_000 else { throw lines.error("\(counts.count) kinds of atoms") }
    return counts
  }

  /// VASP 4 files have no line of symbols; their comment line may say them ("Li Mn O", or "Li1 Mn8 O16").
  private func symbols(ofVersion4 comment: TextSlice, counts: [Int]) throws(InputError) -> [ChemicalElement] {
    let words = Fields(comment).filter { !$0.text.hasPrefix("id=") }
    let symbols = zip(words, counts).compactMap { word, count in
      ChemicalElement(word.text) ?? ChemicalElement(word.text.dropSuffix(String(count)))
    }
    guard words.count == counts.count, symbols.count == counts.count else {
      throw lines.error(
        "no line of symbols (a VASP 4 file), and the comment line does not name \(counts.count) of them",
        remedy: "put the symbols on a line before the numbers of atoms")
    }
    return symbols
  }

  private func isCartesian(_ line: TextSlice) throws(InputError) -> Bool {
    switch line.initial {
    case UInt8(ascii: "c"), UInt8(ascii: "k"): return true
    case UInt8(ascii: "d"): return false
    default: throw lines.error("found \(line.quoted), expected Direct or Cartesian")
    }
  }

  // MARK: Rows

  private mutating func readRow(
    _ element: ChemicalElement, of count: Int, isSelective: Bool, into rows: inout Rows
  ) throws(InputError) {
    let place = "atom \(rows.elements.count + 1) of \(count)"
    guard let line = lines.next() else {
      throw lines.error(
        "the file ends after \(rows.elements.count) of \(count) atoms", remedy: "the file may be truncated")
    }
    var fields = Fields(line)
    rows.coordinates.append(try vector(&fields, place))
    if isSelective {
      for _ in 0..<3 {
        guard let word = fields.next() else { throw lines.error("\(place) lacks a T or F of its three") }
        guard let flag = word.logical else { throw lines.error("\(place) has \(word.quoted), expected T or F") }
        rows.flags.append(flag ? "T" : "F")
      }
    }
    if let label = fields.next()?.symbolOfPotential, label != element {
      tally.add("label at the end of the row differs from the symbols line, which was taken", of: "row")
    }
    rows.elements.append(element)
  }

  /// What follows the atoms: nothing, or velocities and more behind a blank or a titled line.
  private mutating func readTail(_ count: Int) throws(InputError) {
    guard let first = lines.next() else { return }
    let firstNumber = lines.number
    if first.isNumeric {
      throw lines.error("more rows than the \(count) atoms declared", remedy: "are the numbers of atoms right?")
    }
    var line: TextSlice? = first
    var filled = 0
    while let current = line {
      if !current.isBlank {
        filled += 1
        guard current.isNumeric || current.isTitleOfBlock else {
          throw lines.error("found \(current.quoted) behind the atoms")
        }
      }
      line = lines.next()
    }
    if filled > 0 { tally.add("velocities and what follows, from line \(firstNumber) on, not read", of: "file") }
  }
}

/// The second line of a POSCAR.
private enum Scale {
  /// Å³.
  case volume(Double)
  case factors(SIMD3<Double>)

  func factors(_ lattice: Lattice) -> SIMD3<Double> {
    switch self {
    case .volume(let volume): SIMD3(repeating: cbrt(volume / lattice.volume))
    case .factors(let factors): factors
    }
  }
}

extension Lattice {
  fileprivate func scaled(by factors: SIMD3<Double>) -> Lattice {
    Lattice(a: a * factors, b: b * factors, c: c * factors)
  }
}

extension TextSlice {
  /// The first letter of the line, in lower case.
  fileprivate var initial: UInt8? {
    var fields = Fields(self)
    return fields.next().map { lowercase($0.start.pointee) }
  }

  /// The element of `Fe`, `Fe_pv`, `Fe/1a2b3c`, `Li+`, `Mn3+`.
  fileprivate var symbolOfPotential: ChemicalElement? {
    let letters = bytes.prefix { lowercase($0) &- UInt8(ascii: "a") < 26 }
    let rest = bytes[letters.endIndex...]
    guard rest.isEmpty || "_/+-0123456789.:".utf8.contains(rest[rest.startIndex]) else { return nil }
    return ChemicalElement(String(decoding: letters, as: UTF8.self))
  }

  /// Fortran's T, F, .TRUE., .FALSE.
  fileprivate var logical: Bool? {
    switch text.lowercased() {
    case "t", ".t.", "true", ".true.": true
    case "f", ".f.", "false", ".false.": false
    default: nil
    }
  }

  fileprivate var isNumeric: Bool {
    var fields = Fields(self)
    guard let first = fields.next(), first.number(fortran: true) != nil else { return false }
    return fields.allSatisfy { $0.number(fortran: true) != nil || $0.logical != nil || $0.symbolOfPotential != nil }
  }

  /// Heads of the blocks that VASP writes behind the atoms.
  fileprivate var isTitleOfBlock: Bool {
    let text = text.lowercased()
    return ["direct", "cartesian", "lattice velocities"].contains { text.drop { $0 == " " }.hasPrefix($0) }
  }
}

extension String {
  fileprivate func dropSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
