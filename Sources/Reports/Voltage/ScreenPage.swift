import Simulations
import Structures

/// Voltage against stability: what is promising lies at the upper left.
struct ScreenPlot {
  var unit: String
  /// (meV/atom above the hull, voltage), best first.
  var points: [(place: SIMD2<Double>, name: String)]
  var width = 760.0
  var height = 460.0
  private static let named = 12

  func markup() -> Markup {
    let (xs, ys) = (points.map(\.place.x), points.map(\.place.y))
    let right = max(1, xs.max() ?? 1)
    let (low, high) = (ys.min() ?? 0, ys.max() ?? 1)
    let margin = max(0.1, 0.08 * (high - low))
    let frame = PlotFrame(
      x: PlotAxis(label: "Energy above the hull of the set (meV/atom)", lower: -0.04 * right, upper: 1.08 * right),
      y: PlotAxis(
        label: unit == "V" ? "Average voltage (V)" : "−ΔE/ΔN (\(unit))", lower: low - margin, upper: high + margin),
      width: width, height: height)
    var svg = SVGDocument(width: width, height: height, title: "Screening")
    frame.drawGrid(into: &svg)
    let places = points.map { frame.point($0.place.x, $0.place.y) }
    svg.marks(.circle, at: places, radius: places.count > 400 ? 2.4 : 3.6, fill: DataPart.all.color)
    svg.marks(.diamond, at: Array(places.prefix(Self.named)), radius: 4, fill: DataPart.test.color)
    for (point, place) in zip(points, places).prefix(Self.named) {
      let isFarRight = place.x > frame.left + 0.75 * (frame.right - frame.left)
      svg.text(
        point.name, at: place + [isFarRight ? -7 : 7, -5],
        .init(size: 11, anchor: isFarRight ? "end" : "start", color: PlotStyle.faint, hasHalo: true))
    }
    frame.drawAxes(title: "Screening: \(NumberFormatting.count(points.count, "host"))", into: &svg)
    return svg.markup
  }
}

extension ScreenReport {
  var plot: ScreenPlot {
    ScreenPlot(
      unit: reference.isAbsolute ? "V" : "eV/Li",
      points: entries.compactMap { entry in
        guard let volts = entry.row.volts, let above = entry.lithiatedAboveHull else { return nil }
        return (place: [1000 * above, volts], name: VoltageRow.formula(entry.row.lithiated))
      })
  }
}

/// `screen.html`, well-formed XML.
struct ScreenPage: NumberedPage {
  /// Rows of the table; the CSV has all.
  private static let mostRows = 500

  var figures = 0
  var tables = 0
  var page = Markup()

  init(_ report: ScreenReport) {
    open(title: "Screening")
    writeHeader(report)
    heading("Voltage against stability")
    figure(
      [report.plot.markup()],
      "Average voltage between the highest and the lowest lithium content of each host, against the energy of its lithiated "
        + "structure above the hull of the set. The first of the ranking are named. " + report.reference.sentence)
    heading("Ranking")
    let rest = report.entries.count - Self.mostRows
    table(
      report.table(first: Self.mostRows),
      "Hosts by \(report.ranking.rawValue). The hull is that of all \(report.structures) structures of the set: a host on it "
        + "may still decompose into something that is not in the set."
        + (rest > 0 ? " screen.csv has the other \(rest) hosts." : ""))
    heading("How to get this again")
    page.element("pre", text: report.run.command)
    page.newLine()
    list([.init("data", report.run.dataHash)], code: ["data"])
    close()
  }

  private mutating func writeHeader(_ report: ScreenReport) {
    let under = [
      report.run.potential.map { "model: \($0)" }, report.run.potentialFile, "geometry: \(report.run.geometry)",
      NumberFormatting.count(report.structures, "structure"),
    ].compactMap { $0 }
    page.element("header") { header in
      header.element("p", ["class": "kicker"], text: "Halite \(HaliteVersion.current) · screening")
      header.element("h1", text: NumberFormatting.count(report.entries.count, "host"))
      header.element("p", ["class": "under"], text: under.joined(separator: " · "))
      header.element("p", ["class": "under"], text: report.reference.text)
    }
    page.newLine()
    for note in report.notes { paragraph(note, style: "note warning") }
  }
}
