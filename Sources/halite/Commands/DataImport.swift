import Foundation
import Reports
import Structures

/// `halite data import FOLDER|FILES -o OUT`: what a DFT campaign left behind, as a data set that can be trusted.
enum DataImportCommand: Command {
  static let name = "data import"
  static let summary =
    "folders of DFT runs (OUTCAR, vasprun.xml, XSF, …) as one data set, with a verdict on every frame"
  static let discussion = """
    Walks folders for OUTCAR and vasprun.xml (also .gz, .bz2) and for files of labelled frames, and reads every ionic step. A POSCAR or
    CONTCAR beside a run is compared with it; vasprun.xml and OUTCAR of one run are read together. Every frame gets a verdict:
    \(FrameVerdict.allCases.map(\.rawValue).joined(separator: ", ")).
    Only ok frames enter, and those of --accept; the others go to the quarantine file with the keys verdict, quarantine_reason and
    source. The same command again reads only runs that are new or have changed: OUT.extxyz.import.json remembers the others. The frames of
    runs that are gone stay, and are said; --anew forgets them.
    Settings (functional, U, ENCUT, PREC, smearing, POTCARs, k-points, VASP version) are kept in keys of every frame; frames whose
    settings are not those of most frames are settings-differ.
      halite data import DFT_data_10842/ -o all.extxyz
      halite data import run1/ run2/OUTCAR.bz2 -o all.extxyz --accept ionic-unconverged --json
    """
  private static let paths = Positional("FOLDERS|FILES", .many, help: "folders to walk, or files")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "extxyz file for the frames that enter")
  private static let quarantine = Option<String?>(
    "quarantine", placeholder: "FILE",
    help: "extxyz file for the others; OUT.quarantine.extxyz where it is not given")
  private static let accept = Option<[FrameVerdict]>(
    list: "accept", placeholder: "VERDICT", help: "verdicts that enter besides ok, as ionic-unconverged")
  private static let need = Option<[LabelName]>(
    list: "need", default: [.energy, .forces],
    help: "labels that a frame must have: energy, forces, stress, moments")
  private static let mixed = Option(flag: "mixed-settings", help: "let frames of any settings in")
  private static let anew = Option(flag: "anew", help: "forget earlier imports into FILE and read everything again")
  private static func limit(_ name: String, _ unit: String, _ what: String, _ vasp: String, _ other: String)
    -> Option<Double?>
  {
    Option<Double?>(
      name, unit: unit,
      help: "\(what) is suspicious; where it is not given \(vasp) for steps of VASP, \(other) for other files")
  }
  private static let (vasp, other) = (DataLimits.oxideRuns, DataLimits())
  private static let distance = limit(
    "min-distance", "Å", "two atoms closer than this (none of them H)", "1.5",
    "0.6 times the sum of covalent radii, 1.1 for O and F")
  private static let hydrogenDistance = limit(
    "min-distance-h", "Å", "the same where one of them is hydrogen", "\(vasp.minimumHydrogenDistance)",
    "\(other.minimumHydrogenDistance)")
  private static let minimumVolume = limit(
    "min-volume", "Å³/atom", "a smaller volume per atom", "\(vasp.minimumVolume)", "\(other.minimumVolume)")
  private static let volume = limit(
    "max-volume", "Å³/atom", "a larger volume per atom", "\(vasp.maximumVolume)", "none")
  private static let force = limit(
    "max-force", "eV/Å", "|F| of an atom above this", "\(vasp.maximumForce)", "\(other.maximumForce)")
  private static let netForce = limit(
    "max-net-force", "eV/Å", "the length of the sum of all forces over the number of atoms above this",
    "\(vasp.maximumNetForce)", "\(other.maximumNetForce)")
  private static let energy = Option<Double>(
    "max-energy-deviation", default: vasp.maximumEnergyDeviation,
    help: "frames whose energy per atom after reference energies is more robust deviations (0.6745 |e - median| / "
      + "MAD) from the median enter with the key energy_outlier")

  static let positionals = [paths]
  static let options: [any OptionDeclaration] =
    [
      output, quarantine, accept, need, mixed, anew, distance, hydrogenDistance, minimumVolume, volume, force,
      netForce, energy,
    ] + ReadingOptions.all + [threadsOption]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let out = arguments[output]
    let aside = arguments[quarantine] ?? quarantineName(of: out)
    for path in [out, aside] where ![".extxyz", ".xyz"].contains(where: path.lowercased().hasSuffix) {
      throw usageError(
        "\(path) is no name of an extxyz file", remedy: "end it in .extxyz; halite convert makes others of it")
    }
    guard out != aside else { throw usageError("--quarantine and -o name the same file") }
    try requireWritable([out, aside], inputs: [])
    var demands = ImportDemands(labels: arguments[need])
    // No limit: a surface has a vacuum.
    demands.otherLimits.maximumVolume = 1e9
    try adjust(&demands.limits, arguments)
    try adjust(&demands.otherLimits, arguments)
    demands.reading = arguments.readOptions
    demands.reading.salvages = true
    let call = ImportCall(
      paths: arguments[paths], output: out, quarantine: aside, demands: demands,
      accepted: Set(arguments[accept]), allowsMixedSettings: arguments[mixed],
      startsAnew: arguments[anew], threads: try arguments.threads())
    for path in call.paths where FileIdentity(path) != nil && FileIdentity(path) == FileIdentity(out) {
      throw usageError("\(out) is an input and would be written over", remedy: "choose another name to write to")
    }
    let report = try ImportJob(call: call).run(console: console)
    for failure in report.unreadable { console.warn(failure.text) }
    if let warning = report.stress_test.warning { console.warn(warning) }
    for mixture in report.mixed_settings { console.warn("mixed settings: " + mixture) }
    try console.result(report, text: text(of: report), json: arguments.json)
    if let failure = report.failure { throw InputError(failure) }
  }

  /// A limit that is given holds for all files.
  private static func adjust(_ limits: inout DataLimits, _ arguments: ParsedArguments) throws {
    for option in [distance, hydrogenDistance, minimumVolume, volume, force, netForce] {
      guard let value = arguments[option], value < 0 else { continue }
      throw usageError("option --\(option.name): expected 0 or more, found \(value.argument)")
    }
    limits.minimumDistance = arguments[distance] ?? limits.minimumDistance
    limits.minimumHydrogenDistance = arguments[hydrogenDistance] ?? limits.minimumHydrogenDistance
    limits.minimumVolume = arguments[minimumVolume] ?? limits.minimumVolume
    limits.maximumVolume = arguments[volume] ?? limits.maximumVolume
    limits.maximumForce = arguments[force] ?? limits.maximumForce
    limits.maximumNetForce = arguments[netForce] ?? limits.maximumNetForce
    limits.maximumEnergyDeviation = arguments[energy]
    if arguments[energy] < 0 {
      throw usageError("option --\(energy.name): expected 0 or more, found \(arguments[energy].argument)")
    }
  }

  private static func quarantineName(of output: String) -> String {
    for suffix in [".extxyz", ".xyz"] where output.lowercased().hasSuffix(suffix) {
      return String(output.dropLast(suffix.count)) + ".quarantine" + suffix
    }
    return output + ".quarantine.extxyz"
  }

  private static func text(of report: ImportReport) -> String {
    var lines = [
      "\(counted(report.runs_read, "run")) read"
        + (report.runs_known > 0 ? ", \(report.runs_known) known from before" : "")
    ]
    for verdict in FrameVerdict.allCases {
      guard let count = report.verdicts[verdict.rawValue] else { continue }
      lines.append(
        "  " + verdict.rawValue + String(repeating: " ", count: 20 - verdict.rawValue.count) + String(count))
    }
    for (verdict, count) in report.lost_steps.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "  \(counted(count, "ionic step")) without a geometry in the file (\(verdict)): no frame can be made of them"
      )
    }
    lines += report.lost.prefix(4).map { "    " + $0 }
    if report.lost.count > 4 { lines.append("    and \(report.lost.count - 4) more (--json names all)") }
    if report.other_files > 0 {
      lines.append(
        "  \(counted(report.other_files, "file")) of no use: " + ImportReport.listed(report.other_file_names))
    }
    if !report.gone.isEmpty {
      lines.append(
        "  \(counted(report.gone.count, "run")) of earlier imports are gone and their frames stay (--anew leaves them out): "
          + ImportReport.listed(report.gone))
    }
    if !report.without_output.isEmpty {
      lines.append(
        "  \(counted(report.without_output.count, "structure")) without output, as \(report.without_output[0])")
    }
    lines.append(report.stress_test.text)
    if let first = report.energy_outliers.first {
      lines.append(
        "\(counted(report.energy_outliers.count, "frame")) with energies far from the others' entered, marked energy_outlier, as "
          + "\(first.frame.prefix(12)): \(first.reason)")
    }
    if let output = report.output { lines.append("\(counted(report.frames, "frame")) in \(output)") }
    if let quarantine = report.quarantine { lines.append("the others in \(quarantine), each with its reason") }
    return lines.joined(separator: "\n")
  }
}
