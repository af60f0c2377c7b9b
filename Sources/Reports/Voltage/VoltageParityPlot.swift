import Simulations

/// Voltages by the model against those by the labels, each named by its metals where there is room.
struct VoltageParityPlot {
  struct Point {
    /// (label, model).
    var place: SIMD2<Double>
    var name: String
    /// Standard deviation of the committee, V.
    var deviation: Double?
  }

  var unit: String
  var whole: [Point]
  var steps: [Point]
  var width = 490.0
  private static let mostNames = 24

  func markup() -> Markup {
    let values = (whole + steps).flatMap { [$0.place.x, $0.place.y] }
    var (lower, upper) = (values.min() ?? 0, values.max() ?? 1)
    let margin = upper > lower ? 0.08 * (upper - lower) : 0.5
    (lower, upper) = (lower - margin, upper + margin)
    let quantity = unit == "V" ? "Voltage (V)" : "−ΔE/ΔN (\(unit))"
    let axis = { PlotAxis(label: $0, lower: lower, upper: upper) }
    let frame = PlotFrame(x: axis("\(quantity), label"), y: axis("\(quantity), model"), width: width)
    var svg = SVGDocument(width: width, height: frame.height, title: "Voltages")
    frame.drawGrid(into: &svg)
    svg.line(
      from: frame.point(lower, lower), to: frame.point(upper, upper), .init(color: PlotStyle.frame, width: 1.2))
    for point in whole + steps {
      guard let deviation = point.deviation else { continue }
      let (low, high) = (max(lower, point.place.y - deviation), min(upper, point.place.y + deviation))
      svg.line(
        from: frame.point(point.place.x, low), to: frame.point(point.place.x, high),
        .init(color: PlotStyle.baseline, width: 1, opacity: 0.6))
    }
    let sets: [(DataPart, [Point])] = [(.test, steps), (.all, whole)]
    for (part, points) in sets where !points.isEmpty {
      svg.marks(
        part.mark, at: points.map { frame.point($0.place.x, $0.place.y) }, radius: 4, fill: part.color)
    }
    if whole.count <= Self.mostNames {
      for point in whole {
        svg.text(
          point.name, at: frame.point(point.place.x, point.place.y) + [6, -5],
          .init(size: 11, color: PlotStyle.faint, hasHalo: true))
      }
    }
    frame.drawAxes(title: "Voltages", into: &svg)
    let legend = [
      PlotLegend.Entry(part: .all, text: "whole range"),
      PlotLegend.Entry(part: .test, text: "neighbouring contents"),
    ].prefix(steps.isEmpty ? 1 : 2)
    PlotLegend(entries: Array(legend), usesLines: false).draw(at: [frame.left, frame.top], into: &svg)
    return svg.markup
  }
}

/// Voltage against lithium content: constant between neighbours on the hull.
struct VoltageProfilePlot {
  var title: String
  var unit: String
  var model: VoltageProfile?
  var label: VoltageProfile?
  var width = 320.0
  var height = 250.0

  func markup() -> Markup? {
    let profiles = [model, label].compactMap { $0 }
    let plateaus = profiles.flatMap(\.plateaus)
    guard let from = plateaus.map(\.from).min(), let to = plateaus.map(\.to).max(),
      let lower = plateaus.map(\.volts).min(), let upper = plateaus.map(\.volts).max()
    else { return nil }
    let margin = max(0.15 * (upper - lower), 0.2)
    let frame = PlotFrame(
      x: PlotAxis(label: "Li for each formula unit", lower: from, upper: to),
      y: PlotAxis(label: unit == "V" ? "Voltage (V)" : unit, lower: lower - margin, upper: upper + margin),
      width: width, height: height)
    var svg = SVGDocument(width: width, height: height, title: title)
    frame.drawGrid(into: &svg)
    if let label { draw(label, .test, dashes: "5 3", frame, into: &svg) }
    if let model { draw(model, .all, dashes: "", frame, into: &svg) }
    frame.drawAxes(title: title, into: &svg)
    return svg.markup
  }

  private func draw(
    _ profile: VoltageProfile, _ part: DataPart, dashes: String, _ frame: PlotFrame, into svg: inout SVGDocument
  ) {
    let places = profile.plateaus.flatMap { [frame.point($0.from, $0.volts), frame.point($0.to, $0.volts)] }
    svg.polyline(places, .init(color: part.color, width: 2, dashes: dashes))
    // Contents that do not form: marks at the foot.
    let unstable = Set(profile.points.map(\.content))
      .subtracting(profile.points.filter(\.isStable).map(\.content))
    svg.marks(
      part.mark, at: unstable.sorted().map { frame.point($0, frame.y.lower) - [0, part == .all ? 6 : 14] },
      radius: 3, fill: part.color)
  }
}

extension VoltageReport {
  /// nil where there are no labels beside the model.
  var parity: VoltageParityPlot? {
    let whole = whole.compactMap(point), steps = steps.compactMap(point)
    return whole.isEmpty ? nil : VoltageParityPlot(unit: unit, whole: whole, steps: steps)
  }

  private func point(_ row: VoltageRow) -> VoltageParityPlot.Point? {
    guard let label = row.label, let volts = row.volts else { return nil }
    let metals = row.lithiated.composition.keys.filter(\.isTransitionMetal).sorted()
    let name = metals.count <= 3 ? metals.map(\.symbol).joined() : "\(metals.count) metals"
    return .init(place: [label, volts], name: name, deviation: row.deviation)
  }
}
