import Structures

/// Reads the blocks of a `.cfg` file one after the other.
struct MLIPReader {
  private var lines: TextLines
  private let options: ReadOptions
  private(set) var tally = NoteTally()
  private var index = 0

  init(lines: TextLines, options: ReadOptions) {
    self.lines = lines
    self.options = options
  }

  /// What one block says.
  private struct Block {
    var line: Int
    var size: Int?
    var lattice: Lattice?
    var rows: MLIPRows?
    var energy: Double?
    var virial: Matrix3?
    var features: [InfoItem] = []
  }

  /// The next configuration; nil at the end of the file.
  mutating func next() throws -> LabeledStructure? {
    let frame = Result { try read() }
    // Bytes that are no text are what is wrong, whatever the reader made of them.
    try lines.checkText()
    return try frame.get()
  }

  private mutating func read() throws -> LabeledStructure? {
    guard let first = lines.nextFilled() else { return nil }
    guard word(first) == "begin_cfg" else {
      throw lines.error("found \(first.quoted), expected BEGIN_CFG", remedy: "is this an MLIP .cfg file?")
    }
    var block = Block(line: lines.number)
    while true {
      guard let line = lines.nextFilled() else {
        throw lines.error("the file ends inside a configuration", remedy: "the file may be truncated")
      }
      if word(line) == "end_cfg" { break }
      try read(line, into: &block)
    }
    let frame = try self.frame(block)
    index += 1
    return frame
  }

  private func word(_ line: TextSlice) -> String {
    var fields = Fields(line)
    let text = fields.next()?.text.lowercased() ?? ""
    return text.hasSuffix(":") ? String(text.dropLast()) : text
  }

  private mutating func read(_ line: TextSlice, into block: inout Block) throws {
    switch word(line) {
    case "size":
      try once(block.size == nil, line)
      let row = try next("the number of atoms")
      var fields = Fields(row)
      guard let size = fields.next()?.integer, size > 0 else {
        throw lines.error("found \(row.quoted), expected the number of atoms")
      }
      block.size = size
    case "supercell":
      try once(block.lattice == nil, line)
      block.lattice = try lattice()
    case "atomdata":
      try once(block.rows == nil, line)
      guard let size = block.size else { throw lines.error("AtomData before Size") }
      block.rows = try rows(size, header: line)
    case "energy":
      try once(block.energy == nil, line)
      block.energy = try numbers(1, "Energy")[0]
    case "plusstress":
      try once(block.virial == nil, line)
      block.virial = try virial(header: line)
    case "stress":
      try refuseLegacyStress()
    case "feature":
      block.features.append(feature(line))
    case "begin_cfg":
      throw lines.error(
        "found BEGIN_CFG, expected END_CFG", remedy: "the configuration of line \(block.line) has no end")
    default:
      throw lines.error(
        "found \(line.quoted), expected Size, Supercell, AtomData, Energy, PlusStress, Feature or END_CFG")
    }
  }

  private func once(_ isFirst: Bool, _ line: TextSlice) throws(InputError) {
    guard !isFirst else { return }
    throw lines.error("\(line.quoted) stands twice in one configuration")
  }

  private mutating func refuseLegacyStress() throws {
    guard options.repair else {
      throw lines.error(
        "a legacy Stress: block, whose sign and unit depend on the program that wrote it",
        remedy: "if it is -sigma V in eV, rename it PlusStress:; --repair of halite convert leaves it out")
    }
    _ = try numbers(6, "Stress")
    tally.add("legacy Stress: block left out")
  }

  // MARK: Parts

  private mutating func next(_ expected: String) throws(InputError) -> TextSlice {
    guard let line = lines.next() else {
      throw lines.error("the file ends, expected \(expected)", remedy: "the file may be truncated")
    }
    return line
  }

  private mutating func numbers(_ count: Int, _ name: String) throws(InputError) -> [Double] {
    let line = try next(name)
    var values: [Double] = []
    for word in Fields(line) {
      guard let value = word.number() else { throw lines.numberError(word, name) }
      values.append(value)
    }
    guard values.count == count else {
      throw lines.error("\(name) has \(values.count) numbers, expected \(count)")
    }
    return values
  }

  private mutating func lattice() throws(InputError) -> Lattice {
    var vectors: [SIMD3<Double>] = []
    for name in ["a", "b", "c"] {
      let n = try numbers(3, "lattice vector \(name)")
      vectors.append([n[0], n[1], n[2]])
    }
    let lattice = Lattice(a: vectors[0], b: vectors[1], c: vectors[2])
    guard lattice.isRegular else { throw lines.error("the Supercell has no volume") }
    return lattice
  }

  private mutating func virial(header: TextSlice) throws(InputError) -> Matrix3 {
    let names = Fields(header).dropFirst().map { $0.text.lowercased() }
    guard let order = StressOrder(names.joined(separator: ",")) else {
      throw lines.error("PlusStress names \(names.joined(separator: " ")), expected xx yy zz yz xz xy")
    }
    return order.matrix(try numbers(6, "PlusStress"))
  }

  private func feature(_ line: TextSlice) -> InfoItem {
    var fields = Fields(line)
    _ = fields.next()
    let key = fields.next()?.text ?? ""
    let rest = fields.rest.text
    return InfoItem(key: key, value: rest.trimmingBlanks())
  }

  private mutating func rows(_ size: Int, header: TextSlice) throws -> MLIPRows {
    let names = Fields(header).dropFirst().map { $0.text }
    var rows: MLIPRows
    do {
      rows = try MLIPRows(names)
    } catch let error as MLIPRows.Malformed {
      throw lines.error(error.reason)
    }
    try lines.requireRoom(for: size, minimum: 2 * names.count)
    for atom in 0..<size {
      let line = try next("atom \(atom + 1) of \(size)")
      if let error = rows.append(line, atom: atom, of: size, lines) { throw error }
    }
    return rows
  }

  // MARK: Whole

  private mutating func frame(_ block: Block) throws -> LabeledStructure {
    guard let rows = block.rows else { throw lines.error("a configuration without AtomData") }
    var features = block.features
    func take(_ key: String) -> String? {
      guard let place = features.firstIndex(where: { $0.key == key }) else { return nil }
      return features.remove(at: place).value
    }
    let written = take("elements").flatMap { speciesList($0) }
    let species = options.species.isEmpty ? written ?? [] : options.species
    let elements = try self.elements(rows.types, species, block)
    var structure = Structure(
      lattice: block.lattice, elements: elements, positions: try rows.positions(block.lattice, lines))
    structure.moments = rows.moments
    let labels = Labels(energy: block.energy, forces: rows.hasForces ? rows.forces : nil, virial: block.virial)
    var provenance = Provenance(file: lines.file, index: index, line: block.line)
    provenance.energyKey = block.energy == nil ? nil : "Energy"
    provenance.forcesKey = rows.hasForces ? "fx fy fz" : nil
    provenance.stressKey = block.virial == nil ? nil : "PlusStress"
    let id = features.first { $0.key == "id" && isFrameID($0.value) }?.value
    if id != nil { features.removeAll { $0.key == "id" } }
    return LabeledStructure(
      id: id, structure: structure, labels: labels, provenance: provenance, configType: take("config_type"),
      info: features, columns: rows.columns)
  }

  private func elements(
    _ types: [Int], _ species: [ChemicalElement], _ block: Block
  ) throws(InputError) -> [ChemicalElement] {
    let highest = types.max() ?? 0
    guard !species.isEmpty else {
      throw lines.error(
        "the atom types 0 to \(highest) are numbers, and nothing says their elements", line: block.line,
        remedy: "name them in order, as --species Li,Mn,O")
    }
    guard highest < species.count else {
      throw lines.error(
        "atom type \(highest) (counted from 0), but only \(species.count) species are named: \(species.symbols)",
        line: block.line, remedy: "name all in order by --species")
    }
    return types.map { species[$0] }
  }
}
