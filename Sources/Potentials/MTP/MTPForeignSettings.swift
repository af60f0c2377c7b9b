import Structures

extension MTP: ForeignSettings {
  public static var foreignProgram: String { "mlip" }
  public static var foreignFiles: String { "an .mtp or .almtp file, trained or not" }

  /// Level, radial basis and distances of a potential of MLIP, with MLIP's loss.
  public static func foreignSettings(
    _ path: String
  ) throws -> (settings: TrainingSettings, hyperparameters: MTPHyperparameters, notes: [String]) {
    var hyperparameters = try MLIPPotentialFile.hyperparameters(path)
    hyperparameters.descent.loss = .mlip
    return (
      TrainingSettings(), hyperparameters,
      [
        "level \(hyperparameters.level), r_min \(hyperparameters.closest) Å and r_max \(hyperparameters.rMax) Å are "
          + "\(path)'s; its coefficients are not taken, the loss is mlip"
      ]
    )
  }
}
