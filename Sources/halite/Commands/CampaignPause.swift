import Campaigns

/// `halite campaign pause DIR`: nothing new is submitted.
enum CampaignPauseCommand: Command {
  static let name = "campaign pause"
  static let summary = "submit nothing new, or go on with --off"
  static let discussion =
    "Runs that are submitted or running go on; a queue of workers ends behind what it runs now."
  private static let off = Option(flag: "off", help: "go on")
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [off]

  private struct Result: Encodable {
    var paused: Bool
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let isPaused = !arguments[off]
    try campaign.pause(isPaused)
    try console.result(
      Result(paused: isPaused), text: isPaused ? "paused" : "goes on: halite campaign submit", json: arguments.json)
  }
}
