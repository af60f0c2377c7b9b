import CSQLite
import Structures

/// A connection to an SQLite database in memory: one to be filled, or the bytes of a file, which are not changed.
package final class SQLiteDatabase {
  private let connection: OpaquePointer
  /// For messages.
  package let file: String
  /// Steps of SQLite's virtual machine since the last row, for the watch below.
  private let steps: UnsafeMutablePointer<Int>

  /// An empty database in memory, or in the file of a path.
  /// - Throws: `InputError` where it cannot be made.
  package init(file: String, path: String = ":memory:") throws(InputError) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(path, &opened, flags, nil) == SQLITE_OK, let opened else {
      sqlite3_close(opened)
      throw InputError("SQLite cannot start", file: file)
    }
    connection = opened
    self.file = file
    steps = .allocate(capacity: 1)
    steps.initialize(to: 0)
  }

  /// The database of a file's bytes, which must stay valid.
  /// - Throws: `InputError` where they are none.
  convenience init(bytes: UnsafeRawBufferPointer, file: String) throws(InputError) {
    guard bytes.count >= 100, bytes.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw InputError("not an SQLite database", file: file, remedy: "is this an ASE .db file?")
    }
    guard bytes[18] == 1, bytes[19] == 1 else {
      throw InputError(
        "a database with a write-ahead log, which may hold rows that the file lacks", file: file,
        remedy: "run: sqlite3 \(file) 'PRAGMA journal_mode=DELETE'")
    }
    try self.init(file: file)
    let start = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
    let count = sqlite3_int64(bytes.count)
    let flags = UInt32(SQLITE_DESERIALIZE_READONLY)
    guard csqlite_distrust(connection) == SQLITE_OK,
      sqlite3_deserialize(connection, "main", start, count, count, flags) == SQLITE_OK
    else { throw failure() }
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, Int32(clamping: max(1 << 20, bytes.count)))
    // A damaged file must not make SQLite turn in circles: no row of a file takes as many steps as its bytes.
    let most = 1_000_000 + bytes.count
    steps[0] = most
    sqlite3_progress_handler(
      connection, 1000,
      { left in
        guard let left = left?.assumingMemoryBound(to: Int.self) else { return 1 }
        left.pointee -= 1000
        return left.pointee < 0 ? 1 : 0
      }, steps)
  }

  /// Waits this long for another process that writes, ms.
  package func waitForOthers(milliseconds: Int) { sqlite3_busy_timeout(connection, Int32(clamping: milliseconds)) }

  /// Rows that the last statement changed.
  package var changes: Int { Int(sqlite3_changes(connection)) }

  deinit {
    sqlite3_close_v2(connection)
    steps.deallocate()
  }

  /// What SQLite says is wrong.
  func failure() -> InputError {
    switch sqlite3_errcode(connection) & 0xFF {
    case SQLITE_FULL:
      return InputError("cannot write: the disk is full", file: file, remedy: "free space; nothing is lost")
    case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
      return InputError("cannot write: the file or its folder is read-only", file: file)
    case SQLITE_BUSY:
      return InputError("another program holds the database", file: file, remedy: "wait for it and try again")
    case SQLITE_IOERR: return InputError("cannot write: the disk fails or is full", file: file)
    default: break
    }
    let reason = String(cString: sqlite3_errmsg(connection)).prefix(120)
    return InputError("SQLite: \(reason.map { $0.isNewline ? " " : $0 }.map(String.init).joined())", file: file)
  }

  /// Runs a statement without results.
  /// - Throws: `InputError`.
  package func run(_ sql: String) throws(InputError) {
    guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  /// - Throws: `InputError` where a table or column is missing.
  package func prepare(_ sql: String) throws(InputError) -> SQLiteStatement {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw failure()
    }
    return SQLiteStatement(statement, of: self)
  }

  /// The file that the database would be.
  /// - Throws: `InputError` where there is no memory for it.
  func serialized() throws(InputError) -> [UInt8] {
    var count: sqlite3_int64 = 0
    guard let start = sqlite3_serialize(connection, "main", &count, 0) else { throw failure() }
    defer { sqlite3_free(start) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }
}

/// A prepared statement: values are bound from 1, columns read from 0.
package final class SQLiteStatement {
  private let statement: OpaquePointer
  private let database: SQLiteDatabase

  init(_ statement: OpaquePointer, of database: SQLiteDatabase) {
    self.statement = statement
    self.database = database
  }

  deinit { sqlite3_finalize(statement) }

  /// True where there is a row.
  /// - Throws: `InputError` where the database is damaged or the statement fails.
  package func step() throws(InputError) -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw database.failure()
    }
  }

  /// Runs a statement that gives no rows, with these values.
  package func run(_ values: [SQLiteValue]) throws(InputError) {
    try bind(values)
    defer { sqlite3_reset(statement) }
    while try step() {}
  }

  /// Begins anew with these values; rows come by `step`.
  package func bound(_ values: [SQLiteValue]) throws(InputError) { try bind(values) }

  private func bind(_ values: [SQLiteValue]) throws(InputError) {
    sqlite3_reset(statement)
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      let status: Int32
      switch value {
      case .null: status = sqlite3_bind_null(statement, place)
      case .integer(let number): status = sqlite3_bind_int64(statement, place, sqlite3_int64(number))
      case .real(let number): status = sqlite3_bind_double(statement, place, number)
      case .text(let text): status = csqlite_bind_text(statement, place, text, Int32(clamping: text.utf8.count))
      case .blob(let bytes):
        status = bytes.withUnsafeBytes { csqlite_bind_blob(statement, place, $0.baseAddress, UInt64($0.count)) }
      }
      guard status == SQLITE_OK else { throw database.failure() }
    }
  }

  package func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

  package func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(statement, Int32(column))) }

  package func real(_ column: Int) -> Double? {
    isNull(column) ? nil : sqlite3_column_double(statement, Int32(column))
  }

  /// A text; nil for NULL.
  package func text(_ column: Int) -> String? { bytes(column).map { String(decoding: $0, as: UTF8.self) } }

  /// All rows of a query with these values, each made into something.
  package func rows<Row>(_ values: [SQLiteValue] = [], _ make: (SQLiteStatement) throws -> Row) throws -> [Row] {
    try bind(values)
    defer { sqlite3_reset(statement) }
    var rows: [Row] = []
    while try step() { rows.append(try make(self)) }
    return rows
  }

  /// The bytes of a blob or text; nil for NULL.
  package func bytes(_ column: Int) -> [UInt8]? {
    guard !isNull(column) else { return nil }
    guard let start = sqlite3_column_blob(statement, Int32(column)) else { return [] }
    let count = Int(sqlite3_column_bytes(statement, Int32(column)))
    return Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}

package enum SQLiteValue {
  case null
  case integer(Int)
  case real(Double)
  case text(String)
  case blob([UInt8])

  package static func optional(_ number: Double?) -> SQLiteValue { number.map { .real($0) } ?? .null }
  package static func optional(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }
  package static func optional(_ numbers: [Double]?) -> SQLiteValue { numbers.map { .blob(bytes($0)) } ?? .null }

  /// Little-endian doubles.
  static func bytes(_ numbers: [Double]) -> [UInt8] {
    numbers.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
  }

  /// Little-endian 32-bit integers.
  static func bytes(_ numbers: [Int32]) -> [UInt8] { numbers.map { $0.littleEndian }.withUnsafeBytes { Array($0) } }
}
