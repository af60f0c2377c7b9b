import Foundation

/// Predictions against labels, each part in its colour; points on the diagonal are right.
///
/// Up to 2,000 points a part are drawn one by one; more are counted on a grid of 2.5 pixels, lighter to darker.
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

  /// Points whose prediction lies so far off that it is drawn at the edge.
  var outside: Int {
    let range = self.range
    return series.reduce(0) { $0 + $1.points.lazy.filter { !range.contains($0.y) }.count }
  }

  /// The range of the labels, widened by predictions that are not absurd (half a range outside), and a margin.
  private var range: ClosedRange<Double> {
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

  func markup() -> Markup {
    let range = self.range
    let axis = { PlotAxis(label: $0, lower: range.lowerBound, upper: range.upperBound) }
    let frame = PlotFrame(
      x: axis("\(quantity), label"), y: axis("\(quantity), predicted"), width: width, height: width - 26)
    var svg = SVGDocument(width: width, height: width - 26, title: title)
    frame.drawGrid(into: &svg)
    drawReferences(frame, range, into: &svg)
    if series.contains(where: { $0.points.count > 2000 }) {
      drawRaster(frame, into: &svg)
    } else {
      for part in series {
        let places = part.points.map { frame.point($0.x, min(max($0.y, range.lowerBound), range.upperBound)) }
        svg.marks(part.part.mark, at: places, radius: places.count > 400 ? 2.4 : 3.2, fill: part.part.color)
      }
    }
    frame.drawAxes(title: title, into: &svg)
    let entries = series.map { PlotLegend.Entry(part: $0.part, text: $0.legend) }
    PlotLegend(entries: entries, usesLines: false).draw(at: [frame.left, frame.top], fromRight: false, into: &svg)
    return svg.markup
  }

  private func drawReferences(_ frame: PlotFrame, _ range: ClosedRange<Double>, into svg: inout SVGDocument) {
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

  private func drawRaster(_ frame: PlotFrame, into svg: inout SVGDocument) {
    let cells = 150
    // Later parts cover earlier ones, so each cell is written once.
    var top = [(part: Int, level: Int)](repeating: (-1, -1), count: cells * cells)
    for (index, part) in series.enumerated() {
      var raster = DensityRaster(side: cells)
      for point in part.points { raster.add([frame.x.fraction(of: point.x), frame.y.fraction(of: point.y)]) }
      for (cell, level) in raster.levels(4).enumerated() where level >= 0 { top[cell] = (index, level) }
    }
    let scale = (frame.right - frame.left) / Double(cells)
    let stretch = (frame.bottom - frame.top) / Double(cells)
    for (index, part) in series.enumerated() {
      let levels = top.map { $0.part == index ? $0.level : -1 }
      for level in 0..<4 {
        let runs = DensityRaster.runs(of: level, in: levels, side: cells)
        if runs.isEmpty { continue }
        svg.raster(
          runs, origin: [frame.left, frame.top], cell: [scale, stretch], color: part.part.ramp[level])
      }
    }
  }
}
