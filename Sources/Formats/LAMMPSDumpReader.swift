import Structures

/// Reads the frames of a dump one after the other.
struct LAMMPSDumpReader {
  private var lines: TextLines
  private let species: [ChemicalElement]
  private(set) var tally = NoteTally()
  private var index = 0
  /// eV/Å in one unit of force.
  private var forceUnit = 1.0

  /// 1 kcal/mol in eV (4184 J/mol / (6.02214076e23 × 1.602176634e−19 C)).
  static let kilocaloriePerMole = 4184 / (6.02214076e23 * 1.602176634e-19)

  init(lines: TextLines, species: [ChemicalElement]) {
    self.lines = lines
    self.species = species
  }

  private struct Head {
    var step: String?
    var count: Int?
    var low = SIMD3<Double>.zero
    var lattice: Lattice?
    var periodic = Periodicity.all
    var line = 0
  }

  mutating func next() throws -> LabeledStructure? {
    let frame = Result { try read() }
    // Bytes that are no text are what is wrong, whatever the reader made of them.
    try lines.checkText()
    return try frame.get()
  }

  private mutating func read() throws -> LabeledStructure? {
    guard var title = lines.nextFilled() else { return nil }
    var head = Head()
    head.line = lines.number
    while true {
      let words = Fields(title).map { $0 }
      guard words.count > 1, words[0].equals("ITEM:") else {
        throw lines.error("found \(title.quoted), expected ITEM:", remedy: "is this a LAMMPS dump?")
      }
      if words[1].equals("ATOMS") {
        let frame = try self.frame(head, columns: words.dropFirst(2).map(\.text))
        index += 1
        return frame
      }
      try read(words, into: &head)
      guard let following = lines.nextFilled() else {
        throw lines.error("the file ends, expected ITEM: ATOMS", remedy: "the file may be truncated")
      }
      title = following
    }
  }

  private mutating func line(_ what: String) throws(InputError) -> TextSlice {
    guard let line = lines.next() else {
      throw lines.error("the file ends, expected \(what)", remedy: "the file may be truncated")
    }
    return line
  }

  private mutating func read(_ words: [TextSlice], into head: inout Head) throws {
    switch words[1].text {
    case "TIMESTEP":
      guard head.step == nil else { throw lines.error("a frame without ITEM: ATOMS") }
      head.step = try line("the time step").text.trimmingBlanks()
    case "TIME": _ = try line("the time")
    case "UNITS":
      let units = try line("the units").text.trimmingBlanks()
      switch units {
      case "metal": forceUnit = 1
      case "real": forceUnit = Self.kilocaloriePerMole
      default: throw lines.error("units \(units.prefix(20)), expected metal or real")
      }
    case "NUMBER":
      let row = try line("the number of atoms")
      var fields = Fields(row)
      guard let count = fields.next()?.integer, count > 0 else {
        throw lines.error("found \(row.quoted), expected the number of atoms")
      }
      head.count = count
    case "BOX": try readBox(words.dropFirst(3).map(\.text), into: &head)
    default: throw lines.error("unknown item \(words[1].quoted)")
    }
  }

  /// `xy xz yz pp pp pp`, `abc origin pp pp pp`, `pp pp pp`, and three rows.
  private mutating func readBox(_ words: [String], into head: inout Head) throws {
    let isGeneral = words.starts(with: ["abc", "origin"])
    let isTilted = words.starts(with: ["xy", "xz", "yz"])
    let marks = words.dropFirst(isGeneral ? 2 : isTilted ? 3 : 0)
    if !marks.isEmpty {
      guard marks.count == 3, marks.allSatisfy({ $0.count == 2 }) else {
        throw lines.error(
          "BOX BOUNDS names \(words.joined(separator: " ").prefix(40)), expected three marks such as pp")
      }
      let flags = marks.map { $0 == "pp" }
      head.periodic = Periodicity(flags[0], flags[1], flags[2])
    }
    let width = isGeneral ? 4 : isTilted ? 3 : 2
    var rows: [[Double]] = []
    for _ in 0..<3 {
      var row: [Double] = []
      for word in Fields(try line("a bound of the box")) {
        guard let value = word.number() else { throw lines.numberError(word, "a bound of the box") }
        row.append(value)
      }
      guard row.count == width else {
        throw lines.error("\(row.count) numbers for a bound of the box, expected \(width)")
      }
      rows.append(row)
    }
    let lattice: Lattice
    if isGeneral {
      lattice = Lattice(
        a: [rows[0][0], rows[0][1], rows[0][2]], b: [rows[1][0], rows[1][1], rows[1][2]],
        c: [rows[2][0], rows[2][1], rows[2][2]])
      head.low = [rows[0][3], rows[1][3], rows[2][3]]
    } else {
      let tilts = isTilted ? SIMD3(rows[0][2], rows[1][2], rows[2][2]) : .zero
      let (below, above) = LAMMPSCell.overhang(tilts)
      head.low = SIMD3(rows[0][0], rows[1][0], rows[2][0]) - below
      lattice =
        LAMMPSCell(low: head.low, high: SIMD3(rows[0][1], rows[1][1], rows[2][1]) - above, tilts: tilts).lattice
    }
    guard lattice.isRegular, isGeneral || lattice.signedVolume > 0 else {
      throw lines.error("the box has no volume")
    }
    head.lattice = lattice
  }

  private mutating func frame(_ head: Head, columns: [String]) throws -> LabeledStructure {
    guard let count = head.count else { throw lines.error("ITEM: ATOMS before ITEM: NUMBER OF ATOMS") }
    guard let lattice = head.lattice else { throw lines.error("ITEM: ATOMS before ITEM: BOX BOUNDS") }
    var rows = try LAMMPSDumpRows(columns, lines: lines)
    try lines.requireRoom(for: count, minimum: 2 * columns.count)
    for atom in 0..<count {
      let row = try line("atom \(atom + 1) of \(count)")
      try rows.append(row, atom: atom, of: count, lines: lines)
    }
    if try rows.sort(lines) { tally.add("rows put in the order of id") }
    let elements = try rows.elements(species, lines)
    let structure = Structure(
      lattice: lattice, periodic: head.periodic, elements: elements,
      positions: rows.positions(lattice, origin: head.low))
    var labels = Labels()
    var provenance = Provenance(file: lines.file, index: index, line: head.line)
    if rows.hasForces {
      labels.forces = forceUnit == 1 ? rows.forces : rows.forces.map { forceUnit * $0 }
      provenance.forcesKey = "fx fy fz"
    }
    return LabeledStructure(
      structure: structure, labels: labels, provenance: provenance,
      info: head.step.map { [InfoItem(key: "timestep", value: $0)] } ?? [], columns: rows.columns)
  }
}
