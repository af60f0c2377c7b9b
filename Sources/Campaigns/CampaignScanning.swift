import Formats
import Glibc
import Settings
import Structures

/// What a scan found.
public struct ScanReport: Encodable, Sendable {
  /// Runs that were looked at.
  public var runs = 0
  /// Runs with outputs that were read.
  public var read = 0
  /// Entries that changed their state.
  public var changed = 0
  /// Entries by state behind the scan.
  public var states: [String: Int] = [:]
  /// Failed entries by reason.
  public var failures: [String: Int] = [:]
  /// What could not be found out, for the user.
  public var remarks: [String] = []
}

/// What a queue says of a run.
enum QueueState: Equatable {
  /// No queue knows it.
  case none
  case waiting
  case running
  /// It ended in the queue, for this reason where it did not end by itself: "cancelled", "walltime".
  case ended(String?)
  /// The queue does not answer.
  case silent
}

/// What is to be written of a run.
struct RunJudgement: Sendable {
  var state: EntryState
  var reason: String?
  var detail: String?
  var stamp: String
  var seconds: Double?
  var frame: LabeledStructure?
  var wasRead = false
  /// The entry goes back to `prepared`: a queue had taken it, and ended before it began.
  var isReleased = false
}

extension Campaign {
  /// Looks at every run that is not accepted, reads outputs that are new or have changed, and gives each entry its state.
  ///
  /// - Parameter ids: only these entries; nil: all.
  /// - Throws: `InputError` where the database cannot be written.
  public func scan(
    threads: Int, only ids: Set<Int>? = nil, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> ScanReport {
    var report = ScanReport()
    let open: [EntryState] = [.prepared, .submitted, .running, .finished, .failed]
    let attempts: [CampaignAttempt]
    let entries: [Int: CampaignEntry]
    do {
      let database = try self.open()
      attempts = try database.lastAttempts(open).filter { ids?.contains($0.entry) ?? true }
      entries = Dictionary(uniqueKeysWithValues: try database.entries(open).map { ($0.id, $0) })
    }
    let queue = try SlurmQueue(self).states(of: attempts)
    if queue.isSilent {
      report.remarks.append("Slurm does not answer: runs that were submitted to it are left as they are")
    }
    report.runs = attempts.count
    for start in stride(from: 0, to: attempts.count, by: 256) {
      progress(start, attempts.count)
      let block = Array(attempts[start..<min(start + 256, attempts.count)])
      let judgements = try parallelMap(chunks: block.count, threads: threads) { index -> RunJudgement? in
        guard let entry = entries[block[index].entry] else { return nil }
        return try judge(block[index], entry, queue.state(block[index]))
      }
      let changes = zip(block, judgements).compactMap { attempt, judgement in judgement.map { (attempt, $0) } }
      report.read += changes.count { $0.1.wasRead }
      if !changes.isEmpty { report.changed += try write(changes, entries) }
    }
    progress(attempts.count, attempts.count)
    try count(into: &report)
    return report
  }

  private func count(into report: inout ScanReport) throws {
    for entry in try entries() {
      report.states[entry.state.rawValue, default: 0] += 1
      if entry.state == .failed { report.failures[entry.reason ?? "unknown", default: 0] += 1 }
    }
  }

  /// nil where nothing has changed.
  private func judge(_ attempt: CampaignAttempt, _ entry: CampaignEntry, _ queue: QueueState) throws
    -> RunJudgement?
  {
    let folder = path(entry.folder(attempt: attempt.number))
    // The lock first: where it is free, the run has ended, and all it wrote is there.
    let isLocked = FileLock.isHeld(folder + "/run.lock")
    let stamp = FileStamps(folder, labeller.outputs).text
    // The labels of a finished run are in the database, whatever becomes of its folder: outputs are deleted to save
    // space, and cut or foreign ones must not take a result away.
    if entry.state == .finished { return nil }
    var judgement = RunJudgement(state: entry.state, stamp: stamp)
    if isLocked || queue == .running {
      if entry.state == .running { return nil }
      judgement.state = .running
      return judgement
    }
    switch queue {
    case .waiting:
      if entry.state == .submitted { return nil }
      judgement.state = .submitted
      return judgement
    case .silent where [.submitted, .running].contains(entry.state): return nil
    default: break
    }
    // A folder that was moved or changed may be put back without a trace in its outputs.
    let mayBePutBack = entry.state == .failed && ["foreign-folder", "inputs-changed"].contains(entry.reason)
    if entry.state == .failed, attempt.stamp == stamp, !mayBePutBack { return nil }
    if entry.state == .prepared, stamp.isEmpty, isOwn(folder, entry) { return nil }
    return try read(attempt, entry, queue, judgement)
  }

  private func read(
    _ attempt: CampaignAttempt, _ entry: CampaignEntry, _ queue: QueueState, _ begin: RunJudgement
  ) throws -> RunJudgement? {
    var judgement = begin
    let folder = path(entry.folder(attempt: attempt.number))
    func failed(_ reason: String, _ detail: String) -> RunJudgement {
      judgement.state = .failed
      judgement.reason = reason
      judgement.detail = detail
      return judgement
    }
    if let wrong = strangeness(folder, attempt, entry) { return failed(wrong.reason, wrong.detail) }
    let planned = try open().frames(.planned, [entry.id])[0]
    let outcome: RunOutcome?
    do { outcome = try labeller.outcome(of: folder, planned: planned, ladder: ladder) } catch let error
      as InputError
    {
      return failed("unreadable", error.description)
    }
    let end = RunEnd(folder)
    guard let outcome else { return withoutOutput(attempt, entry, queue, end, folder, judgement) }
    judgement.wasRead = true
    judgement.seconds = end?.seconds ?? outcome.seconds
    guard let failure = outcome.failure else {
      judgement.state = .finished
      judgement.frame = outcome.frame.map { result($0, planned, entry, attempt) }
      return judgement
    }
    if case .ended(let reason?) = queue, outcome.isCut {
      return failed(reason, "Slurm ended the run; " + outcome.detail)
    }
    return failed(failure, outcome.detail)
  }

  private func withoutOutput(
    _ attempt: CampaignAttempt, _ entry: CampaignEntry, _ queue: QueueState, _ end: RunEnd?, _ folder: String,
    _ begin: RunJudgement
  ) -> RunJudgement? {
    var judgement = begin
    judgement.state = .failed
    if let end {
      let said =
        fileEnd(folder + "/job.err", bytes: 4096).split(separator: "\n").last.map { ": \($0.prefix(200))" } ?? ""
      judgement.reason = ladder.error(in: fileEnd(folder + "/job.err", bytes: 1 << 16))?.name ?? "no-output"
      judgement.detail = "the command ended with status \(end.status) and left no output" + said
    } else if case .ended(let reason?) = queue {
      judgement.reason = reason
      judgement.detail = "Slurm ended the run before it wrote anything"
    } else if access(folder + "/run.started", F_OK) == 0 {
      judgement.reason = "interrupted"
      judgement.detail = "the run began and was killed, or its machine stopped"
    } else if case .ended = queue {
      judgement.reason = "no-output"
      judgement.detail = "Slurm ended the run before it began; the messages of its node say why"
    } else if attempt.queue == "slurm" {
      judgement.reason = "lost"
      judgement.detail = "Slurm does not know the run any more, and it never began"
    } else {
      judgement.state = .prepared
      judgement.isReleased = attempt.queue != nil
      if entry.state == .prepared { return nil }
    }
    return judgement
  }

  /// A quick look at run.json: whether it names the entry.
  private func isOwn(_ folder: String, _ entry: CampaignEntry) -> Bool {
    guard let bytes = try? AtomicFile.read(folder + "/run.json") else { return false }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\"").contains { $0 == entry.hash }
  }

  /// What is wrong with a run folder; nil where it is the one that was prepared.
  func strangeness(
    _ folder: String, _ attempt: CampaignAttempt, _ entry: CampaignEntry
  ) -> (reason: String, detail: String)? {
    guard access(folder, F_OK) == 0 else {
      return (
        "folder-missing",
        "\(entry.folder(attempt: attempt.number)) is not there: put it back, or halite campaign retry \(entry.id)"
      )
    }
    guard let identity = try? readJSON(RunIdentity.self, path: folder + "/run.json") else {
      return ("foreign-folder", "run.json is missing or damaged: this is not the folder that was prepared")
    }
    guard identity.token == token, identity.hash == entry.hash, identity.attempt == attempt.number else {
      return (
        "foreign-folder",
        "this is the folder of entry \(identity.entry), attempt \(identity.attempt) of the campaign \(identity.campaign)"
      )
    }
    let files = identity.files.map { RunFile($0, bytes: (try? AtomicFile.read(folder + "/" + $0)) ?? []) }
    guard RunFile.hash(files) == attempt.inputs else {
      return (
        "inputs-changed", "the inputs (\(identity.files.joined(separator: ", "))) are not those that were prepared"
      )
    }
    return nil
  }

  /// The labelled frame with what was known of the planned one and where it comes from.
  func result(
    _ labelled: LabeledStructure, _ planned: LabeledStructure, _ entry: CampaignEntry, _ attempt: CampaignAttempt
  ) -> LabeledStructure {
    let own = Set(labelled.info.map(\.key))
    var provenance = labelled.provenance
    provenance.file = entry.folder(attempt: attempt.number)
    provenance.index = nil
    provenance.line = nil
    var frame = LabeledStructure(
      structure: labelled.structure, labels: labelled.labels, provenance: provenance,
      configType: planned.configType,
      info: planned.info.filter { !own.contains($0.key) && $0.key != "source" } + labelled.info)
    frame.set("seconds", nil)
    frame.set("planned_id", planned.id)
    frame.set("planned_source", planned.value(ofKey: "source"))
    frame.set("campaign", settings.name)
    frame.set("entry", String(entry.id))
    frame.set("attempt", String(attempt.number))
    frame.set("magnetism", entry.order.description)
    frame.set("nupdown", entry.nupdownText)
    frame.set("fixes", attempt.fixes.isEmpty ? nil : attempt.fixes)
    return frame
  }

  /// Writes judgements, each only where no other process was quicker.
  private func write(_ changes: [(CampaignAttempt, RunJudgement)], _ before: [Int: CampaignEntry]) throws -> Int {
    try locked { database in
      let writer = try ASEDatabaseWriter(into: database.database)
      return try database.transaction {
        var changed = 0
        for (attempt, judgement) in changes {
          guard var entry = try database.entry(attempt.entry), let known = before[entry.id],
            entry.state == known.state,
            entry.attempt == attempt.number,
            let current = try database.attempts(of: entry.id).last, current.stamp == attempt.stamp,
            current.queue == attempt.queue, current.batch == attempt.batch
          else { continue }
          if judgement.isReleased {
            if FileLock.isHeld(path(entry.folder()) + "/run.lock") { continue }
            try database.assign(attempt, queue: nil)
          }
          var record = attempt
          record.outcome = judgement.state
          record.reason = judgement.reason
          record.detail = judgement.detail
          let isRead = [.finished, .failed].contains(judgement.state)
          record.stamp = isRead ? judgement.stamp : nil
          record.seconds = judgement.seconds
          try database.record(record)
          if entry.state != judgement.state || entry.reason != judgement.reason { changed += 1 }
          entry.state = judgement.state
          entry.reason = judgement.reason
          if let frame = judgement.frame { try database.show(frame, of: entry, writer: writer) }
          try database.move(entry)
        }
        return changed
      }
    }
  }
}

/// Sizes and times of files, which tell whether there is something new to read.
struct FileStamps {
  var text = ""
  /// Of a folder that is not there.
  static let missing = "missing"

  init(_ folder: String, _ names: [String]) {
    guard access(folder, F_OK) == 0 else {
      text = Self.missing
      return
    }
    for name in names + ["run.done", "run.started"] {
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0 else { continue }
      text += "\(name) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec);"
    }
  }
}

/// What run.done says.
struct RunEnd {
  var status: Int
  /// Wall time; nil where the clock went back.
  var seconds: Double?

  init?(_ folder: String) {
    guard let bytes = try? AtomicFile.read(folder + "/run.done") else { return nil }
    var values: [Substring: Substring] = [:]
    let text = String(decoding: bytes, as: UTF8.self)
    for line in text.split(separator: "\n") {
      let sides = line.split(separator: "=", maxSplits: 1)
      if sides.count == 2 { values[sides[0]] = sides[1] }
    }
    status = values["status"].flatMap { Int($0) } ?? -1
    if let begin = values["begin"].flatMap({ Double($0) }), let end = values["end"].flatMap({ Double($0) }),
      end >= begin
    {
      seconds = end - begin
    }
  }
}
