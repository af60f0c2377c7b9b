import Foundation
import Potentials

/// `report.json`, and what `--json` of `train` and `evaluate` prints.
public struct ReportFile: Codable, Sendable {
  public var potential: String
  public var potentialFile: String?
  /// Labels that the potential was fitted to; absent where its file does not say.
  public var fittedLabels: [String]?
  public var command: String
  public var version: String
  public var dataHash: String
  public var splitHash: String?
  public var seconds: Double
  public var peakBytes: Int
  public var threads: Int
  public var train: ErrorReport?
  public var validation: ErrorReport?
  public var test: ErrorReport?
  public var all: ErrorReport?
  public var verdict: String
  public var warnings: [String]
  public var notes: [String]
  public var epochs: Int?
  public var bestEpoch: Int?
  public var stopReason: StopReason?
  /// Against the potential that the training began from.
  public var change: ChangeReport?
  /// By part.
  public var labels: [String: PartReport.LabelCounts]
  public var baseline: Baseline?
  /// By part, then by `config_type`.
  public var groups: [String: [String: ErrorReport]]
  /// By part, then by symbol.
  public var elements: [String: [String: ElementReport]]
  public var worstEnergies: [WorstEnergy]
  public var worstForces: [WorstForce]
  public var census: [RunReport.Fact]
  public var stages: [RunReport.Stage]
  public var settings: String

  /// What the baselines were fitted to. eV/atom, and eV for each atom of an element.
  public struct Baseline: Codable, Sendable {
    /// A part, or "reference_energies" where they are those of the potential.
    public var fittedOn: String
    /// Labelled frames.
    public var frames: Int?
    public var meanEnergy: Double?
    public var elementEnergies: [String: Double]?

    enum CodingKeys: String, CodingKey {
      case frames
      case fittedOn = "fitted_on"
      case meanEnergy = "mean_energy"
      case elementEnergies = "element_energies"
    }
  }

  /// Force errors of one element, per component, eV/Å.
  public struct ElementReport: Codable, Sendable, Equatable {
    public var atoms: Int
    public var rmse: Double
    public var mae: Double
    public var zeroForceRMSE: Double

    enum CodingKeys: String, CodingKey {
      case atoms, rmse, mae
      case zeroForceRMSE = "zero_force_rmse"
    }
  }

  /// eV/atom; the error in meV/atom.
  public struct WorstEnergy: Codable, Sendable {
    public var frame: FrameName
    public var label: Double
    public var predicted: Double
    public var error: Double
  }

  /// eV/Å, of the atom with the largest |ΔF|.
  public struct WorstForce: Codable, Sendable {
    public var frame: FrameName
    /// Counted from 0.
    public var atom: Int
    public var element: String
    public var label: Double
    public var error: Double
  }

  public struct FrameName: Codable, Sendable {
    public var id: String
    public var part: DataPart
    public var file: String?
    public var index: Int?
    public var formula: String
  }

  enum CodingKeys: String, CodingKey {
    case potential, command, version, seconds, threads, train, validation, test, all, verdict, warnings, notes
    case epochs, labels, baseline, groups, elements, census, stages, settings, change
    case potentialFile = "potential_file"
    case fittedLabels = "fitted_labels"
    case dataHash = "data_hash"
    case splitHash = "split_hash"
    case peakBytes = "peak_bytes"
    case bestEpoch = "best_epoch"
    case stopReason = "stop_reason"
    case worstEnergies = "worst_energies"
    case worstForces = "worst_forces"
  }
}

extension ReportFile {
  public init(_ report: RunReport) {
    let run = report.run
    let errors = Dictionary(report.parts.map { ($0.part, $0.errors) }) { first, _ in first }
    let worst = WorstFrames(report.parts)
    let verdict = report.verdict
    self.init(
      potential: run.potential, potentialFile: run.potentialFile, fittedLabels: run.fittedLabels,
      command: run.command, version: run.version, dataHash: run.dataHash, splitHash: run.splitHash,
      seconds: run.seconds, peakBytes: run.peakBytes,
      threads: run.threads, train: errors[.train], validation: errors[.validation], test: errors[.test],
      all: errors[.all], verdict: verdict.sentence, warnings: verdict.warnings, notes: report.notes,
      epochs: report.training?.log.last?.epoch, bestEpoch: report.training?.bestEpoch,
      stopReason: report.training?.stopReason, change: report.change, labels: Self.byPart(report.parts, \.labels),
      baseline: report.parts.lazy.compactMap(\.baseline).first.map(Baseline.init),
      groups: Self.byPart(report.parts) { part in
        Dictionary(uniqueKeysWithValues: part.groups.map { ($0.name, $0.errors) })
      },
      elements: Self.byPart(report.parts) { part in
        Dictionary(uniqueKeysWithValues: part.elements.map { ($0.element.symbol, ElementReport($0)) })
      },
      worstEnergies: worst.energy.compactMap(WorstEnergy.init),
      worstForces: worst.forces.compactMap(WorstForce.init), census: report.census, stages: report.stages,
      settings: report.settings)
  }

  /// Sorted keys, two spaces an indentation, numbers with as many digits as give the same bits again.
  /// - Throws: `EncodingError` where a number is not finite.
  public var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
  }

  private static func byPart<Value>(_ parts: [PartReport], _ value: (PartReport) -> Value) -> [String: Value] {
    Dictionary(parts.map { ($0.part.rawValue, value($0)) }) { first, _ in first }
  }
}

extension ReportFile.Baseline {
  init(_ baseline: EnergyBaseline) {
    fittedOn = baseline.part?.rawValue ?? "reference_energies"
    frames = baseline.frames
    meanEnergy = baseline.meanPerAtom
    elementEnergies = baseline.elementEnergies.map { energies in
      Dictionary(uniqueKeysWithValues: energies.map { ($0.key.symbol, $0.value) })
    }
  }
}

extension ReportFile.ElementReport {
  init(_ errors: PartReport.ElementErrors) {
    self.init(atoms: errors.atoms, rmse: errors.rmse, mae: errors.mae, zeroForceRMSE: errors.zeroForceRMSE)
  }
}

extension ReportFile.FrameName {
  init(_ entry: WorstFrames.Entry) {
    let row = entry.row
    self.init(id: row.id, part: entry.part, file: row.file, index: row.index, formula: row.formula)
  }
}

extension ReportFile.WorstEnergy {
  init?(_ entry: WorstFrames.Entry) {
    guard let label = entry.row.energyLabel, let error = entry.row.energyError else { return nil }
    let atoms = Double(entry.row.atoms)
    self.init(
      frame: ReportFile.FrameName(entry), label: label / atoms, predicted: entry.row.energyPredicted / atoms,
      error: 1000 * error)
  }
}

extension ReportFile.WorstForce {
  init?(_ entry: WorstFrames.Entry) {
    guard let worst = entry.row.worstAtom else { return nil }
    self.init(
      frame: ReportFile.FrameName(entry), atom: worst.index, element: worst.element.symbol, label: worst.label,
      error: worst.error)
  }
}
