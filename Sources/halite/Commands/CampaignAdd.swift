import Campaigns
import Reports
import Structures

/// `halite campaign add DIR FILES`: structures to calculate.
enum CampaignAddCommand: Command {
  static let name = "campaign add"
  static let summary = "structures to calculate, each once for every magnetic order"
  static let discussion = """
    halite campaign add drx set.extxyz other/*.cif
    halite campaign add drx set.extxyz --magnetic fm,afm,random:1,random:2
    halite campaign add drx --isolated-atoms Li,Mn,Ti,O

    An entry is known by its structure (cell, elements, positions) and its magnetic order: what is there already is left as it is, also
    where it comes wrapped into the cell in another way, shifted, or with its atoms in another order (within 5e-4 Å; the entry is named).
    Oxidation states that give other moments (campaign.yaml) make entries of their own. Distances below 1.5 Å and volumes outside of
    7.5–13 Å³/atom are said.
    Magnetic orders: fm (all up), afm (up and down by turns over the magnetic atoms along c), random:SEED, given (the structure's own
    moments). Sizes of the moments: campaign.yaml. An order whose moments are those of another one of the same structure, or these
    reversed (without --nupdown), is the same state: it is left out and counted. Atoms of one element are put together, a left-handed cell is made right-handed.
    The Γ point alone (gfn1-xtb) compares only cells of one shape and size; others are refused.
    """
  private static let files = Positional("FILES", .any, help: "structures of any format (halite formats)")
  private static let more = Option<[String]>(optionalWords: "data", placeholder: "FILES", help: "more files")
  private static let magnetic = Option<[String]>(
    list: "magnetic", placeholder: "ORDER", default: ["fm"], help: "magnetic orders: fm, afm, random:SEED, given")
  private static let nupdown = Option<Double?>(
    "nupdown", unit: "μB", help: "hold the moment of the cell at this (NUPDOWN)")
  private static let atoms = Option<[String]>(
    list: "isolated-atoms", placeholder: "ELEMENT", help: "free atoms in the box of campaign.yaml (18×19×20 Å)")
  static let positionals = [CampaignArguments.folder, files]
  static let options: [any OptionDeclaration] = [magnetic, nupdown, atoms, more]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let orders = try arguments[magnetic].map { word in
      guard let order = MagneticOrder(word) else {
        throw usageError("option --magnetic: expected fm, afm, random:SEED or given, found `\(word)`")
      }
      return order
    }
    let paths = arguments[files] + arguments[more]
    var frames = try paths.isEmpty ? [] : DataFiles.read(paths, console: console).frames
    for symbol in arguments[atoms] {
      guard let element = ChemicalElement(symbol) else { throw usageError("`\(symbol)` is no element symbol") }
      frames.append(try campaign.isolatedAtom(element))
    }
    guard !frames.isEmpty else { throw usageError("neither FILES nor --isolated-atoms") }
    let total = frames.count
    warnOfGeometry(frames, console)
    let report = try campaign.add(frames, orders: orders, nupdown: arguments[nupdown]) {
      console.progress("adding", $0, of: total)
    }
    console.endProgress()
    let same =
      report.same_state == 0
      ? "" : ", \(report.same_state) left out (moments of another order of the same structure, or these reversed)"
    var lines = ["\(report.added) added, \(report.known) known already\(same); \(report.total) entries in all"]
    lines += report.copies.prefix(5).map {
      "  \($0.frame) is entry \($0.entry), wrapped, shifted or with its atoms in another order"
    }
    if report.copies.count > 5 {
      lines.append("  and \(report.copies.count - 5) more such copies (--json names all)")
    }
    try console.result(report, text: lines.joined(separator: "\n"), json: arguments.json)
  }

  /// Structures that no calculation makes sense of are taken all the same: who adds them may know why.
  private static func warnOfGeometry(_ frames: [LabeledStructure], _ console: Console) {
    var found: [String] = []
    for frame in frames {
      let bare = LabeledStructure(structure: frame.structure, labels: Labels(), configType: frame.configType)
      let reasons = (try? frameReasons(bare, .oxideRuns)) ?? []
      if !reasons.isEmpty { found.append("\(frame.name): \(reasons.joined(separator: "; "))") }
    }
    for text in found.prefix(5) { console.warn(text) }
    if found.count > 5 { console.warn("and \(found.count - 5) more structures that look wrong") }
  }
}
