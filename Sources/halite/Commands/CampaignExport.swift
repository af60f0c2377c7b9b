import Campaigns
import Structures

/// `halite campaign export DIR -o FILE`: the accepted frames.
enum CampaignExportCommand: Command {
  static let name = "campaign export"
  static let summary = "the accepted frames as a data set, with where each comes from"
  static let discussion = """
    halite campaign export drx -o data.extxyz

    Keys of every frame: campaign, entry, attempt, magnetism, fixes (rungs of the repair ladder), planned_id (the structure that was
    added), source (its run folder), and the settings of the calculation. Frames of one campaign have one level of theory, unless a
    label-changing repair was allowed: halite warns of those.
    """
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file or folder to write, of any format")
  private static let format = Option<String?>("to", placeholder: "FORMAT", help: "format of the file")
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [output, format]

  private struct Result: Encodable {
    var frames: Int
    var output: String
    var label_changing_repairs: Int
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let path = arguments[output]
    try DataFiles.requireWritable([path], format: arguments[format], inputs: [])
    let frames = try campaign.acceptedFrames()
    guard !frames.isEmpty else {
      throw InputError(
        "no entry is accepted", file: campaign.shown, remedy: "halite campaign scan, then halite campaign accept")
    }
    let changed = frames.count { frame in
      (frame.value(ofKey: "fixes") ?? "").split(separator: ";").contains { record in
        record.split(separator: " ").first.flatMap { campaign.ladder.rung(named: String($0)) }?.labels == .changing
      }
    }
    if changed > 0 { console.warn("\(counted(changed, "frame")) with a label-changing repair (key `fixes`)") }
    try DataFiles.write(Dataset(frames), to: path, format: arguments[format], console: console)
    try console.result(
      Result(frames: frames.count, output: path, label_changing_repairs: changed),
      text: "\(counted(frames.count, "frame")): \(path)", json: arguments.json)
  }
}
