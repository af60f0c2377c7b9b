/// Colours and marks of the plots: the palette of Okabe and Ito, which colour-blind readers can tell apart; every
/// part has a mark and a line pattern of its own besides, for print in grey.
enum PlotStyle {
  static let fonts = "'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
  static let ink = "#1f2328"
  static let faint = "#6a7077"
  static let grid = "#e9ebee"
  static let frame = "#8b9198"
  static let baseline = "#5b6168"
}

/// A mark of a scatter plot.
enum MarkShape {
  case circle, square, diamond, triangle, wedge

  func draw(at point: SIMD2<Double>, radius r: Double, into group: inout Markup) {
    switch self {
    case .circle:
      group.empty(
        "circle",
        ["cx": SVGDocument.number(point.x), "cy": SVGDocument.number(point.y), "r": SVGDocument.number(r)])
    case .square:
      let side = SVGDocument.number(1.8 * r)
      group.empty("path", ["d": "M\(SVGDocument.point(point - 0.9 * r))h\(side)v\(side)h-\(side)z"])
    case .diamond:
      let d = SVGDocument.number(1.3 * r)
      let top = SVGDocument.point([point.x, point.y - 1.3 * r])
      group.empty("path", ["d": "M\(top)l\(d) \(d)l-\(d) \(d)l-\(d) -\(d)z"])
    case .triangle:
      let (half, height) = (SVGDocument.number(1.15 * r), SVGDocument.number(2 * r))
      let top = SVGDocument.point([point.x, point.y - 1.2 * r])
      group.empty("path", ["d": "M\(top)l\(half) \(height)h-\(SVGDocument.number(2.3 * r))z"])
    case .wedge:
      let (half, height) = (SVGDocument.number(1.15 * r), SVGDocument.number(2 * r))
      let foot = SVGDocument.point([point.x, point.y + 1.2 * r])
      group.empty("path", ["d": "M\(foot)l\(half) -\(height)h-\(SVGDocument.number(2.3 * r))z"])
    }
  }
}

extension DataPart {
  /// The colour of its lines and marks.
  var color: String { ramp[2] }

  /// From few to many points in a place.
  var ramp: [String] {
    switch self {
    case .train, .all: ["#8cc0e2", "#3d93c8", "#0072b2", "#00466e"]
    case .validation: ["#85cdb6", "#37ad8a", "#009e73", "#005c43"]
    case .test: ["#f2ab78", "#e47f37", "#d55e00", "#8a3d00"]
    }
  }

  var mark: MarkShape {
    switch self {
    case .train, .all: .circle
    case .validation: .square
    case .test: .diamond
    }
  }

  var dashes: String { self == .validation ? "6 3" : "" }
}
