import Campaigns

/// `halite campaign retry DIR IDS`: failed runs once more.
enum CampaignRetryCommand: Command {
  static let name = "campaign retry"
  static let summary = "failed runs once more, with the same inputs"
  static let discussion = """
    halite campaign retry drx 12,40
    halite campaign retry drx          (all that failed)
    """
  static let positionals = [CampaignArguments.folder, CampaignArguments.entries]

  private struct Result: Encodable {
    var prepared: Int
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let count = try campaign.retry(CampaignArguments.words(arguments))
    try console.result(
      Result(prepared: count), text: "\(counted(count, "run")) prepared once more", json: arguments.json)
  }
}
