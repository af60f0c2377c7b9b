import Potentials
import Structures

/// One training of a study: what its tables and figures are made of.
public struct StudyRun: Sendable {
  /// What was trained.
  public struct Key: Codable, Hashable, Sendable {
    /// As the study names it; two potentials of one kind have two names.
    public var potential: String
    public var kind: String
    /// Frames of the data set that the run had, training and test part together.
    public var size: Int
    public var seed: UInt64

    public init(potential: String, kind: String, size: Int, seed: UInt64) {
      self.potential = potential
      self.kind = kind
      self.size = size
      self.seed = seed
    }
  }

  /// How frames are divided.
  public enum Division: String, Codable, Sendable, CaseIterable {
    /// Not at all.
    case all
    /// By `Structure.lithiationClass`.
    case lithiation
    /// By the number of transition metals.
    case metals
  }

  /// Errors of some frames of a part.
  public struct Errors: Codable, Sendable, Equatable {
    public var part: DataPart
    public var division: Division
    /// "LiTMO2", "3 TM"; empty for all frames.
    public var name: String
    public var errors: ErrorReport
  }

  /// Force errors of the atoms of one element.
  public struct ElementErrors: Codable, Sendable, Equatable {
    public var part: DataPart
    public var element: String
    public var errors: ReportFile.ElementReport
  }

  /// Errors and time at an epoch: meV/atom, eV/Å, s.
  public struct Epoch: Codable, Sendable, Equatable {
    public var epoch: Int
    public var trainEnergyRMSE: Double?
    public var validationEnergyRMSE: Double?
    public var trainForceRMSE: Double?
    public var validationForceRMSE: Double?
    /// Wall time to the end of the epoch, pauses of an interrupted run left out.
    public var seconds: Double

    public init(epoch: Int, seconds: Double) {
      self.epoch = epoch
      self.seconds = seconds
    }
  }

  /// What a run took. All of it is of its own process.
  public struct Effort: Codable, Sendable, Equatable {
    /// Of the training alone, wall time.
    public var trainingSeconds: Double
    /// Of the whole process: reading, training, predictions, report.
    public var seconds: Double
    public var peakBytes: Int
    public var threads: Int
    /// How often it was started; the times of a run that was killed lack what it did before the last start.
    public var starts: Int

    enum CodingKeys: String, CodingKey {
      case seconds, threads, starts
      case trainingSeconds = "training_seconds"
      case peakBytes = "peak_bytes"
    }

    public init(trainingSeconds: Double, seconds: Double, peakBytes: Int, threads: Int, starts: Int) {
      self.trainingSeconds = trainingSeconds
      self.seconds = seconds
      self.peakBytes = peakBytes
      self.threads = threads
      self.starts = starts
    }
  }

  public var key: Key
  /// Frames of the training part, those that judge epochs included.
  public var trainingFrames: Int
  public var fittedLabels: [String]?
  public var errors: [Errors] = []
  public var elements: [ElementErrors] = []
  public var differences: [PartnerDifference] = []
  public var epochs: [Epoch] = []
  public var bestEpoch: Int?
  public var effort: Effort?
  /// Parity plots of energies and forces, of the training and of the test part.
  var panels: [Panel] = []
  /// Energies of fully lithiated and fully delithiated frames, of the training and of the test part.
  var classEnergies: [ClassEnergies] = []

  struct ClassEnergies: Sendable {
    var lithiation: LithiationClass
    var part: DataPart
    /// Label and prediction, eV/atom.
    var points: [SIMD2<Double>]
  }

  struct Panel: Sendable {
    /// "energy", "forces".
    var quantity: String
    var part: DataPart
    var markup: Markup
    /// The points or counts that are drawn.
    var csv: String
  }

  public init(_ key: Key, trainingFrames: Int) {
    self.key = key
    self.trainingFrames = trainingFrames
  }

  /// Adds the errors of one part, in all divisions, and its parity plots.
  /// - Parameters:
  ///   - frames: of the part.
  ///   - predictions: one for each frame.
  ///   - baseline: fitted to the training part.
  /// - Throws: `InputError` where a prediction is not finite.
  public mutating func add(
    _ part: DataPart, frames: [LabeledStructure], predictions: [Prediction], baseline: EnergyBaseline?
  ) throws {
    guard !frames.isEmpty else { return }
    let report = try PartReport(part, frames: frames, predictions: predictions, baseline: baseline)
    errors.append(Errors(part: part, division: .all, name: "", errors: report.errors))
    let mean = baseline?.meanPerAtom
    func divide(_ division: Division, _ name: (Structure) -> String) {
      let groups = Dictionary(grouping: zip(frames, report.rows)) { name($0.0.structure) }
      for (name, rows) in groups.sorted(by: { $0.key < $1.key }) {
        let group = ErrorReport(rows.map(\.1), meanEnergy: mean)
        errors.append(Errors(part: part, division: division, name: name, errors: group))
      }
    }
    divide(.lithiation) { $0.lithiationClass.title }
    divide(.metals) { "\($0.transitionMetals.count) TM" }
    elements += report.elements.map {
      ElementErrors(part: part, element: $0.element.symbol, errors: ReportFile.ElementReport($0))
    }
    guard part != .validation else { return }
    panels += Panel.all(of: report, name: "\(key.potential) \(key.size)")
    classEnergies += [LithiationClass.full, .none].map { lithiation in
      let rows = zip(frames, report.rows).filter { $0.0.structure.lithiationClass == lithiation }.map(\.1)
      return ClassEnergies(lithiation: lithiation, part: part, points: rows.compactMap(\.energyPerAtom))
    }
  }

  /// Adds the differences of lithiated and delithiated partners.
  public mutating func add(
    _ partners: [LithiumPartners], in data: Dataset, predictions: [String: (part: DataPart, energy: Double)],
    baseline: EnergyBaseline?
  ) {
    differences = partners.compactMap {
      PartnerDifference($0, in: data, predictions: predictions, baseline: baseline)
    }
  }

  /// The errors of all frames of a part.
  public func errors(of part: DataPart) -> ErrorReport? {
    errors.first { $0.part == part && $0.division == .all }?.errors
  }
}

extension FrameErrors {
  /// Label and prediction, eV/atom; nil without a label.
  fileprivate var energyPerAtom: SIMD2<Double>? {
    energyLabel.map { SIMD2($0, energyPredicted) / Double(atoms) }
  }
}

extension StudyRun.Panel {
  /// Parity plots in the size in which four stand side by side.
  static func all(of report: PartReport, name: String) -> [StudyRun.Panel] {
    let reference = EnergyReference([report])
    let energies = report.rows.compactMap(reference.point)
    func panel(_ quantity: String, _ unit: String, _ points: [SIMD2<Double>], _ rmse: Double?) -> StudyRun.Panel? {
      guard !points.isEmpty else { return nil }
      let legend = rmse.map { "RMSE " + NumberFormatting.significant($0) } ?? report.part.rawValue
      var plot = ParityPlot(
        title: "\(name), \(report.part.rawValue)", quantity: unit,
        series: [ParityPlot.Series(part: report.part, points: points, legend: legend)], baseline: "")
      plot.width = 239
      plot.mostPoints = 300
      return StudyRun.Panel(quantity: quantity, part: report.part, markup: plot.markup(), csv: plot.csv)
    }
    return [
      panel("energy", "E (meV/atom)", energies, report.errors.energy?.rmse),
      panel("forces", "F (eV/Å)", report.forcePairs, report.errors.forces?.rmse),
    ].compactMap { $0 }
  }
}
