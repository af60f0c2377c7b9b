import Foundation
import Potentials
import Settings
import Structures

/// What a study leaves: `study.html`, `study.json`, `tables/*.csv`, `figures/*.svg` and `*.csv`.
public struct StudyReport: Sendable {
  public let study: Study
  /// (path inside of the folder, text) of every file.
  public let files: [(name: String, text: String)]

  /// - Throws: `InputError` where a number is not finite.
  public init(_ study: Study) throws {
    self.study = study
    let figures = StudyFigures(study: study).all
    let drawings = figures.flatMap(\.drawings)
    files =
      StudyTables(study: study).all.map { ("tables/" + $0.name, $0.text) }
      + drawings.flatMap { drawing in
        [("figures/\(drawing.name).svg", drawing.markup.text), ("figures/\(drawing.name).csv", drawing.csv)]
      }
      + [
        ("study.json", try StudyFile(study).text), ("study.html", StudyPage(study, figures: figures).text),
      ]
  }

  /// Table of the largest size that all potentials have, and the ranking, for the terminal.
  public var text: String {
    let verdict = StudyVerdict(study)
    let table = study.commonSize.map { size in
      var table = StudyPageTables.summary(study, size)
      // A terminal has no second row of titles.
      for k in table.columns.indices {
        let group = table.columns[k].group.split(separator: " ").first.map { $0 + " " } ?? ""
        table.columns[k].title = group + table.columns[k].title
      }
      return "\(size) frames; RMSE in meV/atom, eV/Å and GPa\n\n" + table.text + "\n"
    }
    return (table ?? "") + verdict.sentences.joined(separator: "\n")
  }

  public var warnings: [String] { StudyVerdict(study).warnings }

  /// Names of the drawings without suffix, inside of the folder.
  public var drawings: [String] {
    files.map(\.name).filter { $0.hasSuffix(".svg") }.map { String($0.dropLast(4)) }
  }

  /// Writes all files; each appears whole or not at all.
  /// - Throws: `InputError` where the folder cannot be written.
  public func write(to folder: String) throws {
    for part in ["", "/tables", "/figures"] {
      do {
        try FileManager.default.createDirectory(atPath: folder + part, withIntermediateDirectories: true)
      } catch {
        throw InputError("cannot make the folder", file: folder + part, remedy: "choose another -o")
      }
      AtomicFile.removeLeftovers(in: folder + part)
    }
    try AtomicFile.write(files.map { (folder + "/" + $0.name, Array($0.text.utf8)) })
  }
}

/// `study.json`.
struct StudyFile: Encodable {
  struct Run: Encodable {
    var potential: String
    var kind: String
    var size: Int
    var seed: UInt64
    var training_frames: Int
    var fitted_labels: [String]?
    var best_epoch: Int?
    var train: ErrorReport?
    var validation: ErrorReport?
    var test: ErrorReport?
    var divisions: [StudyRun.Errors]
    var elements: [StudyRun.ElementErrors]
    var differences: [String: DifferenceErrors]
    var effort: StudyRun.Effort?
  }

  struct MoreFrames: Encodable {
    var potential: String
    var quantity: StudyQuantity
    var unit: String
    var law: PowerLaw
    var purchase: PowerLaw.Purchase?
  }

  var version: String
  var command: String
  var data_hash: String
  var split_hash: String
  var split: String
  var frames: Int
  var potentials: [String]
  var sizes: [Int]
  var seeds: [UInt64]
  var classes: FrameClasses
  var runs: [Run]
  var failures: [Study.Failure]
  var missing: [StudyRun.Key]
  var more_frames: [MoreFrames]
  var ranking: [String]
  var warnings: [String]
  var notes: [String]

  init(_ study: Study) {
    version = HaliteVersion.current
    command = study.command
    data_hash = study.dataHash
    split_hash = study.splitHash
    split = study.split
    frames = study.frames
    potentials = study.potentials
    sizes = study.sizes
    seeds = study.seeds
    classes = study.classes
    failures = study.failures
    missing = study.missing
    more_frames = study.moreFrames.map {
      MoreFrames(
        potential: $0.potential, quantity: $0.quantity, unit: $0.quantity.unit, law: $0.law, purchase: $0.purchase)
    }
    ranking = StudyVerdict(study).sentences
    warnings = StudyVerdict(study).warnings
    notes = study.notes
    runs = study.runs.map { run in
      Run(
        potential: run.key.potential, kind: run.key.kind, size: run.key.size, seed: run.key.seed,
        training_frames: run.trainingFrames, fitted_labels: run.fittedLabels, best_epoch: run.bestEpoch,
        train: run.errors(of: .train), validation: run.errors(of: .validation), test: run.errors(of: .test),
        divisions: run.errors.filter { $0.division != .all }, elements: run.elements,
        differences: Dictionary(uniqueKeysWithValues: run.differenceErrors.map { ($0.0.rawValue, $0.1) }),
        effort: run.effort)
    }
  }

  var text: String { get throws { try jsonText(self) } }
}
