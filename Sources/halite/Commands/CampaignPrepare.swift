import Campaigns
import Structures

/// `halite campaign prepare DIR`: the inputs of all planned entries.
enum CampaignPrepareCommand: Command {
  static let name = "campaign prepare"
  static let summary = "the inputs of all planned entries, a run folder each"
  static let discussion = """
    VASP: INCAR, KPOINTS, POSCAR and POTCAR (from the library that campaign.yaml names; POTCAR.spec with the names where there is none).
    The first call fixes the settings that decide labels (U, ENCUT, mesh, POTCARs, …) and the versions of the POTCARs (title and SHA-256
    of each): later changes of them are refused. Where ISMEAR -5 has fewer than 4 irreducible k-points ISMEAR 0 is written; how many runs
    have which is said.
    """
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [threadsOption]

  private struct Result: Encodable {
    var prepared: Int
    /// Runs of the campaign by what sets their labels apart: "ISMEAR -5".
    var kinds: [String: Int]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let count = try campaign.prepare(threads: arguments.threads()) { console.progress("preparing", $0, of: $1) }
    console.endProgress()
    let kinds = try campaign.distinctions()
    var text = "\(counted(count, "run folder")) prepared"
    if kinds.count > 1 {
      let counts = kinds.sorted { $0.key < $1.key }.map { "\($0.key): \(counted($0.value, "run"))" }
      text += "\n  " + counts.joined(separator: ", ") + " (fewer than 4 irreducible k-points have no tetrahedra)"
      console.warn("the runs of this campaign are of more than one smearing: their energies differ by it")
    }
    try console.result(Result(prepared: count, kinds: kinds), text: text, json: arguments.json)
  }
}
