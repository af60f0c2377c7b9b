import Settings
import Structures

/// A potential that Halite can train, store and report on. See `Documentation/AddingAPotential.md`.
public protocol TrainablePotential: Potential {
  associatedtype Hyperparameters: Codable & Sendable

  /// "aenet": in files, reports and on the command line.
  static var name: String { get }
  /// Our best for data that we know nothing of.
  static var defaults: Hyperparameters { get }
  /// Named settings: "paper" is Table S1 of doi:10.1021/acs.jctc.4c00039 as published.
  static var presets: [String: Hyperparameters] { get }
  /// One line on each hyperparameter: key (dotted where nested), unit, meaning.
  static var explanations: [HyperparameterExplanation] { get }
  /// Laws that the method cannot obey, and why.
  static var exemptions: [Law: String] { get }

  var hyperparameters: Hyperparameters { get }

  /// An untrained potential with random parameters.
  init(elements: [ChemicalElement], hyperparameters: Hyperparameters, seed: UInt64) throws
  /// A potential from the tensors of a potential file.
  init(elements: [ChemicalElement], hyperparameters: Hyperparameters, tensors: TensorTable) throws
  /// Everything that `init(elements:hyperparameters:tensors:)` needs.
  var tensors: TensorTable { get }

  /// Trains on labels from which reference energies and prior are subtracted already.
  static func train(on data: TrainingData, hyperparameters: Hyperparameters, run: TrainingRun) throws -> Trained<
    Self
  >
  /// The settings with every choice made that depends on the data: what is trained, stored and shown.
  static func resolved(_ hyperparameters: Hyperparameters, for data: Dataset) -> Hyperparameters
  /// The labels that resolved settings fit: "energy", "forces", "stress".
  static func fittedLabels(_ hyperparameters: Hyperparameters) -> [String]
  /// Bytes and seconds that `train` will need, from the counts of the data alone.
  static func forecast(_ data: TrainingData, hyperparameters: Hyperparameters, threads: Int) -> TrainingForecast
}

extension TrainablePotential {
  public static var presets: [String: Hyperparameters] { [:] }
  public static var exemptions: [Law: String] { [:] }
  public static func resolved(_ hyperparameters: Hyperparameters, for _: Dataset) -> Hyperparameters {
    hyperparameters
  }
  public static func fittedLabels(_: Hyperparameters) -> [String] { ["energy"] }
}

/// Hyperparameters that hold the keys of `DescentSettings` beside their own.
public protocol DescendingHyperparameters: Codable, Sendable {
  var descent: DescentSettings { get set }
}

/// A potential whose parameters are found by descending a loss: it gives the gradient, the trainer does the rest.
public protocol GradientTrained: TrainablePotential where Hyperparameters: DescendingHyperparameters {
  var parameters: [Double] { get set }

  /// Adds ∂/∂θ ( Σ_i c_i E_i + Σ_p v_p · ∂E/∂r_p ) over a list.
  ///
  /// Any loss of energies, forces and virials has this gradient: c_i = ∂L/∂E_i and v_p = ∂L/∂(∂E/∂r_p). The second
  /// term is a derivative of ∂E/∂θ along the pair tangents v: value and tangent go through the same blocks, and no
  /// second derivative is written out.
  /// - Parameters:
  ///   - siteWeights: c, one for each centre.
  ///   - pairTangents: v, one for each pair; empty where the loss is of energies alone.
  func addParameterGradient(
    _ list: NeighborList, siteWeights: [Double], pairTangents: [SIMD3<Double>], into gradient: inout [Double])
}

/// A potential whose training can be set up by another program's input files.
public protocol ForeignSettings: TrainablePotential {
  /// "aenet": `--from-aenet`.
  static var foreignProgram: String { get }
  /// What it may be given: "a folder, train.in or generate.in".
  static var foreignFiles: String { get }
  /// Settings from the other program's files, and a line on each thing that is not taken.
  /// - Throws: `InputError` with file and line.
  static func foreignSettings(
    _ path: String
  ) throws -> (settings: TrainingSettings, hyperparameters: Hyperparameters, notes: [String])
}

/// What one hyperparameter means, for `--help`, the documentation and error messages.
public struct HyperparameterExplanation: Sendable {
  public var key: String
  /// "Å", "eV/atom", or "" where the number has none.
  public var unit: String
  public var meaning: String

  public init(_ key: String, unit: String = "", _ meaning: String) {
    self.key = key
    self.unit = unit
    self.meaning = meaning
  }
}

/// The laws that every potential is tested against, see `PotentialLawsTests`.
public enum Law: String, CaseIterable, Sendable {
  case forcesAreGradient, virialIsStrainDerivative, translation, rotation, permutation, supercell
  case farPartsAdd, continuousAtCutoff, fileRoundTrip, reproducible, restart, namesUnknownInput
}
