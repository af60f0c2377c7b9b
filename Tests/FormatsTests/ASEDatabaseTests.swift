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
      InfoItem(key: "nan", value: "nan"),
    ])
  let pairs = ASEKeyValuePair.pairs(of: frame)
  #expect(pairs.map(\.key) == ["halite_id", "number", "text"])
  #expect(pairs[1].number == 1.5)
  #expect(ASEKeyValuePair.json(Array(pairs.dropFirst())) == "{\"number\": 1.5, \"text\": \"it's \\\"\\u00fc\\\"\"}")
}
