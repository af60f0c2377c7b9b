import Foundation

/// An error against the epoch on a logarithmic axis, with the baselines that it has to get below.
struct LearningCurve {
  struct Curve {
    var part: DataPart
    /// (epoch, value).
    var points: [SIMD2<Double>]
    var legend: String
  }

  struct Baseline {
    var text: String
    var value: Double
  }

  var title: String
  /// Name and unit: "Energy RMSE (meV/atom)".
  var quantity: String
  var curves: [Curve]
  var baselines: [Baseline]
  var bestEpoch: Int?
  var width = 1000.0
  var height = 340.0

  /// nil where no epoch has a positive value.
  func markup() -> Markup? {
    let drawn = curves.map { curve in
      Curve(part: curve.part, points: Self.thinned(curve.points.filter { $0.y > 0 && $0.y.isFinite }), legend: curve.legend)
    }.filter { !$0.points.isEmpty }
    guard let frame = self.frame(of: drawn) else { return nil }
    var svg = SVGDocument(width: width, height: height, title: title)
    frame.drawGrid(into: &svg)
    drawBaselines(frame, into: &svg)
    drawBestEpoch(frame, into: &svg)
    for curve in drawn {
      let places = curve.points.map { frame.point($0.x, $0.y) }
      let stroke = SVGDocument.Stroke(color: curve.part.color, width: 1.8, dashes: curve.part.dashes)
      if places.count == 1 {
        svg.marks(curve.part.mark, at: places, radius: 4, fill: curve.part.color)
      } else {
        svg.polyline(places, stroke)
      }
    }
    frame.drawAxes(title: title, into: &svg)
    let entries = drawn.map { PlotLegend.Entry(part: $0.part, text: $0.legend) }
    PlotLegend(entries: entries, usesLines: true).draw(at: [frame.right, frame.top], fromRight: true, into: &svg)
    return svg.markup
  }

  /// A baseline within a factor of 5 of the curves is shown; further off it would only flatten them.
  private func frame(of curves: [Curve]) -> PlotFrame? {
    let values = curves.flatMap { $0.points.map(\.y) }
    let epochs = curves.flatMap { $0.points.map(\.x) }
    guard var lower = values.min(), var upper = values.max(), let first = epochs.min(), let last = epochs.max()
    else { return nil }
    let near = baselines.map(\.value).filter { $0 > lower / 5 && $0 < upper * 5 }
    lower = min(lower, near.min() ?? lower) / 1.3
    upper = max(upper, near.max() ?? upper) * 1.6
    return PlotFrame(
      x: PlotAxis(label: "Epoch", lower: first, upper: last > first ? last : first + 1),
      y: PlotAxis(label: quantity, lower: lower, upper: upper, isLogarithmic: true), width: width, height: height)
  }

  private func drawBaselines(_ frame: PlotFrame, into svg: inout SVGDocument) {
    for baseline in baselines where baseline.value > frame.y.lower && baseline.value < frame.y.upper {
      let end = frame.point(frame.x.upper, baseline.value)
      let stroke = SVGDocument.Stroke(color: PlotStyle.baseline, width: 1.2, dashes: "2 3")
      svg.line(from: frame.point(frame.x.lower, baseline.value), to: end, stroke)
      let style = SVGDocument.TextStyle(size: 11.5, anchor: "end", color: PlotStyle.baseline, hasHalo: true)
      svg.text(baseline.text, at: end + [-6, -5], style)
    }
  }

  private func drawBestEpoch(_ frame: PlotFrame, into svg: inout SVGDocument) {
    guard let bestEpoch, case let epoch = Double(bestEpoch), epoch >= frame.x.lower, epoch <= frame.x.upper
    else { return }
    let place = frame.point(epoch, frame.y.lower)
    let stroke = SVGDocument.Stroke(color: PlotStyle.frame, dashes: "1 3")
    svg.line(from: place, to: [place.x, frame.top], stroke)
    let isRight = frame.x.fraction(of: epoch) > 0.5
    let style = SVGDocument.TextStyle(
      size: 11.5, anchor: isRight ? "end" : "start", color: PlotStyle.faint, hasHalo: true)
    svg.text("best epoch \(bestEpoch)", at: place + [isRight ? -6 : 6, -7], style)
  }

  /// At most 400 columns of four points: first, lowest, highest, last, in their order; no peak is lost.
  static func thinned(_ points: [SIMD2<Double>], columns: Int = 400) -> [SIMD2<Double>] {
    guard points.count > 4 * columns else { return points }
    var result: [SIMD2<Double>] = []
    for column in 0..<columns {
      let range = (points.count * column / columns)..<(points.count * (column + 1) / columns)
      guard let lowest = range.min(by: { points[$0].y < points[$1].y }),
        let highest = range.max(by: { points[$0].y < points[$1].y })
      else { continue }
      let kept = Set([range.lowerBound, lowest, highest, range.upperBound - 1]).sorted()
      result += kept.map { points[$0] }
    }
    return result
  }
}
