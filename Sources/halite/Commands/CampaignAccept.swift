import Campaigns
import Reports
import Structures

/// `halite campaign accept DIR`: finished runs into the data set.
enum CampaignAcceptCommand: Command {
  static let name = "campaign accept"
  static let summary = "take finished runs into the data set"
  static let discussion = """
    All finished entries whose geometry and forces look right, or those that are named. The limits are those of oxides, as of VASP runs in
    halite data import: distances of 1.5 Å and more, 7.5–13 Å³/atom, |F| up to 25 eV/Å, a net force up to 0.01 eV/Å per atom. Other
    crystals need others: lithium metal --max-volume 25. Energies beyond 6 median deviations of a fit by composition (from 20 frames on)
    are said, and accepted.
    """
  private static let vasp = DataLimits.oxideRuns
  private static let unchecked = Option(flag: "unchecked", help: "also frames that look wrong")
  private static let distance = limit("min-distance", "Å", vasp.minimumDistance ?? 0, "two atoms closer than this")
  private static let smallest = limit("min-volume", "Å³/atom", vasp.minimumVolume, "a smaller volume per atom")
  private static let volume = limit("max-volume", "Å³/atom", vasp.maximumVolume, "a larger volume per atom")
  private static let force = limit("max-force", "eV/Å", vasp.maximumForce, "|F| of an atom above this")
  private static let net = limit(
    "max-net-force", "eV/Å", vasp.maximumNetForce,
    "the length of the sum of all forces over the number of atoms above this")
  static let positionals = [CampaignArguments.folder, CampaignArguments.entries]
  static let options: [any OptionDeclaration] = [unchecked, distance, smallest, volume, force, net]

  private static func limit(_ name: String, _ unit: String, _ preset: Double, _ what: String) -> Option<Double> {
    Option<Double>(name, unit: unit, default: preset, help: what + " is suspicious")
  }

  private struct Result: Encodable {
    var accepted: Int
    var refused: [AcceptanceReport.Refusal]
    /// nil with --unchecked.
    var limits: DataLimits?
    /// Accepted entries whose energy is far from the others' of their composition.
    var energy_outliers: [Outlier]
  }

  private struct Outlier: Encodable {
    var entry: Int
    var reason: String
  }

  /// Energies tell only in the company of others: they are said, and the frames stay.
  private static func outliers(_ campaign: Campaign, _ limits: DataLimits) throws -> [Outlier] {
    let frames = try campaign.acceptedFrames()
    var counter = DataCheck.Counter(limits: limits)
    try counter.add(frames)
    return try counter.check(fit: fitReferences).findings.compactMap { finding in
      guard let reason = finding.reasons.first(where: { $0.hasPrefix("energy ") }),
        let entry = frames[finding.index].value(ofKey: "entry").flatMap({ Int($0) })
      else { return nil }
      return Outlier(entry: entry, reason: reason)
    }
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    for option in [distance, smallest, volume, force, net] where arguments[option] < 0 {
      throw usageError("option --\(option.name): expected 0 or more, found \(arguments[option])")
    }
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    var limits = vasp
    limits.minimumDistance = arguments[distance]
    limits.minimumVolume = arguments[smallest]
    limits.maximumVolume = arguments[volume]
    limits.maximumForce = arguments[force]
    limits.maximumNetForce = arguments[net]
    let isUnchecked = arguments[unchecked]
    let report = try campaign.accept(CampaignArguments.words(arguments)) {
      isUnchecked ? [] : try frameReasons($0, limits)
    }
    var lines = ["\(report.accepted) accepted, \(report.refused.count) refused"]
    lines += report.refused.map { "  entry \($0.entry): \($0.reason)" }
    if !report.refused.isEmpty {
      lines.append("  limits of oxides; --max-volume and its like change them, --unchecked takes all")
    }
    let outliers = isUnchecked ? [] : try outliers(campaign, limits)
    for item in outliers.prefix(5) { console.warn("entry \(item.entry), accepted: \(item.reason)") }
    if outliers.count > 5 { console.warn("and \(outliers.count - 5) more such energies (--json names all)") }
    try console.result(
      Result(
        accepted: report.accepted, refused: report.refused, limits: isUnchecked ? nil : limits,
        energy_outliers: outliers), text: lines.joined(separator: "\n"), json: arguments.json)
  }
}
