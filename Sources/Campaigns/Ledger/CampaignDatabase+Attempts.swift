import Formats
import Structures

extension CampaignDatabase {
  private static let attemptColumns =
    "entry, number, fixes, inputs, queue, batch, task, outcome, reason, detail, stamp, seconds"

  private static func attempt(_ row: SQLiteStatement, _ path: String) throws(InputError) -> CampaignAttempt {
    guard let fixes = row.text(2), let inputs = row.text(3), let outcome = row.text(7).flatMap(EntryState.init)
    else {
      throw InputError("attempt \(row.integer(1)) of entry \(row.integer(0)) cannot be read", file: path)
    }
    return CampaignAttempt(
      entry: row.integer(0), number: row.integer(1), fixes: fixes, inputs: inputs, queue: row.text(4),
      batch: row.isNull(5) ? nil : row.integer(5), task: row.isNull(6) ? nil : row.integer(6), outcome: outcome,
      reason: row.text(8), detail: row.text(9), stamp: row.text(10), seconds: row.real(11))
  }

  /// The last attempts of the entries in some states, in the order of the entries.
  func lastAttempts(_ states: [EntryState]) throws -> [CampaignAttempt] {
    let names = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return try database.prepare(
      """
      SELECT \(Self.attemptColumns.split(separator: ", ").map { "a.\($0)" }.joined(separator: ", "))
      FROM halite_entries e JOIN halite_attempts a ON a.entry = e.id AND a.number = e.attempt
      WHERE e.state IN (\(names)) ORDER BY e.id
      """
    ).rows { try Self.attempt($0, path) }
  }

  /// All attempts of an entry, from the first to the last.
  func attempts(of entry: Int) throws -> [CampaignAttempt] {
    try database.prepare("SELECT \(Self.attemptColumns) FROM halite_attempts WHERE entry = ? ORDER BY number")
      .rows([.integer(entry)]) { try Self.attempt($0, path) }
  }

  func allAttempts() throws -> [CampaignAttempt] {
    try database.prepare("SELECT \(Self.attemptColumns) FROM halite_attempts ORDER BY entry, number")
      .rows { try Self.attempt($0, path) }
  }

  func insert(_ attempt: CampaignAttempt) throws {
    try database.prepare(
      """
      INSERT INTO halite_attempts (entry, number, fixes, inputs, outcome, prepared_at) VALUES (?, ?, ?, ?, ?, ?)
      """
    ).run([
      .integer(attempt.entry), .integer(attempt.number), .text(attempt.fixes), .text(attempt.inputs),
      .text(attempt.outcome.rawValue), .real(Clock.now),
    ])
  }

  func remove(_ attempt: CampaignAttempt) throws {
    try database.prepare("DELETE FROM halite_attempts WHERE entry = ? AND number = ?")
      .run([.integer(attempt.entry), .integer(attempt.number)])
  }

  /// Hands an attempt to a queue, or takes it back (nil).
  func assign(_ attempt: CampaignAttempt, queue: String?, batch: Int? = nil, task: Int? = nil) throws {
    try database.prepare(
      """
      UPDATE halite_attempts SET queue = ?, batch = ?, task = ?, submitted_at = ?, outcome = ? WHERE entry = ? AND number = ?
      """
    ).run([
      .optional(queue), batch.map { .integer($0) } ?? .null, task.map { .integer($0) } ?? .null,
      queue == nil ? .null : .real(Clock.now), .text((queue == nil ? EntryState.prepared : .submitted).rawValue),
      .integer(attempt.entry), .integer(attempt.number),
    ])
  }

  /// Keeps what was read of an attempt.
  func record(_ attempt: CampaignAttempt) throws {
    try database.prepare(
      """
      UPDATE halite_attempts SET outcome = ?, reason = ?, detail = ?, stamp = ?, seconds = ?, read_at = ?
      WHERE entry = ? AND number = ?
      """
    ).run([
      .text(attempt.outcome.rawValue), .optional(attempt.reason), .optional(attempt.detail),
      .optional(attempt.stamp),
      .optional(attempt.seconds), .real(Clock.now), .integer(attempt.entry), .integer(attempt.number),
    ])
  }

  // MARK: Batches of Slurm

  struct Batch {
    var id: Int
    /// Number of the job array; nil where it is not known to have been submitted.
    var job: String?
    var tasks: Int
  }

  func batches() throws -> [Batch] {
    try database.prepare("SELECT id, job, tasks FROM halite_batches ORDER BY id").rows {
      Batch(id: $0.integer(0), job: $0.text(1), tasks: $0.integer(2))
    }
  }

  func nextBatch() throws -> Int {
    try database.prepare("SELECT coalesce(max(id), 0) + 1 FROM halite_batches").rows { $0.integer(0) }[0]
  }

  func insert(_ batch: Batch) throws {
    try database.prepare("INSERT INTO halite_batches (id, job, tasks, submitted_at) VALUES (?, ?, ?, ?)").run([
      .integer(batch.id), .optional(batch.job), .integer(batch.tasks), .real(Clock.now),
    ])
  }

  func set(job: String, ofBatch id: Int) throws {
    try database.prepare("UPDATE halite_batches SET job = ? WHERE id = ?").run([.text(job), .integer(id)])
  }
}
