import Foundation

/// How errors are distributed: the share of each part in bins of equal width about zero.
struct ErrorHistogram {
  struct Series {
    var part: DataPart
    /// Predicted − label.
    var errors: [Double]
    var legend: String
  }

  var title: String
  /// Name and unit: "Predicted − label (meV/atom)".
  var quantity: String
  /// What is counted: "frames".
  var counted: String
  var series: [Series]
  var width = 490.0
  var height = 464.0

  /// Errors beyond the ends of the axis.
  var outside: Int {
    let limit = limit
    return series.reduce(0) { $0 + $1.errors.lazy.filter { abs($0) > limit }.count }
  }

  /// 1.15 × the error that 99 of 100 stay below, in the part where that is largest.
  private var limit: Double {
    let sizes = series.map { part in
      let sorted = part.errors.map(abs).sorted()
      return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(0.99 * Double(sorted.count)))]
    }
    let largest = 1.15 * (sizes.max() ?? 0)
    return largest > 0 && largest.isFinite ? largest : 1
  }

  /// An odd number, so that one bin lies about zero; more where there are more errors to count.
  var bins: Int {
    let count = series.map(\.errors.count).max() ?? 0
    return 2 * Int(min(20, max(5, 1.5 * cbrt(Double(count))))) + 1
  }

  /// Percent of a part's errors in each bin.
  func shares(_ errors: [Double]) -> [Double] {
    let (limit, bins) = (limit, bins)
    var counts = [Double](repeating: 0, count: bins)
    for error in errors where abs(error) <= limit {
      counts[min(bins - 1, Int((error + limit) / (2 * limit) * Double(bins)))] += 1
    }
    return counts.map { 100 * $0 / Double(max(1, errors.count)) }
  }

  func markup() -> Markup {
    let shares = series.map { self.shares($0.errors) }
    let highest = max(1, shares.flatMap { $0 }.max() ?? 1)
    let frame = PlotFrame(
      x: PlotAxis(label: quantity, lower: -limit, upper: limit),
      y: PlotAxis(label: "Share of \(counted) in a bin (%)", lower: 0, upper: highest / (1 - legendShare)),
      width: width, height: height)
    var svg = SVGDocument(width: width, height: height, title: title)
    frame.drawGrid(into: &svg)
    let zero = SVGDocument.Stroke(color: PlotStyle.frame, width: 1.2)
    svg.line(from: frame.point(0, 0), to: frame.point(0, frame.y.upper), zero)
    for (part, share) in zip(series, shares) {
      let outline = self.outline(share, frame)
      svg.area(outline, fill: part.part.color, opacity: 0.13)
      svg.polyline(
        outline, SVGDocument.Stroke(color: part.part.color, width: 1.8, dashes: part.part.dashes))
    }
    frame.drawAxes(title: title, into: &svg)
    let entries = series.map { PlotLegend.Entry(part: $0.part, text: $0.legend) }
    PlotLegend(entries: entries, usesLines: true).draw(at: [frame.left, frame.top], into: &svg)
    return svg.markup
  }

  /// Part of the box that the legend takes from the top.
  private var legendShare: Double { min(0.6, (26 + 17 * Double(series.count)) / max(100, height - 80)) }

  private func outline(_ shares: [Double], _ frame: PlotFrame) -> [SIMD2<Double>] {
    let step = (frame.x.upper - frame.x.lower) / Double(bins)
    var points = [frame.point(frame.x.lower, 0)]
    for (bin, share) in shares.enumerated() {
      let start = frame.x.lower + Double(bin) * step
      points.append(frame.point(start, share))
      points.append(frame.point(start + step, share))
    }
    points.append(frame.point(frame.x.upper, 0))
    return points
  }
}
