import Potentials
import Reports
import Structures

/// Predictions and errors of a potential on the parts of a data set.
enum Judgement {
  /// - Parameter keep: is given every part's predictions.
  /// - Throws: `InputError` naming the frame that cannot be predicted.
  static func parts(
    _ potential: FittedPotential, _ parts: [(DataPart, Dataset)], baseline: EnergyBaseline?, threads: Int,
    console: Console, keep: (PredictionFile.Part) -> Void = { _ in }
  ) throws -> [PartReport] {
    let predictor = Predictor(potential, threads: threads)
    return try parts.filter { !$0.1.isEmpty }.map { part, data in
      console.progress("judging", 0, of: data.count, detail: part.rawValue)
      let predictions = try predictor.predict(data.map(\.structure), names: data.map(\.name))
      keep(PredictionFile.Part(name: part.rawValue, ids: data.map(\.id), predictions: predictions))
      return try PartReport(part, frames: data, predictions: predictions, baseline: baseline)
    }
  }

  /// How far the members of a committee disagree on the parts; nothing for a single potential.
  /// - Throws: `InputError` naming the frame that cannot be predicted.
  static func deviations(
    of potential: FittedPotential, _ parts: [(DataPart, Dataset)], threads: Int, console: Console
  ) throws -> [DeviationReport] {
    guard potential.isCommittee else { return [] }
    let predictor = CommitteePredictor(potential, threads: threads)
    return try parts.filter { !$0.1.isEmpty }.map { part, data in
      console.progress("asking the committee", 0, of: data.count, detail: part.rawValue)
      let said = try predictor.predict(data.map(\.structure), names: data.map(\.name))
      return DeviationReport(part, frames: data, predictions: said)
    }
  }

  /// What the energies of a potential stand beside: mean energy and composition model of the whole training part, the
  /// frames that judge epochs included, so that `train` and `evaluate` of one split give the same. Without a split,
  /// the reference energies that the potential brings along; without these, a fit to the judged frames themselves.
  /// - Parameters:
  ///   - training: the training part of the split, nil without one.
  ///   - judged: what the errors are of.
  static func baseline(
    for potential: FittedPotential, training: Dataset?, judged: Dataset
  ) throws -> EnergyBaseline? {
    if let training, var baseline = try EnergyBaseline(fitting: training, part: .train) {
      // Isolated atoms and given energies fix the zero of every composition.
      if potential.referenceEnergies.source != .leastSquares { baseline.span = nil }
      return baseline
    }
    if let baseline = EnergyBaseline(referencesOf: potential) { return baseline }
    var baseline = try EnergyBaseline(fitting: judged, part: .all)
    baseline?.span = nil
    return baseline
  }

  /// What the potential was fitted to, as its card has it; nil where that does not say.
  static func fittedLabels(of potential: FittedPotential) -> [String]? {
    potential.card.labels.map { $0.split(separator: " ").map(String.init) }
  }
}
