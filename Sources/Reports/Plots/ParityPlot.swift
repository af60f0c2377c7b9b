import Foundation

/// Predictions against labels; points on the diagonal are right.
///
/// Up to 2,000 points a part are drawn one by one, the parts in one box. More are counted on a grid of about 2.5
/// pixels, lighter to darker, and each part has a box of its own.
struct ParityPlot {
  struct Series {
    var part: DataPart
    /// (label, predicted).
    var points: [SIMD2<Double>]
    var legend: String
  }

  var title: String
  /// Name and unit of the quantity: "Force component (eV/Å)".
  var quantity: String
  var series: [Series]
  /// What the horizontal line at zero is: "composition only".
  var baseline: String
  var width = 490.0
  /// A part with more points is counted on a grid.
  var mostPoints = 2000
  /// Of both axes.
  let range: ClosedRange<Double>

  init(title: String, quantity: String, series: [Series], baseline: String) {
    self.title = title
    self.quantity = quantity
    self.series = series
    self.baseline = baseline
    range = Self.range(of: series)
  }

  /// The range of the labels, widened by predictions that are not absurd (half a range outside), and a margin.
  private static func range(of series: [Series]) -> ClosedRange<Double> {
    let labels = series.flatMap { $0.points.lazy.map(\.x) }
    guard var lower = labels.min(), var upper = labels.max() else { return -1...1 }
    let reach = upper > lower ? (upper - lower) / 2 : .infinity
    let allowed = (lower - reach)...(upper + reach)
    for point in series.lazy.flatMap(\.points) where allowed.contains(point.y) {
      lower = min(lower, point.y)
      upper = max(upper, point.y)
    }
    if upper <= lower { (lower, upper) = (lower - 1, upper + 1) }
    let margin = 0.04 * (upper - lower)
    return (lower - margin)...(upper + margin)
  }

  /// Points whose prediction lies so far off that it is drawn at the edge.
  var outside: Int { series.reduce(0) { $0 + $1.points.lazy.filter { !range.contains($0.y) }.count } }

  var isDense: Bool { series.contains { $0.points.count > mostPoints } }

  /// The same axes with one part in each plot.
  var panels: [ParityPlot] {
    series.map { part in
      var panel = self
      panel.series = [part]
      panel.title = series.count > 1 ? "\(title), \(part.part.rawValue)" : title
      return panel
    }
  }

  private var frame: PlotFrame {
    let axis = { PlotAxis(label: $0, lower: range.lowerBound, upper: range.upperBound) }
    return PlotFrame(x: axis("\(quantity), label"), y: axis("\(quantity), predicted"), width: width)
  }

  var height: Double { frame.height }

  func markup() -> Markup {
    let frame = frame
    var svg = SVGDocument(width: width, height: frame.height, title: title)
    frame.drawGrid(into: &svg)
    drawReferences(frame, into: &svg)
    for part in series { draw(part, frame, into: &svg) }
    frame.drawAxes(title: title, into: &svg)
    let entries = series.map { PlotLegend.Entry(part: $0.part, text: $0.legend) }
    PlotLegend(entries: entries, usesLines: false).draw(at: [frame.left, frame.top], into: &svg)
    return svg.markup
  }

  private func drawReferences(_ frame: PlotFrame, into svg: inout SVGDocument) {
    let (lower, upper) = (range.lowerBound, range.upperBound)
    if range.contains(0) {
      let stroke = SVGDocument.Stroke(color: PlotStyle.baseline, dashes: "2 3")
      svg.line(from: frame.point(lower, 0), to: frame.point(upper, 0), stroke)
      let style = SVGDocument.TextStyle(size: 11, anchor: "end", color: PlotStyle.faint, hasHalo: true)
      svg.text(baseline, at: frame.point(upper, 0) + [-4, 14], style)
    }
    let diagonal = SVGDocument.Stroke(color: PlotStyle.frame, width: 1.2)
    svg.line(from: frame.point(lower, lower), to: frame.point(upper, upper), diagonal)
  }

  private func draw(_ part: Series, _ frame: PlotFrame, into svg: inout SVGDocument) {
    if part.points.count > mostPoints { return drawRaster(part, frame, into: &svg) }
    let places = part.points.map { frame.point($0.x, min(max($0.y, range.lowerBound), range.upperBound)) }
    svg.marks(part.part.mark, at: places, radius: places.count > 400 ? 2.4 : 3.2, fill: part.part.color)
  }

  private func drawRaster(_ part: Series, _ frame: PlotFrame, into svg: inout SVGDocument) {
    let side = frame.right - frame.left
    let raster = raster(of: part, frame)
    let levels = raster.levels(part.part.ramp.count)
    for (level, color) in part.part.ramp.enumerated() {
      let runs = DensityRaster.runs(of: level, in: levels, side: raster.side)
      if runs.isEmpty { continue }
      svg.raster(runs, origin: [frame.left, frame.top], cell: side / Double(raster.side), color: color)
    }
  }

  /// What is drawn: the points, or the counts on the grid with the middle of each cell.
  var csv: String {
    var table = CSVTable(columns: ["part", "label", "predicted", "count"])
    for part in series {
      guard part.points.count > mostPoints else {
        for point in part.points { table.append([part.part.rawValue, "\(point.x)", "\(point.y)", "1"]) }
        continue
      }
      let raster = raster(of: part, frame)
      for (cell, count) in raster.counts.enumerated() where count > 0 {
        let place = SIMD2(Double(cell % raster.side), Double(cell / raster.side)) + 0.5
        let value = range.lowerBound + (range.upperBound - range.lowerBound) / Double(raster.side) * place
        table.append([part.part.rawValue, "\(value.x)", "\(value.y)", String(count)])
      }
    }
    return table.text
  }

  private func raster(of part: Series, _ frame: PlotFrame) -> DensityRaster {
    var raster = DensityRaster(side: max(1, Int((frame.right - frame.left) / 2.5)))
    for point in part.points { raster.add([frame.x.fraction(of: point.x), frame.y.fraction(of: point.y)]) }
    return raster
  }
}
