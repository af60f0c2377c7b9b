extension HTMLReport {
  mutating func writeHeader() {
    let frames = report.parts.reduce(0) { $0 + $1.errors.frames }
    let atoms = report.parts.reduce(0) { $0 + $1.errors.atoms }
    let under = [
      report.run.potentialFile, NumberFormatting.count(frames, "frame"), NumberFormatting.count(atoms, "atom"),
      NumberFormatting.duration(report.run.seconds),
    ].compactMap { $0 }
    let (title, version) = (title, report.run.version)
    let occasion = report.training == nil ? "evaluation" : "training"
    page.element("header") { header in
      header.element("p", ["class": "kicker"], text: "Halite \(version) · \(occasion) report")
      header.element("h1", text: title)
      header.element("p", ["class": "under"], text: under.joined(separator: " · "))
      if let labels = report.run.fittedLabels {
        header.element("p", ["class": "under"], text: "fitted to: " + labels.joined(separator: " "))
      }
    }
    page.newLine()
    let verdict = report.verdict
    paragraph(verdict.sentence, style: "verdict")
    for warning in verdict.warnings { paragraph(warning, style: "note warning") }
    for note in report.notes { paragraph(note, style: "note") }
    writeKeyFigures()
  }

  private mutating func writeKeyFigures() {
    guard let judge = Verdict.judge(report.parts) else { return }
    let figures = KeyFigure.all(judge, fittedLabels: report.run.fittedLabels)
    guard !figures.isEmpty else { return }
    page.element("div", ["class": "figures"]) { row in
      for figure in figures { figure.write(to: &row) }
    }
    page.newLine()
  }

  mutating func writeErrors() {
    let table = report.table
    guard !table.blocks.isEmpty else { return }
    heading("Errors")
    let number = nextTable()
    page.appendVerbatim("<figure>")
    for block in table.blocksOfEqualWidth { block.write(to: &page, style: "errors") }
    caption(number, explanation(Set(table.blocks.flatMap { $0.columns.map(\.title) })))
    page.appendVerbatim("</figure>\n")
  }

  mutating func writeChange() {
    guard let change = report.change else { return }
    heading("Change against the potential that the training began from")
    table(
      change.table,
      "Root mean square errors of the old and the new potential on frames that neither learned from. The old test part "
        + "shows what was forgotten, the new one what was gained.")
  }

  private func explanation(_ titles: Set<String>) -> String {
    let zeros = [("zero force", "every force zero"), ("zero stress", "every stress zero")]
      .filter { titles.contains($0.0) }.map(\.1)
    let baselines = ([energyBaselines(titles)] + zeros).compactMap { $0 }
    var text =
      baselines.isEmpty
      ? "Errors." : "Errors, and in grey the RMSE of baselines: \(baselines.joined(separator: "; "))."
    let baseline = report.parts.lazy.compactMap(\.baseline).first
    if let omission = baseline?.omission { text += " There is no composition model to compare with: \(omission)." }
    if titles.contains("MAE/range, %") { text += " Range: highest minus lowest predicted energy per atom." }
    if titles.contains("zero force") { text += " Forces count per component." }
    if titles.contains("zero stress") { text += " Stresses count per component, six a frame." }
    return text
  }

  /// What the energies are compared with and which frames that was fitted to.
  private func energyBaselines(_ titles: Set<String>) -> String? {
    let models = [
      ("mean energy", "every frame at the mean energy per atom"),
      ("composition only", "an energy linear in the composition"),
    ].filter { titles.contains($0.0) }.map(\.1)
    guard !models.isEmpty, let baseline = report.parts.lazy.compactMap(\.baseline).first else { return nil }
    return models.joined(separator: " and ") + ", fitted to \(baseline.origin)"
  }
}
