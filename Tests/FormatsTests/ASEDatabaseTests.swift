import Structures
import Testing

@testable import Formats

@Test func everythingComesBackFromADatabase() throws {
  var random = RandomSource(seed: 7)
  let frames = (0..<60).map { _ in randomFrame(&random) }
  let bytes = try ASEDatabase.write(frames)
  #expect(try ASEDatabase.write(frames) == bytes, "equal frames give equal files")
  let file = try bytes.withUnsafeBytes { try ASEDatabase.read(bytes: $0, file: "a.db") }
  #expect(file.frames.count == frames.count)
  for (found, frame) in zip(file.frames, frames) {
    #expect(found.structure == frame.structure && found.labels == frame.labels && found.id == frame.id)
    #expect(found.info == frame.info && found.columns == frame.columns && found.configType == frame.configType)
  }
}

private func failure(_ bytes: [UInt8]) -> String {
  message { try bytes.withUnsafeBytes { _ = try ASEDatabase.read(bytes: $0, file: "a.db") } }
}

@Test func brokenDatabasesAreRefused() throws {
  #expect(failure(Array("no".utf8)) == "a.db: not an SQLite database; is this an ASE .db file?")
  let empty = try SQLiteDatabase(file: "x")
  try empty.run("CREATE TABLE a (b)")
  #expect(try failure(empty.serialized()) == "a.db: an SQLite database without ASE's table systems")
  var random = RandomSource(seed: 2)
  let good = try ASEDatabase.write([randomFrame(&random)])
  #expect(failure(Array(good.prefix(4096))).hasPrefix("a.db: SQLite: "))
  func changed(_ statement: String) throws -> String {
    let database = try ASEDatabaseWriter(file: "x")
    try database.append(randomFrame(&random))
    try database.finish()
    try database.database.run(statement)
    return try failure(database.database.serialized())
  }
  #expect(
    try changed("UPDATE information SET value = '12'") == "a.db: version 12 of ASE's database, expected 5 to 9")
  #expect(try changed("UPDATE systems SET numbers = x'ff000000'") == "a.db: row 1: no element has number 255")
  #expect(
    try changed("UPDATE systems SET positions = x'00'").hasPrefix("a.db: row 1: positions has 1 bytes, expected "))
  #expect(
    try changed("UPDATE systems SET data = x'ffffffffffffffffff'") == "a.db: data names a place beyond its end")
  #expect(
    try changed("DROP TABLE systems; CREATE VIEW systems AS SELECT 1")
      == "a.db: an SQLite database without ASE's table systems")
}

/// Keys that ASE would refuse stay out of its key-value pairs, and all come back.
@Test func keysThatASERefusesStandInDataOnly() {
  let frame = LabeledStructure(
    structure: Structure(lattice: nil, elements: [ChemicalElement.all[2]], positions: [.zero]), labels: Labels(),
    info: [
      InfoItem(key: "energy", value: "1"), InfoItem(key: "Li", value: "1"), InfoItem(key: "a b", value: "x"),
      InfoItem(key: "number", value: "1.50"), InfoItem(key: "text", value: "it's \"ü\""),
      InfoItem(key: "flag", value: "True"), InfoItem(key: "odd", value: "1_000"),
      InfoItem(key: "nan", value: "nan"), InfoItem(key: "n", value: "0"), InfoItem(key: "name", value: "007"),
    ])
  let pairs = ASEKeyValuePair.pairs(of: frame)
  #expect(pairs.map(\.key) == ["halite_id", "number", "text", "flag", "n"])
  #expect(pairs[1].number == 1.5 && pairs[3].number == 1)
  #expect(
    ASEKeyValuePair.json(Array(pairs.dropFirst()))
      == "{\"number\": 1.5, \"text\": \"it's \\\"\\u00fc\\\"\", \"flag\": true, \"n\": 0}")
  #expect(ASEDatabase.remark(writing: frame)?.hasSuffix(": Li, a b, energy, name, nan, odd") ?? false)
}

/// Columns of ASE come and go as columns; starting moments are no labels.
@Test func whatASEKnowsOfAtomsIsKept() throws {
  let names: [(String, AtomColumn.Kind, [String])] = [
    ("initial_magmoms", .real, ["5.0", "0.6"]), ("initial_charges", .real, ["1.0", "-1.0"]),
    ("tags", .integer, ["1", "0"]),
    ("charges", .real, ["0.9", "-0.9"]), ("masses", .real, ["6.0", "16.0"]),
  ]
  let columns = names.map { AtomColumn(name: $0.0, kind: $0.1, width: 1, values: $0.2) }
  let frame = LabeledStructure(
    structure: Structure(
      lattice: nil, elements: [ChemicalElement.all[2], ChemicalElement.all[7]], positions: [.zero, [2, 0, 0]]),
    labels: Labels(energy: -1), columns: columns)
  let writer = try ASEDatabaseWriter(file: "x")
  try writer.append(frame)
  try writer.finish()
  // As ASE itself writes it: nothing of Halite's in data.
  try writer.database.run("UPDATE systems SET data = NULL")
  let file = try writer.database.serialized().withUnsafeBytes { try ASEDatabase.read(bytes: $0, file: "a.db") }
  let found = try #require(file.frames.first)
  #expect(Set(found.columns) == Set(columns) && found.structure.moments == nil)
  #expect(file.notes.contains { $0.hasPrefix("initial_magmoms are what a calculation started from") })
}
