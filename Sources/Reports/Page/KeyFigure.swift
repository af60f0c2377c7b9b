/// One large number at the head of the page, its baseline below.
struct KeyFigure {
  var name: String
  var value: Double
  var unit: String
  var baseline: Double?
  var baselineName: String

  static func all(_ part: PartReport) -> [KeyFigure] {
    let errors = part.errors
    let place = part.part == .all ? "" : ", \(part.part.rawValue)"
    let composition = errors.baselines?.compositionRMSE != nil
    return [
      errors.energy.map {
        KeyFigure(
          name: "Energy RMSE" + place, value: $0.rmse, unit: "meV/atom", baseline: errors.bestEnergyBaseline,
          baselineName: composition ? "composition only" : "mean energy")
      },
      errors.forces.map {
        KeyFigure(
          name: "Force RMSE" + place, value: $0.rmse, unit: "eV/Å", baseline: errors.baselines?.zeroForceRMSE,
          baselineName: "zero force")
      },
      errors.stress.map {
        KeyFigure(
          name: "Stress RMSE" + place, value: $0.rmse, unit: "GPa", baseline: part.zeroStressRMSE,
          baselineName: "zero stress")
      },
    ].compactMap { $0 }
  }

  func write(to row: inout Markup) {
    let isPoor = baseline.map { value > $0 } ?? false
    row.element("div", ["class": isPoor ? "poor" : ""]) { box in
      box.element("span", text: name)
      box.element("b") { number in
        number.write(NumberFormatting.significant(value))
        number.element("small", text: " " + unit)
      }
      if let baseline {
        box.element("span", text: "\(baselineName): \(NumberFormatting.significant(baseline))")
      }
    }
  }
}
