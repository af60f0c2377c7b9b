import Potentials
import Settings
import Structures

/// What a study needs of a kind of potential, whichever it is.
struct StudyKind: Sendable {
  /// Every setting of a run as YAML.
  var configuration: String
  private let forecasting: @Sendable (Dataset, Int) -> TrainingForecast

  /// - Parameters:
  ///   - file: that the settings stand in, for errors.
  ///   - seed: of the run.
  /// - Throws: `InputError` with file and line.
  init(_ potential: StudySettings.Potential, seed: UInt64, file: String) throws {
    guard let kind = potentialKinds.first(where: { $0.name == potential.kind }) else {
      throw InputError("there is no potential of kind `\(potential.kind)`", file: file, line: potential.line)
    }
    self = try Self.make(kind, potential, seed: seed, file: file)
  }

  private init(_ configuration: String, _ forecasting: @escaping @Sendable (Dataset, Int) -> TrainingForecast) {
    self.configuration = configuration
    self.forecasting = forecasting
  }

  private static func make<Model: TrainablePotential>(
    _ type: Model.Type, _ potential: StudySettings.Potential, seed: UInt64, file: String
  ) throws -> StudyKind {
    if let node = potential.settings?["seed"] {
      throw InputError(
        "`seed` of a run is set by `seeds` of the study", file: file, line: node.line, remedy: "take it out here")
    }
    let start: TrainingStart<Model>
    do {
      start = try TrainingStart<Model>(preset: potential.preset)
    } catch var error as InputError {
      (error.file, error.line, error.isUsage) = (file, potential.line, false)
      throw error
    }
    var configuration: TrainingConfiguration<Model>
    do {
      configuration = try TrainingConfiguration<Model>(start: start, tree: potential.settings, file: file)
    } catch var error as InputError {
      if error.file == nil { (error.file, error.line) = (file, error.line ?? potential.line) }
      throw error
    }
    configuration.settings.seed = seed
    if !potential.epochs.isEmpty { try sweep(&configuration, potential, file: file) }
    let (settings, hyperparameters) = (configuration.settings, configuration.hyperparameters)
    return StudyKind(try configuration.text()) { frames, threads in
      let parts = validationParts(of: frames, settings)
      return Model.forecast(
        TrainingData(elements: frames.elements, training: parts.0, validation: parts.1),
        hyperparameters: Model.resolved(hyperparameters, for: frames), threads: threads)
    }
  }

  /// A run that reaches the last epoch, unless its settings say otherwise.
  private static func sweep<Model: TrainablePotential>(
    _ configuration: inout TrainingConfiguration<Model>, _ potential: StudySettings.Potential, file: String
  ) throws {
    guard var settings = configuration.hyperparameters as? any DescendingHyperparameters else {
      throw InputError(
        "`epochs`: \(potential.kind) has none, its parameters are solved for", file: file, line: potential.line,
        remedy: "take `epochs` out")
    }
    // Over those of a preset, not over the study's own.
    if potential.settings?["max_epochs"] == nil { settings.descent.maxEpochs = potential.epochs.last }
    if potential.settings?["patience"] == nil { settings.descent.patience = 0 }
    guard let own = settings as? Model.Hyperparameters else { return }
    configuration.hyperparameters = own
  }

  /// As many frames as a run keeps aside; which ones does not matter for a forecast.
  private static func validationParts(of frames: Dataset, _ settings: TrainingSettings) -> (Dataset, Dataset) {
    let rows = frames.filter { !$0.isIsolatedAtom }
    let count = Int(settings.validFraction * Double(rows.count))
    return (Dataset(Array(rows.dropLast(count))), Dataset(Array(rows.suffix(count))))
  }

  /// Time and memory of a training on frames.
  func forecast(_ frames: Dataset, threads: Int) -> TrainingForecast { forecasting(frames, threads) }
}
