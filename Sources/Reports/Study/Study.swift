import Potentials
import Structures

/// A comparison of potentials on one split: what `study.html`, `study.json` and the tables are made of.
public struct Study: Sendable {
  /// A run that ended without a potential.
  public struct Failure: Codable, Sendable, Equatable {
    public var key: StudyRun.Key
    public var message: String

    public init(key: StudyRun.Key, message: String) {
      self.key = key
      self.message = message
    }
  }

  public var title: String
  /// The command line that gives this study again.
  public var command: String
  public var dataHash: String
  public var splitHash: String
  /// "90:10 by frame, seed 1".
  public var split: String
  /// Different frames of the data set.
  public var frames: Int
  public var classes: FrameClasses
  /// In the order of the study.
  public var potentials: [String]
  /// Ascending; the last one may be all frames.
  public var sizes: [Int]
  public var seeds: [UInt64]
  /// Finished runs in the order of potentials, sizes, seeds.
  public var runs: [StudyRun] = []
  public var failures: [Failure] = []
  /// Runs that are not done yet.
  public var missing: [StudyRun.Key] = []
  /// eV for each Li of the metal, where the study gives it.
  public var lithiumEnergy: Double?
  /// The expanded study, as YAML.
  public var settings = ""
  public var notes: [String] = []

  public init(
    title: String, command: String, dataHash: String, splitHash: String, split: String, frames: Int,
    classes: FrameClasses, potentials: [String], sizes: [Int], seeds: [UInt64]
  ) {
    self.title = title
    self.command = command
    self.dataHash = dataHash
    self.splitHash = splitHash
    self.split = split
    self.frames = frames
    self.classes = classes
    self.potentials = potentials
    self.sizes = sizes
    self.seeds = seeds
  }

  /// The runs of a potential at a size, one for each seed.
  func runs(_ potential: String, _ size: Int) -> [StudyRun] {
    runs.filter { $0.key.potential == potential && $0.key.size == size }
  }

  /// Mean over seeds; nil where no run has the value.
  func mean(_ potential: String, _ size: Int, _ value: (StudyRun) -> Double?) -> Double? {
    let values = runs(potential, size).compactMap(value)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Where a potential was trained at all.
  func sizes(of potential: String) -> [Int] { sizes.filter { !runs(potential, $0).isEmpty } }

  /// The largest size at which every potential that has any run has one; else the largest with a run.
  var commonSize: Int? {
    let tried = potentials.filter { !sizes(of: $0).isEmpty }
    let common = sizes.last { size in !tried.isEmpty && tried.allSatisfy { !runs($0, size).isEmpty } }
    return common ?? sizes.last { size in potentials.contains { !runs($0, size).isEmpty } }
  }

  func style(_ potential: String) -> SeriesStyle { SeriesStyle(potentials.firstIndex(of: potential) ?? 0) }
}

/// An error of which figures and tables of a study are made.
enum StudyQuantity: String, CaseIterable, Codable {
  case energy, forces, stress

  /// "Energy RMSE (meV/atom)".
  var name: String { title + " RMSE (\(unit))" }

  var title: String {
    switch self {
    case .energy: "Energy"
    case .forces: "Force"
    case .stress: "Stress"
    }
  }

  var plural: String { self == .energy ? "Energies" : self == .forces ? "Forces" : "Stresses" }

  var unit: String {
    switch self {
    case .energy: "meV/atom"
    case .forces: "eV/Å"
    case .stress: "GPa"
    }
  }

  func rmse(_ errors: ErrorReport?) -> Double? {
    switch self {
    case .energy: errors?.energy?.rmse
    case .forces: errors?.forces?.rmse
    case .stress: errors?.stress?.rmse
    }
  }

  func mae(_ errors: ErrorReport?) -> Double? {
    switch self {
    case .energy: errors?.energy?.mae
    case .forces: errors?.forces?.mae
    case .stress: errors?.stress?.mae
    }
  }

  /// What knows less than any potential should.
  func baseline(_ errors: ErrorReport?) -> (name: String, value: Double)? {
    switch self {
    case .energy:
      errors?.bestEnergyBaseline.map {
        (errors?.baselines?.compositionRMSE == nil ? "mean energy" : "composition only", $0)
      }
    case .forces: errors?.baselines?.zeroForceRMSE.map { ("zero force", $0) }
    case .stress: errors?.baselines?.zeroStressRMSE.map { ("zero stress", $0) }
    }
  }
}
