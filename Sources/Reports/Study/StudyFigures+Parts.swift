import Potentials
import Structures

extension StudyFigures {
  /// As Figures S2 to S11: the largest size of all potentials, then the other sizes of each.
  var parities: [StudyFigure] {
    guard let size = study.commonSize else { return [] }
    let largest = ["energy", "forces"].map { quantity in
      StudyFigure(
        section: "Predictions against labels",
        drawings: panels(study.potentials.compactMap { study.runs($0, size).first }, quantity),
        caption: "As Figure \(quantity == "energy" ? "S2" : "S3") of the paper: \(Self.what(quantity)), "
          + "\(size) frames, seed \(study.seeds.first ?? 1). \(Self.reading(quantity))")
    }
    let others = study.potentials.flatMap { potential -> [StudyFigure] in
      let runs = study.sizes(of: potential).filter { $0 != size }.compactMap { study.runs(potential, $0).first }
      guard !runs.isEmpty else { return [] }
      return ["energy", "forces"].map { quantity in
        StudyFigure(
          section: "Predictions against labels", drawings: panels(runs, quantity),
          caption: "As Figures S4 to S11 of the paper: \(potential), \(Self.what(quantity)), at "
            + "\(runs.map { String($0.key.size) }.joined(separator: ", ")) frames.")
      }
    }
    return largest + others
  }

  private static func what(_ quantity: String) -> String { quantity == "energy" ? "energies" : "force components" }

  private static func reading(_ quantity: String) -> String {
    (quantity == "energy"
      ? "Energies less what the composition alone says (less the mean where there is no such model): absolute ones "
        + "would hide every error. " : "")
      + "Where points are many, their number is drawn on a grid, darker where more."
  }

  /// The training parts, then the test parts.
  private func panels(_ runs: [StudyRun], _ quantity: String) -> [StudyFigure.Drawing] {
    [DataPart.train, .test].flatMap { part in
      runs.flatMap { run in
        run.panels.filter { $0.quantity == quantity && $0.part == part }.map { panel in
          StudyFigure.Drawing(
            name: "parity-\(run.key.potential)-\(run.key.size)-\(quantity)-\(part.rawValue)", markup: panel.markup,
            csv: panel.csv)
        }
      }
    }
  }

  /// As Figures 7a and 7b: energies of the fully lithiated and of the fully delithiated frames, a drawing a potential.
  var classEnergies: [StudyFigure] {
    guard let size = study.commonSize else { return [] }
    return zip([LithiationClass.full, .none], ["7a", "7b"]).map { lithiation, figure in
      StudyFigure(
        section: "Predictions against labels",
        drawings: study.potentials.compactMap { potential in
          study.runs(potential, size).first.flatMap { classDrawing($0, lithiation, figure) }
        },
        caption:
          "As Figure \(figure) of the paper: total energies of the \(lithiation.title) frames, with the reference "
          + "energies of their elements, which spread them over eV; Figure S2 shows the errors larger.")
    }
  }

  /// nil for a data set without frames of the class.
  private func classDrawing(
    _ run: StudyRun, _ lithiation: LithiationClass, _ figure: String
  ) -> StudyFigure.Drawing? {
    let series = run.classEnergies.filter { $0.lithiation == lithiation && !$0.points.isEmpty }.map {
      ParityPlot.Series(part: $0.part, points: $0.points, legend: "\($0.part.rawValue), \($0.points.count)")
    }
    guard !series.isEmpty else { return nil }
    var plot = ParityPlot(
      title: "\(run.key.potential), \(lithiation.title)", quantity: "E (eV/atom)", series: series, baseline: "")
    plot.width = 320
    plot.mostPoints = 600
    return .init(name: "figure-\(figure)-\(run.key.potential)", markup: plot.markup(), csv: plot.csv)
  }

  /// MAE by the number of transition metals (thesis, Figure 13), by lithiation and, of forces, by element.
  var divisions: [StudyFigure] {
    guard let size = study.commonSize else { return [] }
    func drawing(_ division: StudyRun.Division, _ quantity: StudyQuantity, _ title: String) -> StudyFigure.Drawing?
    {
      categories(
        "\(quantity.title) MAE by \(title)", "\(quantity.title) MAE (\(quantity.unit))",
        "by-\(division.rawValue)-\(quantity.rawValue)", size
      ) { run in
        let rows = run.errors.filter { $0.division == division && $0.part == .test }
        return rows.compactMap { row in quantity.mae(row.errors).map { (row.name, $0) } }
      }
    }
    let elements = categories(
      "Force MAE by element", "Force MAE (eV/Å)", "by-element-forces", size
    ) { run in
      run.elements.filter { $0.part == .test }.map { ($0.element, $0.errors.mae) }
    }
    let byMetals = [
      drawing(.metals, .energy, "number of metals"), drawing(.metals, .forces, "number of metals"),
    ]
    let byClass = [drawing(.lithiation, .energy, "lithiation"), drawing(.lithiation, .forces, "lithiation")]
    return [
      StudyFigure(
        section: "Errors where they are", drawings: byMetals.compactMap { $0 },
        caption:
          "Mean absolute errors of the test part by the number of transition metals in a frame, as Figure 13 of "
          + "the thesis; \(size) frames in all."),
      StudyFigure(
        section: "Errors where they are", drawings: (byClass + [elements]).compactMap { $0 },
        caption: "Mean absolute errors of the test part by lithiation class and by element."),
    ]
  }

  /// A point for each name, the mean over seeds; nil where there are no values.
  private func categories(
    _ title: String, _ up: String, _ file: String, _ size: Int, _ values: (StudyRun) -> [(String, Double)]
  ) -> StudyFigure.Drawing? {
    var names: [String] = []
    let rows = study.potentials.map { potential -> (String, [String: [Double]]) in
      var found: [String: [Double]] = [:]
      for run in study.runs(potential, size) {
        for (name, value) in values(run) {
          found[name, default: []].append(value)
          if !names.contains(name) { names.append(name) }
        }
      }
      return (potential, found)
    }
    guard !names.isEmpty else { return nil }
    let plot = SeriesPlot(
      title: title, across: "", names: names, up: up,
      series: rows.enumerated().map { place, row in
        // Side by side, so that no mark hides another.
        let shift = 0.5 * ((Double(place) + 0.5) / Double(rows.count) - 0.5)
        let points = names.enumerated().compactMap { place, name -> SIMD2<Double>? in
          row.1[name].map { SIMD2(Double(place + 1) + shift, $0.reduce(0, +) / Double($0.count)) }
        }
        return SeriesPlot.Series(name: row.0, style: study.style(row.0), points: points, hasLine: false)
      })
    return plot.drawing(file)
  }
}
