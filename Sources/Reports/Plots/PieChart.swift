import Foundation

/// A pie of amounts, each labelled with its name, count and share.
struct PieChart {
  let title: String
  let parts: [Amount]

  /// Okabe and Ito's palette, lightened for the second round.
  private static let colors = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999", "#6a3d9a", "#8cc0e2",
    "#f2ab78",
  ]

  func draw(center: SIMD2<Double>, radius: Double, into drawing: inout SVGDocument) {
    drawing.text(title, at: [center.x, center.y - radius - 50], .init(size: 14, anchor: "middle", isBold: true))
    let total = parts.reduce(0) { $0 + $1.count }
    guard total > 0 else {
      return drawing.text("none", at: center, .init(anchor: "middle", color: PlotStyle.faint))
    }
    var angle = -Double.pi / 2
    var unlabelled: [String] = []
    for (place, part) in parts.enumerated() where part.count > 0 {
      let sweep = 2 * Double.pi * Double(part.count) / Double(total)
      let color = Self.colors[place % Self.colors.count]
      drawing.path(
        wedge(center, radius, angle, sweep), .init(color: "#ffffff", width: 1.5), fill: color)
      let middle = angle + sweep / 2
      let place = center + (radius + 14) * [cos(middle), sin(middle)]
      let share = Double(part.count) / Double(total)
      let label = "\(part.name) \(part.count)"
      if share >= 0.02 {
        let anchor = cos(middle) >= 0 ? "start" : "end"
        drawing.text(label, at: place, .init(size: 11, anchor: anchor))
        drawing.text(
          String(format: "(%.0f %%)", 100 * share), at: place + [0, 13], .init(size: 11, anchor: anchor))
      } else {
        unlabelled.append(label)
      }
      angle += sweep
    }
    // Pieces too thin for a label beside them.
    if !unlabelled.isEmpty {
      drawing.text(
        "and " + unlabelled.joined(separator: ", "), at: [center.x, center.y + radius + 48],
        .init(size: 11, anchor: "middle"))
    }
  }

  private func wedge(_ center: SIMD2<Double>, _ radius: Double, _ angle: Double, _ sweep: Double) -> String {
    func point(_ angle: Double) -> String { SVGDocument.point(center + radius * [cos(angle), sin(angle)]) }
    let r = SVGDocument.number(radius)
    if sweep > 2 * Double.pi - 1e-9 {
      return "M\(point(angle))A\(r) \(r) 0 1 1 \(point(angle + Double.pi))A\(r) \(r) 0 1 1 \(point(angle))Z"
    }
    return
      "M\(SVGDocument.point(center))L\(point(angle))A\(r) \(r) 0 \(sweep > Double.pi ? 1 : 0) 1 \(point(angle + sweep))Z"
  }
}
