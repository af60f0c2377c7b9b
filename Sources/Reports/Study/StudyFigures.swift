import Potentials

/// One figure of a study: drawings side by side, each with the numbers that it shows.
struct StudyFigure {
  struct Drawing {
    /// Of its files, without suffix: "figure-4-energy".
    var name: String
    var markup: Markup
    var csv: String
  }

  /// Section of the page under which it stands.
  var section: String
  var drawings: [Drawing]
  var caption: String
}

/// Every figure of a study, in the order of the page.
struct StudyFigures {
  let study: Study

  var all: [StudyFigure] {
    [triangles, learning, effort, epochs, parities, classEnergies, divisions, partners, frames].flatMap { $0 }
      .filter { !$0.drawings.isEmpty }
  }

  /// Quantities that any test part or training part has labels of.
  var quantities: [StudyQuantity] {
    StudyQuantity.allCases.filter { quantity in
      study.runs.contains { quantity.rmse($0.errors(of: .train)) != nil }
    }
  }

  private func name(_ size: Int) -> String { size == study.frames ? "all (\(size))" : String(size) }

  private var triangles: [StudyFigure] {
    let drawings = quantities.compactMap { quantity -> StudyFigure.Drawing? in
      let map = TriangleMap(
        title: quantity.name, rows: study.potentials, columns: study.sizes.map(name),
        across: "Frames, training and test part",
        cells: study.potentials.map { potential in
          study.sizes.map { size in
            TriangleMap.Cell(
              train: study.mean(potential, size) { quantity.rmse($0.errors(of: .train)) },
              test: study.mean(potential, size) { quantity.rmse($0.errors(of: .test)) })
          }
        })
      return map.markup().map { .init(name: "figure-4-\(quantity.rawValue)", markup: $0, csv: map.csv) }
    }
    let seeds = study.seeds.count > 1 ? " Means over \(study.seeds.count) seeds." : ""
    return [
      StudyFigure(
        section: "Errors", drawings: drawings,
        caption:
          "As Figure 4 of the paper: training error in the lower left, test error in the upper right triangle "
          + "of each square, for each potential and size.\(seeds)")
    ]
  }

  private var learning: [StudyFigure] {
    guard study.sizes.count > 1 else { return [] }
    let drawings = quantities.filter { $0 != .stress }.compactMap { quantity -> StudyFigure.Drawing? in
      var plot = SeriesPlot(
        title: "\(quantity.plural), test part", across: "Frames learned from", up: quantity.name,
        series: study.potentials.map { potential in
          series(potential) { run in quantity.rmse(run.errors(of: .test)) }
        })
      plot.levels = level(quantity)
      (plot.isLogarithmicAcross, plot.isLogarithmicUp) = (true, true)
      return plot.drawing("learning-curve-\(quantity.rawValue)")
    }
    return [
      StudyFigure(
        section: "Errors", drawings: drawings,
        caption:
          "Test error against the frames learned from, both logarithmic: a straight line is a power law. Dotted: "
          + "what knows no more than the composition, or nothing of forces.")
    ]
  }

  /// A point for each size, x the training frames, y the mean over seeds.
  private func series(_ potential: String, _ value: (StudyRun) -> Double?) -> SeriesPlot.Series {
    let points = study.sizes(of: potential).compactMap { size -> SIMD2<Double>? in
      guard let run = study.runs(potential, size).first, let y = study.mean(potential, size, value) else {
        return nil
      }
      return [Double(run.trainingFrames), y]
    }
    return SeriesPlot.Series(name: potential, style: study.style(potential), points: points)
  }

  private func level(_ quantity: StudyQuantity) -> [SeriesPlot.Level] {
    guard let size = study.commonSize,
      let run = study.runs.first(where: { $0.key.size == size && $0.errors(of: .test) != nil }),
      let baseline = quantity.baseline(run.errors(of: .test))
    else { return [] }
    return [.init(text: baseline.name, value: baseline.value)]
  }

  private var effort: [StudyFigure] {
    var time = SeriesPlot(
      title: "Training time", across: "Frames learned from", up: "Wall time (s)",
      series: study.potentials.map { series($0) { $0.effort?.trainingSeconds } })
    var memory = SeriesPlot(
      title: "Peak memory", across: "Frames learned from", up: "Peak memory (MB)",
      series: study.potentials.map { series($0) { $0.effort.map { Double($0.peakBytes) / 1e6 } } })
    (time.isLogarithmicUp, memory.isLogarithmicUp) = (true, true)
    return [
      StudyFigure(
        section: "Effort",
        drawings: [time.drawing("figure-5-time"), memory.drawing("figure-5-memory")].compactMap { $0 },
        caption: "As Figure 5 of the paper: time of each training, and the most memory that its process held "
          + "(reading, predictions and report included). Each run is a process of its own.")
    ]
  }

  private var epochs: [StudyFigure] {
    study.potentials.flatMap { potential -> [StudyFigure] in
      let runs = study.sizes(of: potential).compactMap { study.runs(potential, $0).first }.filter {
        $0.epochs.count > 1
      }
      guard let largest = runs.last else { return [] }
      let time = SeriesPlot(
        title: "\(potential): time", across: "Epoch", up: "Wall time (s)",
        series: runs.enumerated().map { place, run in
          SeriesPlot.Series(
            name: name(run.key.size), style: SeriesStyle(place),
            points: run.epochs.map { [Double($0.epoch), $0.seconds] })
        })
      func errors(_ title: String, _ unit: String, _ keys: [KeyPath<StudyRun.Epoch, Double?>]) -> SeriesPlot? {
        var plot = SeriesPlot(
          title: "\(potential), \(name(largest.key.size)): \(title)", across: "Epoch", up: unit,
          series: zip(["train", "validation"], keys).enumerated().map { place, entry in
            SeriesPlot.Series(
              name: entry.0, style: SeriesStyle(place),
              points: largest.epochs.compactMap { row in
                row[keyPath: entry.1].map { SIMD2(Double(row.epoch), $0) }
              })
          })
        (plot.isLogarithmicUp, plot.isLogarithmicAcross) = (true, true)
        return plot.series.allSatisfy(\.points.isEmpty) ? nil : plot
      }
      let plots = [
        (time, "time"),
        (errors("energy", "Energy RMSE (meV/atom)", [\.trainEnergyRMSE, \.validationEnergyRMSE]), "energy"),
        (errors("forces", "Force RMSE (eV/Å)", [\.trainForceRMSE, \.validationForceRMSE]), "forces"),
      ]
      return [
        StudyFigure(
          section: "Effort",
          drawings: plots.compactMap { plot, name in plot?.drawing("figure-6-\(potential)-\(name)") },
          caption: "As Figure 6 of the paper: time against epochs for each size, and errors against epochs for the "
            + "largest, all from the log of one run. The validation part is cut from the training part.")
      ]
    }
  }

  private var partners: [StudyFigure] {
    guard let size = study.commonSize else { return [] }
    let drawings = study.potentials.compactMap { potential -> StudyFigure.Drawing? in
      guard let run = study.runs(potential, size).first, !run.differences.isEmpty else { return nil }
      let series = [DataPart.train, .test].compactMap { part -> ParityPlot.Series? in
        // Pairs with a frame in each part are not unseen.
        let rows = run.differences.filter { ($0.part == .test) == (part == .test) }
        guard !rows.isEmpty else { return nil }
        let points = rows.map { d -> SIMD2<Double> in
          guard let lithium = study.lithiumEnergy else { return [d.label, d.predicted] }
          return [lithium - d.label, lithium - d.predicted]
        }
        return ParityPlot.Series(part: part, points: points, legend: part == .test ? "both unseen" : "others")
      }
      let unit = study.lithiumEnergy == nil ? "ΔE (eV/Li)" : "Voltage (V)"
      var plot = ParityPlot(title: potential, quantity: unit, series: series, baseline: "")
      plot.width = 320
      return .init(name: "figure-7-\(potential)", markup: plot.markup(), csv: plot.csv)
    }
    let what =
      study.lithiumEnergy.map { "average voltage against lithium metal at \($0) eV/atom" }
      ?? "energy that a host takes up with its lithium, eV for each Li (an average voltage is E_Li/e less this)"
    return [
      StudyFigure(
        section: "Lithiated and delithiated partners", drawings: drawings,
        caption: "As Figure 7c of the paper, for frames as they are: \(what).")
    ]
  }

  private var frames: [StudyFigure] {
    [
      StudyFigure(
        section: "Data",
        drawings: [
          .init(
            name: "figure-3", markup: study.classes.drawing.markup,
            csv: StudyTables(study: study).all.first { $0.name == "classes.csv" }?.text ?? "")
        ], caption: "As Figure 3 of the paper: the frames of the data set by class.")
    ]
  }
}

extension SeriesPlot {
  /// nil where no point can be drawn.
  func drawing(_ name: String) -> StudyFigure.Drawing? { markup().map { .init(name: name, markup: $0, csv: csv) } }

  /// The points that are drawn.
  var csv: String {
    var table = CSVTable(columns: ["series", names.isEmpty ? across : "name", up])
    for series in series {
      for point in series.points {
        let place = Int(point.x.rounded()) - 1
        let x = names.indices.contains(place) ? names[place] : "\(point.x)"
        table.append([series.name, x, "\(point.y)"])
      }
    }
    return table.text
  }
}

extension TriangleMap {
  /// The numbers of the squares.
  var csv: String {
    var table = CSVTable(columns: ["potential", "size", "train", "test"])
    for (name, row) in zip(rows, cells) {
      for (column, cell) in zip(columns, row) {
        table.append([name, column, cell.train.map { "\($0)" } ?? "", cell.test.map { "\($0)" } ?? ""])
      }
    }
    return table.text
  }
}
