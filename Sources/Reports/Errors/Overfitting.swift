import Potentials

/// Signs that a potential has its training frames by heart: an error on other frames far above the training error, and
/// a validation error that rose while the training error fell.
enum Overfitting {
  /// A gap between training and judged error from which on it is worth a line.
  private static let gap = 2.0
  /// So much above its lowest value, and with that gap to the training error, the validation error counts as risen.
  private static let rise = 1.05
  /// Fewer epochs after the lowest value are no trend.
  private static let trend = 10

  /// A line for each of energy and forces, where there are signs.
  static func warnings(_ parts: [PartReport], _ judge: PartReport, log: [EpochRecord]) -> [String] {
    let train = parts.first { $0.part == .train }
    let isOther = judge.part == .test || judge.part == .validation
    func warning(_ name: String, _ error: (ErrorReport) -> Double?, _ curves: Curves) -> String? {
      let gap = isOther ? train.flatMap { Self.gap(name, error($0.errors), error(judge.errors), judge.part) } : nil
      let signs = [gap, curves.rise].compactMap { $0 }
      guard !signs.isEmpty else { return nil }
      return "Overfitting: " + signs.joined(separator: "; ")
        + ". More frames, fewer parameters or an earlier stop bring the two together."
    }
    return [
      warning(
        "energy", { $0.energy?.rmse },
        Curves("energy", "meV/atom", 1000, log, \.trainingEnergyRMSE, \.validationEnergyRMSE)),
      warning(
        "force", { $0.forces?.rmse }, Curves("force", "eV/Å", 1, log, \.trainingForceRMSE, \.validationForceRMSE)),
    ].compactMap { $0 }
  }

  private static func gap(_ name: String, _ trained: Double?, _ judged: Double?, _ part: DataPart) -> String? {
    guard let trained, let judged, judged > gap * trained else { return nil }
    let ratio = trained > 0 ? NumberFormatting.significant(judged / trained, 2) + " times" : "far above"
    return "the \(part.rawValue) \(name) error is \(ratio) the training error"
  }

  /// Training and validation error against the epoch.
  private struct Curves {
    let name: String
    let unit: String
    let scale: Double
    let points: [(epoch: Int, trained: Double, validated: Double)]

    init(
      _ name: String, _ unit: String, _ scale: Double, _ log: [EpochRecord],
      _ trained: KeyPath<EpochRecord, Double?>,
      _ validated: KeyPath<EpochRecord, Double?>
    ) {
      self.name = name
      self.unit = unit
      self.scale = scale
      points = log.compactMap { row in
        guard let a = row[keyPath: trained], let b = row[keyPath: validated], b.isFinite else { return nil }
        return (row.epoch, scale * a, scale * b)
      }
    }

    var rise: String? {
      guard let lowest = points.min(by: { $0.validated < $1.validated }), let last = points.last,
        last.epoch >= lowest.epoch + Overfitting.trend, last.validated > Overfitting.rise * lowest.validated,
        last.validated > Overfitting.gap * last.trained, last.trained < lowest.trained
      else { return nil }
      func text(_ value: Double) -> String { NumberFormatting.significant(value) }
      return "the validation \(name) error rose from \(text(lowest.validated)) \(unit) at epoch \(lowest.epoch) to "
        + "\(text(last.validated)) at epoch \(last.epoch), while the training error fell from \(text(lowest.trained)) to "
        + text(last.trained)
    }
  }
}
