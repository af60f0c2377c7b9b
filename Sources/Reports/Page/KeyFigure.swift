/// One large number at the head of the page, its baseline below.
struct KeyFigure {
  var name: String
  var value: Double
  var unit: String
  var baseline: Double?
  var baselineName: String

  static func all(_ part: PartReport, fittedLabels: [String]?) -> [KeyFigure] {
    let errors = part.errors
    func place(_ label: String) -> String {
      (part.part == .all ? "" : ", \(part.part.rawValue)")
        + (fittedLabels?.contains(label) == false ? ", not fitted" : "")
    }
    let composition = errors.baselines?.compositionRMSE != nil
    return [
      errors.energy.map {
        KeyFigure(
          name: "Energy RMSE" + place("energy"), value: $0.rmse, unit: "meV/atom",
          baseline: errors.bestEnergyBaseline,
          baselineName: composition ? "composition only" : "mean energy")
      },
      errors.forces.map {
        KeyFigure(
          name: "Force RMSE" + place("forces"), value: $0.rmse, unit: "eV/Å",
          baseline: errors.baselines?.zeroForceRMSE,
          baselineName: "zero force")
      },
      errors.stress.map {
        KeyFigure(
          name: "Stress RMSE" + place("stress"), value: $0.rmse, unit: "GPa",
          baseline: errors.baselines?.zeroStressRMSE,
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
