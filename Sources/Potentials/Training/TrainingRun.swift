import Optimization
import Structures

/// Frames to learn from and frames to judge by, reference energies and prior already subtracted.
public struct TrainingData: Sendable {
  public var elements: [ChemicalElement]
  public var training: Dataset
  /// Never learned from: decides when to stop and which epoch is best. May be empty.
  public var validation: Dataset

  public init(elements: [ChemicalElement], training: Dataset, validation: Dataset) {
    self.elements = elements
    self.training = training
    self.validation = validation
  }
}

/// How a training run is carried out: nothing here changes what a finished fit is, except `seed` and `start`.
public struct TrainingRun: Sendable {
  public var seed: UInt64
  public var threads: Int
  /// The potential to begin from: its parameters go on, its scaling stays; nil begins with random parameters.
  public var start: (any TrainablePotential)?
  /// Folder of checkpoints; nil keeps none.
  public var checkpointFolder: String?
  /// Epochs between checkpoints.
  public var checkpointInterval: Int
  /// Bytes that the fit may take; nil for no limit.
  public var memoryLimit: Int?
  /// An earlier linear fit that the frames are added to.
  public var extends: LinearExtension?
  /// Where a linear fit leaves its factor; nil keeps none.
  public var factorFile: String?
  /// Rows of the active set that is made from the training part once the fit is done; nil makes none.
  public var activeRule: ActiveRule?
  /// What the run depends on, a line each ("data 0a12…", "radial_order: 16"); a checkpoint of other lines is refused.
  public var fingerprint: String
  /// Called after each epoch.
  public var progress: @Sendable (EpochRecord) -> Void
  /// Called after each block of rows of a linear fit: how many are done, of how many.
  public var advanced: @Sendable (Int, Int) -> Void
  /// Called while a start is looked for: how much of that is done, of how much.
  public var searched: @Sendable (Int, Int) -> Void
  /// Called once where the run goes on from a checkpoint, with the epochs that are behind it.
  public var resumed: @Sendable ([EpochRecord]) -> Void
  /// Asked after each epoch; true ends the run at a checkpoint.
  public var shouldStop: @Sendable () -> Bool

  public init(
    seed: UInt64 = 1, threads: Int = 1, checkpointFolder: String? = nil, checkpointInterval: Int = 100,
    fingerprint: String = ""
  ) {
    OpenBLASCore.useOneThread()
    self.seed = seed
    self.threads = threads
    self.checkpointFolder = checkpointFolder
    self.checkpointInterval = checkpointInterval
    self.fingerprint = fingerprint
    progress = { _ in }
    advanced = { _, _ in }
    searched = { _, _ in }
    resumed = { _ in }
    shouldStop = { false }
  }

  /// The run of a short descent from one of several starts, with checkpoints of its own.
  /// - Parameter done: called after each epoch with the epochs behind.
  func forStart(_ number: Int, epochs: Int, _ done: @escaping @Sendable (Int) -> Void) -> TrainingRun {
    var own = self
    // A run that is made longer descends longer from each start: what is there of shorter ones is left aside.
    own.checkpointFolder = checkpointFolder.map { $0 + "/start-\(number)-of-\(epochs)-epochs" }
    // Behind the last epoch, too: a start that is done is not done again. Long ones have a checkpoint each minute.
    own.checkpointInterval = epochs
    own.progress = { done($0.epoch + 1) }
    own.resumed = { _ in }
    return own
  }
}

/// One row of `log.csv`. Errors in eV/atom and eV/Å; nil where the data has no such label or the epoch did not measure it.
public struct EpochRecord: Sendable, Codable, Equatable {
  public var epoch: Int
  public var of: Int
  public var loss: Double
  public var trainingEnergyRMSE: Double?
  public var validationEnergyRMSE: Double?
  public var trainingForceRMSE: Double?
  public var validationForceRMSE: Double?
  /// Wall time since the run (or the part of it after a resume) began, s.
  public var seconds: Double

  public init(epoch: Int, of: Int, loss: Double, seconds: Double) {
    self.epoch = epoch
    self.of = of
    self.loss = loss
    self.seconds = seconds
  }
}

/// What training gives back.
public struct Trained<Model: Sendable>: Sendable {
  /// The epoch with the lowest validation error, or the lowest training error where there is no validation part.
  public var best: Model
  public var last: Model
  public var bestEpoch: Int
  public var log: [EpochRecord]
  public var stopReason: StopReason
  /// What a reader of the report must know of the fit: its rank, its condition.
  public var notes: [String] = []

  public init(best: Model, last: Model, bestEpoch: Int, log: [EpochRecord], stopReason: StopReason) {
    self.best = best
    self.last = last
    self.bestEpoch = bestEpoch
    self.log = log
    self.stopReason = stopReason
  }
}

/// What a training run will need.
public struct TrainingForecast: Sendable {
  public var bytes: Int
  public var seconds: Double
  public var parameters: Int

  public init(bytes: Int, seconds: Double, parameters: Int) {
    self.bytes = bytes
    self.seconds = seconds
    self.parameters = parameters
  }
}

/// What of settings says which run it is.
public enum RunIdentity {
  /// Lines of settings that came later: no part of it, so that runs of before go on.
  private static let laterLines: Set<String> = ["starts: null"]

  /// The lines of settings but those of some keys.
  /// - Parameter settings: YAML, a key a line.
  public static func lines(of settings: String, without keys: [String]) -> [String] {
    settings.split(separator: "\n").map(String.init).filter { line in
      !laterLines.contains(line) && !keys.contains { line.hasPrefix($0 + ":") }
    }
  }
}
