import Campaigns
import Foundation
import Structures

/// What every campaign command knows.
enum CampaignArguments {
  static let folder = Positional("DIR", help: "folder of the campaign")
  static let entries = Positional(
    "IDS", .optional, help: "numbers or hashes of entries with commas between; all that fit where it is not given")

  static func words(_ arguments: ParsedArguments) -> [String] {
    arguments[entries].flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// "planned 3, prepared 12": the states that occur.
  static func text(of counts: [String: Int]) -> String {
    let states = EntryState.allCases.map(\.rawValue)
    let names = states.filter { counts[$0] != nil } + counts.keys.filter { !states.contains($0) }.sorted()
    return names.filter { counts[$0] != 0 }.map { "\($0) \(counts[$0] ?? 0)" }.joined(separator: ", ")
  }
}

/// `halite campaign init DIR`: a new campaign.
enum CampaignInitCommand: Command {
  static let name = "campaign init"
  static let summary = "a new campaign of calculations in a folder: one database, a run folder for every structure"
  static let discussion = """
    halite campaign init drx --preset lithium-drx-2024-relax --command 'srun vasp_std'
    halite campaign init small --preset gfn1-xtb --python /opt/tblite/bin/python
    halite campaign init --show-preset lithium-drx-2024-static > mine.yaml

    Presets: \(CampaignFiles.presets.joined(separator: ", ")). A file of the same keys serves as well. What is chosen stands in
    DIR/campaign.yaml, how failed runs are repaired in DIR/repair.yaml; both are to be read and changed.
    DIR/campaign.db is an ASE database: `ase db DIR/campaign.db state=failed` lists its entries.
    """
  private static let folder = Positional("DIR", .optional, help: "folder of the campaign; made where it is missing")
  private static let preset = Option<String?>(
    "preset", placeholder: "NAME|FILE",
    help: "settings of the calculations: \(CampaignFiles.presets[0]) where it is not given")
  private static let show = Option<String?>("show-preset", placeholder: "NAME", help: "only print a preset")
  private static let title = Option<String?>(
    "name", placeholder: "NAME", help: "name of the campaign, for jobs; that of the folder where it is not given")
  private static let command = Option<String?>(
    "command", placeholder: "COMMAND", help: "shell command of one calculation, run in its folder")
  private static let python = Option<String?>(
    "python", placeholder: "FILE",
    help: "gfn1-xtb: the Python that has tblite (pip install tblite); python3 where it is not given")
  static let positionals = [folder]
  static let options: [any OptionDeclaration] = [preset, title, command, python, show]

  private struct Result: Encodable {
    var folder: String
    var name: String
    var preset: String
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    if let name = arguments[show] {
      return try console.write(String(decoding: text(name), as: UTF8.self).trimmingCharacters(in: .newlines))
    }
    guard let folder = arguments[folder].first else {
      throw usageError("DIR is missing: the folder of the campaign", remedy: "see halite campaign init --help")
    }
    let chosen = arguments[preset] ?? CampaignFiles.presets[0]
    let bytes = try text(chosen)
    let isTightBinding = String(decoding: bytes, as: UTF8.self).contains("gfn1_xtb:")
    if arguments.isGiven(python), !isTightBinding { throw usageError("--python is for the preset gfn1-xtb") }
    let path = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let name = arguments[title] ?? URL(fileURLWithPath: path).lastPathComponent
    let interpreter = arguments[python].map { "'" + $0.replacing("'", with: "'\\''") + "'" } ?? "python3"
    let runner = "OMP_NUM_THREADS=1 \(interpreter) \"$HALITE_CAMPAIGN/label-gfn1-xtb.py\""
    try Campaign.create(
      path, name: name, preset: bytes, command: arguments[command] ?? (isTightBinding ? runner : "vasp_std"))
    if isTightBinding {
      console.note(
        "the Γ point only: all cells of this campaign must have one shape and size, others are refused by add")
    }
    try console.result(
      Result(folder: path, name: name, preset: chosen),
      text: "campaign \(name) in \(path), settings in \(path)/campaign.yaml", json: arguments.json)
  }

  private static func text(_ name: String) throws -> [UInt8] {
    if CampaignFiles.presets.contains(name), let bytes = CampaignFiles.bytes(name + ".yaml") { return bytes }
    if FileManager.default.fileExists(atPath: name) { return try AtomicFile.read(name) }
    let near = nearestName(to: name, among: CampaignFiles.presets)
    throw usageError(
      "`\(name)` is neither a file nor a preset",
      remedy: near.map { "did you mean `\($0)`?" }
        ?? "presets are " + CampaignFiles.presets.joined(separator: ", "))
  }
}
