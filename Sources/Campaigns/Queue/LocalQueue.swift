import Glibc
import Structures
import Synchronization

/// What a `submit` did.
public struct SubmissionReport: Encodable, Sendable {
  public var submitted = 0
  /// Runs of this machine that ended meanwhile.
  public var finished = 0
  public var failed = 0
  /// Job arrays of Slurm by name.
  public var arrays: [String: String] = [:]
  /// Why nothing (more) was submitted.
  public var remark: String?
}

extension Campaign {
  /// Runs prepared entries on this machine, several at once, until none is left; entry by entry, so that several processes may do so.
  ///
  /// A run holds the lock `run.lock` of its folder from before it is claimed until its command has ended, also where halite is killed
  /// meanwhile: a run is never started twice.
  /// - Parameters:
  ///   - limit: of entries to submit; nil: all.
  ///   - isStopped: no further run is started once it is true; those that run go on.
  ///   - progress: runs ended, runs in all.
  public func runLocally(
    workers: Int, limit: Int? = nil, isStopped: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws -> SubmissionReport {
    try writeScripts()
    try requireRunnable()
    let total = min(limit ?? .max, try entries().count { $0.state == .prepared })
    let state = Mutex((report: SubmissionReport(), claimed: 0))
    try parallelLoop(chunks: max(1, workers), threads: max(1, workers), scratch: { () }) { _, _ in
      while !isStopped() {
        let mayClaim = state.withLock { state in
          if state.report.remark != nil { return false }
          if let limit, state.claimed >= limit { return false }
          state.claimed += 1
          return true
        }
        var refused = 0
        let claimed = mayClaim ? try claim(refused: &refused) : nil
        if refused > 0 { state.withLock { $0.report.failed += refused } }
        guard let (entry, lock) = claimed else { break }
        let child = try ChildProcess.start(
          ["/bin/sh", path("job.sh"), entry.folder(), "locked"], lock: lock.descriptor)
        state.withLock { $0.report.submitted += 1 }
        guard ChildProcess.wait(child, until: isStopped) != nil else { break }
        withExtendedLifetime(lock) {}
        try settle([entry.id], lock, state: state)
        if let fault = commandFault(entry) { state.withLock { $0.report.remark = fault } }
        state.withLock { progress($0.report.finished + $0.report.failed, total) }
      }
    }
    var report = state.withLock { $0.report }
    if try isPaused() { report.remark = "the campaign is paused" }
    try waitForOrphans(isStopped)
    return report
  }

  /// What is wrong with `command`, which would end every other run in the same way: the shell's status of a program that is not
  /// there or may not be run, and no output.
  private func commandFault(_ entry: CampaignEntry) -> String? {
    let folder = path(entry.folder())
    guard let end = RunEnd(folder), [126, 127].contains(end.status),
      labeller.outputs.allSatisfy({ access(folder + "/" + $0, F_OK) != 0 })
    else { return nil }
    let said = fileEnd(folder + "/job.err", bytes: 1 << 12).split(whereSeparator: \.isNewline).last ?? ""
    return
      "`command` of campaign.yaml cannot be run (exit status \(end.status): \(said)), so no other run was started; "
      + "correct it, then halite campaign retry \(entry.id)"
  }

  private func settle(
    _ ids: Set<Int>, _ lock: FileLock, state: borrowing Mutex<(report: SubmissionReport, claimed: Int)>
  ) throws {
    flock(lock.descriptor, LOCK_UN)  // so that scan takes the run for ended
    _ = try scan(threads: 1, only: ids)
    guard let id = ids.first, var entry = try open().entry(id) else { return }
    if entry.state == .prepared {
      // The script left no trace of itself: another try would end in the same way.
      try locked { database in
        guard let known = try database.entry(id), known.state == .prepared,
          let attempt = try database.attempts(of: id).last
        else { return }
        try refuse(attempt, known, "\(known.folder()): the run left nothing there", database)
      }
      entry = try open().entry(id) ?? entry
    }
    state.withLock {
      if entry.state == .finished { $0.report.finished += 1 }
      if entry.state == .failed { $0.report.failed += 1 }
    }
  }

  /// The verdict on a run that cannot even begin; the others go on.
  private func refuse(
    _ attempt: CampaignAttempt, _ entry: CampaignEntry, _ detail: String, _ database: CampaignDatabase
  ) throws {
    var (attempt, entry) = (attempt, entry)
    attempt.outcome = .failed
    attempt.reason = "folder-unwritable"
    attempt.detail = detail + "; make it writable, then halite campaign retry \(entry.id)"
    attempt.stamp = FileStamps(path(entry.folder()), labeller.outputs).text
    entry.state = .failed
    entry.reason = attempt.reason
    try database.transaction {
      try database.record(attempt)
      try database.move(entry)
    }
  }

  /// Takes the next prepared entry, with the lock of its folder; nil where there is none, or the campaign is paused.
  /// - Parameter refused: counts runs whose folder cannot be written.
  private func claim(refused: inout Int) throws -> (entry: CampaignEntry, lock: FileLock)? {
    try locked { database in
      guard try database.fact("paused") != "yes" else { return nil }
      for attempt in try database.lastAttempts([.prepared]) {
        guard var entry = try database.entry(attempt.entry) else { continue }
        let folder = path(entry.folder())
        guard access(folder + "/run.json", F_OK) == 0, access(folder + "/run.done", F_OK) != 0 else { continue }
        let lock: FileLock
        do {
          guard let free = try runLock(folder) else { continue }
          guard access(folder, W_OK) == 0 else {
            throw InputError("cannot write: \(String(cString: strerror(errno)))", file: folder)
          }
          lock = free
        } catch let error as InputError {
          // One folder must not keep the others waiting.
          try refuse(attempt, entry, "\(entry.folder()): \(error.message)", database)
          refused += 1
          continue
        }
        try database.transaction {
          try database.assign(attempt, queue: "local")
          entry.state = .submitted
          try database.move(entry)
        }
        return (entry, lock)
      }
      return nil
    }
  }

  /// The lock of a run folder; nil where its run goes on. Others may hold it for a moment, to see whether it is free.
  private func runLock(_ folder: String) throws -> FileLock? {
    for _ in 0..<10 {
      if let lock = try FileLock(folder + "/run.lock", waiting: false) { return lock }
      usleep(5_000)
    }
    return nil
  }

  /// Waits for the runs that a killed `halite` left behind, and reads them.
  private func waitForOrphans(_ isStopped: () -> Bool) throws {
    while !isStopped() {
      let left = try open().lastAttempts([.submitted, .running]).filter { $0.queue == "local" }
      if left.isEmpty { return }
      let ended = left.filter { !FileLock.isHeld(path(CampaignEntry.folder($0.entry, $0.number)) + "/run.lock") }
      if ended.isEmpty { usleep(200_000) } else { _ = try scan(threads: 1, only: Set(ended.map(\.entry))) }
    }
  }

  /// - Throws: `InputError` where runs cannot work: no command, no POTCAR.
  func requireRunnable() throws {
    let file = shown + "/campaign.yaml"
    guard !settings.command.split(whereSeparator: \.isWhitespace).isEmpty else {
      throw InputError("`command` is empty", file: file, remedy: "write the command that runs one calculation")
    }
    let folders = try open().lastAttempts([.prepared]).map { path(CampaignEntry.folder($0.entry, $0.number)) }
    var put: [(folder: String, versions: [String: PotentialVersion])] = []
    for folder in folders {
      do {
        try labeller.requireRunnable(folder, command: settings.command)
      } catch let error as InputError {
        throw error.file == folder ? error.said(of: shown + folder.dropFirst(root.count)) : error
      }
      let versions = try labeller.potentials(putInto: folder)
      if !versions.isEmpty { put.append((folder, versions)) }
    }
    guard !put.isEmpty else { return }
    try locked { database in for item in put { try fixPotentials(item.versions, database) } }
  }
}

extension InputError {
  fileprivate func said(of file: String) -> InputError {
    var error = self
    error.file = file
    return error
  }
}
