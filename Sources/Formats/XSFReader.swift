import Structures

struct XSFReader {
  private var lines: TextLines
  private let repairs: Bool
  private var frames: [LabeledStructure] = []
  private var tally = NoteTally()

  private var isTrajectory = false
  private var periodic = Periodicity.all
  private var lattice: Lattice?
  /// Atoms that wait for comments behind them.
  private var atoms: Atoms?
  private var energy: (value: Double, key: String)?
  private var id: String?

  private struct Atoms {
    var line: Int
    var lattice: Lattice?
    var elements: [ChemicalElement] = []
    var positions: [SIMD3<Double>] = []
    var forces: [SIMD3<Double>] = []
    /// Of the first row; all others must be like it.
    var hasForces: Bool?
  }

  init(lines: TextLines, repairs: Bool) {
    self.lines = lines
    self.repairs = repairs
  }

  mutating func read() throws -> ([LabeledStructure], NoteTally) {
    while let line = lines.nextFilled() {
      var fields = Fields(line)
      guard let word = fields.next() else { continue }
      if word.start.pointee == UInt8(ascii: "#") {
        try readComment(line)
      } else {
        try readSection(word, fields, line)
      }
    }
    finishFrame()
    guard !frames.isEmpty else {
      throw InputError("no atoms", file: lines.file, remedy: "expected PRIMCOORD or ATOMS")
    }
    return (frames, tally)
  }

  private mutating func readSection(_ word: TextSlice, _ fields: Fields, _ line: TextSlice) throws(InputError) {
    var fields = fields
    switch word.text.uppercased() {
    case "ANIMSTEPS":
      guard fields.next()?.integer != nil else { throw lines.error("ANIMSTEPS without the number of frames") }
      isTrajectory = true
    case "CRYSTAL": periodic = .all
    case "SLAB": periodic = Periodicity(true, true, false)
    case "POLYMER": periodic = Periodicity(true, false, false)
    case "MOLECULE": periodic = .none
    case "PRIMVEC": try readLattice()
    case "CONVVEC": try skipConventionalCell()
    case "PRIMCOORD": try readCoordinates()
    case "ATOMS": try readCluster()
    default:
      let near = nearestName(to: word.text, among: Self.keywords)
      throw lines.error(
        "found \(line.quoted), expected a keyword such as PRIMVEC or PRIMCOORD",
        remedy: near.map { "did you mean \($0)?" } ?? (atoms == nil ? nil : "is the number of atoms right?"))
    }
  }

  private static let keywords = [
    "ANIMSTEPS", "CRYSTAL", "SLAB", "POLYMER", "MOLECULE", "PRIMVEC", "CONVVEC", "PRIMCOORD", "ATOMS",
  ]

  // MARK: Sections

  private mutating func nextVector(_ place: String) throws(InputError) -> SIMD3<Double> {
    guard let line = lines.next() else {
      throw lines.error("the file ends within \(place)", remedy: "the file may be truncated")
    }
    let words = Array(Fields(line))
    var values: [Double] = []
    for word in words {
      guard let value = word.number(fortran: true) else { throw lines.numberError(word, place) }
      values.append(value)
    }
    guard values.count == 3 else { throw lines.error("\(place) has \(values.count) numbers, expected 3") }
    return [values[0], values[1], values[2]]
  }

  private mutating func readLattice() throws(InputError) {
    let a = try nextVector("lattice vector a")
    let b = try nextVector("lattice vector b")
    let c = try nextVector("lattice vector c")
    let cell = Lattice(a: a, b: b, c: c)
    guard cell.isRegular else { throw lines.error("the cell of the three vectors above has no volume") }
    lattice = cell
  }

  private mutating func skipConventionalCell() throws(InputError) {
    for name in ["a", "b", "c"] { _ = try nextVector("conventional vector \(name)") }
    tally.add("CONVVEC not read", of: "section")
  }

  private mutating func readCoordinates() throws(InputError) {
    try beginFrame()
    guard let lattice else { throw lines.error("PRIMCOORD before PRIMVEC", remedy: "give the lattice first") }
    guard let line = lines.next() else { throw lines.error("the file ends behind PRIMCOORD") }
    var fields = Fields(line)
    guard let count = fields.next()?.integer, count > 0 else {
      throw lines.error("found \(line.quoted), expected the number of atoms")
    }
    try lines.requireRoom(for: count, minimum: 6)
    var atoms = Atoms(line: lines.number, lattice: lattice)
    for atom in 0..<count {
      guard let row = lines.next() else {
        throw lines.error("the file ends after \(atom) of \(count) atoms", remedy: "the file may be truncated")
      }
      try append(row, to: &atoms, of: count)
    }
    self.atoms = atoms
  }

  /// Rows up to the next keyword, comment, blank line, or the end.
  private mutating func readCluster() throws(InputError) {
    try beginFrame()
    guard lattice == nil else {
      throw lines.error("ATOMS in a file with PRIMVEC", remedy: "write PRIMCOORD instead")
    }
    periodic = .none
    var atoms = Atoms(line: lines.number)
    while let row = lines.peek(), !row.isBlank, !isKeywordOrComment(row) {
      _ = lines.next()
      try append(row, to: &atoms, of: nil)
    }
    guard !atoms.elements.isEmpty else { throw lines.error("no atoms behind ATOMS") }
    self.atoms = atoms
  }

  private func isKeywordOrComment(_ line: TextSlice) -> Bool {
    var fields = Fields(line)
    guard let word = fields.next() else { return false }
    return word.start.pointee == UInt8(ascii: "#") || Self.keywords.contains(word.text.uppercased())
  }

  // MARK: Rows

  /// Symbol or atomic number, three coordinates, and three force components if there are seven words or more.
  private mutating func append(_ line: TextSlice, to atoms: inout Atoms, of count: Int?) throws(InputError) {
    let place = "atom \(atoms.elements.count + 1)" + (count.map { " of \($0)" } ?? "")
    var words = Array(Fields(line))
    let element: ChemicalElement
    if (words.count == 6 || words.count == 3), words.allSatisfy({ $0.number(fortran: true) != nil }) {
      element = try missingSymbol(place)
    } else {
      guard let first = words.first else { throw lines.error("\(place) is a blank line") }
      guard let found = first.element else { throw lines.elementError(first) }
      element = found
      words.removeFirst()
    }
    if words.count > 6 {
      tally.add("values behind the forces not read", of: "row")
      words.removeLast(words.count - 6)
    }
    var values: [Double] = []
    for word in words {
      guard let value = word.number(fortran: true) else { throw lines.numberError(word, place) }
      values.append(value)
    }
    guard values.count == 3 || values.count == 6 else {
      throw lines.error("\(place) has \(values.count) numbers, expected 3 (position) or 6 (position and force)")
    }
    let hasForces = values.count == 6
    guard hasForces == atoms.hasForces ?? hasForces else {
      throw lines.error("\(place) has \(values.count) numbers, but the first atom has \(hasForces ? 3 : 6)")
    }
    atoms.hasForces = hasForces
    atoms.elements.append(element)
    atoms.positions.append([values[0], values[1], values[2]])
    if hasForces { atoms.forces.append([values[3], values[4], values[5]]) }
  }

  private mutating func missingSymbol(_ place: String) throws(InputError) -> ChemicalElement {
    guard repairs, let oxygen = ChemicalElement("O") else {
      throw lines.error(
        "\(place) has numbers, but no symbol", remedy: "--repair reads rows without a symbol as oxygen (O)")
    }
    tally.add("no symbol, read as O (--repair)", of: "row")
    return oxygen
  }

  // MARK: Comments and frames

  private mutating func readComment(_ line: TextSlice) throws(InputError) {
    let total = line.offset(behind: "total energy")
    if let offset = total ?? line.offset(behind: "cohesive energy") {
      let key = total == nil ? "cohesive energy" : "total energy"
      let rest = TextSlice(start: line.start + offset, end: line.end)
      guard let sign = rest.bytes.firstIndex(of: UInt8(ascii: "=")) else { return }
      var fields = Fields(TextSlice(start: rest.start + sign + 1, end: rest.end))
      guard let word = fields.next() else { throw lines.error("\(key) without a number") }
      guard let value = word.number(fortran: true) else { throw lines.numberError(word, key) }
      if let unit = fields.next(), Self.otherUnits.contains(unit.text.lowercased()) {
        throw lines.error("the \(key) is in \(unit.text), expected eV")
      }
      try take(energy: value, key: key)
    } else if let id = idComment(line) {
      if isTrajectory { finishFrame() }
      self.id = id
    }
  }

  private static let otherUnits = ["ry", "rydberg", "ha", "hartree", "a.u.", "au", "kcal/mol", "kj/mol", "mev"]

  /// The id of `# id = …`.
  private func idComment(_ line: TextSlice) -> String? {
    let words = line.bytes.split { isBlankByte($0) || "#=".utf8.contains($0) }.map {
      String(decoding: $0, as: UTF8.self)
    }
    return words.count == 2 && words[0] == "id" && isFrameID(words[1]) ? words[1] : nil
  }

  /// A total energy goes before a cohesive one; two of the same kind contradict each other.
  private mutating func take(energy value: Double, key: String) throws(InputError) {
    if isTrajectory, atoms != nil { finishFrame() }
    guard let known = energy else {
      energy = (value, key)
      return
    }
    guard known.key != key else { throw lines.error("a second \(key) for one frame") }
    tally.add("total energy taken; cohesive energy stands there too")
    if key == "total energy" { energy = (value, key) }
  }

  private mutating func beginFrame() throws(InputError) {
    guard atoms == nil || isTrajectory else {
      throw lines.error("a second set of atoms", remedy: "several frames need ANIMSTEPS, or one file each")
    }
    finishFrame()
  }

  private mutating func finishFrame() {
    guard let atoms else { return }
    var provenance = Provenance(file: lines.file, index: frames.count, line: atoms.line)
    provenance.energyKey = energy?.key
    provenance.forcesKey = atoms.hasForces == true ? "columns 5-7" : nil
    let structure = Structure(
      lattice: atoms.lattice, periodic: periodic, elements: atoms.elements, positions: atoms.positions)
    let labels = Labels(energy: energy?.value, forces: atoms.hasForces == true ? atoms.forces : nil)
    frames.append(LabeledStructure(id: id, structure: structure, labels: labels, provenance: provenance))
    self.atoms = nil
    energy = nil
    id = nil
  }
}
