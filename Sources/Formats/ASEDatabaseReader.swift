import Structures

/// Reads an ASE database row by row.
struct ASEDatabaseReader {
  private let database: SQLiteDatabase
  private let rows: SQLiteStatement
  private let file: String
  private(set) var tally = NoteTally()
  private var index = 0
  private var row = 0

  /// - Throws: `InputError` where the bytes are no database of ASE, or one of a version that is not read.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) {
    self.file = file
    database = try SQLiteDatabase(bytes: bytes, file: file)
    let tables = try database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    var names: [String] = []
    while try tables.step() { names.append(String(decoding: tables.bytes(0) ?? [], as: UTF8.self)) }
    guard names.contains("systems"), names.contains("information") else {
      throw InputError("an SQLite database without ASE's table systems", file: file)
    }
    let information = try database.prepare("SELECT value FROM information WHERE name = 'version'")
    let version = try information.step() ? information.integer(0) : 0
    guard (5...9).contains(version) else {
      throw InputError("version \(version) of ASE's database, expected 5 to 9", file: file)
    }
    rows = try database.prepare(
      """
      SELECT id, numbers, positions, cell, pbc, initial_magmoms, energy, free_energy, forces, stress, magmoms,
        key_value_pairs, data, constraints, momenta, initial_charges, masses, tags, charges, dipole FROM systems ORDER BY id
      """)
  }

  private enum Column: Int {
    case id, numbers, positions, cell, pbc, initialMoments, energy, freeEnergy, forces, stress, moments, pairs, data
    case constraints, momenta, initialCharges, masses, tags, charges, dipole
  }

  /// Columns that are kept as columns of the frame, by ASE's name.
  private static let kept: [String: Column] = [
    "initial_magmoms": .initialMoments, "initial_charges": .initialCharges, "masses": .masses, "tags": .tags,
    "momenta": .momenta, "charges": .charges,
  ]

  private func error(_ message: String) -> InputError {
    InputError("row \(row): \(message)", file: file)
  }

  /// The next row; nil behind the last one.
  mutating func next() throws -> LabeledStructure? {
    guard try rows.step() else { return nil }
    row = rows.integer(Column.id.rawValue)
    let elements = try self.elements()
    let positions = vectors(try numbers(.positions, count: 3 * elements.count) ?? [])
    guard positions.count == elements.count else { throw error("no positions") }
    let (lattice, periodic) = try cell()
    let content = try rows.bytes(Column.data.rawValue).map { try ASEData.read($0, file: file) }
    var data = content?.data ?? ASEData()
    for key in content?.others ?? [] { tally.add("not read: \(key.prefix(40)) of data") }
    var structure = Structure(lattice: lattice, periodic: periodic, elements: elements, positions: positions)
    structure.moments = try moments(elements.count, data)
    var frame = LabeledStructure(
      id: "", structure: structure, labels: Labels(), provenance: Provenance(file: file, index: index))
    try readLabels(&frame, data)
    try readKeys(&frame, &data)
    frame.columns = data.columns.filter { $0.values.count == $0.width * elements.count }
    try readColumns(&frame)
    for (column, name) in [(Column.constraints, "constraints"), (.dipole, "dipole")]
    where !rows.isNull(column.rawValue) { tally.add("not read: \(name)") }
    if frame.id.isEmpty { frame.id = FrameIdentity.exact(frame.structure, frame.labels) }
    index += 1
    return frame
  }

  // MARK: Structure

  private func elements() throws -> [ChemicalElement] {
    let bytes = rows.bytes(Column.numbers.rawValue) ?? []
    guard !bytes.isEmpty, bytes.count % 4 == 0 else { throw error("no atoms") }
    return try bytes.withUnsafeBytes { bytes in
      try stride(from: 0, to: bytes.count, by: 4).map { offset in
        let number = Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        guard let element = ChemicalElement(atomicNumber: number) else {
          throw error("no element has number \(number)")
        }
        return element
      }
    }
  }

  /// The numbers of a blob; nil for NULL.
  private func numbers(_ column: Column, count: Int) throws -> [Double]? {
    guard let bytes = rows.bytes(column.rawValue) else { return nil }
    guard bytes.count == 8 * count else {
      throw error("\(column) has \(bytes.count) bytes, expected \(8 * count)")
    }
    let values = bytes.withUnsafeBytes { bytes in
      (0..<count).map {
        Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)))
      }
    }
    guard values.allSatisfy(\.isFinite) else { throw error("\(column) hold a number that is not finite") }
    return values
  }

  private func vectors(_ n: [Double]) -> [SIMD3<Double>] {
    stride(from: 0, to: n.count, by: 3).map { [n[$0], n[$0 + 1], n[$0 + 2]] }
  }

  private mutating func cell() throws -> (Lattice?, Periodicity) {
    let bits = rows.integer(Column.pbc.rawValue)
    let periodic = Periodicity(bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)
    let v = vectors(try numbers(.cell, count: 9) ?? [Double](repeating: 0, count: 9))
    let lattice = Lattice(a: v[0], b: v[1], c: v[2])
    if lattice.isRegular { return (lattice, periodic) }
    guard periodic == .none else { throw error("the cell has no volume") }
    if v.contains(where: { $0 != .zero }) { tally.add("cell without volume of a free cluster left out") }
    return (nil, .none)
  }

  private mutating func moments(_ count: Int, _ data: ASEData) throws -> Moments? {
    if let vectors = data.moments, vectors.count == count { return .vectors(vectors) }
    guard let bytes = rows.bytes(Column.moments.rawValue) else {
      if !rows.isNull(Column.initialMoments.rawValue) { tally.add(initialMomentsNote) }
      return nil
    }
    tally.add("moments read from column magmoms")
    if bytes.count == 24 * count, count > 0 {
      return .vectors(vectors(try numbers(.moments, count: 3 * count) ?? []))
    }
    return .collinear(try numbers(.moments, count: count) ?? [])
  }

  /// What ASE has columns for and Halite does not interpret; where Halite wrote them, they stand in `data` as they were.
  private func readColumns(_ frame: inout LabeledStructure) throws {
    let count = frame.structure.count
    for (name, widths) in ASEDatabase.atomColumns {
      guard let column = Self.kept[name], let bytes = rows.bytes(column.rawValue), !bytes.isEmpty,
        !frame.columns.contains(where: { $0.name == name })
      else { continue }
      if name == "tags" {
        guard bytes.count == 4 * count else { throw error("tags have \(bytes.count) bytes, expected \(4 * count)") }
        let tags = bytes.withUnsafeBytes { bytes in
          (0..<count).map { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
        }
        if tags.contains(where: { $0 != 0 }) {
          frame.columns.append(AtomColumn(name: name, kind: .integer, width: 1, values: tags.map(\.description)))
        }
        continue
      }
      let width = widths.first { bytes.count == 8 * $0 * count } ?? widths[0]
      let values = try numbers(column, count: width * count) ?? []
      frame.columns.append(AtomColumn(name: name, kind: .real, width: width, values: values.map(\.description)))
    }
  }

  // MARK: Labels

  private mutating func readLabels(_ frame: inout LabeledStructure, _ data: ASEData) throws {
    let count = frame.structure.count
    let (energy, freeEnergy) = (rows.real(Column.energy.rawValue), rows.real(Column.freeEnergy.rawValue))
    guard energy?.isFinite ?? true, freeEnergy?.isFinite ?? true else {
      throw error("an energy that is not finite")
    }
    frame.labels.energy = freeEnergy ?? energy
    frame.provenance.energyKey = freeEnergy != nil ? "free_energy" : energy != nil ? "energy" : nil
    if let energy, let freeEnergy, energy != freeEnergy {
      frame.info.append(InfoItem(key: "ase_energy", value: energy.description))
      tally.add("free_energy taken; energy differs and is kept as ase_energy")
    }
    frame.labels.forces = try numbers(.forces, count: 3 * count).map(vectors)
    frame.provenance.forcesKey = frame.labels.forces == nil ? nil : "forces"
    frame.labels.virial = try virial(frame.structure, data)
    frame.provenance.stressKey = frame.labels.virial == nil ? nil : "stress"
    frame.labels.energyWithoutSmearing = data.energyWithoutSmearing
    frame.labels.energyWithoutEntropy = data.energyWithoutEntropy
    if let forces = data.magneticForces, forces.count == count { frame.labels.magneticForces = forces }
  }

  /// W = −V σ; where Halite's own numbers agree with ASE's column, those, which are the same bits.
  private mutating func virial(_ structure: Structure, _ data: ASEData) throws -> Matrix3? {
    let exact = data.virial.map { Matrix3(rows: $0) }
    guard let bytes = rows.bytes(Column.stress.rawValue) else { return exact }
    guard let volume = structure.volume else {
      tally.add("stress not read: not periodic in three directions, so it has no volume")
      return exact
    }
    let stress = try numbers(.stress, count: bytes.count == 72 ? 9 : 6) ?? []
    let virial = -volume * (stress.count == 6 ? Matrix3(voigt: stress) : Matrix3(rows: stress))
    let difference = exact.map { zip($0.voigt, virial.voigt).map { abs($0 - $1) }.max() ?? 0 } ?? .infinity
    let size = virial.rows.map(abs).max() ?? 0
    return difference <= 1e-12 * max(1, size) ? exact : virial
  }

  // MARK: Keys

  private mutating func readKeys(_ frame: inout LabeledStructure, _ data: inout ASEData) throws {
    frame.configType = data.configType
    frame.info += data.info
    let known = Set(data.info.map(\.key))
    let text = rows.bytes(Column.pairs.rawValue) ?? []
    try text.withUnsafeBytes { bytes in
      guard bytes.contains(where: { !isBlankByte($0) && $0 != 10 }) else { return }
      var json = try JSONScanner(bytes, file: file)
      try json.object("key_value_pairs") { json, key in
        guard let value = try json.scalarText() else { return }
        if key == "halite_id", isFrameID(value) {
          frame.id = value
        } else if key == "config_type" {
          frame.configType = frame.configType ?? value
        } else if !known.contains(key) {
          frame.info.append(InfoItem(key: key, value: value))
        }
      }
    }
  }
}
