import Campaigns
import Structures

/// `halite campaign prepare DIR`: the inputs of all planned entries.
enum CampaignPrepareCommand: Command {
  static let name = "campaign prepare"
  static let summary = "the inputs of all planned entries, a run folder each"
  static let discussion = """
    VASP: INCAR, KPOINTS, POSCAR and POTCAR (from the library that campaign.yaml names; POTCAR.spec with the names where there is none).
    The first call fixes the settings that decide labels (U, ENCUT, mesh, POTCARs, …): later changes of them are refused.
    """
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [threadsOption]

  private struct Result: Encodable {
    var prepared: Int
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let count = try campaign.prepare(threads: arguments.threads()) { console.progress("preparing", $0, of: $1) }
    console.endProgress()
    try console.result(
      Result(prepared: count), text: "\(counted(count, "run folder")) prepared", json: arguments.json)
  }
}
