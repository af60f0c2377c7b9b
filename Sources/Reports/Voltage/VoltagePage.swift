import Simulations
import Structures

extension VoltageReport {
  /// `voltage.html`: one page with everything in it, no script and nothing to load.
  public var html: String { VoltagePage(self).page.text }
}

/// The page of a voltage report; well-formed XML.
struct VoltagePage: NumberedPage {
  private static let mostProfiles = 24

  let report: VoltageReport
  var figures = 0
  var tables = 0
  var page = Markup()

  init(_ report: VoltageReport) {
    self.report = report
    open(title: "Voltages")
    writeHeader()
    writeVoltages()
    writeProfiles()
    writeReproduction()
    close()
  }

  private mutating func writeHeader() {
    let report = report
    let under = [
      report.run.potential.map { "model: \($0)" } ?? "labels", report.run.potentialFile,
      "geometry: \(report.run.geometry)", NumberFormatting.count(report.series.count, "host"),
    ].compactMap { $0 }
    page.element("header") { header in
      header.element("p", ["class": "kicker"], text: "Halite \(HaliteVersion.current) · voltages")
      header.element(
        "h1",
        text: report.reference.isAbsolute ? "Intercalation voltages" : "Intercalation voltages, differences only")
      header.element("p", ["class": "under"], text: under.joined(separator: " · "))
      header.element("p", ["class": "under"], text: report.reference.text)
    }
    page.newLine()
    for line in report.statisticsLines { paragraph(line) }
    for note in report.notes { paragraph(note, style: "note") }
    if report.alone > 0 {
      paragraph(
        "\(NumberFormatting.count(report.alone, "structure")) without a partner of another lithium content: left out.",
        style: "note warning")
    }
  }

  private mutating func writeVoltages() {
    heading("Voltages")
    if let parity = report.parity {
      figure(
        [parity.markup()],
        "Model against label, from the highest to the lowest lithium content of each host"
          + (report.steps.isEmpty ? "." : ", and between neighbouring contents.")
          + (report.whole.contains { $0.deviation != nil } ? " Bars: standard deviation of the committee." : ""))
    }
    table(
      report.wholeTable,
      "Average voltage between the highest and the lowest content of each host, Li for each transition metal. "
        + report.reference.sentence + " Errors are model less label, volumes delithiated against lithiated.")
    if !report.steps.isEmpty { table(report.stepTable, "The same between neighbouring contents.") }
  }

  private mutating func writeProfiles() {
    guard let table = report.profileTable else { return }
    heading("Voltage against content")
    let rich = report.series.filter { $0.steps.count > 1 }
    let drawings = rich.prefix(Self.mostProfiles).compactMap {
      VoltageProfilePlot(title: $0.name, unit: report.unit, model: $0.profile, label: $0.labelProfile).markup()
    }
    if !drawings.isEmpty {
      let rest = rich.count - drawings.count
      figure(
        drawings,
        "Voltages between neighbours on the lower hull: by the model (full line) and by the labels (broken line). Marks at "
          + "the foot are contents above the hull, which do not form."
          + (rest > 0 ? " The first \(drawings.count) hosts; the table has all." : ""))
    }
    self.table(table, "Plateaus, and contents above the hull with the distance of their lowest structure.")
  }

  private mutating func writeReproduction() {
    heading("How to get this again")
    page.element("pre", text: report.run.command)
    page.newLine()
    list([.init("data", report.run.dataHash)], code: ["data"])
    paragraph(
      "V = −[E₁ − E₂ − (N₁ − N₂) E(Li)]/(N₁ − N₂), energies for the same host; pΔV, vibrations and entropy are left out."
    )
  }
}
