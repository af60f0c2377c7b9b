import Formats
import Glibc
import Structures

/// campaign.db: an ASE database with tables of its own beside ASE's, in one file.
///
/// A rollback journal and `synchronous=FULL`: a kill at any instant leaves the state before or after a transaction, and network file
/// systems are fit for it. Connections are short-lived and of one thread.
final class CampaignDatabase {
  /// Of the tables; a program refuses a database of a later one.
  static let version = 1

  let database: SQLiteDatabase
  let path: String

  private static let schema = """
    CREATE TABLE halite_campaign (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE halite_entries (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, state TEXT NOT NULL, reason TEXT,
      attempt INTEGER NOT NULL, formula TEXT NOT NULL, magnetism TEXT NOT NULL, nupdown REAL, planned BLOB NOT NULL, result BLOB);
    CREATE TABLE halite_attempts (entry INTEGER NOT NULL, number INTEGER NOT NULL, fixes TEXT NOT NULL, inputs TEXT NOT NULL,
      queue TEXT, batch INTEGER, task INTEGER, outcome TEXT NOT NULL, reason TEXT, detail TEXT, stamp TEXT, seconds REAL,
      prepared_at REAL, submitted_at REAL, read_at REAL, PRIMARY KEY (entry, number)) WITHOUT ROWID;
    CREATE TABLE halite_batches (id INTEGER PRIMARY KEY, job TEXT, tasks INTEGER NOT NULL, submitted_at REAL);
    CREATE INDEX halite_states ON halite_entries(state);
    CREATE INDEX halite_species ON species(id);
    CREATE INDEX halite_keys ON keys(id);
    CREATE INDEX halite_texts ON text_key_values(id);
    CREATE INDEX halite_numbers ON number_key_values(id);
    """

  /// Makes the file of a new campaign.
  /// - Parameter facts: of the campaign: "name", "token".
  static func create(_ path: String, facts: [String: String]) throws(InputError) {
    // Made beside and renamed: a database is there whole or not at all.
    let beside = path + ".new"
    unlink(beside)
    unlink(beside + "-journal")
    do throws(InputError) {
      let database = try SQLiteDatabase(file: path, path: beside)
      try database.run("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; BEGIN IMMEDIATE;")
      try database.run(ASEDatabaseWriter.schema)
      try database.run(schema)
      let insert = try database.prepare("INSERT INTO halite_campaign VALUES (?, ?)")
      try insert.run([.text("version"), .text(String(version))])
      for (key, value) in facts.sorted(by: { $0.key < $1.key }) { try insert.run([.text(key), .text(value)]) }
      try database.run("COMMIT")
    } catch {
      unlink(beside)
      unlink(beside + "-journal")
      throw error
    }
    guard rename(beside, path) == 0 else {
      throw InputError("cannot write: \(String(cString: strerror(errno)))", file: path)
    }
  }

  /// - Throws: `InputError` where the file is missing, no campaign, or from a newer halite.
  init(_ path: String) throws(InputError) {
    self.path = path
    guard access(path, F_OK) == 0 else {
      throw InputError("no campaign is here", file: path, remedy: "halite campaign init makes one")
    }
    database = try SQLiteDatabase(file: path, path: path)
    database.waitForOthers(milliseconds: 60_000)
    try database.run("PRAGMA synchronous=FULL")
    let tables = try database.prepare(
      "SELECT count(*) FROM sqlite_master WHERE name IN ('systems', 'halite_campaign')")
    guard try tables.step(), tables.integer(0) == 2 else {
      throw InputError("a database that is no campaign of halite", file: path)
    }
    _ = try tables.step()
    let found = try fact("version").flatMap { Int($0) } ?? 0
    guard found <= Self.version else {
      throw InputError(
        "a campaign of version \(found), this halite knows \(Self.version)", file: path, remedy: "update halite")
    }
  }

  func fact(_ key: String) throws(InputError) -> String? {
    let query = try database.prepare("SELECT value FROM halite_campaign WHERE key = ?")
    try query.bound([.text(key)])
    return try query.step() ? query.text(0) : nil
  }

  func set(_ key: String, _ value: String) throws(InputError) {
    try database.prepare("INSERT OR REPLACE INTO halite_campaign VALUES (?, ?)").run([.text(key), .text(value)])
  }

  /// Runs changes as one transaction: all of them or none.
  func transaction<T>(_ body: () throws -> T) throws -> T {
    try database.run("BEGIN IMMEDIATE")
    do {
      let value = try body()
      try database.run("COMMIT")
      return value
    } catch {
      try? database.run("ROLLBACK")
      throw error
    }
  }
}
