import Foundation
import Potentials
import Reports
import Simulations
import Structures

/// `halite voltage POTENTIAL FILES`: average voltages and profiles, by the model and by the labels.
enum VoltageCommand: Command {
  static let name = "voltage"
  static let summary = "intercalation voltages of hosts by a potential, beside those of the labels"
  static let discussion = """
    halite voltage snap/potential.safetensors pairs.extxyz --li-energy -1.9 --li-source "bcc Li, PBE, 520 eV"
    halite voltage snap/potential.safetensors lithiated.extxyz --delithiated empty.extxyz --relax cell …
    halite voltage --labels pairs.extxyz --difference-only

    Frames are partners where their keys say so (`host`, as halite generate delithiate writes it; another key with --group),
    else where cell and host atoms are the same. More than two contents make a profile: voltages between neighbours on the
    lower hull, and the contents that do not form. Structures are taken as they are unless --relax; labels belong to the
    structures as they are read, so relaxed voltages stand beside voltages of the structures that were given.
    The energy of lithium and its source are always printed: none is built in. Leaves voltage.html, voltage.csv,
    profile.csv, voltage.json and, with labels, parity.svg in the folder of -o.
    """
  private static let words = Positional(
    "POTENTIAL FILES", .many, help: "a potential and labelled or bare structures; structures alone with --labels")
  private static let labels = Option(flag: "labels", help: "voltages of the labels alone, without a potential")
  private static let delithiated = Option<[String]>(
    optionalWords: "delithiated", placeholder: "FILES", help: "partners of FILES, one for each, in the same order")
  private static let group = Option<String>(
    "group", placeholder: "KEY", default: "host", help: "key whose equal values make partners")
  private static let relax = Option<RelaxedPart>("relax", default: .none, help: "what the potential relaxes first")
  private static let output = Option<String>(
    "output", short: "o", placeholder: "DIR", default: "halite-voltage", help: "folder for the results")

  static let positionals = [words]
  static let options: [any OptionDeclaration] =
    LithiumOptions.all + [labels, delithiated, group, relax] + RelaxationOptions.all + [output, threadsOption]
    + ReadingOptions.all

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let reference = try arguments.voltageReference()
    let (file, paths) = try potentialAndFiles(arguments)
    let potential = try file.map { try PotentialFiles.read($0, console) }
    let settings = try relaxation(arguments, potential)
    let lithiated = try DataFiles.read(paths, options: arguments.readOptions, console: console)
    let poor = try poorPartners(arguments, console)
    let partners =
      try poor.map { try PartnerFrames(lithiated: lithiated.frames, delithiated: $0.frames) }
      ?? PartnerFrames(lithiated.frames, key: arguments[group])
    partners.say(console)
    try partners.requireOneFrameOfEnergy()
    let structures = try evaluated(partners, potential, settings, threads: arguments.threads(), console)
    let series = try partners.groups.map { group in
      do {
        return try VoltageSeries(
          group.members.compactMap { structures[$0] }, evidence: group.evidence, lithium: reference.energy)
      } catch let error as InputError {
        throw error.located(in: partners.frames[group.members[0]].name)
      }
    }
    var report = VoltageReport(
      .init(
        potential: potential?.title, potentialFile: file,
        geometry: settings.map { "relaxed by the potential (\($0.text))" } ?? "as given",
        command: commandLine(), dataHash: Dataset(partners.frames).hash),
      reference: reference, series: series, alone: partners.alone.count)
    report.notes = notes(of: series, potential, settings, partners, console)
    try report.write(to: arguments[output])
    for note in report.notes { console.warn(note) }
    if arguments.json { return try console.write(report.json.trimmingCharacters(in: .newlines)) }
    try console.write(report.text + "\n\(arguments[output])/voltage.html")
  }

  private static func potentialAndFiles(_ arguments: ParsedArguments) throws -> (String?, [String]) {
    let all = arguments[words]
    if arguments[labels] { return (nil, all) }
    guard all.count > 1 else {
      throw usageError(
        "a voltage needs a potential and structures, found `\(all.joined(separator: " "))` alone",
        remedy: "halite voltage POTENTIAL FILES, or --labels FILES for the labels alone")
    }
    return (all[0], Array(all.dropFirst()))
  }

  private static func relaxation(
    _ arguments: ParsedArguments, _ potential: FittedPotential?
  ) throws -> RelaxationSettings? {
    guard let potential else {
      try arguments.refuseRelaxationOptions("--labels has no potential")
      if arguments[relax] != .none { throw usageError("--labels has no potential to relax with") }
      return nil
    }
    guard arguments[relax] != .none else {
      try arguments.refuseRelaxationOptions("nothing relaxes")
      return nil
    }
    return try arguments.relaxation(cell: arguments[relax] == .cell, of: potential)
  }

  private static func poorPartners(_ arguments: ParsedArguments, _ console: Console) throws -> Dataset? {
    let paths = arguments[delithiated]
    guard !paths.isEmpty else { return nil }
    return try DataFiles.read(paths, options: arguments.readOptions, console: console)
  }

  /// Of each frame that is in a group, what model and label say; nil of the others.
  private static func evaluated(
    _ partners: PartnerFrames, _ potential: FittedPotential?, _ settings: RelaxationSettings?, threads: Int,
    _ console: Console
  ) throws -> [PartnerStructure?] {
    let used = partners.groups.flatMap(\.members).sorted()
    var result = [PartnerStructure?](repeating: nil, count: partners.frames.count)
    guard let potential else {
      for k in used {
        let frame = partners.frames[k]
        guard let label = frame.labels.energy else {
          throw InputError("has no energy label", file: frame.name, remedy: "give a potential, or label it")
        }
        result[k] = PartnerStructure(
          id: frame.id, name: frame.name, composition: frame.structure.composition, volume: frame.structure.volume,
          label: label)
      }
      return result
    }
    let frames = used.map { partners.frames[$0] }
    warnOfOpenZero(potential, Dataset(frames), console)
    let evaluation = try FrameEvaluation(
      potential: potential, settings: settings, threads: threads, console: console)
    for (k, frame) in zip(used, try evaluation.evaluate(frames)) {
      result[k] = PredictedFrame.partner(frame)
      result[k]?.id = partners.frames[k].id
      result[k]?.label = partners.frames[k].labels.energy
      if settings == nil { result[k]?.relaxation = nil }
    }
    return result
  }

  /// What a reader must know beside the numbers.
  private static func notes(
    of series: [VoltageSeries], _ potential: FittedPotential?, _ settings: RelaxationSettings?,
    _ partners: PartnerFrames, _ console: Console
  ) -> [String] {
    var notes: [String] = []
    let structures = series.flatMap(\.structures)
    let failed = structures.filter { $0.relaxation.map { $0 != RelaxationEnd.converged.word } ?? false }
    if !failed.isEmpty {
      notes.append(
        "\(failed.count) of \(structures.count) structures did not converge; the first is \(failed[0].name) "
          + "(\(failed[0].relaxation ?? ""))")
    }
    if settings != nil, structures.contains(where: { $0.label != nil }) {
      notes.append(
        "model voltages are of relaxed structures, label voltages of the structures as given: part of the error is energy of relaxation"
      )
    }
    if let potential {
      let known = potential.members.count(in: partners.frames)
      if known > 0 {
        notes.append(
          "\(known) of \(partners.frames.count) frames are among those that the potential was trained on: their errors say little about others"
        )
      }
    }
    return notes + frameNotes(structures)
  }

  /// Labels and model far apart on every structure are energies of different frames, whatever their names.
  private static func frameNotes(_ structures: [PartnerStructure]) -> [String] {
    let errors = structures.compactMap { structure -> Double? in
      guard let energy = structure.energy, let label = structure.label else { return nil }
      return (energy - label) / Double(structure.composition.values.reduce(0, +))
    }
    guard !errors.isEmpty else { return [] }
    let mean = errors.reduce(0, +) / Double(errors.count)
    guard abs(mean) > 0.5 else { return [] }
    let text = String(format: "%.2f", mean)
    return [
      "energies of the model lie \(text) eV/atom from the labels on average: they may be of different frames (total, "
        + "cohesive), and then voltages of the two do not compare"
    ]
  }
}
