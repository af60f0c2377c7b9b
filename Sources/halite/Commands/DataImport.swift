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
    source. The same command again reads only runs that are new or have changed: OUT.import.json remembers the others.
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
  private static let volume = Option<Double?>(
    "max-volume", unit: "Å³/atom", help: "a larger volume per atom is suspicious; no limit where it is not given")
  private static let force = Option<Double>(
    "max-force", unit: "eV/Å", default: DataLimits().maximumForce, help: "|F| of an atom above this is suspicious")

  static let positionals = [paths]
  static let options: [any OptionDeclaration] = [
    output, quarantine, accept, need, mixed, anew, volume, force, threadsOption,
  ]

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
    demands.limits.maximumVolume = arguments[volume] ?? .greatestFiniteMagnitude
    demands.limits.maximumForce = arguments[force]
    let call = ImportCall(
      paths: arguments[paths], output: out, quarantine: aside, demands: demands,
      accepted: Set(arguments[accept]), allowsMixedSettings: arguments[mixed],
      startsAnew: arguments[anew], threads: try arguments.threads())
    for path in call.paths where FileIdentity(path) != nil && FileIdentity(path) == FileIdentity(out) {
      throw usageError("\(out) is an input and would be written over", remedy: "choose another name to write to")
    }
    let report = try ImportJob(call: call).run(console: console)
    for failure in report.unreadable { console.warn("not read: " + failure.reason) }
    if let warning = report.stress_test.warning { console.warn(warning) }
    for mixture in report.mixed_settings { console.warn("mixed settings: " + mixture) }
    try console.result(report, text: text(of: report), json: arguments.json)
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
    if !report.without_output.isEmpty {
      lines.append(
        "  \(counted(report.without_output.count, "structure")) without output, as \(report.without_output[0])")
    }
    lines.append(report.stress_test.text)
    if let output = report.output { lines.append("\(counted(report.frames, "frame")) in \(output)") }
    if let quarantine = report.quarantine { lines.append("the others in \(quarantine), each with its reason") }
    return lines.joined(separator: "\n")
  }
}
