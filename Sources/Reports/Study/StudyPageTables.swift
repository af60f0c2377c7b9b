import Potentials

/// The tables of `study.html`.
enum StudyPageTables {
  private static func names(_ runs: [StudyRun]) -> [[TextTable.Cell]] {
    runs.map { run in
      [
        TextTable.Cell(run.key.potential), TextTable.Cell(NumberFormatting.count(run.key.size)),
        TextTable.Cell(String(run.key.seed)),
      ]
    }
  }

  private static let nameColumns = [
    TextTable.Column(title: "Potential", isText: true), TextTable.Column(title: "frames"),
    TextTable.Column(title: "seed"),
  ]

  private static func table(
    _ columns: [TextTable.Column], _ names: [[TextTable.Cell]], _ quantities: [Quantity]
  ) -> TextTable {
    let shown = quantities.filter(\.hasValues)
    return TextTable(
      columns: columns + shown.map { TextTable.Column(title: $0.title, isBaseline: $0.isBaseline) },
      rows: names.indices.map { row in names[row] + shown.map { $0.cell(row) } })
  }

  /// One row a potential, means over seeds.
  static func summary(_ study: Study, _ size: Int) -> TextTable {
    let tried = study.potentials.filter { !study.runs($0, size).isEmpty }
    func means(_ value: (StudyRun) -> Double?) -> [Double?] { tried.map { study.mean($0, size, value) } }
    func rmse(_ quantity: StudyQuantity, _ part: DataPart) -> Quantity {
      Quantity(
        part.rawValue, means { quantity.rmse($0.errors(of: part)) },
        worseThan: means { quantity.baseline($0.errors(of: part))?.value })
    }
    func baseline(_ quantity: StudyQuantity) -> Quantity {
      Quantity("baseline", means { quantity.baseline($0.errors(of: .test))?.value }, isBaseline: true)
    }
    let range = Quantity(
      "MAE/range, %", means { $0.errors(of: .test)?.energy?.rangeNormalisedMAE.map { 100 * $0 } })
    let groups: [(String, [Quantity])] = [
      (
        "Energy RMSE, meV/atom",
        [
          rmse(.energy, .train), rmse(.energy, .test), baseline(.energy),
          Quantity("test MAE", means { $0.errors(of: .test)?.energy?.mae }), range,
        ]
      ), ("Force RMSE, eV/Å", [rmse(.forces, .train), rmse(.forces, .test), baseline(.forces)]),
      ("Stress RMSE, GPa", [rmse(.stress, .train), rmse(.stress, .test)]),
      (
        "Training",
        [
          Quantity("s", means { $0.effort?.trainingSeconds }),
          Quantity("MB", means { $0.effort.map { Double($0.peakBytes) / 1e6 } }),
        ]
      ),
    ]
    let shown = groups.flatMap { group, quantities in
      quantities.filter(\.hasValues).map { (group, $0) }
    }
    return TextTable(
      columns: [TextTable.Column(title: "Potential", isText: true)]
        + shown.map { TextTable.Column(title: $1.title, isBaseline: $1.isBaseline, group: $0) },
      rows: tried.indices.map { row in [TextTable.Cell(tried[row])] + shown.map { $1.cell(row) } })
  }

  static func everyRun(_ study: Study) -> TextTable {
    let rows = study.runs.flatMap { run in [DataPart.train, .test].map { (run, $0) } }
      .filter { $0.0.errors(of: $0.1) != nil }
    let errors = rows.map { $0.0.errors(of: $0.1) }
    let names = zip(names(rows.map(\.0)), rows).map { $0 + [TextTable.Cell($1.1.rawValue)] }
    return table(
      nameColumns + [TextTable.Column(title: "part", isText: true)], names,
      StudyQuantity.allCases.flatMap { quantity in
        [
          Quantity(
            "\(quantity.title) RMSE, \(quantity.unit)", errors.map { quantity.rmse($0) },
            worseThan: errors.map { quantity.baseline($0)?.value }),
          Quantity("MAE", errors.map { quantity.mae($0) }),
        ]
      } + [Quantity("MAE/range, %", errors.map { $0?.energy?.rangeNormalisedMAE.map { 100 * $0 } })])
  }

  static func division(_ study: Study, _ division: StudyRun.Division) -> TextTable {
    let rows = study.runs.flatMap { run in
      run.errors.filter { $0.division == division && $0.part == .test }.map { (run, $0) }
    }
    let errors = rows.map(\.1.errors)
    let names = zip(names(rows.map(\.0)), rows).map { names, row in
      names + [TextTable.Cell(row.1.name), TextTable.Cell(NumberFormatting.count(row.1.errors.frames))]
    }
    return table(
      nameColumns + [TextTable.Column(title: "class", isText: true), TextTable.Column(title: "test frames")], names,
      [
        Quantity("Energy RMSE, meV/atom", errors.map { $0.energy?.rmse }),
        Quantity("MAE", errors.map { $0.energy?.mae }),
        Quantity("Force RMSE, eV/Å", errors.map { $0.forces?.rmse }),
        Quantity("MAE", errors.map { $0.forces?.mae }),
        Quantity("zero force", errors.map { $0.baselines?.zeroForceRMSE }, isBaseline: true),
      ])
  }

  static func elements(_ study: Study) -> TextTable {
    let rows = study.runs.flatMap { run in run.elements.filter { $0.part == .test }.map { (run, $0) } }
    let names = zip(names(rows.map(\.0)), rows).map { names, row in
      names + [TextTable.Cell(row.1.element), TextTable.Cell(NumberFormatting.count(row.1.errors.atoms))]
    }
    return table(
      nameColumns + [TextTable.Column(title: "element", isText: true), TextTable.Column(title: "atoms")], names,
      [
        Quantity("Force RMSE, eV/Å", rows.map(\.1.errors.rmse)), Quantity("MAE", rows.map(\.1.errors.mae)),
        Quantity("zero force", rows.map(\.1.errors.zeroForceRMSE), isBaseline: true),
      ])
  }

  static func differences(_ study: Study) -> TextTable {
    let rows = study.runs.flatMap { run in run.differenceErrors.map { (run, $0.0, $0.1) } }
    let names = zip(names(rows.map(\.0)), rows).map { names, row in
      let part = ["train": "both learned from", "test": "both unseen"][row.1.rawValue] ?? "one of each"
      return names + [TextTable.Cell(part), TextTable.Cell(NumberFormatting.count(row.2.pairs))]
    }
    return table(
      nameColumns + [TextTable.Column(title: "frames of a pair", isText: true), TextTable.Column(title: "pairs")],
      names,
      [
        Quantity("RMSE, meV/Li", rows.map(\.2.rmse)), Quantity("MAE", rows.map(\.2.mae)),
        Quantity("mean", rows.map(\.2.bias)),
        Quantity("composition only", rows.map(\.2.compositionRMSE), isBaseline: true),
      ])
  }

  static func times(_ study: Study) -> TextTable {
    let rows = study.runs.filter { $0.effort != nil }
    return table(
      nameColumns, names(rows),
      [
        Quantity("Training, s", rows.map { $0.effort?.trainingSeconds }),
        Quantity("Process, s", rows.map { $0.effort?.seconds }),
        Quantity("Peak memory, MB", rows.map { $0.effort.map { Double($0.peakBytes) / 1e6 } }),
        Quantity("Threads", rows.map { $0.effort.map { Double($0.threads) } }),
        Quantity("Starts", rows.map { $0.effort.map { Double($0.starts) } }),
      ])
  }

  static func epochs(_ study: Study) -> TextTable {
    let rows = study.runs.flatMap { run in run.epochs.map { (run, $0) } }
    let names = zip(names(rows.map(\.0)), rows).map { $0 + [TextTable.Cell(NumberFormatting.count($1.1.epoch))] }
    return table(
      nameColumns + [TextTable.Column(title: "epoch")], names,
      [
        Quantity("Energy RMSE train, meV/atom", rows.map(\.1.trainEnergyRMSE)),
        Quantity("validation", rows.map(\.1.validationEnergyRMSE)),
        Quantity("Force RMSE train, eV/Å", rows.map(\.1.trainForceRMSE)),
        Quantity("validation", rows.map(\.1.validationForceRMSE)), Quantity("Time, s", rows.map(\.1.seconds)),
      ])
  }

  static func moreFrames(_ study: Study) -> TextTable {
    func number(_ value: Double?) -> String {
      value.map {
        $0 < 1e6 ? NumberFormatting.count(Int($0.rounded())) : NumberFormatting.significant($0 / 1e6) + " million"
      }
        ?? "never"
    }
    let rows = study.moreFrames.map { row -> [TextTable.Cell] in
      let name = [TextTable.Cell(row.potential), TextTable.Cell(row.quantity.name)]
      let law = row.law
      let exponent =
        "\(NumberFormatting.fixed(law.exponent, 2)) (\(NumberFormatting.fixed(law.lowestExponent, 2)) to "
        + "\(NumberFormatting.fixed(law.highestExponent, 2)))"
      guard let p = row.purchase else {
        return name + [TextTable.Cell(exponent), "–", "more frames do not help", "–"]
      }
      return name + [
        TextTable.Cell(exponent),
        TextTable.Cell("\(NumberFormatting.significant(p.error)) → \(NumberFormatting.significant(p.target))"),
        TextTable.Cell(number(p.more)),
        TextTable.Cell(law.points < 4 ? "–" : "\(number(p.fewest)) to \(number(p.most))"),
      ]
    }
    let titles = ["Power of the frames", "From → to", "More training frames", "Range"]
    return TextTable(
      columns: [
        TextTable.Column(title: "Potential", isText: true), TextTable.Column(title: "Test error", isText: true),
      ]
        + titles.map { TextTable.Column(title: $0) }, rows: rows)
  }
}
