import Simulations

extension VoltageReport {
  /// Agreement of model and labels: over whole ranges, over each range of contents that several hosts share, and of the
  /// differences between them, in which no lithium reference enters.
  public var statistics: [(name: String, value: AgreementStatistics)] {
    var all: [(String, AgreementStatistics?)] = [("whole range", agreement(whole))]
    let ranges = Dictionary(grouping: steps, by: rangeText).sorted { $0.key > $1.key }
    if ranges.count > 1 || (ranges.count == 1 && !steps.isEmpty) {
      all += ranges.filter { $0.value.count > 1 }.map { ("x " + $0.key, agreement($0.value)) }
    }
    let pairs = series.filter { $0.steps.count > 1 }.flatMap { zip($0.steps, $0.steps.dropFirst()) }
    let drops = pairs.compactMap { low, high -> (Double, Double)? in
      guard let a = low.volts, let b = high.volts, let c = low.label, let d = high.label else { return nil }
      return (c - d, a - b)
    }
    // Drops may be as small as one likes: their percentages say nothing.
    var drop = AgreementStatistics(reference: drops.map(\.0), predicted: drops.map(\.1))
    drop?.meanAbsolutePercentage = nil
    all.append(("drop between neighbouring ranges", drop))
    return all.compactMap { name, value in value.map { (name, $0) } }
  }

  private func agreement(_ rows: [VoltageRow]) -> AgreementStatistics? {
    let rows = rows.filter { $0.error != nil }
    var value = AgreementStatistics(reference: rows.compactMap(\.label), predicted: rows.compactMap(\.volts))
    // A percentage of a number that is known but for a constant says nothing.
    if !reference.isAbsolute { value?.meanAbsolutePercentage = nil }
    return value
  }

  /// How the errors of the partners cancel.
  public var partnerErrors: PartnerErrors? { PartnerErrors(whole.compactMap(\.partnerErrors)) }

  /// "1 → 0.5", the lithium that stays to the right.
  func rangeText(_ row: VoltageRow) -> String {
    contentText(row.lithiated.content) + " → " + contentText(row.delithiated.content)
  }

  func contentText(_ x: Double) -> String {
    var text = NumberFormatting.fixed(x, 3)
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") {
      let isPoint = text.hasSuffix(".")
      text.removeLast()
      if isPoint { break }
    }
    return text
  }

  func sentence(_ value: AgreementStatistics) -> String {
    var parts = [
      "\(value.count) of model and label", "MAE \(fixed(value.meanAbsolute, 3)) \(unit)",
      "RMSE \(fixed(value.rootMeanSquare, 3)) \(unit)",
      "mean error \(fixed(value.meanSigned, 3)) \(unit)",
    ]
    if let percent = value.meanAbsolutePercentage { parts.append("MAPE \(fixed(percent, 2)) %") }
    if let pearson = value.pearson { parts.append("Pearson \(fixed(pearson, 3))") }
    if let spearman = value.spearman { parts.append("Spearman \(fixed(spearman, 3))") }
    return NumberFormatting.plain(parts.joined(separator: ", "))
  }

  func partnerLine(_ errors: PartnerErrors) -> String {
    NumberFormatting.plain(
      "errors of the energies: lithiated \(fixed(1000 * errors.lithiated, 1)), delithiated "
        + "\(fixed(1000 * errors.delithiated, 1)) meV/atom, correlation \(fixed(errors.correlation, 2)); independent they "
        + "would make \(fixed(errors.independent, 3)) \(unit) RMSE, they make \(fixed(errors.observed, 3))")
  }
}
