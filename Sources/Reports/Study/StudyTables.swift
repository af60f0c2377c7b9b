import Potentials

/// The tables of a study as files: all numbers with as many digits as give the same bits again. What depends on the
/// clock stands in files of its own (`times.csv`, `epoch-times.csv`): the others are the same after every restart.
struct StudyTables {
  let study: Study

  /// (name, text).
  var all: [(name: String, text: String)] {
    [
      ("errors.csv", errors(.all)), ("errors-by-class.csv", errors(.lithiation)),
      ("errors-by-metals.csv", errors(.metals)), ("errors-by-element.csv", elements),
      ("differences.csv", differences), ("difference-errors.csv", differenceErrors), ("epochs.csv", epochs),
      ("more-frames.csv", moreFrames), ("classes.csv", classes), ("times.csv", times),
      ("epoch-times.csv", epochTimes),
    ].filter { $0.1.split(separator: "\n").count > 1 }
  }

  private static let head = ["potential", "kind", "size", "seed", "training_frames"]

  private func head(_ run: StudyRun) -> [String] {
    let key = run.key
    return [key.potential, key.kind, String(key.size), String(key.seed), String(run.trainingFrames)]
  }

  private func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  private func errors(_ division: StudyRun.Division) -> String {
    var table = CSVTable(
      columns: Self.head + [
        "part", "name", "frames", "atoms", "energy_rmse_meV_per_atom", "energy_mae_meV_per_atom",
      ]
        + ["energy_range_normalised_mae", "force_rmse_eV_per_A", "force_mae_eV_per_A", "stress_rmse_GPa"]
        + ["stress_mae_GPa", "mean_energy_rmse_meV_per_atom", "composition_rmse_meV_per_atom"]
        + ["zero_force_rmse_eV_per_A", "zero_stress_rmse_GPa"])
    for run in study.runs {
      for row in run.errors where row.division == division {
        let (e, b) = (row.errors, row.errors.baselines)
        let values = [
          e.energy?.rmse, e.energy?.mae, e.energy?.rangeNormalisedMAE, e.forces?.rmse, e.forces?.mae,
          e.stress?.rmse,
          e.stress?.mae, b?.meanEnergyRMSE, b?.compositionRMSE, b?.zeroForceRMSE, b?.zeroStressRMSE,
        ]
        table.append(
          head(run) + [row.part.rawValue, row.name, String(e.frames), String(e.atoms)] + values.map(number))
      }
    }
    return table.text
  }

  private var elements: String {
    var table = CSVTable(
      columns: Self.head
        + ["part", "element", "atoms", "force_rmse_eV_per_A", "force_mae_eV_per_A", "zero_force_rmse_eV_per_A"])
    for run in study.runs {
      for row in run.elements {
        let e = row.errors
        table.append(
          head(run) + [
            row.part.rawValue, row.element, String(e.atoms), "\(e.rmse)", "\(e.mae)", "\(e.zeroForceRMSE)",
          ])
      }
    }
    return table.text
  }

  private var differences: String {
    var table = CSVTable(
      columns: Self.head + ["part", "host", "lithiated", "delithiated", "lithium", "label_eV_per_Li"]
        + ["predicted_eV_per_Li", "error_meV_per_Li", "label_voltage_V", "predicted_voltage_V"])
    for run in study.runs {
      for d in run.differences {
        let voltages = [d.label, d.predicted].map { value in number(study.lithiumEnergy.map { $0 - value }) }
        table.append(
          head(run) + [d.part.rawValue, d.host, d.lithiated, d.delithiated, String(d.lithium), "\(d.label)"]
            + ["\(d.predicted)", "\(1000 * (d.predicted - d.label))"] + voltages)
      }
    }
    return table.text
  }

  private var differenceErrors: String {
    var table = CSVTable(
      columns: Self.head + ["part", "pairs", "rmse_meV_per_Li", "mae_meV_per_Li", "bias_meV_per_Li"]
        + ["composition_rmse_meV_per_Li"])
    for run in study.runs {
      for (part, errors) in run.differenceErrors {
        table.append(
          head(run) + [part.rawValue, String(errors.pairs), "\(errors.rmse)", "\(errors.mae)", "\(errors.bias)"]
            + [number(errors.compositionRMSE)])
      }
    }
    return table.text
  }

  private var epochs: String {
    var table = CSVTable(
      columns: Self.head + ["epoch", "train_energy_rmse_meV_per_atom", "validation_energy_rmse_meV_per_atom"]
        + ["train_force_rmse_eV_per_A", "validation_force_rmse_eV_per_A"])
    for run in study.runs {
      for row in run.epochs {
        let values = [
          row.trainEnergyRMSE, row.validationEnergyRMSE, row.trainForceRMSE, row.validationForceRMSE,
        ]
        table.append(head(run) + [String(row.epoch)] + values.map(number))
      }
    }
    return table.text
  }

  private var epochTimes: String {
    var table = CSVTable(columns: Self.head + ["epoch", "seconds"])
    for run in study.runs {
      for row in run.epochs { table.append(head(run) + [String(row.epoch), "\(row.seconds)"]) }
    }
    return table.text
  }

  private var times: String {
    var table = CSVTable(
      columns: Self.head + ["training_seconds", "process_seconds", "peak_bytes", "threads", "starts"])
    for run in study.runs {
      guard let effort = run.effort else { continue }
      table.append(
        head(run) + ["\(effort.trainingSeconds)", "\(effort.seconds)", String(effort.peakBytes)]
          + [String(effort.threads), String(effort.starts)])
    }
    return table.text
  }

  private var moreFrames: String {
    var table = CSVTable(
      columns: [
        "potential", "quantity", "unit", "exponent", "lowest_exponent", "highest_exponent", "training_frames",
      ]
        + ["error", "target", "more_frames", "fewest", "most"])
    for row in study.moreFrames {
      let (law, p) = (row.law, row.purchase)
      table.append(
        [row.potential, row.quantity.rawValue, row.quantity.unit, "\(law.exponent)", "\(law.lowestExponent)"]
          + ["\(law.highestExponent)", number(p.map { Double($0.frames) }), number(p?.error), number(p?.target)]
          + [number(p?.more), number(p?.fewest), number(p?.most)])
    }
    return table.text
  }

  private var classes: String {
    var table = CSVTable(columns: ["division", "name", "frames"])
    let parts = [
      ("lithiation", study.classes.lithiation), ("transition_metals", study.classes.transitionMetals),
      ("presence", study.classes.presence), ("order", study.classes.order),
    ]
    for (division, amounts) in parts {
      for amount in amounts { table.append([division, amount.name, String(amount.count)]) }
    }
    return table.text
  }
}

extension StudyRun {
  /// Of the differences of each part that has any.
  var differenceErrors: [(DataPart, DifferenceErrors)] {
    [DataPart.train, .test, .all].compactMap { part in
      DifferenceErrors(differences.filter { $0.part == part }).map { (part, $0) }
    }
  }
}

extension Study {
  struct MoreFrames {
    var potential: String
    var quantity: StudyQuantity
    var law: PowerLaw
    /// nil where the error does not fall.
    var purchase: PowerLaw.Purchase?
  }

  /// For each potential and quantity with three sizes: how the test error falls, and what a step of it would cost.
  var moreFrames: [MoreFrames] {
    potentials.flatMap { potential in
      [StudyQuantity.energy, .forces].compactMap { quantity in
        let points = sizes(of: potential).compactMap { size -> SIMD2<Double>? in
          guard let run = runs(potential, size).first,
            let error = mean(potential, size, { quantity.rmse($0.errors(of: .test)) })
          else { return nil }
          return [Double(run.trainingFrames), error]
        }
        guard let law = PowerLaw(points), let last = points.last else { return nil }
        return MoreFrames(
          potential: potential, quantity: quantity, law: law,
          purchase: law.purchase(of: quantity == .energy ? 1 : 0.01, at: Int(last.x)))
      }
    }
  }
}
