import Structures

struct LAMMPSDataReader {
  private var lines: TextLines
  private let species: [ChemicalElement]
  private var tally = NoteTally()
  private var head = LAMMPSDataHead()
  private var masses: [Int: Double] = [:]
  private var labels: [String: Int] = [:]
  private var elements: [Int: ChemicalElement] = [:]
  private var rows: [LAMMPSAtomRow] = []
  private var atomsLine = 0
  private var id: String?

  init(lines: TextLines, species: [ChemicalElement]) {
    self.lines = lines
    self.species = species
  }

  mutating func read() throws -> ([LabeledStructure], NoteTally) {
    guard let title = lines.next() else { throw lines.error("the file is empty") }
    try readTitle(title)
    var section = try head.read(&lines)
    guard head.atoms > 0 else {
      throw lines.error("no line \"N atoms\" with N above 0", remedy: "is this a LAMMPS data file?")
    }
    while let title = section { section = try readSection(title) }
    guard !rows.isEmpty else { throw lines.error("no section Atoms", remedy: "the file may be truncated") }
    return ([try frame()], tally)
  }

  /// The first line is a comment; LAMMPS writes units into it, and Halite the id.
  private mutating func readTitle(_ line: TextSlice) throws {
    let words = Fields(line).map(\.text)
    for (place, word) in words.enumerated() {
      if word.hasPrefix("id="), isFrameID(String(word.dropFirst(3))) { id = String(word.dropFirst(3)) }
      guard word == "units", place + 2 < words.count, words[place + 1] == "=" else { continue }
      let units = words[place + 2].filter { $0 != "," }
      guard ["metal", "real"].contains(units) else {
        throw lines.error("units = \(units.prefix(20)), expected metal or real")
      }
    }
  }

  // MARK: Sections

  private static let skipped: Set<String> = [
    "Velocities", "Bonds", "Angles", "Dihedrals", "Impropers", "Pair Coeffs", "PairIJ Coeffs", "Bond Coeffs",
    "Angle Coeffs", "Dihedral Coeffs", "Improper Coeffs", "Bond Type Labels", "Angle Type Labels",
    "Dihedral Type Labels", "Improper Type Labels", "Ellipsoids", "Lines", "Triangles", "Bodies",
  ]

  /// Reads a section; the title of the next one.
  private mutating func readSection(_ title: LAMMPSTitle) throws -> LAMMPSTitle? {
    switch title.name {
    case "Masses": return try read(rowsOf: title) { try $0.readMass($1) }
    case "Atom Type Labels": return try read(rowsOf: title) { try $0.readLabel($1) }
    case "Atoms":
      guard rows.isEmpty else { throw lines.error("the section Atoms stands twice") }
      atomsLine = lines.number
      let style = title.style
      return try read(rowsOf: title) { try $0.readAtom($1, style: style) }
    default:
      guard Self.skipped.contains(title.name) else {
        throw lines.error("unknown section \"\(title.name.prefix(40))\"")
      }
      tally.add("not read: section \(title.name)", of: "file")
      return try read(rowsOf: title) { _, _ in }
    }
  }

  private mutating func read(
    rowsOf title: LAMMPSTitle, _ body: (inout LAMMPSDataReader, TextSlice) throws -> Void
  ) throws -> LAMMPSTitle? {
    while let line = lines.nextFilled() {
      if let next = LAMMPSTitle(line) { return next }
      if line.text.trimmingBlanks().hasPrefix("#") { continue }
      try body(&self, line)
    }
    return nil
  }

  /// `1 6.94 # Li`.
  private mutating func readMass(_ line: TextSlice) throws {
    var fields = Fields(line)
    guard let name = fields.next(), let mass = fields.number(), mass > 0 else {
      throw lines.error("found \(line.quoted), expected a type and its mass")
    }
    let type = try self.type(name)
    masses[type] = mass
    let comment = fields.rest.text.trimmingBlanks()
    guard comment.hasPrefix("#"), let word = comment.dropFirst().split(whereSeparator: \.isWhitespace).first else {
      return
    }
    if let element = LAMMPSTypes.element(ofLabel: String(word)) { elements[type] = elements[type] ?? element }
  }

  /// `1 Li`.
  private mutating func readLabel(_ line: TextSlice) throws {
    var fields = Fields(line)
    guard let type = fields.next()?.integer, let label = fields.next()?.text else {
      throw lines.error("found \(line.quoted), expected a type and its label")
    }
    labels[label] = type
    if let element = LAMMPSTypes.element(ofLabel: label) { elements[type] = element }
  }

  private func type(_ word: TextSlice) throws(InputError) -> Int {
    guard let type = word.integer ?? labels[word.text], type > 0 else {
      throw lines.error("found \(word.quoted), expected an atom type (1, 2, …)")
    }
    return type
  }

  private mutating func readAtom(_ line: TextSlice, style: String?) throws {
    let words = Fields(line).prefix { $0.start.pointee != UInt8(ascii: "#") }.map { $0 }
    guard rows.count < head.atoms else { throw lines.error("more rows than the \(head.atoms) atoms declared") }
    guard let layout = LAMMPSAtomLayout(style: style, width: words.count) else {
      throw lines.error(
        style.map { "the atom style \($0.prefix(20)) with rows of \(words.count) values is not known" }
          ?? "the section Atoms does not tell its style, and rows of \(words.count) values do not either",
        remedy: "write it behind the title, as in: Atoms # atomic")
    }
    func number(_ place: Int, _ what: String) throws(InputError) -> Double {
      guard let value = words[place].number() else { throw lines.numberError(words[place], what) }
      return value
    }
    guard let identity = words[0].integer else {
      throw lines.error("found \(words[0].quoted), expected the number of an atom")
    }
    var row = LAMMPSAtomRow(id: identity, type: try type(words[layout.type]))
    for k in 0..<3 { row.position[k] = try number(layout.position + k, "a position of atom \(identity)") }
    if let place = layout.charge {
      _ = try number(place, "the charge of atom \(identity)")
      row.charge = words[place].text
    }
    if let place = layout.spin {
      var direction = SIMD3<Double>.zero
      for k in 0..<3 { direction[k] = try number(place + k, "the spin of atom \(identity)") }
      let size = length(direction)
      row.moment =
        try number(place + 3, "the spin of atom \(identity)") * (size > 0 ? (1 / size) * direction : .zero)
    }
    rows.append(row)
  }

  // MARK: Whole

  private mutating func frame() throws -> LabeledStructure {
    guard rows.count == head.atoms else {
      throw lines.error(
        "\(rows.count) rows of \(head.atoms) atoms", line: atomsLine, remedy: "the file may be truncated")
    }
    guard Set(rows.map(\.id)).count == rows.count else {
      throw lines.error("two atoms of one number", line: atomsLine)
    }
    if zip(rows, rows.dropFirst()).contains(where: { $0.id > $1.id }) {
      rows.sort { $0.id < $1.id }
      tally.add("atoms put in the order of their numbers", of: "file")
    }
    let lattice = try head.lattice(lines)
    let table = try rows.map { try element($0.type) }
    var structure = Structure(lattice: lattice, elements: table, positions: rows.map(\.position))
    let moments = rows.compactMap(\.moment)
    if moments.count == rows.count { structure.moments = .vectors(moments) }
    let charges = rows.compactMap(\.charge)
    let column = AtomColumn(name: "charge", kind: .real, width: 1, values: charges)
    return LabeledStructure(
      id: id, structure: structure, labels: Labels(), provenance: Provenance(file: lines.file, index: 0, line: 1),
      columns: charges.count == rows.count ? [column] : [])
  }

  private func element(_ type: Int) throws(InputError) -> ChemicalElement {
    if !species.isEmpty {
      guard type <= species.count else {
        throw lines.error(
          "atom type \(type), but only \(species.count) species are named: \(species.symbols)", line: atomsLine,
          remedy: "name all in order by --species")
      }
      return species[type - 1]
    }
    if let element = elements[type] ?? masses[type].flatMap(LAMMPSTypes.element(ofMass:)) { return element }
    throw lines.error(
      masses[type].map { "no element has the mass \($0) of atom type \(type)" }
        ?? "nothing says the element of atom type \(type): no mass, no label", line: atomsLine,
      remedy: "name the elements in order, as --species Li,Mn,O")
  }
}

/// One row of the section Atoms.
struct LAMMPSAtomRow {
  var id: Int
  var type: Int
  var position = SIMD3<Double>.zero
  var charge: String?
  var moment: SIMD3<Double>?
}

/// Where the values of a row stand.
struct LAMMPSAtomLayout {
  var type: Int
  var position: Int
  var charge: Int?
  var spin: Int?

  /// - Parameter style: nil where the title does not tell; then rows of 5 values are atomic, of 9 spin.
  init?(style: String?, width: Int) {
    // With three image flags or without.
    func fits(_ count: Int) -> Bool { width == count || width == count + 3 }
    switch style {
    case "atomic" where fits(5), nil where fits(5): (type, position) = (1, 2)
    case "spin" where fits(9), "atomic" where width == 9, nil where width == 9: (type, position, spin) = (1, 2, 5)
    case "charge" where fits(6): (type, charge, position) = (1, 2, 3)
    case "molecular" where fits(6), "bond" where fits(6), "angle" where fits(6): (type, position) = (2, 3)
    case "full" where fits(7): (type, charge, position) = (2, 3, 4)
    case "sphere" where fits(7): (type, position) = (1, 4)
    default: return nil
    }
  }
}
