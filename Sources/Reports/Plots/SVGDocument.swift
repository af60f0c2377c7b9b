/// A drawing of lines, shapes and text; coordinates in pixels, y downwards, kept to a tenth.
struct SVGDocument {
  let width: Double
  let height: Double
  /// What a reader who cannot see the drawing is told.
  let title: String
  private var content = Markup()

  init(width: Double, height: Double, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  var markup: Markup {
    var result = Markup()
    let size: Markup.Attributes = [
      "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(Self.number(width)) \(Self.number(height))",
      "width": Self.number(width), "height": Self.number(height), "role": "img",
      "font-family": PlotStyle.fonts, "font-size": "12", "fill": PlotStyle.ink,
    ]
    result.element("svg", size) { svg in
      svg.element("title", text: title)
      svg.append(content)
    }
    result.newLine()
    return result
  }

  /// How a line or the edge of a shape looks.
  struct Stroke {
    var color: String
    var width = 1.0
    /// "4 3" and the like; empty for a full line.
    var dashes = ""
    var opacity = 1.0
  }

  mutating func line(from a: SIMD2<Double>, to b: SIMD2<Double>, _ stroke: Stroke) {
    path("M\(Self.point(a))L\(Self.point(b))", stroke)
  }

  mutating func polyline(_ points: [SIMD2<Double>], _ stroke: Stroke) {
    guard let first = points.first else { return }
    path("M\(Self.point(first))" + points.dropFirst().map { "L\(Self.point($0))" }.joined(), stroke)
  }

  /// - Parameter data: commands of an SVG path.
  mutating func path(_ data: String, _ stroke: Stroke, fill: String = "none") {
    content.empty(
      "path",
      [
        "d": data, "fill": fill, "stroke": stroke.color, "stroke-width": Self.number(stroke.width),
        "stroke-dasharray": stroke.dashes, "stroke-linejoin": "round",
        "stroke-opacity": Self.number(stroke.opacity, places: 2),
      ])
  }

  mutating func area(_ points: [SIMD2<Double>], fill: String, opacity: Double) {
    guard let first = points.first else { return }
    let data = "M\(Self.point(first))" + points.dropFirst().map { "L\(Self.point($0))" }.joined() + "Z"
    content.empty("path", ["d": data, "fill": fill, "fill-opacity": Self.number(opacity, places: 2)])
  }

  mutating func rectangle(_ origin: SIMD2<Double>, size: SIMD2<Double>, fill: String, opacity: Double = 1) {
    content.empty(
      "rect",
      [
        "x": Self.number(origin.x), "y": Self.number(origin.y), "width": Self.number(size.x),
        "height": Self.number(size.y), "fill": fill, "fill-opacity": Self.number(opacity, places: 2),
      ])
  }

  /// Many marks of one shape and colour.
  mutating func marks(
    _ shape: MarkShape, at points: [SIMD2<Double>], radius: Double, fill: String, opacity: Double = 0.5
  ) {
    content.element("g", ["fill": fill, "fill-opacity": Self.number(opacity, places: 2)]) { group in
      for point in points { shape.draw(at: point, radius: radius, into: &group) }
    }
  }

  /// Squares of a raster in units of its cells, each run of cells in a row one stroke.
  mutating func raster(_ runs: String, origin: SIMD2<Double>, cell: Double, color: String) {
    let transform = "translate(\(Self.point(origin))) scale(\(Self.number(cell, places: 4)))"
    content.empty("path", ["d": runs, "stroke": color, "stroke-width": "1", "transform": transform])
  }

  struct TextStyle {
    var size = 12.0
    var anchor = "start"
    var color = PlotStyle.ink
    var isBold = false
    /// Degrees, clockwise, about the place of the text.
    var rotation = 0.0
    /// A rim in the colour of the paper, for text above lines.
    var hasHalo = false
  }

  mutating func text(_ text: String, at place: SIMD2<Double>, _ style: TextStyle = TextStyle()) {
    let turn = style.rotation == 0 ? "" : "rotate(\(Self.number(style.rotation)) \(Self.point(place)))"
    let halo = style.hasHalo ? "paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round" : ""
    content.element(
      "text",
      [
        "x": Self.number(place.x), "y": Self.number(place.y), "font-size": Self.number(style.size),
        "text-anchor": style.anchor, "fill": style.color, "font-weight": style.isBold ? "600" : "400",
        "transform": turn, "style": halo,
      ], text: text)
  }

  static func point(_ p: SIMD2<Double>) -> String { number(p.x) + " " + number(p.y) }

  /// A number with at most so many decimals and no idle zeros.
  static func number(_ value: Double, places: Int = 1) -> String {
    guard value.isFinite else { return "0" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((min(max(value, -1e9), 1e9) * Double(scale)).rounded())
    var fraction = String(abs(scaled) % scale + scale).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    let whole = (scaled < 0 ? "-" : "") + String(abs(scaled) / scale)
    return fraction.isEmpty ? whole : whole + "." + fraction
  }
}
