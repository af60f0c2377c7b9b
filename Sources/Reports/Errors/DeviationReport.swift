import Potentials
import Simulations
import Structures

/// How far a committee disagrees on the frames of a part, and whether that tells where it is wrong.
public struct DeviationReport: Sendable {
  /// Of one frame.
  struct Row: Sendable {
    var id: String
    var name: String
    /// meV/atom.
    var energy: Double
    var energyError: Double?
    /// eV/Å.
    var largestForce: Double
    var meanForce: Double
    /// Largest |ΔF| of an atom, eV/Å.
    var largestForceError: Double?
  }

  public let part: DataPart
  let members: Int
  let rows: [Row]

  /// - Parameter predictions: one for each frame, in the same order.
  public init(
    _ part: DataPart, frames: some Collection<LabeledStructure>, predictions: some Collection<CommitteePrediction>
  ) {
    self.part = part
    members = predictions.first?.members.count ?? 0
    rows = zip(frames, predictions).map { frame, said in
      let forces = frame.labels.forces.map { labels in
        zip(labels, said.mean.forces).map { length($0 - $1) }.max() ?? 0
      }
      return Row(
        id: frame.id, name: frame.name, energy: 1000 * said.deviation.energy,
        energyError: frame.labels.energy.map {
          1000 * (said.mean.energy - $0) / Double(max(1, frame.structure.count))
        },
        largestForce: said.deviation.largestForce, meanForce: said.deviation.meanForce, largestForceError: forces)
    }
  }

  /// "committee of 4 on test: …": one line for a terminal and a report.
  public var sentence: String {
    guard !rows.isEmpty else { return "" }
    func mean(_ value: (Row) -> Double) -> Double { rows.reduce(0) { $0 + value($1) } / Double(rows.count) }
    var text =
      "committee of \(members) on \(part.rawValue): deviation of the energy \(number(mean(\.energy))) meV/atom, of forces "
      + "\(number(mean(\.meanForce))) eV/Å on average, largest \(number(rows.map(\.largestForce).max() ?? 0)) eV/Å"
    if let rank = rank({ $0.largestForce }, { $0.largestForceError }) {
      text += "; largest deviation and largest force error of a frame rank alike with \(number(rank)) (Spearman)"
    } else if let rank = rank({ $0.energy }, { $0.energyError.map(abs) }) {
      text += "; deviation and error of the energy rank alike with \(number(rank)) (Spearman)"
    }
    return text
  }

  private func rank(_ deviation: (Row) -> Double, _ error: (Row) -> Double?) -> Double? {
    let pairs = rows.compactMap { row in error(row).map { (deviation(row), $0) } }
    guard pairs.count > 2 else { return nil }
    return AgreementStatistics(reference: pairs.map(\.1), predicted: pairs.map(\.0))?.spearman
  }

  private func number(_ value: Double) -> String { NumberFormatting.plain(NumberFormatting.significant(value)) }

  /// `deviation.csv`: a line for each frame.
  public static func csv(_ reports: [DeviationReport]) -> String {
    var table = CSVTable(columns: [
      "id", "source", "part", "energy_deviation_meV_per_atom", "energy_error_meV_per_atom",
      "max_force_deviation_eV_per_A", "mean_force_deviation_eV_per_A", "max_force_error_eV_per_A",
    ])
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for report in reports {
      for row in report.rows {
        table.append([
          row.id, row.name, report.part.rawValue, text(row.energy), text(row.energyError), text(row.largestForce),
          text(row.meanForce), text(row.largestForceError),
        ])
      }
    }
    return table.text
  }
}
