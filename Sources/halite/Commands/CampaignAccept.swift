import Campaigns
import Reports
import Structures

/// `halite campaign accept DIR`: finished runs into the data set.
enum CampaignAcceptCommand: Command {
  static let name = "campaign accept"
  static let summary = "take finished runs into the data set"
  static let discussion = """
    All finished entries whose geometry and forces look right (halite data check has the same limits), or those that are named.
    """
  private static let unchecked = Option(flag: "unchecked", help: "also frames that look wrong")
  private static let volume = Option<Double?>(
    "max-volume", unit: "Å³/atom", help: "a larger volume per atom is suspicious; no limit where it is not given")
  private static let force = Option<Double>(
    "max-force", unit: "eV/Å", default: DataLimits().maximumForce, help: "|F| of an atom above this is suspicious")
  static let positionals = [CampaignArguments.folder, CampaignArguments.entries]
  static let options: [any OptionDeclaration] = [unchecked, volume, force]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    var limits = DataLimits()
    limits.maximumVolume = arguments[volume] ?? .greatestFiniteMagnitude
    limits.maximumForce = arguments[force]
    let isUnchecked = arguments[unchecked]
    let report = try campaign.accept(CampaignArguments.words(arguments)) {
      isUnchecked ? [] : try frameReasons($0, limits)
    }
    var lines = ["\(report.accepted) accepted, \(report.refused.count) refused"]
    lines += report.refused.map { "  entry \($0.entry): \($0.reason)" }
    try console.result(report, text: lines.joined(separator: "\n"), json: arguments.json)
  }
}
