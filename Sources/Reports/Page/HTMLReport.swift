import Foundation

/// `report.html`: one page with everything in it, no script and nothing to load; the markup is well-formed XML.
struct HTMLReport {
  let report: RunReport
  /// Figures and tables are numbered through.
  private var figures = 0
  private var tables = 0
  var page = Markup()

  init(_ report: RunReport) {
    self.report = report
    writePage()
  }

  var text: String { page.text }

  private mutating func writePage() {
    page.appendVerbatim("<!DOCTYPE html>\n<html lang=\"en\">\n")
    let title = title
    page.element("head") { head in
      head.empty("meta", ["charset": "utf-8"])
      head.empty("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      head.element("title", text: "\(title) · Halite")
      head.element("style") { $0.appendVerbatim(PageStyle.css) }
    }
    page.appendVerbatim("\n<body><main>\n")
    writeHeader()
    writeErrors()
    writeFigures()
    writeGroups()
    writeWorst()
    writeData()
    writeReproduction()
    page.appendVerbatim("</main></body>\n</html>\n")
  }

  var title: String {
    (report.training == nil ? "Evaluation of " : "Training of ")
      + (report.run.potential.count <= 6 ? report.run.potential.uppercased() : report.run.potential)
  }

  /// "Table 3. "
  mutating func nextTable() -> String {
    tables += 1
    return "Table \(tables)."
  }

  mutating func nextFigure() -> String {
    figures += 1
    return "Figure \(figures)."
  }

  mutating func heading(_ text: String) {
    page.element("h2", text: text)
    page.newLine()
  }

  mutating func paragraph(_ text: String, style: String = "") {
    page.element("p", ["class": style], text: text)
    page.newLine()
  }

  mutating func caption(_ number: String, _ text: String) {
    page.element("figcaption") { caption in
      caption.element("b", text: number)
      caption.write(" " + text)
    }
    page.newLine()
  }

  /// A table with its number and what it says.
  mutating func table(_ table: TextTable, _ text: String) {
    let number = nextTable()
    page.appendVerbatim("<figure>")
    table.write(to: &page)
    caption(number, text)
    page.appendVerbatim("</figure>\n")
  }

  mutating func list(_ facts: [RunReport.Fact], code: Set<String> = []) {
    guard !facts.isEmpty else { return }
    page.element("dl") { list in
      for fact in facts {
        list.element("dt", text: fact.name)
        list.element("dd") { value in
          if code.contains(fact.name) { value.element("code", text: fact.value) } else { value.write(fact.value) }
        }
        list.newLine()
      }
    }
    page.newLine()
  }
}

extension HTMLReport {
  fileprivate mutating func writeHeader() {
    let frames = report.parts.reduce(0) { $0 + $1.errors.frames }
    let atoms = report.parts.reduce(0) { $0 + $1.errors.atoms }
    let under = [
      report.run.potentialFile, "\(NumberFormatting.count(frames)) frames", "\(NumberFormatting.count(atoms)) atoms",
      NumberFormatting.duration(report.run.seconds),
    ].compactMap { $0 }
    let (title, version) = (title, report.run.version)
    page.element("header") { header in
      header.element("p", ["class": "kicker"], text: "Halite \(version) · report")
      header.element("h1", text: title)
      header.element("p", ["class": "under"], text: under.joined(separator: " · "))
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
    let figures = KeyFigure.all(judge)
    guard !figures.isEmpty else { return }
    page.element("div", ["class": "figures"]) { row in
      for figure in figures { figure.write(to: &row) }
    }
    page.newLine()
  }

  fileprivate mutating func writeErrors() {
    let table = report.table
    guard !table.blocks.isEmpty else { return }
    heading("Errors")
    for block in table.blocks { self.table(block.table, block.title + ". " + explanation(block)) }
  }

  private func explanation(_ block: ErrorTable.Block) -> String {
    let titles = block.table.columns.map(\.title)
    let origin = report.parts.lazy.compactMap(\.baseline).first.map {
      $0.part == .all ? "these frames" : "the \($0.part.rawValue) part"
    }
    var text = ""
    if titles.contains("mean energy") {
      text += "Baselines in grey: every frame at the mean energy per atom"
      text += titles.contains("composition only") ? ", and an energy linear in the composition, both" : ""
      text += origin.map { ", fitted to \($0)" } ?? ""
      text += ". Range: highest minus lowest predicted energy per atom."
    }
    if titles.contains("zero force") { text += "Baseline in grey: every force zero." }
    if titles.contains("zero stress, GPa") {
      text += "Six components a frame, tensile positive. Baseline in grey: every stress zero."
    }
    return text
  }
}

/// One large number at the head of the page, its baseline below.
private struct KeyFigure {
  var name: String
  var value: Double
  var unit: String
  var baseline: Double?
  var baselineName: String

  static func all(_ part: PartReport) -> [KeyFigure] {
    let errors = part.errors
    let place = part.part == .all ? "" : ", \(part.part.rawValue)"
    let composition = errors.baselines?.compositionRMSE != nil
    return [
      errors.energy.map {
        KeyFigure(
          name: "Energy RMSE" + place, value: $0.rmse, unit: "meV/atom", baseline: errors.bestEnergyBaseline,
          baselineName: composition ? "composition only" : "mean energy")
      },
      errors.forces.map {
        KeyFigure(
          name: "Force RMSE" + place, value: $0.rmse, unit: "eV/Å", baseline: errors.baselines?.zeroForceRMSE,
          baselineName: "zero force")
      },
      errors.stress.map {
        KeyFigure(
          name: "Stress RMSE" + place, value: $0.rmse, unit: "GPa", baseline: part.zeroStressRMSE,
          baselineName: "zero stress")
      },
    ].compactMap { $0 }
  }

  func write(to row: inout Markup) {
    let isPoor = baseline.map { value > $0 } ?? false
    row.element("div", ["class": isPoor ? "poor" : ""]) { box in
      box.element("span", text: name)
      box.element("b") { number in
        number.write(NumberFormatting.significant(value))
        number.element("small", text: " " + unit)
      }
      if let baseline {
        box.element("span", text: "\(baselineName): \(NumberFormatting.significant(baseline))")
      }
    }
  }
}
