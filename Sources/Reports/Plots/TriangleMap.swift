import Foundation

/// Two numbers in each cell of a table, one in each half of a square (Figure 4 of doi:10.1021/acs.jctc.4c00039): the
/// training error in the lower left triangle, the test error in the upper right one, darker where larger.
struct TriangleMap {
  struct Cell {
    var train: Double?
    var test: Double?
  }

  var title: String
  var rows: [String]
  var columns: [String]
  /// Under the columns: "Frames, training and test".
  var across: String
  /// By rows.
  var cells: [[Cell]]

  private static let size: SIMD2<Double> = [92, 66]
  private static let top = 40.0

  private var left: Double { 20 + 7.6 * Double(rows.map(\.count).max() ?? 0) }
  private var width: Double { left + max(250, Self.size.x * Double(columns.count) + 20) }
  private var height: Double { Self.top + Self.size.y * Double(rows.count) + 118 }

  private static func drawable(_ values: [Double?]) -> [Double] {
    values.compactMap { $0 }.filter { $0 > 0 && $0.isFinite }
  }

  /// What the shades span: from the smallest test error, because one potential that repeats its training data would make
  /// all others look the same.
  private var range: ClosedRange<Double>? {
    let all = cells.flatMap { $0 }
    let (train, test) = (Self.drawable(all.map(\.train)), Self.drawable(all.map(\.test)))
    guard let lower = test.min() ?? train.min(), let upper = (train + test).max() else { return nil }
    return lower...upper
  }

  private var hasSmaller: Bool {
    guard let range else { return false }
    return Self.drawable(cells.flatMap { $0 }.map(\.train)).contains { $0 < range.lowerBound }
  }

  /// Three digits, or two of small numbers: what keeps within half a square.
  private static func text(_ value: Double) -> String {
    guard value > 0, value < 1e-3 else { return NumberFormatting.significant(value) }
    return String(format: "%.1e", value).replacingOccurrences(of: "e-0", with: "e-")
  }

  /// nil where there is no number.
  func markup() -> Markup? {
    guard let range else { return nil }
    var svg = SVGDocument(width: width, height: height, title: title)
    svg.text(title, at: [left, 20], SVGDocument.TextStyle(size: 14, isBold: true))
    for (row, name) in rows.enumerated() {
      let middle = Self.top + Self.size.y * (Double(row) + 0.5)
      svg.text(name, at: [left - 9, middle + 4], SVGDocument.TextStyle(size: 12.5, anchor: "end"))
      for column in columns.indices { draw(cells[row][column], row, column, range, into: &svg) }
    }
    let foot = Self.top + Self.size.y * Double(rows.count)
    for (column, name) in columns.enumerated() {
      let middle = left + Self.size.x * (Double(column) + 0.5)
      svg.text(name, at: [middle, foot + 18], SVGDocument.TextStyle(size: 12, anchor: "middle"))
    }
    svg.text(across, at: [left, foot + 38], SVGDocument.TextStyle(size: 12.5))
    drawScale(range, top: foot + 56, into: &svg)
    return svg.markup
  }

  private func draw(
    _ cell: Cell, _ row: Int, _ column: Int, _ range: ClosedRange<Double>, into svg: inout SVGDocument
  ) {
    let corner: SIMD2<Double> = [left + Self.size.x * Double(column), Self.top + Self.size.y * Double(row)]
    let opposite = corner + Self.size
    let (upperRight, lowerLeft): (SIMD2<Double>, SIMD2<Double>) = ([opposite.x, corner.y], [corner.x, opposite.y])
    half(cell.train, [corner, lowerLeft, opposite], at: [0.29, 0.83], corner, range, into: &svg)
    half(cell.test, [corner, upperRight, opposite], at: [0.71, 0.28], corner, range, into: &svg)
    let outline = [corner, upperRight, opposite, lowerLeft, corner, opposite]
    svg.polyline(outline, SVGDocument.Stroke(color: "#ffffff", width: 1.4))
    svg.polyline(Array(outline.prefix(5)), SVGDocument.Stroke(color: PlotStyle.frame, width: 0.7))
  }

  private func half(
    _ value: Double?, _ corners: [SIMD2<Double>], at place: SIMD2<Double>, _ origin: SIMD2<Double>,
    _ range: ClosedRange<Double>, into svg: inout SVGDocument
  ) {
    let shade = value.map { Self.shade($0, range) }
    svg.area(corners, fill: shade.map(Self.color) ?? "#f0f1f2", opacity: 1)
    let text = value.map { Self.text($0) } ?? "–"
    let color = shade.map { $0 > 0.55 ? "#ffffff" : PlotStyle.ink } ?? PlotStyle.faint
    svg.text(
      text, at: origin + place * Self.size + [0, 4], SVGDocument.TextStyle(size: 12, anchor: "middle", color: color)
    )
  }

  /// 0 at the lower, 1 at the upper end of the range, by the logarithm.
  private static func shade(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    guard range.upperBound > range.lowerBound, value > 0 else { return 0 }
    return log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
  }

  /// Light yellow over green to dark blue: one order of lightness, which colour-blind readers and grey print keep.
  private static func color(_ shade: Double) -> String {
    let stops: [SIMD3<Double>] = [
      [255, 250, 214], [161, 218, 180], [65, 160, 190], [34, 84, 150], [12, 32, 84],
    ]
    let place = min(max(shade, 0), 1) * Double(stops.count - 1)
    let lower = min(stops.count - 2, Int(place))
    let mixed = stops[lower] + (place - Double(lower)) * (stops[lower + 1] - stops[lower])
    return "#" + (0..<3).map { String(format: "%02x", Int(mixed[$0].rounded())) }.joined()
  }

  private func drawScale(_ range: ClosedRange<Double>, top: Double, into svg: inout SVGDocument) {
    let (steps, step) = (40, 4.0)
    for k in 0..<steps {
      let color = Self.color((Double(k) + 0.5) / Double(steps))
      svg.rectangle([left + step * Double(k), top], size: [step + 0.5, 11], fill: color)
    }
    let end = left + step * Double(steps)
    svg.text(
      (hasSmaller ? "≤ " : "") + Self.text(range.lowerBound), at: [left, top + 26])
    svg.text(
      NumberFormatting.significant(range.upperBound), at: [end, top + 26], SVGDocument.TextStyle(anchor: "end"))
    let style = SVGDocument.TextStyle(size: 11.5, color: PlotStyle.baseline)
    svg.text("lower left: training; upper right: test", at: [left, top + 45], style)
  }
}
