import Structures

/// Fills an ASE database row by row.
package final class ASEDatabaseWriter {
  let database: SQLiteDatabase
  private let systems: SQLiteStatement
  private let species: SQLiteStatement
  private let keys: SQLiteStatement
  private let texts: SQLiteStatement
  private let numbers: SQLiteStatement
  private var row = 0
  /// Of making the rows, years since 2000.
  private var time = 0.0

  /// - Parameters:
  ///   - path: the file to fill; by default the database stays in memory.
  ///   - time: of making the rows, years since 2000 as ASE counts.
  /// - Throws: `InputError`.
  convenience init(file: String, path: String = ":memory:", time: Double = 0) throws(InputError) {
    let database = try SQLiteDatabase(file: file, path: path)
    // The file takes its place when it is whole: a journal would only double the writing.
    try database.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
    try database.run(Self.schema)
    try database.run("BEGIN")
    try self.init(into: database)
    self.time = time
  }

  /// Writes into a database that has ASE's tables; transactions are the caller's.
  /// - Throws: `InputError` where it has none.
  package init(into database: SQLiteDatabase) throws(InputError) {
    self.database = database
    let columns = "?" + String(repeating: ", ?", count: 33 - 1)
    systems = try database.prepare("INSERT INTO systems VALUES (\(columns))")
    species = try database.prepare("INSERT INTO species VALUES (?, ?, ?)")
    keys = try database.prepare("INSERT INTO keys VALUES (?, ?)")
    texts = try database.prepare("INSERT INTO text_key_values VALUES (?, ?, ?)")
    numbers = try database.prepare("INSERT INTO number_key_values VALUES (?, ?, ?)")
  }

  /// Tables and indices by ASE's names.
  package static let schema = """
    CREATE TABLE systems (id INTEGER PRIMARY KEY AUTOINCREMENT, unique_id TEXT UNIQUE, ctime REAL, mtime REAL,
      username TEXT, numbers BLOB, positions BLOB, cell BLOB, pbc INTEGER, initial_magmoms BLOB,
      initial_charges BLOB, masses BLOB, tags BLOB, momenta BLOB, constraints TEXT, calculator TEXT,
      calculator_parameters TEXT, energy REAL, free_energy REAL, forces BLOB, stress BLOB, dipole BLOB,
      magmoms BLOB, magmom REAL, charges BLOB, key_value_pairs TEXT, data BLOB, natoms INTEGER, fmax REAL,
      smax REAL, volume REAL, mass REAL, charge REAL);
    CREATE TABLE species (Z INTEGER, n INTEGER, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id));
    CREATE TABLE keys (key TEXT, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id));
    CREATE TABLE text_key_values (key TEXT, value TEXT, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id));
    CREATE TABLE number_key_values (key TEXT, value REAL, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id));
    CREATE TABLE information (name TEXT, value TEXT);
    INSERT INTO information VALUES ('version', '9');
    CREATE INDEX unique_id_index ON systems(unique_id);
    CREATE INDEX ctime_index ON systems(ctime);
    CREATE INDEX username_index ON systems(username);
    CREATE INDEX calculator_index ON systems(calculator);
    CREATE INDEX species_index ON species(Z);
    CREATE INDEX key_index ON keys(key);
    CREATE INDEX text_index ON text_key_values(key);
    CREATE INDEX number_index ON number_key_values(key);
    """

  /// - Throws: `InputError` where a number is not finite, or the database cannot take the row.
  func append(_ frame: LabeledStructure) throws(InputError) {
    row += 1
    try insert(frame, row: row, time: time)
  }

  /// Takes a row and its keys out of all of ASE's tables.
  package func remove(row: Int) throws(InputError) {
    for table in ["species", "keys", "text_key_values", "number_key_values", "systems"] {
      try database.prepare("DELETE FROM \(table) WHERE id = ?").run([.integer(row)])
    }
  }

  /// - Parameters:
  ///   - extra: key–value pairs of ASE that are no part of the frame.
  ///   - time: of making and of the last change, years since 2000, as ASE counts.
  /// - Throws: `InputError` as `append`.
  package func insert(
    _ frame: LabeledStructure, row: Int, extra: [InfoItem] = [], time: Double = 0
  ) throws(InputError) {
    try frame.requireFinite()
    let pairs = ASEKeyValuePair.pairs(of: frame, extra: extra)
    var columns = values(frame, pairs, row: row)
    columns[2] = .real(time)
    columns[3] = .real(time)
    try systems.run(columns)
    for (element, count) in frame.structure.composition.sorted(by: { $0.key < $1.key }) {
      try species.run([.integer(element.atomicNumber), .integer(count), .integer(row)])
    }
    for pair in pairs {
      try keys.run([.text(pair.key), .integer(row)])
      if let number = pair.number {
        try numbers.run([.text(pair.key), .real(number), .integer(row)])
      } else {
        try texts.run([.text(pair.key), .text(pair.text), .integer(row)])
      }
    }
  }

  func finish() throws(InputError) { try database.run("COMMIT") }

  /// A row of systems.
  private func values(_ frame: LabeledStructure, _ pairs: [ASEKeyValuePair], row: Int) -> [SQLiteValue] {
    let structure = frame.structure
    let labels = frame.labels
    let cell = structure.lattice.map { flat([$0.a, $0.b, $0.c]) }
    let pbc = structure.periodic
    let stress = structure.volume.flatMap { labels.stress(volume: $0)?.voigt }
    var moments: [Double]?
    if case .collinear(let values) = structure.moments { moments = values }
    let columns = frame.columns.reduce(into: [String: SQLiteValue]()) { $0[$1.name] = atomColumn($1, frame) }
    func column(_ name: String) -> SQLiteValue { columns[name] ?? .null }
    let hasResults =
      labels.energy != nil || labels.forces != nil || stress != nil || moments != nil || columns["charges"] != nil
    let largestForce = labels.forces?.map { length($0) }.max()
    let identity = FrameIdentity.sha256(Array("\(frame.id) \(row)".utf8)).prefix(32)
    return [
      .integer(row), .text(String(identity)), .real(0), .real(0), .null,
      .blob(SQLiteValue.bytes(structure.elements.map { Int32($0.atomicNumber) })),
      .blob(SQLiteValue.bytes(flat(structure.positions))),
      .blob(SQLiteValue.bytes(cell ?? [Double](repeating: 0, count: 9))),
      .integer((pbc.a ? 1 : 0) + (pbc.b ? 2 : 0) + (pbc.c ? 4 : 0)), column("initial_magmoms"),
      column("initial_charges"), column("masses"), column("tags"), column("momenta"), .null,
      hasResults ? .text("unknown") : .null, hasResults ? .text("{}") : .null,
      .optional(labels.energy), .optional(labels.energy), .optional(labels.forces.map(flat)), .optional(stress),
      .null, .optional(moments), .optional(moments.map { $0.reduce(0, +) }),
      column("charges"),
      .text(ASEKeyValuePair.json(pairs)), .blob(ASEData.bytes(frame)), .integer(structure.count),
      .optional(largestForce), .optional(stress?.map(abs).max()), .optional(structure.lattice?.volume),
      .real(structure.elements.reduce(0) { $0 + $1.mass }), .real(0),
    ]
  }

  /// The numbers of a column that ASE has, too; nil for another one.
  private func atomColumn(_ column: AtomColumn, _ frame: LabeledStructure) -> SQLiteValue? {
    guard let known = ASEDatabase.atomColumns.first(where: { $0.name == column.name }),
      known.widths.contains(column.width), column.values.count == column.width * frame.structure.count
    else { return nil }
    if column.name == "tags" {
      let tags = column.values.compactMap { Int32($0) }
      return tags.count == column.values.count ? .blob(SQLiteValue.bytes(tags)) : nil
    }
    let numbers = column.values.compactMap { Double($0) }.filter(\.isFinite)
    return numbers.count == column.values.count ? .blob(SQLiteValue.bytes(numbers)) : nil
  }

  private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }
}

/// A key and value as ASE allows them: a text that does not look like a number, a number, true or false.
struct ASEKeyValuePair {
  var key: String
  var text: String
  var number: Double?
  /// As JSON has it.
  var literal: String

  init?(_ item: InfoItem) {
    guard Self.isAllowed(item.key) else { return nil }
    (key, text) = (item.key, item.value)
    if let number = Double(item.value), number.isFinite {
      // "007" and "+5" are names that would come back as 7 and 5.
      let digits = item.value.drop { $0 == "-" }
      guard digits.first?.isNumber ?? false, !(digits.hasPrefix("0") && digits.dropFirst().first?.isNumber ?? false)
      else { return nil }
      self.number = number
      literal = Int(item.value)?.description ?? number.description
    } else if ["true", "false", "True", "False"].contains(item.value) {
      literal = item.value.lowercased()
      number = literal == "true" ? 1 : 0
    } else {
      if Self.looksLikeANumber(item.value) { return nil }
      literal = JSONText.quoted(item.value)
    }
  }

  /// `halite_id`, `config_type`, `source`, and the keys that ASE takes.
  static func pairs(of frame: LabeledStructure, extra: [InfoItem] = []) -> [ASEKeyValuePair] {
    var pairs: [ASEKeyValuePair] = []
    for item in extra + items(of: frame) where !pairs.contains(where: { $0.key == item.key }) {
      if let pair = ASEKeyValuePair(item) { pairs.append(pair) }
    }
    return pairs
  }

  /// Keys that ASE does not take, or not with their values.
  static func refused(of frame: LabeledStructure) -> [String] {
    items(of: frame).filter { ASEKeyValuePair($0) == nil }.map(\.key).sorted()
  }

  private static func items(of frame: LabeledStructure) -> [InfoItem] {
    var items = [InfoItem(key: "halite_id", value: frame.id)]
    if let group = frame.configType { items.append(InfoItem(key: "config_type", value: group)) }
    items += frame.info
    if let source = frame.source { items.append(InfoItem(key: "source", value: source)) }
    return items
  }

  private static func isAllowed(_ key: String) -> Bool {
    guard let first = key.utf8.first, isLetter(first), key.utf8.allSatisfy({ isLetter($0) || $0 &- 48 <= 9 }) else {
      return false
    }
    return !ASEDatabase.reservedKeys.contains(key) && ChemicalElement(key) == nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "_") || lowercase(byte) &- 97 < 26 }

  /// What Python's int() and float() take beyond Swift's Double: blanks and low lines in numbers, nan, inf, True.
  private static func looksLikeANumber(_ text: String) -> Bool {
    let word = String(text.trimmingBlanks().lowercased().filter { $0 != "_" && !$0.isWhitespace })
    return Double(word) != nil || ["true", "false", "nan", "inf", "infinity", "-inf", "+inf"].contains(word)
  }

  static func json(_ pairs: [ASEKeyValuePair]) -> String {
    "{"
      + pairs.map { "\(JSONText.quoted($0.key)): \($0.literal)" }.joined(separator: ", ") + "}"
  }
}

enum JSONText {
  /// A text in quotation marks, all beyond ASCII escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for unit in text.utf16 {
      switch unit {
      case 34: result += "\\\""
      case 92: result += "\\\\"
      case 32..<127: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result + "\""
  }
}
