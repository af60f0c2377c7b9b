import Foundation

/// Series of points over numbers or names: times against sizes, errors against classes.
struct SeriesPlot {
  struct Series {
    var name: String
    var style: SeriesStyle
    var points: [SIMD2<Double>]
    var hasLine = true
    /// Marks with a white middle: what belongs to a second kind (training beside test).
    var isHollow = false
  }

  /// A dotted line at a height.
  struct Level {
    var text: String
    var value: Double
  }

  var title: String
  /// Name and unit.
  var across: String
  /// Names of 1, 2, … along the horizontal axis; empty for numbers.
  var names: [String] = []
  /// Name and unit.
  var up: String
  var series: [Series]
  var levels: [Level] = []
  var isLogarithmicAcross = false
  /// A linear axis begins at zero.
  var isLogarithmicUp = false
  var width = 490.0
  var height = 330.0

  /// nil where no point can be drawn.
  func markup() -> Markup? {
    let drawn = series.map { series in
      var series = series
      series.points = series.points.filter(canBeDrawn)
      return series
    }.filter { !$0.points.isEmpty }
    guard let frame = frame(of: drawn) else { return nil }
    var svg = SVGDocument(width: width, height: height, title: title)
    frame.drawGrid(into: &svg)
    drawLevels(frame, into: &svg)
    for series in drawn { draw(series, frame, into: &svg) }
    frame.drawAxes(title: title, into: &svg)
    drawLegend(drawn, frame, into: &svg)
    return svg.markup
  }

  private func canBeDrawn(_ point: SIMD2<Double>) -> Bool {
    point.x.isFinite && point.y.isFinite && (!isLogarithmicAcross || point.x > 0)
      && (!isLogarithmicUp || point.y > 0)
  }

  private func frame(of series: [Series]) -> PlotFrame? {
    let points = series.flatMap(\.points)
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(), var lower = points.map(\.y).min(),
      var upper = points.map(\.y).max()
    else { return nil }
    let near = levels.map(\.value).filter { $0 > 0 && $0 < 3 * upper }
    upper = max(upper, near.max() ?? upper)
    if isLogarithmicUp {
      lower = min(lower, near.min() ?? lower)
      (lower, upper) = (lower / 1.3, upper * 1.3)
    } else {
      (lower, upper) = (min(0, lower), upper > 0 ? 1.08 * upper : 1)
    }
    return PlotFrame(
      x: xAxis(left, right), y: PlotAxis(label: up, lower: lower, upper: upper, isLogarithmic: isLogarithmicUp),
      width: width, height: height, margin: 44 + 7.2 * Double(series.map(\.name.count).max() ?? 0))
  }

  private func xAxis(_ left: Double, _ right: Double) -> PlotAxis {
    if !names.isEmpty {
      return PlotAxis(label: across, lower: 0.5, upper: Double(names.count) + 0.5, names: names)
    }
    if isLogarithmicAcross {
      let margin = right > left ? pow(right / left, 0.05) : 1.5
      return PlotAxis(label: across, lower: left / margin, upper: right * margin, isLogarithmic: true)
    }
    let margin = right > left ? 0.05 * (right - left) : max(1, abs(left) / 2)
    return PlotAxis(label: across, lower: left - margin, upper: right + margin)
  }

  private func draw(_ series: Series, _ frame: PlotFrame, into svg: inout SVGDocument) {
    let places = series.points.map { frame.point($0.x, $0.y) }
    if series.hasLine, places.count > 1 {
      svg.polyline(
        places, SVGDocument.Stroke(color: series.style.color, width: 1.6, dashes: series.style.dashes))
    }
    drawMarks(series, at: places, into: &svg)
  }

  private func drawMarks(_ series: Series, at places: [SIMD2<Double>], into svg: inout SVGDocument) {
    // Hundreds of points are a line.
    guard places.count <= 60 || !series.hasLine else { return }
    svg.marks(series.style.mark, at: places, radius: 4.4, fill: series.style.color, opacity: 1)
    if series.isHollow { svg.marks(series.style.mark, at: places, radius: 2.4, fill: "#ffffff", opacity: 1) }
  }

  private func drawLevels(_ frame: PlotFrame, into svg: inout SVGDocument) {
    for level in levels where level.value > frame.y.lower && level.value < frame.y.upper {
      let end = frame.point(frame.x.upper, level.value)
      svg.line(
        from: frame.point(frame.x.lower, level.value), to: end,
        SVGDocument.Stroke(color: PlotStyle.baseline, width: 1.2, dashes: "2 3"))
      let style = SVGDocument.TextStyle(size: 11, anchor: "end", color: PlotStyle.baseline, hasHalo: true)
      svg.text(level.text, at: end + [-4, -5], style)
    }
  }

  /// At the right of the box, in the order of the series.
  private func drawLegend(_ series: [Series], _ frame: PlotFrame, into svg: inout SVGDocument) {
    for (row, series) in series.enumerated() {
      let center: SIMD2<Double> = [frame.right + 18, frame.top + 10 + 18 * Double(row)]
      if series.hasLine {
        let stroke = SVGDocument.Stroke(color: series.style.color, width: 1.6, dashes: series.style.dashes)
        svg.line(from: center - [11, 0], to: center + [11, 0], stroke)
      }
      svg.marks(series.style.mark, at: [center], radius: 4, fill: series.style.color, opacity: 1)
      if series.isHollow { svg.marks(series.style.mark, at: [center], radius: 2.1, fill: "#ffffff", opacity: 1) }
      svg.text(series.name, at: center + [15, 4])
    }
  }
}
