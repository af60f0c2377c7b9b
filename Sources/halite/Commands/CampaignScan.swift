import Campaigns

/// `halite campaign scan DIR`: what the runs have come to.
enum CampaignScanCommand: Command {
  static let name = "campaign scan"
  static let summary = "read what runs have left: a verdict on each"
  static let discussion = """
    Looks at every run that is not accepted; only outputs whose size or time has changed are read again, so that it may be called at any
    time, also while runs go on and by several processes. A run that was made by hand in its folder counts like any other.
    """
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [threadsOption]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let report = try campaign.scan(threads: arguments.threads()) { console.progress("scanning", $0, of: $1) }
    console.endProgress()
    for remark in report.remarks { console.note(remark) }
    var text = "\(counted(report.runs, "run")) looked at, \(report.read) read, \(report.changed) changed\n"
    text += CampaignArguments.text(of: report.states)
    if !report.failures.isEmpty { text += "\nfailed: " + CampaignArguments.text(of: report.failures) }
    try console.result(report, text: text, json: arguments.json)
  }
}
