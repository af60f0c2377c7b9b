import Formats
import Foundation
import Potentials
import Reports
import Settings
import Simulations
import Structures

/// `halite screen POTENTIAL FILES`: many hosts ranked.
enum ScreenCommand: Command {
  static let name = "screen"
  static let summary = "voltage, stability, capacity and uncertainty of many hosts, ranked"
  static let discussion = """
    halite generate sample --species Li,Mn,Ti --composition Li9Mn5Ti4 --sites 18 --count 500 -o hosts.extxyz
    halite generate delithiate hosts.extxyz -o empty.extxyz
    halite screen snap/potential.safetensors hosts.extxyz empty.extxyz --relax cell --li-energy -1.9 --li-source "…"

    Structures are evaluated as they are, or relaxed first, into evaluated.extxyz in the folder of -o; Ctrl-C ends between
    structures and the same call goes on. Partners are found as by halite voltage. The hull is that of all structures given.
    A committee (halite train KIND --committee 4) adds the deviation of each voltage and of the forces. Leaves screen.html,
    screen.csv, screen.json and screen.svg. The change of the volume is of the delithiated against the lithiated structure,
    for each formula unit, and means something where the cell was relaxed.
    """
  private static let files = Positional("FILES", .many, help: "lithiated and delithiated structures")
  private static let relax = Option<RelaxedPart>("relax", default: .none, help: "what the potential relaxes first")
  private static let group = Option<String>(
    "group", placeholder: "KEY", default: "host", help: "key whose equal values make partners")
  private static let rank = Option<ScreenReport.Ranking>(
    "rank", default: .energyDensity, help: "what the hosts are ranked by; voltage with --difference-only")
  private static let show = Option<Int>("show", default: 20, help: "hosts that are printed")
  private static let output = Option<String>(
    "output", short: "o", placeholder: "DIR", default: "halite-screen", help: "folder for the results")

  static let positionals = [PotentialFiles.positional, files]
  static let options: [any OptionDeclaration] =
    LithiumOptions.all + [relax, group, rank, show] + RelaxationOptions.all + [output, threadsOption]
    + ReadingOptions.all

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let reference = try arguments.voltageReference()
    let ranking = try ranking(arguments, reference)
    let file = arguments.one(PotentialFiles.positional)
    let potential = try PotentialFiles.read(file, console)
    let settings: RelaxationSettings?
    if arguments[relax] == .none {
      try arguments.refuseRelaxationOptions("nothing relaxes")
      settings = nil
    } else {
      settings = try arguments.relaxation(cell: arguments[relax] == .cell, of: potential)
    }
    let data = try DataFiles.read(arguments[files], options: arguments.readOptions, console: console)
    let partners = try PartnerFrames(data.frames, key: arguments[group])
    partners.say(console)
    warnOfOpenZero(potential, data, console)
    let folder = arguments[output]
    try makeFolder(folder)
    let evaluation = try FrameEvaluation(
      potential: potential, settings: settings, threads: try arguments.threads(), console: console)
    let structures = try evaluated(data.frames, evaluation, in: folder)
    var report = try report(
      structures, partners, reference, ranking,
      .init(
        potential: potential.title, potentialFile: file,
        geometry: settings.map { "relaxed by the potential (\($0.text))" } ?? "as given", command: commandLine(),
        dataHash: data.hash))
    let failed = structures.filter { $0.relaxation.map { $0 != RelaxationEnd.converged.word } ?? false }
    if !failed.isEmpty {
      report.notes.append(
        "\(failed.count) of \(structures.count) structures did not converge; the table says which")
    }
    for note in report.notes { console.warn(note) }
    try AtomicFile.write(report.json.utf8, to: folder + "/screen.json")
    try report.write(to: folder)
    if arguments.json { return try console.write(report.json.trimmingCharacters(in: .newlines)) }
    try console.write(report.text(first: arguments[show]) + "\n\(folder)/screen.html")
  }

  private static func ranking(
    _ arguments: ParsedArguments, _ reference: VoltageReport.Reference
  ) throws -> ScreenReport.Ranking {
    if reference.isAbsolute { return arguments[rank] }
    guard arguments.isGiven(rank) else { return .voltage }
    if arguments[rank] == .energyDensity {
      throw usageError(
        "an energy density needs the energy of lithium", remedy: "give --li-energy, or --rank voltage")
    }
    return arguments[rank]
  }

  /// What the potential says of every frame: read back where an earlier call has finished the same work.
  private static func evaluated(
    _ frames: [LabeledStructure], _ evaluation: FrameEvaluation, in folder: String
  ) throws -> [PartnerStructure] {
    let console = evaluation.console
    let path = folder + "/evaluated.extxyz"
    let call =
      "screen "
      + (try evaluation.call(potentialHash: PotentialFiles.hash(of: evaluation.potential), frames: frames))
    let mark = folder + "/evaluated.json"
    let isDone = (try? readJSON([String: String].self, path: mark))?["call"] == call
    if isDone, FileManager.default.fileExists(atPath: path) {
      console.note("\(path) is of this very call: nothing to evaluate")
    } else {
      let stream = try FrameStream(path: path, format: nil, call: call, what: "screening")
      do {
        _ = try evaluation.write(frames, to: stream)
      } catch {
        stream.abandon()
        throw error
      }
      unlink(mark)
      try stream.finish(console: console)
      try AtomicFile.write(jsonText(["call": call]).utf8, to: mark)
    }
    var structures: [PartnerStructure] = []
    _ = try forEachFrame(of: path) { frame in
      guard var partner = PredictedFrame.partner(frame) else {
        throw InputError(
          "frame \(structures.count) carries no halite_energy", file: path, remedy: "delete it and start again")
      }
      if evaluation.settings == nil { partner.relaxation = nil }
      structures.append(partner)
    }
    guard structures.count == frames.count else {
      throw InputError(
        "holds \(structures.count) of \(frames.count) frames", file: path, remedy: "delete it and start again")
    }
    return structures
  }

  private static func report(
    _ structures: [PartnerStructure], _ partners: PartnerFrames, _ reference: VoltageReport.Reference,
    _ ranking: ScreenReport.Ranking, _ run: VoltageReport.Run
  ) throws -> ScreenReport {
    let hull = CompositionHull(structures.map { ($0.composition, $0.energy ?? .nan) })
    func above(_ structure: PartnerStructure) -> Double? {
      structure.energy.flatMap { hull.aboveHull(composition: structure.composition, energy: $0) }
    }
    let entries = try partners.groups.map { group in
      var members = group.members.map { structures[$0] }
      // Labels belong to other geometries, and take no part in a ranking.
      for k in members.indices { members[k].label = nil }
      let series = try VoltageSeries(members, evidence: group.evidence, lithium: reference.energy)
      return ScreenReport.Entry(
        series, lithiatedAboveHull: above(series.whole.lithiated),
        delithiatedAboveHull: above(series.whole.delithiated))
    }
    return ScreenReport(
      run, reference: reference, entries: entries, by: ranking, structures: structures.count,
      alone: partners.alone.count)
  }
}

extension ScreenReport.Ranking: ArgumentChoice {}
