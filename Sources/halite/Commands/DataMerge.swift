import Formats
import Foundation
import Structures

/// `halite data merge FILES -o OUT`: several data sets as one, every frame once.
enum DataMergeCommand: Command {
  static let name = "data merge"
  static let summary = "several data sets as one: duplicates left out, different settings refused"
  static let discussion = """
    Frames come in the order of FILES. A frame that is there already (the same id, or energy and geometry within tolerance) is left out
    and counted; --duplicates writes those to a file. Frames of different DFT settings are refused unless --mixed-settings is given.
    Memory holds a short record of every frame; the frames wait in a hidden file beside OUT.
    """
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "extxyz file to write")
  private static let duplicates = Option<String?>(
    "duplicates", placeholder: "FILE", help: "extxyz file for the frames that are left out")
  private static let mixed = Option(flag: "mixed-settings", help: "let frames of any settings in")
  static let positionals = [DataFiles.positional]
  static let options: [any OptionDeclaration] = [output, duplicates, mixed] + ReadingOptions.all

  private struct Result: Encodable {
    var output: String
    var frames: Int
    var duplicates: Int
    var files: [String: Int]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let paths = arguments[DataFiles.positional]
    let out = arguments[output]
    let outputs = [out, arguments[duplicates]].compactMap { $0 }
    try requireExtendedXYZ(outputs)
    try requireDifferent(paths)
    try DataFiles.requireWritable(outputs, inputs: paths)
    let (spool, files) = try spooled(paths, arguments.readOptions, beside: out, console)
    var survey = SettingsSurvey()
    for record in spool.records { survey.add(record.settings, isIsolatedAtom: record.isIsolatedAtom) }
    if !arguments[mixed], !survey.mixtures.isEmpty {
      throw InputError(
        "the frames are of different settings: \(survey.mixtureText)",
        remedy: "--mixed-settings merges them all the same")
    }
    let verdicts = duplicateVerdicts(spool.records)
    let kept = try spool.write(to: out, spool.asTheyWere) { verdicts[$0] == .ok }
    if let path = arguments[duplicates] { try spool.write(to: path, spool.asTheyWere) { verdicts[$0] != .ok } }
    let left = spool.records.count - kept
    try console.result(
      Result(output: out, frames: kept, duplicates: left, files: files),
      text: "\(counted(kept, "frame")): \(out); \(counted(left, "duplicate")) left out", json: arguments.json)
  }

  /// Duplicates among frames of any verdict.
  private static func duplicateVerdicts(_ records: [FrameRecord]) -> [FrameVerdict] {
    var verdicts = records.map { _ in (verdict: FrameVerdict.ok, reason: "") }
    markDuplicates(records, &verdicts)
    return verdicts.map(\.verdict)
  }
}

/// Streams files into a spool.
/// - Returns: the spool and the frames of each file.
func spooled(
  _ paths: [String], _ options: ReadOptions, beside output: String, _ console: Console
) throws -> (ImportSpool, [String: Int]) {
  let spool = try ImportSpool(beside: output)
  var files: [String: Int] = [:]
  var notes = NoteTally()
  for (index, path) in paths.enumerated() {
    console.progress("reading", index, of: paths.count, detail: path)
    let before = spool.records.count
    notes.add(
      try forEachFrame(of: path, options: options) { try spool.append(SpooledFrame($0, comparesAll: true)) }.tally)
    files[path] = spool.records.count - before
  }
  console.endProgress()
  for note in notes.sentences { console.note(note) }
  guard !spool.records.isEmpty else { throw InputError("no frames in \(paths.joined(separator: ", "))") }
  return (spool, files)
}

/// - Throws: `InputError` (usage) where a file to write is none that can be written frame by frame.
func requireExtendedXYZ(_ outputs: [String]) throws {
  for path in outputs where ![".extxyz", ".xyz"].contains(where: path.lowercased().hasSuffix) {
    throw usageError(
      "\(path) is no name of an extxyz file", remedy: "end it in .extxyz; halite convert makes others of it")
  }
}
