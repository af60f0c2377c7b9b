import Foundation

/// An error against the epoch on a logarithmic axis, with the baselines that it has to get below.
struct LearningCurve {
  struct Curve {
    var part: DataPart
    /// (epoch, value).
    var points: [SIMD2<Double>]
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
  var height = 330.0

  /// nil where no epoch has a positive value.
  func markup() -> Markup? {
    let drawn = curves.map { curve in
      Curve(part: curve.part, points: Self.thinned(curve.points.filter { $0.y > 0 && $0.y.isFinite }))
    }.filter { !$0.points.isEmpty }
    guard let frame = frame(of: drawn) else { return nil }
    var svg = SVGDocument(width: width, height: height, title: title)
    frame.drawGrid(into: &svg)
    drawBaselines(frame, into: &svg)
    drawBestEpoch(frame, into: &svg)
    for curve in drawn.reversed() {
      let places = curve.points.map { frame.point($0.x, $0.y) }
      svg.polyline(places, SVGDocument.Stroke(color: curve.part.color, width: 1.7))
      if places.count == 1 { svg.marks(curve.part.mark, at: places, radius: 4, fill: curve.part.color) }
    }
    drawNames(drawn, frame, into: &svg)
    frame.drawAxes(title: title, into: &svg)
    return svg.markup
  }

  /// A baseline within a factor of 5 of the curves is shown; further off it would only flatten them.
  private func frame(of curves: [Curve]) -> PlotFrame? {
    let values = curves.flatMap { $0.points.map(\.y) }
    let epochs = curves.flatMap { $0.points.map(\.x) }
    guard var lower = values.min(), var upper = values.max(), let first = epochs.min(), let last = epochs.max()
    else { return nil }
    let near = baselines.map(\.value).filter { $0 > lower / 5 && $0 < upper * 5 }
    lower = min(lower, near.min() ?? lower) / 1.25
    upper = max(upper, near.max() ?? upper) * 1.5
    return PlotFrame(
      x: PlotAxis(label: "Epoch", lower: first, upper: last > first ? last : first + 1),
      y: PlotAxis(label: quantity, lower: lower, upper: upper, isLogarithmic: true), width: width, height: height,
      margin: 12 + 7.4 * Double(curves.map { Self.name($0).count }.max() ?? 0))
  }

  /// Name and last value at the end of each curve, moved apart where they would touch.
  private func drawNames(_ curves: [Curve], _ frame: PlotFrame, into svg: inout SVGDocument) {
    let ends = curves.compactMap { curve in
      curve.points.last.map { (curve: curve, place: frame.point($0.x, $0.y)) }
    }.sorted { $0.place.y < $1.place.y }
    var above = -Double.infinity
    for end in ends {
      let height = max(end.place.y, above + 15)
      above = height
      svg.text(
        Self.name(end.curve), at: [frame.right + 6, height + 4],
        SVGDocument.TextStyle(size: 12, color: end.curve.part.ramp[3], isBold: true))
    }
  }

  /// "validation 6.09": the part and the last value.
  private static func name(_ curve: Curve) -> String {
    curve.part.rawValue + (curve.points.last.map { " " + NumberFormatting.significant($0.y) } ?? "")
  }

  private func drawBaselines(_ frame: PlotFrame, into svg: inout SVGDocument) {
    let shown = baselines.filter { $0.value > frame.y.lower && $0.value < frame.y.upper }
      .sorted { $0.value > $1.value }
    var labels: [Label] = []
    for baseline in shown {
      let end = frame.point(frame.x.upper, baseline.value)
      let stroke = SVGDocument.Stroke(color: PlotStyle.baseline, width: 1.2, dashes: "2 3")
      svg.line(from: frame.point(frame.x.lower, baseline.value), to: end, stroke)
      let style = SVGDocument.TextStyle(size: 12, anchor: "end", color: PlotStyle.baseline, hasHalo: true)
      let label = Label.free(of: labels, text: baseline.text, end: end, floor: frame.bottom)
      labels.append(label)
      svg.text(baseline.text, at: label.place, style)
    }
  }

  /// Where the name of a baseline stands.
  struct Label {
    /// Right end of its foot.
    var place: SIMD2<Double>
    /// Pixels, estimated.
    var width: Double

    /// Above the right end of its line; where another label is in the way, below it, else to the left of that one.
    static func free(of others: [Label], text: String, end: SIMD2<Double>, floor: Double) -> Label {
      var label = Label(place: end + [-6, -6], width: 6.6 * Double(text.count))
      guard others.contains(where: label.touches) else { return label }
      let below = Label(place: end + [-6, 15], width: label.width)
      if below.place.y < floor - 3, !others.contains(where: below.touches) { return below }
      while let other = others.first(where: label.touches) { label.place.x = other.place.x - other.width - 12 }
      return label
    }

    func touches(_ other: Label) -> Bool {
      abs(place.y - other.place.y) < 15 && place.x > other.place.x - other.width - 6
        && other.place.x > place.x - width - 6
    }
  }

  private func drawBestEpoch(_ frame: PlotFrame, into svg: inout SVGDocument) {
    guard let bestEpoch, case let epoch = Double(bestEpoch), epoch >= frame.x.lower, epoch <= frame.x.upper
    else { return }
    let place = frame.point(epoch, frame.y.lower)
    svg.line(from: place, to: [place.x, frame.top], SVGDocument.Stroke(color: PlotStyle.faint, dashes: "5 3"))
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
