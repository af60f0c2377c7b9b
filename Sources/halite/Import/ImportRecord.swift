import Formats
import Foundation
import Structures

/// What earlier imports into a file have read: kept beside it, so that only new work is read.
struct ImportRecord: Codable {
  /// One run or file.
  struct Entry: Codable {
    /// Files of the run, each as it was.
    var stamps: [String: FileStamp]
    var lost: [LostStep]
    var failures: [ImportFailure]
  }

  private(set) var version = 1
  /// How frames were judged and read; nil in records of earlier versions.
  var demands: ImportDemands?
  /// By the name of the unit.
  private(set) var files: [String: Entry] = [:]

  static func path(of output: String) -> String { output + ".import.json" }

  /// The record of an earlier import; an empty one where there is none, or where the output it belongs to is gone.
  /// - Throws: `InputError` where the record cannot be understood, or where there is an output that no import made.
  static func read(_ path: String, _ call: ImportCall) throws -> ImportRecord {
    let manager = FileManager.default
    guard let data = manager.contents(atPath: path) else {
      guard !manager.fileExists(atPath: call.output) else {
        throw InputError(
          "is there already, and there is no record \(path) of an import into it", file: call.output,
          remedy: "choose another name, or --anew to replace it")
      }
      return ImportRecord()
    }
    guard manager.fileExists(atPath: call.output) else { return ImportRecord() }
    guard let record = try? JSONDecoder().decode(ImportRecord.self, from: data), record.version == 1 else {
      throw InputError(
        "is no record of an import that this version understands", file: path,
        remedy: "--anew reads everything again")
    }
    return record
  }

  /// Units of which no file is there any more, by name.
  func gone(from units: [ImportUnit]) -> [String] {
    let there = Set(units.map(\.name))
    return files.filter { !there.contains($0.key) && $0.value.stamps.keys.allSatisfy { FileStamp($0) == nil } }
      .keys.sorted()
  }

  /// True where every file of a unit is as it was, and could be read: what failed is tried again.
  func knows(_ unit: ImportUnit) -> Bool {
    guard let entry = files[unit.name], entry.failures.isEmpty else { return false }
    return entry.stamps == stamps(unit)
  }

  mutating func settle(_ unit: ImportUnit, lost: [LostStep], failures: [ImportFailure]) {
    files[unit.name] = Entry(stamps: stamps(unit), lost: lost, failures: failures)
  }

  private func stamps(_ unit: ImportUnit) -> [String: FileStamp] {
    unit.files.reduce(into: [:]) { $0[$1] = FileStamp($1) }
  }

  /// Steps that could be no frames, by verdict.
  var lostSteps: [String: Int] {
    files.values.reduce(into: [:]) { counts, entry in
      for step in entry.lost { counts[step.verdict.rawValue, default: 0] += 1 }
    }
  }

  /// Why, with file and line.
  var lost: [String] { files.sorted { $0.key < $1.key }.flatMap(\.value.lost).map(\.reason) }

  var failures: [ImportFailure] { files.sorted { $0.key < $1.key }.flatMap(\.value.failures) }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(self)), to: path)
  }
}
