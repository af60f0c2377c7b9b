import Potentials
import Reports
import Structures

/// Predictions and errors of a potential on the parts of a data set.
enum Judgement {
  /// - Parameters:
  ///   - baselineFrames: the frames that the baselines are fitted to: those that the potential learned from.
  /// - Throws: `InputError` naming the frame that cannot be predicted.
  static func parts(
    _ potential: FittedPotential, _ parts: [(DataPart, Dataset)], baseline: EnergyBaseline?, threads: Int,
    console: Console
  ) throws -> [PartReport] {
    let predictor = Predictor(potential, threads: threads)
    return try parts.filter { !$0.1.isEmpty }.map { part, data in
      console.progress("judging", 0, of: data.count, detail: part.rawValue)
      let predictions = try predictor.predict(data.map(\.structure), names: data.map(\.name))
      return try PartReport(part, frames: data, predictions: predictions, baseline: baseline)
    }
  }

  /// Mean energy and composition model of the frames that a potential learned from.
  static func baseline(of data: Dataset, part: DataPart) throws -> EnergyBaseline? {
    guard data.contains(where: { $0.labels.energy != nil }) else { return nil }
    return EnergyBaseline(of: data, elementEnergies: try ReferenceEnergies.fit(data).energies, part: part)
  }
}
