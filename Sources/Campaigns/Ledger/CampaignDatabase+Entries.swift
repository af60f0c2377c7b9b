import Formats
import Structures

extension CampaignDatabase {
  private static let columns = "id, hash, state, reason, attempt, formula, magnetism, nupdown"

  private static func entry(_ row: SQLiteStatement, _ path: String) throws(InputError) -> CampaignEntry {
    guard let hash = row.text(1), let state = row.text(2).flatMap(EntryState.init), let formula = row.text(5),
      let order = row.text(6).flatMap(MagneticOrder.init)
    else { throw InputError("entry \(row.integer(0)) cannot be read", file: path) }
    return CampaignEntry(
      id: row.integer(0), hash: hash, state: state, reason: row.text(3), attempt: row.integer(4), formula: formula,
      order: order, nupdown: row.real(7))
  }

  /// Entries in the order of their numbers.
  /// - Parameter states: those in one of these states; nil: all.
  func entries(_ states: [EntryState]? = nil) throws -> [CampaignEntry] {
    let which = states.map { "WHERE state IN (\($0.map { "'\($0.rawValue)'" }.joined(separator: ", ")))" } ?? ""
    return try database.prepare("SELECT \(Self.columns) FROM halite_entries \(which) ORDER BY id").rows {
      try Self.entry($0, path)
    }
  }

  func entry(_ id: Int) throws -> CampaignEntry? {
    try database.prepare("SELECT \(Self.columns) FROM halite_entries WHERE id = ?").rows([.integer(id)]) {
      try Self.entry($0, path)
    }.first
  }

  /// The entries of hashes or numbers as a user writes them.
  /// - Throws: `InputError` where a word names none, or several.
  func entries(named words: [String]) throws -> [CampaignEntry] {
    try words.map { word in
      if let id = Int(word), let entry = try entry(id) { return entry }
      let query = try database.prepare(
        "SELECT \(Self.columns) FROM halite_entries WHERE substr(hash, 1, ?) = ? ORDER BY id LIMIT 2")
      let found = try query.rows([.integer(word.count), .text(word.lowercased())]) { try Self.entry($0, path) }
      guard word.count >= 6, found.count == 1 else {
        throw InputError(
          found.count > 1 && word.count >= 6
            ? "several entries begin with `\(word)`" : "there is no entry `\(word)`",
          file: path, remedy: "name entries by number, or by 6 or more digits of their hash", isUsage: true)
      }
      return found[0]
    }
  }

  /// The structures as they were planned, or the results, by number of entry.
  func frames(_ column: FrameColumn, _ ids: [Int]) throws -> [LabeledStructure] {
    let query = try database.prepare("SELECT \(column.rawValue) FROM halite_entries WHERE id = ?")
    return try ids.map { id in
      let bytes = try query.rows([.integer(id)]) { $0.bytes(0) ?? [] }.first ?? []
      return try Self.frame(bytes, name: "\(path) entry \(id)")
    }
  }

  enum FrameColumn: String { case planned, result }

  static func frame(_ bytes: [UInt8], name: String) throws -> LabeledStructure {
    let frames = try bytes.withUnsafeBytes {
      try ExtendedXYZ.read(bytes: $0, file: name, options: ReadOptions()).frames
    }
    guard let frame = frames.first else { throw InputError("holds no structure", file: name) }
    return frame
  }

  func holds(hash: String) throws -> Bool {
    try !database.prepare("SELECT 1 FROM halite_entries WHERE hash = ?").rows([.text(hash)]) { _ in true }.isEmpty
  }

  /// - Returns: false where the list of spin states was there already.
  func addStates() throws -> Bool {
    let tables = try database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'halite_spin_states'").rows { _ in
      true
    }
    guard tables.isEmpty else { return false }
    try database.run("CREATE TABLE halite_spin_states (state TEXT PRIMARY KEY) WITHOUT ROWID")
    return true
  }

  /// - Returns: false where an entry has this spin state already.
  func claim(state: String) throws -> Bool {
    let known = try database.prepare("SELECT 1 FROM halite_spin_states WHERE state = ?")
    guard try known.rows([.text(state)], { _ in true }).isEmpty else { return false }
    try database.prepare("INSERT INTO halite_spin_states VALUES (?)").run([.text(state)])
    return true
  }

  /// Adds an entry that is not there yet.
  /// - Returns: its number.
  func insert(
    _ frame: LabeledStructure, hash: String, order: MagneticOrder, nupdown: Double?, writer: ASEDatabaseWriter
  ) throws -> Int {
    let last = try database.prepare("SELECT coalesce(max(id), 0) FROM halite_entries").rows { $0.integer(0) }[0]
    let id = last + 1
    try database.prepare("INSERT INTO halite_entries VALUES (?, ?, 'planned', NULL, 0, ?, ?, ?, ?, NULL)").run([
      .integer(id), .text(hash), .text(frame.structure.formula), .text(order.description), .optional(nupdown),
      .blob(try ExtendedXYZ.write([frame])),
    ])
    let entry = CampaignEntry(
      id: id, hash: hash, state: .planned, reason: nil, attempt: 0, formula: frame.structure.formula, order: order,
      nupdown: nupdown)
    try writer.insert(frame, row: id, extra: Self.pairs(entry), time: Clock.aseYears)
    return id
  }

  /// What ASE's users see of an entry: `ase db campaign.db state=failed`.
  static func pairs(_ entry: CampaignEntry) -> [InfoItem] {
    [
      InfoItem(key: "state", value: entry.state.rawValue), InfoItem(key: "reason", value: entry.reason ?? "-"),
      InfoItem(key: "attempt", value: String(entry.attempt)),
      InfoItem(key: "entry_hash", value: "h" + entry.hash.prefix(16)),
      InfoItem(key: "magnetism", value: entry.order.description),
    ] + (entry.nupdownText.map { [InfoItem(key: "nupdown", value: $0)] } ?? [])
  }

  /// Moves an entry to a state, in halite's table and in ASE's.
  func move(_ entry: CampaignEntry) throws {
    try database.prepare("UPDATE halite_entries SET state = ?, reason = ?, attempt = ? WHERE id = ?").run([
      .text(entry.state.rawValue), .optional(entry.reason), .integer(entry.attempt), .integer(entry.id),
    ])
    let reason = entry.reason ?? "-"
    let texts = try database.prepare("UPDATE text_key_values SET value = ? WHERE id = ? AND key = ?")
    try texts.run([.text(entry.state.rawValue), .integer(entry.id), .text("state")])
    try texts.run([.text(reason), .integer(entry.id), .text("reason")])
    try database.prepare("UPDATE number_key_values SET value = ? WHERE id = ? AND key = 'attempt'")
      .run([.real(Double(entry.attempt)), .integer(entry.id)])
    try database.prepare(
      """
      UPDATE systems SET mtime = ?, key_value_pairs = json_set(key_value_pairs, '$.state', ?, '$.reason', ?, '$.attempt', ?)
      WHERE id = ?
      """
    ).run([
      .real(Clock.aseYears), .text(entry.state.rawValue), .text(reason), .integer(entry.attempt),
      .integer(entry.id),
    ])
  }

  /// Puts a frame into the row that ASE shows: the result, or nil for the planned structure.
  func show(_ frame: LabeledStructure?, of entry: CampaignEntry, writer: ASEDatabaseWriter) throws {
    let shown = try frame ?? frames(.planned, [entry.id])[0]
    try database.prepare("UPDATE halite_entries SET result = ? WHERE id = ?").run([
      try frame.map { .blob(try ExtendedXYZ.write([$0])) } ?? .null, .integer(entry.id),
    ])
    try writer.remove(row: entry.id)
    try writer.insert(shown, row: entry.id, extra: Self.pairs(entry), time: Clock.aseYears)
  }
}
