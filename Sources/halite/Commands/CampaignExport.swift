import Campaigns
import Formats
import Structures

/// `halite campaign export DIR -o FILE`: the accepted frames.
enum CampaignExportCommand: Command {
  static let name = "campaign export"
  static let summary = "the accepted frames as a data set, with where each comes from"
  static let discussion = """
    halite campaign export drx -o data.extxyz
    halite campaign export drx -o data.extxyz --steps all

    --steps last: one frame for each accepted run, the one that was accepted. --steps all: also the ionic steps before it, for training;
    they are read from the outputs, those with unconverged electrons are left out and counted. In a relaxation of the cell the basis set
    is that of the first step: energies of later ones are off by some meV/atom.

    Keys of every frame: campaign, entry, attempt, ionic_step, magnetism, fixes (rungs of the repair ladder), planned_id (the structure that was
    added), source (its run folder), potcar_sha256, and the settings of the calculation. Frames of one campaign have one level of theory, unless a
    label-changing repair was allowed or ISMEAR 0 took the place of -5 for want of k-points: halite warns of those.
    """
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file or folder to write, of any format")
  private static let format = Option<String?>("to", placeholder: "FORMAT", help: "format of the file")
  private static let steps = Option<ExportedSteps>(
    "steps", default: .last, help: "ionic steps of a relaxation")
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [output, format, steps]

  private struct Result: Encodable {
    var frames: Int
    var output: String
    var label_changing_repairs: Int
    var left_out: [String: Int]
    var without_output: Int
    var mixed_settings: [String]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let (path, which) = (arguments[output], arguments[steps])
    try DataFiles.requireWritable([path], format: arguments[format], inputs: [])
    guard try campaign.entries().contains(where: { $0.state == .accepted }) else {
      throw InputError(
        "no entry is accepted", file: campaign.shown, remedy: "halite campaign scan, then halite campaign accept")
    }
    var survey = WriteSurvey()
    if try FrameWriter.needsSurvey(path, format: arguments[format], options: WriteOptions()) {
      _ = try campaign.forEachAccepted(which) { survey.add($0) }
    }
    let writer = try FrameWriter(path, format: arguments[format], survey: survey)
    var (changed, relaxed) = (0, 0)
    var settings = SettingsSurvey()
    let report = try campaign.forEachAccepted(which, progress: { console.progress("exporting", $0, of: $1) }) {
      frame in
      if isLabelChanged(frame, campaign.ladder) { changed += 1 }
      if frame.value(ofKey: "relaxed") != nil { relaxed += 1 }
      settings.add(SettingsFingerprint(of: frame), isIsolatedAtom: frame.isIsolatedAtom)
      try writer.append(frame)
    }
    console.endProgress()
    try DataFiles.finish(writer, console: console)
    if changed > 0 { console.warn("\(counted(changed, "frame")) with a label-changing repair (key `fixes`)") }
    for mixture in settings.mixtures { console.warn("mixed settings: " + mixture) }
    if report.without_output > 0 {
      console.warn(
        "\(counted(report.without_output, "run")) without output by now: of those only what was accepted")
    }
    if which == .last, relaxed > 0 {
      console.note("\(counted(relaxed, "frame")) at the end of relaxations; --steps all takes every ionic step")
    }
    var text = "\(counted(report.frames, "frame")): \(path)"
    for (verdict, count) in report.left_out.sorted(by: { $0.key < $1.key }) {
      text += "\n  left out: \(verdict) \(counted(count, "step"))"
    }
    try console.result(
      Result(
        frames: report.frames, output: path, label_changing_repairs: changed, left_out: report.left_out,
        without_output: report.without_output, mixed_settings: settings.mixtures), text: text, json: arguments.json)
  }

  private static func isLabelChanged(_ frame: LabeledStructure, _ ladder: RepairLadder) -> Bool {
    (frame.value(ofKey: "fixes") ?? "").split(separator: ";").contains { record in
      record.split(separator: " ").first.flatMap { ladder.rung(named: String($0)) }?.labels == .changing
    }
  }
}

extension ExportedSteps: ArgumentChoice {}
