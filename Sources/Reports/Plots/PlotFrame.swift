import Foundation

/// One axis of a plot.
struct PlotAxis {
  /// Name and unit.
  var label: String
  var lower: Double
  var upper: Double
  var isLogarithmic = false
  /// Names of the values 1, 2, …, in the place of numbers.
  var names: [String] = []

  /// 0 at the lower end, 1 at the upper one.
  func fraction(of value: Double) -> Double {
    isLogarithmic ? log(value / lower) / log(upper / lower) : (value - lower) / (upper - lower)
  }

  func ticks(atMost count: Int) -> AxisTicks {
    if !names.isEmpty { return AxisTicks(values: names.indices.map { Double($0 + 1) }, labels: names) }
    return isLogarithmic ? .logarithmic(from: lower, to: upper) : .linear(from: lower, to: upper, count: count)
  }
}

/// The box of a plot with its axes, and the way from data to pixels.
struct PlotFrame {
  let x: PlotAxis
  let y: PlotAxis
  let width: Double
  let height: Double
  /// Of the box, pixels.
  let left: Double
  let right: Double
  let top = 34.0
  let bottom: Double
  private let xTicks: AxisTicks
  private let yTicks: AxisTicks

  /// - Parameters:
  ///   - height: nil makes the box a square.
  ///   - margin: at the right, for labels of curves.
  init(x: PlotAxis, y: PlotAxis, width: Double, height: Double? = nil, margin: Double = 14) {
    self.x = x
    self.y = y
    self.width = width
    let across = max(3, Int(width / 75))
    xTicks = x.ticks(atMost: across)
    yTicks = y.ticks(atMost: height.map { max(3, Int(($0 - 80) / 50)) } ?? across)
    let widest = yTicks.labels.map(\.count).max() ?? 1
    left = 34 + 6.7 * Double(widest)
    right = width - margin
    self.height = height ?? right - left + top + 46
    bottom = self.height - 46
  }

  func point(_ xValue: Double, _ yValue: Double) -> SIMD2<Double> {
    [left + (right - left) * x.fraction(of: xValue), bottom - (bottom - top) * y.fraction(of: yValue)]
  }

  /// Grid, to be drawn before the data.
  func drawGrid(into svg: inout SVGDocument) {
    svg.rectangle([left, top], size: [right - left, bottom - top], fill: "#ffffff")
    let grid = SVGDocument.Stroke(color: PlotStyle.grid)
    for value in yTicks.values + yTicks.minor {
      let place = point(x.lower, value).y
      svg.line(from: [left, place], to: [right, place], grid)
    }
    for value in xTicks.values {
      let place = point(value, y.lower).x
      svg.line(from: [place, top], to: [place, bottom], grid)
    }
  }

  /// Box, ticks, numbers and names, to be drawn after the data.
  func drawAxes(title: String, into svg: inout SVGDocument) {
    let stroke = SVGDocument.Stroke(color: PlotStyle.frame)
    svg.path(
      "M\(SVGDocument.point([left, top]))V\(SVGDocument.number(bottom))H\(SVGDocument.number(right))", stroke)
    for (value, label) in zip(xTicks.values, xTicks.labels) {
      let place = point(value, y.lower).x
      svg.line(from: [place, bottom], to: [place, bottom + 4], stroke)
      svg.text(label, at: [place, bottom + 17], SVGDocument.TextStyle(anchor: "middle"))
    }
    for (value, label) in zip(yTicks.values, yTicks.labels) {
      let place = point(x.lower, value).y
      svg.line(from: [left - 4, place], to: [left, place], stroke)
      svg.text(label, at: [left - 7, place + 4], SVGDocument.TextStyle(anchor: "end"))
    }
    let name = SVGDocument.TextStyle(size: 12.5, anchor: "middle", color: PlotStyle.ink)
    svg.text(x.label, at: [(left + right) / 2, height - 8], name)
    var turned = name
    turned.rotation = -90
    svg.text(y.label, at: [14, (top + bottom) / 2], turned)
    svg.text(title, at: [left, 18], SVGDocument.TextStyle(size: 14, isBold: true))
  }
}
