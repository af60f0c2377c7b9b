import Glibc
import Structures

/// Where a campaign stands.
public struct CampaignStatus: Encodable, Sendable {
  public var name: String
  public var total = 0
  /// Entries by state.
  public var states: [String: Int] = [:]
  /// Failed entries by reason.
  public var failures: [String: Int] = [:]
  public var paused = false
  public var attempts = 0
  /// Mean wall time of a run that ended, s.
  public var seconds_per_run: Double?
  /// Expected wall time until no run is left, s: runs left × mean time / runs that go on now.
  public var seconds_left: Double?
  /// Why there is no expected time; nil where there is one, or no run is left.
  public var no_estimate: String?
  /// Runs that go on now, as their folders tell.
  public var running_now = 0
  /// Runs that have ended and were not scanned yet.
  public var unscanned = 0
  /// Rungs of the repair ladder that were tried.
  public var rungs: [RungSuccess] = []
}

extension Campaign {
  /// - Throws: `InputError` where the database cannot be read.
  public func status() throws -> CampaignStatus {
    var status = CampaignStatus(name: settings.name)
    let entries = try entries()
    status.total = entries.count
    for state in EntryState.allCases { status.states[state.rawValue] = 0 }
    for entry in entries {
      status.states[entry.state.rawValue, default: 0] += 1
      if entry.state == .failed { status.failures[entry.reason ?? "unknown", default: 0] += 1 }
    }
    status.paused = try isPaused()
    let attempts = try open().allAttempts()
    status.attempts = attempts.count
    try estimate(&status, times: attempts.compactMap(\.seconds).filter { $0 >= 0 })
    status.rungs = try rungSuccess()
    return status
  }

  /// The time left, also from runs that no scan has seen: what they write tells when they began and ended.
  private func estimate(_ status: inout CampaignStatus, times: [Double]) throws {
    var times = times
    var longest: Double?
    let handed = try open().lastAttempts([.prepared, .submitted, .running])
    for attempt in handed {
      let folder = path(CampaignEntry.folder(attempt.entry, attempt.number))
      if access(folder + "/run.done", F_OK) == 0 {
        status.unscanned += 1
        if let seconds = RunEnd(folder)?.seconds { times.append(seconds) }
      } else if let elapsed = elapsed(attempt, folder) {
        status.running_now += 1
        longest = max(longest ?? 0, elapsed)
      }
    }
    // Jobs that another machine's file system does not show yet, and runs that a scan has seen in the queue.
    let queued = handed.count { $0.outcome == .running && $0.queue == "slurm" }
    status.running_now = max(status.running_now, queued - status.unscanned)
    let open: [EntryState] = [.planned, .prepared, .submitted, .running]
    let left = open.reduce(0) { $0 + (status.states[$1.rawValue] ?? 0) } - status.unscanned
    if !times.isEmpty { status.seconds_per_run = times.reduce(0, +) / Double(times.count) }
    guard left > 0 else { return }
    if status.running_now == 0 {
      let waits = status.states[EntryState.submitted.rawValue, default: 0] > status.unscanned
      status.no_estimate = waits ? "no run has begun: the queue has them" : "no run goes on: halite campaign submit"
    } else if let mean = status.seconds_per_run {
      status.seconds_left = mean * Double(left) / Double(status.running_now)
    } else {
      let waited = longest.map { ", the longest for \(Int($0.rounded())) s so far" } ?? ""
      status.no_estimate = "no run has ended yet; \(status.running_now) going on\(waited)"
    }
  }

  /// How long a run has gone on, s; nil where it does not. 0 where the clock went back.
  private func elapsed(_ attempt: CampaignAttempt, _ folder: String) -> Double? {
    var file = stat()
    guard stat(folder + "/run.started", &file) == 0 else { return nil }
    // A run of this machine that was killed has let go of its lock; locks of other machines may not be seen here.
    guard attempt.queue == "slurm" || FileLock.isHeld(folder + "/run.lock") else { return nil }
    return max(0, Clock.now - Double(file.st_mtim.tv_sec))
  }
}
