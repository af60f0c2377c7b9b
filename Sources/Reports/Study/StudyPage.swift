import Potentials
import Structures

/// `study.html`: one page with every figure and table of a study in it, no script and nothing to load.
struct StudyPage: NumberedPage {
  let study: Study
  let sections: [StudyFigure]
  var figures = 0
  var tables = 0
  var page = Markup()

  init(_ study: Study, figures: [StudyFigure]) {
    self.study = study
    sections = figures
    writePage()
  }

  var text: String { page.text }

  private mutating func writePage() {
    open(title: study.title, css: "\n" + Self.css)
    writeHeader()
    writeSummary()
    section("Errors")
    fold("Errors of every run, training and test part", StudyPageTables.everyRun(study), "errors.csv")
    writeMoreFrames()
    section("Errors where they are")
    for (title, division, file) in [
      ("Test errors by number of transition metals", StudyRun.Division.metals, "errors-by-metals.csv"),
      ("Test errors by lithiation", .lithiation, "errors-by-class.csv"),
    ] { fold(title, StudyPageTables.division(study, division), file) }
    fold("Test errors of forces by element", StudyPageTables.elements(study), "errors-by-element.csv")
    section("Lithiated and delithiated partners")
    fold("Errors of the differences", StudyPageTables.differences(study), "difference-errors.csv", isOpen: true)
    section("Effort")
    fold("Time and memory of every run", StudyPageTables.times(study), "times.csv")
    fold("Errors and times at epochs", StudyPageTables.epochs(study), "epochs.csv")
    section("Predictions against labels")
    section("Data")
    writeReproduction()
    close()
  }

  private static let css = """
    details { margin: 0 0 12px; font-family: 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif; }
    summary { font-size: 13.5px; cursor: pointer; padding: 3px 0; }
    figure .row { justify-content: flex-start; }
    summary code { color: #6a7077; }
    """

  private mutating func writeHeader() {
    let under = [
      NumberFormatting.count(study.frames, "frame"), study.split, study.potentials.joined(separator: ", "),
      NumberFormatting.count(study.runs.count, "run"),
    ]
    let title = study.title
    page.element("header") { header in
      header.element("p", ["class": "kicker"], text: "Halite \(HaliteVersion.current) · study")
      header.element("h1", text: title)
      header.element("p", ["class": "under"], text: under.joined(separator: " · "))
    }
    page.newLine()
    for sentence in StudyVerdict(study).sentences { paragraph(sentence, style: "verdict") }
    for failure in study.failures {
      let key = failure.key
      paragraph(
        "Failed: \(key.potential), \(key.size) frames, seed \(key.seed): \(failure.message)", style: "note warning")
    }
    if !study.missing.isEmpty {
      paragraph("Not done yet: \(NumberFormatting.count(study.missing.count, "run")).", style: "note warning")
    }
    for warning in StudyVerdict(study).warnings { paragraph(warning, style: "note warning") }
    for note in study.notes { paragraph(note, style: "note") }
  }

  private mutating func writeSummary() {
    guard let size = study.commonSize else { return }
    heading("The potentials at \(NumberFormatting.count(size)) frames")
    let seeds = study.seeds.count > 1 ? " Means over \(study.seeds.count) seeds." : ""
    table(
      StudyPageTables.summary(study, size),
      "Errors on the same training and test frames by the same code; in red what is worse than its baseline (for "
        + "energies, linear in the composition; forces and stresses, zero). Range: highest minus lowest predicted "
        + "energy per atom. Time of the training alone, and the peak memory of its process.\(seeds)")
  }

  private mutating func section(_ name: String) {
    let own = sections.filter { $0.section == name }
    guard !own.isEmpty else { return }
    heading(name)
    for part in own { figure(part.drawings.map(\.markup), part.caption) }
  }

  /// A table that opens at a click, with the name of the file that holds its numbers.
  private mutating func fold(_ title: String, _ table: TextTable, _ file: String, isOpen: Bool = false) {
    guard !table.rows.isEmpty else { return }
    page.element("details", ["open": isOpen ? "open" : ""]) { details in
      details.element("summary") { summary in
        summary.write(title + ": ")
        summary.element("code", text: "tables/" + file)
      }
      table.write(to: &details)
    }
    page.newLine()
  }

  private mutating func writeMoreFrames() {
    let table = StudyPageTables.moreFrames(study)
    guard !table.rows.isEmpty else { return }
    heading("What more frames would buy")
    self.table(
      table,
      "Test errors fitted by a power of the frames learned from, and what the law says of more of them; the range comes "
        + "from leaving out one size after the other. A law of three sizes is a guess; none knows of a floor, such as "
        + "noise of the labels or the limit of a potential's form.")
  }

  private mutating func writeReproduction() {
    list(
      [
        RunReport.Fact("Split", study.split), RunReport.Fact("Data hash", study.dataHash),
        RunReport.Fact("Split hash", study.splitHash),
      ], code: ["Data hash", "Split hash"])
    heading("Settings")
    page.element("pre", ["class": "settings"], text: study.settings)
    page.newLine()
    heading("How to get this again")
    page.element("pre", text: study.command)
    page.newLine()
    page.element("p", ["class": "foot"]) { foot in
      foot.write("Halite \(HaliteVersion.current). Every figure is a file of its own in ")
      foot.element("code", text: "figures")
      foot.write(", with the numbers that it shows beside it; every table in ")
      foot.element("code", text: "tables")
      foot.write("; every run with its report in ")
      foot.element("code", text: "runs")
      foot.write(". The paper: doi:10.1021/acs.jctc.4c00039.")
    }
    page.newLine()
  }
}
