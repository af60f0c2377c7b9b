import Campaigns
import Structures

/// `halite campaign status DIR`: where a campaign stands.
enum CampaignStatusCommand: Command {
  static let name = "campaign status"
  static let summary = "states, failures by reason, time left, and what repairs came to"
  static let discussion = """
    halite campaign status drx
    halite campaign status drx --list failed
    halite campaign status drx --history 12

    States as the last scan found them. The time left is that of a mean run, times the runs left, over the runs that go on now; runs that
    ended since the last scan count, too. Where it cannot be told yet, the reason is said.
    """
  private static let list = Option<EntryState?>("list", help: "entries in this state, with reason and folder")
  private static let history = Option<String?>("history", placeholder: "ID", help: "every attempt of an entry")
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [list, history]

  private struct Line: Encodable {
    var entry: Int
    var formula: String
    var magnetism: String
    /// μB; nil where the moment of the cell is free.
    var nupdown: Double?
    var reason: String?
    var folder: String
  }

  private struct Attempt: Encodable {
    var attempt: Int
    var outcome: String
    var reason: String?
    var detail: String?
    var fixes: String
    var inputs: String
    var queue: String?
    var seconds: Double?
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    if let word = arguments[history] { return try show(history: word, campaign, arguments, console) }
    if let state = arguments[list] {
      let lines = try campaign.entries().filter { $0.state == state }.map {
        Line(
          entry: $0.id, formula: $0.formula, magnetism: $0.order.description, nupdown: $0.nupdown,
          reason: $0.reason, folder: $0.attempt == 0 ? "-" : $0.folder())
      }
      let rows =
        [["entry", "formula", "magnetism", "NUPDOWN", "reason", "folder"]]
        + lines.map { line in
          let moment = line.nupdown.map { "\($0)" } ?? "-"
          return [String(line.entry), line.formula, line.magnetism, moment, line.reason ?? "-", line.folder]
        }
      return try console.result(lines, text: alignedColumns(rows, left: 6), json: arguments.json)
    }
    let status = try campaign.status()
    try console.result(status, text: text(of: status), json: arguments.json)
  }

  private static func show(
    history word: String, _ campaign: Campaign, _ arguments: ParsedArguments, _ console: Console
  ) throws {
    let attempts = try campaign.attempts(of: try campaign.entries(named: [word])[0].id).map {
      Attempt(
        attempt: $0.number, outcome: $0.outcome.rawValue, reason: $0.reason, detail: $0.detail, fixes: $0.fixes,
        inputs: $0.inputs, queue: $0.queue, seconds: $0.seconds)
    }
    let rows =
      [["attempt", "outcome", "reason", "fixes", "inputs", "detail"]]
      + attempts.map {
        [
          String($0.attempt), $0.outcome, $0.reason ?? "-", $0.fixes.isEmpty ? "-" : $0.fixes,
          String($0.inputs.prefix(12)), $0.detail ?? "-",
        ]
      }
    try console.result(attempts, text: alignedColumns(rows, left: 6), json: arguments.json)
  }

  private static func text(of status: CampaignStatus) -> String {
    let total = max(1, status.total)
    let width = 40
    let done = (status.states["finished"] ?? 0) + (status.states["accepted"] ?? 0)
    let failed = status.states["failed"] ?? 0
    let bars = (done * width / total, failed * width / total)
    let bar =
      String(repeating: "#", count: bars.0) + String(repeating: "!", count: bars.1)
      + String(repeating: ".", count: max(0, width - bars.0 - bars.1))
    var lines = [
      "\(status.name): \(status.total) entries, \(status.attempts) attempts" + (status.paused ? ", paused" : "")
    ]
    lines.append("[\(bar)] \(100 * done / total) % done" + (failed > 0 ? ", \(100 * failed / total) % failed" : ""))
    lines.append(
      alignedColumns(EntryState.allCases.map { ["  " + $0.rawValue, String(status.states[$0.rawValue] ?? 0)] }))
    for (reason, count) in status.failures.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      lines.append("    failed: \(reason) \(count)")
    }
    if let mean = status.seconds_per_run {
      lines.append(
        "a run takes \(durationText(mean))" + (status.seconds_left.map { ", about \(durationText($0)) left" } ?? "")
      )
    }
    if let reason = status.no_estimate { lines.append("time left unknown: \(reason)") }
    if status.unscanned > 0 { lines.append("\(counted(status.unscanned, "run")) ended since the last scan") }
    if !status.rungs.isEmpty {
      let rows =
        [["repairs", "labels", "tried", "succeeded", "failed"]]
        + status.rungs.map { [$0.rung, $0.labels, String($0.tried), String($0.succeeded), String($0.failed)] }
      lines.append(alignedColumns(rows, left: 2))
    }
    return lines.joined(separator: "\n")
  }
}

extension EntryState: ArgumentChoice {}
