/// What the marks or lines of a plot stand for, in its upper left corner.
struct PlotLegend {
  struct Entry {
    var part: DataPart
    var text: String
  }

  var entries: [Entry]
  /// Lines as in curves and histograms, else marks as in scatter plots.
  var usesLines: Bool

  private static let rowHeight = 17.0

  /// An estimate: no font is at hand to measure with.
  private var width: Double { 30 + 6.3 * Double(entries.map(\.text.count).max() ?? 0) }

  /// - Parameter corner: of the plot's box.
  func draw(at corner: SIMD2<Double>, into svg: inout SVGDocument) {
    guard !entries.isEmpty else { return }
    let origin = corner + [8, 8]
    let size: SIMD2<Double> = [width, Self.rowHeight * Double(entries.count) + 4]
    svg.rectangle(origin, size: size, fill: "#ffffff", opacity: 0.85)
    for (row, entry) in entries.enumerated() {
      let center: SIMD2<Double> = [origin.x + 12, origin.y + Self.rowHeight * (Double(row) + 0.5) + 2]
      if usesLines {
        let stroke = SVGDocument.Stroke(color: entry.part.color, width: 2, dashes: entry.part.dashes)
        svg.line(from: center - [9, 0], to: center + [9, 0], stroke)
      } else {
        svg.marks(entry.part.mark, at: [center, center], radius: 4, fill: entry.part.color)
      }
      svg.text(entry.text, at: center + [15, 4])
    }
  }
}
