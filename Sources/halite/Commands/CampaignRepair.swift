import Campaigns
import Structures

/// `halite campaign repair DIR`: the next rung of the ladder for failed runs.
enum CampaignRepairCommand: Command {
  static let name = "campaign repair"
  static let summary = "new inputs for failed runs: the next rung of the repair ladder"
  static let discussion = """
    The ladder is DIR/repair.yaml: for each error the changes of the inputs to try, each at most once for a structure. A rung is
    label-neutral (the energy is the same within the convergence asked for) or label-changing (another smearing, another mesh, …);
    the latter need --allow-label-changes, and the frames carry the key `fixes`. halite campaign status tells how often each rung helped.
    """
  private static let consent = Option(
    flag: "allow-label-changes", help: "take rungs that change the level of theory, too")
  static let positionals = [CampaignArguments.folder, CampaignArguments.entries]
  static let options: [any OptionDeclaration] = [consent]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let report = try campaign.repair(
      CampaignArguments.words(arguments), allowsLabelChanges: arguments[consent])
    var lines = ["\(counted(report.repaired.values.reduce(0, +), "run")) prepared anew"]
    for (rung, count) in report.repaired.sorted(by: { $0.key < $1.key }) { lines.append("  \(rung) \(count)") }
    for (rung, count) in report.needs_consent.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(rung) would change labels: \(count) left, --allow-label-changes takes it")
    }
    for (reason, count) in report.given_up.sorted(by: { $0.key < $1.key }) {
      lines.append("  no rung left for \(reason): \(count)")
    }
    for item in report.passed_over.prefix(5) {
      lines.append("    entry \(item.entry): \(item.rungs.joined(separator: "; "))")
    }
    if report.passed_over.count > 5 {
      lines.append("    and \(report.passed_over.count - 5) more entries (--json names all)")
    }
    if let first = report.unwritten.first {
      lines.append("  not written: \(report.unwritten.count)")
      try console.result(report, text: lines.joined(separator: "\n"), json: arguments.json)
      let more = report.unwritten.count > 1 ? " (and \(report.unwritten.count - 1) more entries)" : ""
      throw InputError("entry \(first.entry) has no new inputs\(more): \(first.reason)")
    }
    try console.result(report, text: lines.joined(separator: "\n"), json: arguments.json)
  }
}
