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
  /// Rungs of the repair ladder that were tried.
  public var rungs: [RungSuccess] = []
}

extension Campaign {
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
    let times = attempts.compactMap(\.seconds).filter { $0 >= 0 }
    let left = [.planned, .prepared, .submitted, .running].reduce(0) {
      $0 + (status.states[($1 as EntryState).rawValue] ?? 0)
    }
    if !times.isEmpty {
      let mean = times.reduce(0, +) / Double(times.count)
      status.seconds_per_run = mean
      let running = status.states[EntryState.running.rawValue] ?? 0
      if left > 0, running > 0 { status.seconds_left = mean * Double(left) / Double(running) }
    }
    status.rungs = try rungSuccess()
    return status
  }
}
