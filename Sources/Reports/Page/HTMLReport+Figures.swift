import Potentials

extension HTMLReport {
  mutating func writeFigures() {
    let energies = report.parts.filter { $0.errors.energy != nil }
    let forces = report.parts.filter { !$0.forcePairs.isEmpty }
    if !energies.isEmpty || !forces.isEmpty { heading("Predictions against labels") }
    if !energies.isEmpty { writeEnergies(energies) }
    if !forces.isEmpty { writeForces(forces) }
    writeLearningCurves()
  }

  private mutating func writeEnergies(_ parts: [PartReport]) {
    let reference = EnergyReference(parts)
    let parity = ParityPlot(
      title: "Energy", quantity: "\(reference.quantity) (meV/atom)",
      series: parts.map { part in
        ParityPlot.Series(
          part: part.part, points: part.rows.compactMap(reference.point),
          legend: legend(part, part.errors.energy?.rmse))
      }, baseline: reference.name)
    let histogram = ErrorHistogram(
      title: "Energy errors", quantity: "Predicted − label (meV/atom)", counted: "frames",
      series: parts.map { part in
        let errors = part.rows.compactMap { row in row.energyError.map { 1000 * $0 } }
        return ErrorHistogram.Series(part: part.part, errors: errors, legend: bias(part, errors))
      })
    let caption =
      "Energies per atom, \(reference.explanation): absolute energies would hide every error. "
      + "On the dotted line lies a model that knows no more than that; on the diagonal, a perfect one."
    figure(parity, histogram, caption + edges(parity.outside, histogram.outside, "frame"))
  }

  private mutating func writeForces(_ parts: [PartReport]) {
    let parity = ParityPlot(
      title: "Forces", quantity: "Force component (eV/Å)",
      series: parts.map {
        ParityPlot.Series(part: $0.part, points: $0.forcePairs, legend: legend($0, $0.errors.forces?.rmse))
      }, baseline: "zero force")
    let histogram = ErrorHistogram(
      title: "Force errors", quantity: "Predicted − label (eV/Å)", counted: "components",
      series: parts.map { part in
        let errors = part.forcePairs.map { $0.y - $0.x }
        return ErrorHistogram.Series(part: part.part, errors: errors, legend: bias(part, errors))
      })
    let count = parts.reduce(0) { $0 + $1.forcePairs.count }
    let caption =
      "\(NumberFormatting.count(count, "force component")), darker where many lie in one place. On the dotted line "
      + "lies a model without any force."
    figure(parity, histogram, caption + edges(parity.outside, histogram.outside, "component"))
  }

  /// Parity at the left, errors at the right. Where points are too many for one box, the validation part, which
  /// helped to train, makes room for the test part.
  private mutating func figure(_ parity: ParityPlot, _ histogram: ErrorHistogram, _ text: String) {
    var histogram = histogram
    var panels = [parity]
    var text = text
    if parity.isDense, parity.series.count > 1 {
      panels = parity.panels
      if panels.count > 2, parity.series.contains(where: { $0.part == .test }) {
        panels.removeAll { $0.series.allSatisfy { $0.part == .validation } }
        text += " The validation part is left out at the left."
      }
    }
    let width = (1000 - 16 * Double(panels.count)) / Double(panels.count + 1)
    for index in panels.indices { panels[index].width = width }
    histogram.width = width
    histogram.height = panels.map(\.height).max() ?? histogram.height
    figure(panels.map { $0.markup() } + [histogram.markup()], text)
  }

  private func legend(_ part: PartReport, _ rmse: Double?) -> String {
    part.part.rawValue + (rmse.map { ", RMSE " + NumberFormatting.significant($0) } ?? "")
  }

  private func bias(_ part: PartReport, _ errors: [Double]) -> String {
    guard !errors.isEmpty else { return part.part.rawValue }
    let mean = errors.reduce(0, +) / Double(errors.count)
    let spread = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
    let decimals = NumberFormatting.decimals(for: [spread], significant: 2)
    return part.part.rawValue + ", mean " + NumberFormatting.fixed(mean, decimals)
  }

  private func edges(_ parity: Int, _ histogram: Int, _ counted: String) -> String {
    var text = ""
    if parity > 0 { text += " Drawn at the edge, being too far off: \(NumberFormatting.count(parity, counted))." }
    if histogram > 0 { text += " Beyond the ends of the histogram: \(NumberFormatting.count(histogram, counted))." }
    return text
  }
}

/// What energies are drawn against: the composition model where every frame has it, else the mean energy.
struct EnergyReference {
  private let usesComposition: Bool
  private let mean: Double

  init(_ parts: [PartReport]) {
    usesComposition = parts.allSatisfy { $0.errors.baselines?.compositionRMSE != nil }
    let labels = parts.flatMap { part in
      part.rows.compactMap { row in row.energyLabel.map { $0 / Double(row.atoms) } }
    }
    mean =
      parts.lazy.compactMap { $0.baseline?.meanPerAtom }.first
      ?? labels.reduce(0, +) / Double(max(1, labels.count))
  }

  var name: String { usesComposition ? "composition only" : "mean energy" }
  var quantity: String { usesComposition ? "Energy above composition fit" : "Energy above the mean" }

  var explanation: String {
    usesComposition ? "less what the composition alone says" : "less the mean energy per atom"
  }

  /// (label, predicted), meV/atom.
  func point(_ row: FrameErrors) -> SIMD2<Double>? {
    guard let label = row.energyLabel else { return nil }
    let atoms = Double(row.atoms)
    let zero = usesComposition ? (row.compositionEnergy ?? 0) / atoms : mean
    return [1000 * (label / atoms - zero), 1000 * (row.energyPredicted / atoms - zero)]
  }
}

extension HTMLReport {
  private mutating func writeLearningCurves() {
    guard let training = report.training, !training.log.isEmpty else { return }
    heading("Learning curve")
    var curves = [energyCurve(training), forceCurve(training)].filter { !$0.curves.isEmpty }
    if curves.isEmpty { curves = [lossCurve(training)] }
    if curves.count > 1 { for index in curves.indices { curves[index].width = 490 } }
    let drawings = curves.compactMap { $0.markup() }
    let end = training.log.last.map { NumberFormatting.count($0.epoch, "epoch") } ?? ""
    let reason = training.stopReason.map { "; ended: \($0.text)" } ?? ""
    guard !drawings.isEmpty else { return paragraph("No epoch gave a positive error to draw. \(end)\(reason).") }
    let best =
      training.bestEpoch.map { " The dashed line marks the best epoch, \(NumberFormatting.count($0))." } ?? ""
    let dotted =
      curves.contains { !$0.baselines.isEmpty } ? " Dotted: errors of the baselines on the part named." : ""
    figure(
      drawings, "Errors in the course of training: \(end)\(reason).\(best) Every epoch is in log.csv.\(dotted)")
  }

  private func energyCurve(_ training: RunReport.Training) -> LearningCurve {
    let judge = Verdict.judge(report.parts)
    let baselines = judge?.errors.baselines
    return LearningCurve(
      title: "Energy", quantity: "Energy RMSE (meV/atom)",
      curves: curves(training.log, 1000, \.trainingEnergyRMSE, \.validationEnergyRMSE),
      baselines: [("composition only", baselines?.compositionRMSE), ("mean energy", baselines?.meanEnergyRMSE)]
        .compactMap { Self.baseline($0, $1, judge?.part) }, bestEpoch: training.bestEpoch)
  }

  private func forceCurve(_ training: RunReport.Training) -> LearningCurve {
    let judge = Verdict.judge(report.parts)
    let zero = judge?.errors.baselines?.zeroForceRMSE
    return LearningCurve(
      title: "Forces", quantity: "Force RMSE (eV/Å)",
      curves: curves(training.log, 1, \.trainingForceRMSE, \.validationForceRMSE),
      baselines: [("zero force", zero)].compactMap { Self.baseline($0, $1, judge?.part) },
      bestEpoch: training.bestEpoch)
  }

  private func lossCurve(_ training: RunReport.Training) -> LearningCurve {
    let points = training.log.map { SIMD2(Double($0.epoch), $0.loss) }
    return LearningCurve(
      title: "Loss", quantity: "Loss", curves: [LearningCurve.Curve(part: .train, points: points)],
      baselines: [], bestEpoch: training.bestEpoch)
  }

  /// "composition only, test: 35.8".
  private static func baseline(_ text: String, _ value: Double?, _ part: DataPart?) -> LearningCurve.Baseline? {
    let place = part.map { ", \($0 == .all ? "all frames" : $0.rawValue)" } ?? ""
    return value.map {
      LearningCurve.Baseline(text: "\(text)\(place): \(NumberFormatting.significant($0))", value: $0)
    }
  }

  private func curves(
    _ log: [EpochRecord], _ scale: Double, _ training: KeyPath<EpochRecord, Double?>,
    _ validation: KeyPath<EpochRecord, Double?>
  ) -> [LearningCurve.Curve] {
    [(DataPart.train, training), (.validation, validation)].compactMap { part, key in
      let points = log.compactMap { record in
        record[keyPath: key].map { SIMD2(Double(record.epoch), scale * $0) }
      }
      return points.isEmpty ? nil : LearningCurve.Curve(part: part, points: points)
    }
  }
}
