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
  /// Writes the next rung of the ladder for every failed entry.
  /// - Parameter allowsLabelChanges: rungs that change the level of theory or the structure, too.
  /// - Throws: `InputError` where inputs cannot be written.
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
        guard let (rung, run) = try next(error, last, entry, tried: tried, database) else {
          report.given_up[reason, default: 0] += 1
          return
        }
        if rung.labels == .changing, !allowsLabelChanges {
          report.needs_consent[rung.name, default: 0] += 1
          return
        }
        if rung.reject == true {
          report.given_up[reason, default: 0] += 1
          return
        }
        let old = path(entry.folder())
        let fixes = (last.fixes.isEmpty ? "" : last.fixes + ";") + rung.record
        let hash = try write(
          run, entry: entry, attempt: last.number + 1, carry: (rung.carry ?? []).map { old + "/" + $0 })
        try database.transaction { try database.begin(entry, attempt: last.number + 1, fixes: fixes, inputs: hash) }
        report.repaired[rung.name, default: 0] += 1
      }
    }
    return report
  }

  /// The first rung that was not tried and can be, with the run that it makes.
  private func next(
    _ error: RepairableError, _ last: CampaignAttempt, _ entry: CampaignEntry, tried: Set<String>,
    _ database: CampaignDatabase
  ) throws -> (RepairRung, PlannedRun)? {
    let folder = path(entry.folder(attempt: last.number))
    var run = try repeated(last, entry, database)
    let incar = try (labeller as? VASPLabeller).map {
      try VASPInputs(run.frame, settings: $0.settings, order: run.order, nupdown: run.nupdown, fixes: run.fixes)
        .incar
    }
    for var rung in error.rungs where !tried.contains(rung.name) {
      guard rung.fits(incar ?? INCAR()) else { continue }
      if rung.continue == true {
        guard let end = try? readFrames(folder + "/CONTCAR").frames.first?.structure,
          end.elements == run.frame.structure.elements, end.lattice?.isRegular ?? false
        else { continue }
        run.reference = run.reference ?? run.frame.structure
        run.frame.structure.lattice = end.lattice
        run.frame.structure.positions = end.positions
      }
      for (tag, change) in rung.multiply ?? [:] where incar?.number(tag) == nil && change.start == nil {
        guard let name = change.from_output, let value = printed(name, in: folder + "/OUTCAR") else { continue }
        rung.found[tag] = value
      }
      run.fixes.append(rung)
      return (rung, run)
    }
    return nil
  }

  /// "   NBANDS=     96" of the head of an OUTCAR.
  private func printed(_ tag: String, in path: String) -> Double? {
    guard let bytes = try? AtomicFile.read(path) else { return nil }
    let text = String(decoding: bytes.prefix(1 << 18), as: UTF8.self)
    guard let place = text.range(of: tag + "=") else { return nil }
    return Double(text[place.upperBound...].drop { $0 == " " }.prefix { $0.isNumber || $0 == "." })
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
  /// - Throws: `InputError` where a named entry has not failed.
  public func retry(_ words: [String]) throws -> Int {
    let entries = try entries(named: words)
    if !words.isEmpty, let other = entries.first(where: { $0.state != .failed }) {
      throw InputError("entry \(other.id) is \(other.state.rawValue), not failed", file: shown)
    }
    var count = 0
    for known in entries where known.state == .failed {
      try locked { database in
        try fixLabelSettings(database)
        guard let entry = try database.entry(known.id), entry.state == .failed,
          let last = try database.attempts(of: entry.id).last
        else { return }
        let run = try repeated(last, entry, database)
        let hash = try write(run, entry: entry, attempt: last.number + 1)
        let fixes = (last.fixes.isEmpty ? "" : last.fixes + ";") + RepairLadder.retry
        try database.transaction { try database.begin(entry, attempt: last.number + 1, fixes: fixes, inputs: hash) }
        count += 1
      }
    }
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
