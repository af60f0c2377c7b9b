import Formats
import Glibc
import Structures

/// What a `repair` did.
public struct RepairReport: Encodable, Sendable {
  /// Failed entries with a next attempt, by rung.
  public var repaired: [String: Int] = [:]
  /// Failed entries whose next rung would change labels and was not allowed, by rung.
  public var needs_consent: [String: Int] = [:]
  /// Failed entries for which no rung is left, by reason.
  public var given_up: [String: Int] = [:]
  /// Of those entries the rungs that were not tried, and why.
  public var passed_over: [PassedOver] = []
  /// Entries whose run folder cannot be written, and why: the others do not wait for them.
  public var unwritten: [Unwritten] = []

  public struct PassedOver: Encodable, Sendable {
    public var entry: Int
    /// "go-on: CONTCAR is empty".
    public var rungs: [String]
  }

  public struct Unwritten: Encodable, Sendable {
    public var entry: Int
    public var reason: String
  }
}

/// How often a rung was tried and what came of it.
public struct RungSuccess: Encodable, Sendable {
  public var rung: String
  public var labels: String
  public var tried = 0
  public var succeeded = 0
  public var failed = 0
}

extension Campaign {
  /// Writes the next rung of the ladder for every failed entry: of those that were not tried and change something, the first
  /// label-neutral one, else the first label-changing one.
  /// - Parameter allowsLabelChanges: rungs that change the level of theory or the structure, too.
  /// - Throws: `InputError` where settings or POTCARs have changed, or the ladder does not know a rung any more.
  public func repair(_ words: [String] = [], allowsLabelChanges: Bool) throws -> RepairReport {
    var report = RepairReport()
    let names = try entries(named: words).filter { $0.state == .failed }
    for name in names {
      try locked { database in
        try fixLabelSettings(database)
        guard let entry = try database.entry(name.id), entry.state == .failed,
          let last = try database.attempts(of: entry.id).last
        else { return }
        let reason = entry.reason ?? "unknown"
        guard labeller.isRepairable, let error = ladder.error(for: reason) else {
          report.given_up[reason, default: 0] += 1
          return
        }
        let tried = Set(
          last.fixes.split(separator: ";").compactMap { $0.split(separator: " ").first.map(String.init) })
        let attempts = try database.attempts(of: entry.id)
        let choice = RungChoice(
          campaign: self, base: try repeated(last, entry, database), folder: path(entry.folder()),
          earlier: Set(attempts.map(\.inputs)))
        switch try choice.next(error, tried: tried, allowsLabelChanges: allowsLabelChanges) {
        case .exhausted(let useless):
          report.given_up[reason, default: 0] += 1
          if !useless.isEmpty { report.passed_over.append(.init(entry: entry.id, rungs: useless)) }
        case .consent(let rung): report.needs_consent[rung.name, default: 0] += 1
        case .run(let rung, let run):
          try fixPotentials(labeller.potentials(of: run.frame.structure.elements), database)
          do {
            try begin(rung, run, of: entry, behind: last, database)
            report.repaired[rung.name, default: 0] += 1
          } catch let error as InputError {
            report.unwritten.append(.init(entry: entry.id, reason: error.description))
          }
        }
      }
    }
    return report
  }

  /// Writes the inputs of a repaired run, and then its attempt.
  private func begin(
    _ rung: RepairRung, _ run: PlannedRun, of entry: CampaignEntry, behind last: CampaignAttempt,
    _ database: CampaignDatabase
  ) throws {
    let old = path(entry.folder())
    let fixes = (last.fixes.isEmpty ? "" : last.fixes + ";") + rung.record
    let hash = try write(
      run, entry: entry, attempt: last.number + 1, carry: (rung.carry ?? []).map { old + "/" + $0 })
    try database.transaction { try database.begin(entry, attempt: last.number + 1, fixes: fixes, inputs: hash) }
  }

  /// An attempt once more: the structure that it began with, and all rungs so far.
  private func repeated(
    _ attempt: CampaignAttempt, _ entry: CampaignEntry, _ database: CampaignDatabase
  ) throws -> PlannedRun {
    let planned = try database.frames(.planned, [entry.id])[0]
    var run = PlannedRun(frame: planned, order: entry.order, nupdown: entry.nupdown)
    run.fixes = try ladder.rungs(recorded: attempt.fixes)
    let start = path(entry.folder(attempt: attempt.number)) + "/POSCAR"
    if run.fixes.contains(where: { $0.continue == true }),
      let begun = try? readFrames(start).frames.first?.structure,
      begun.elements == planned.structure.elements
    {
      run.reference = planned.structure
      run.frame.structure.lattice = begun.lattice
      run.frame.structure.positions = begun.positions
    }
    return run
  }

  /// Prepares the same inputs of failed entries once more.
  /// - Parameter words: numbers or hashes; none: all failed entries.
  /// - Returns: entries that have a new attempt.
  /// - Throws: `InputError` where a named entry has not failed, or a run folder cannot be written, which the others do not wait for.
  public func retry(_ words: [String]) throws -> Int {
    let entries = try entries(named: words)
    if !words.isEmpty, let other = entries.first(where: { $0.state != .failed }) {
      throw InputError("entry \(other.id) is \(other.state.rawValue), not failed", file: shown)
    }
    var count = 0
    var failures: [InputError] = []
    for known in entries where known.state == .failed {
      try locked { database in
        try fixLabelSettings(database)
        guard let entry = try database.entry(known.id), entry.state == .failed,
          let last = try database.attempts(of: entry.id).last
        else { return }
        let run = try repeated(last, entry, database)
        try fixPotentials(labeller.potentials(of: run.frame.structure.elements), database)
        let hash: String
        do { hash = try write(run, entry: entry, attempt: last.number + 1) } catch let error as InputError {
          failures.append(error)
          return
        }
        let fixes = (last.fixes.isEmpty ? "" : last.fixes + ";") + RepairLadder.retry
        try database.transaction { try database.begin(entry, attempt: last.number + 1, fixes: fixes, inputs: hash) }
        count += 1
      }
    }
    if let refusal = Self.refusal(of: failures, prepared: count) { throw refusal }
    return count
  }

  /// Every rung that was tried, in the order of repair.yaml.
  public func rungSuccess() throws -> [RungSuccess] {
    var counts: [String: RungSuccess] = [:]
    for attempt in try open().allAttempts() {
      guard let name = attempt.fixes.split(separator: ";").last?.split(separator: " ").first.map(String.init) else {
        continue
      }
      let labels = ladder.rung(named: name)?.labels.rawValue ?? "neutral"
      var count = counts[name] ?? RungSuccess(rung: name, labels: labels)
      count.tried += 1
      if attempt.outcome == .finished { count.succeeded += 1 }
      if attempt.outcome == .failed { count.failed += 1 }
      counts[name] = count
    }
    let order = [RepairLadder.retry] + ladder.errors.flatMap { $0.rungs.map(\.name) }
    return order.compactMap { counts[$0] }
  }
}
