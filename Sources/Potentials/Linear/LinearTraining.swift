import Foundation
import Optimization
import Structures

/// Fits any linear potential to energies, forces and virials.
enum LinearTraining {
  static func train<Model: LinearPotential>(
    _ model: Model, on data: TrainingData, run: TrainingRun
  ) throws -> Trained<Model> {
    let begin = ContinuousClock.now
    let settings = Model.fitSettings(model.hyperparameters).resolved(for: data.training)
    try settings.validate()
    let plan = try LinearPlan(model, data.training, settings, run)
    let fit = LinearFit(
      model: model, frames: data.training.frames,
      weights: try RowWeights.all(data.training, settings, counts: run.extends?.file.counts),
      threads: run.threads, chunkRows: plan.chunkRows)
    let folds = plan.folds.count
    // What was fitted before counts as one more part of a cross-validation.
    var factors = run.extends.map { [$0.file.factor] } ?? []
    guard factors.allSatisfy({ $0.size == model.coefficients.count + 1 }) else {
      throw InputError(
        "the earlier fit has \(factors[0].size - 1) columns, these settings have \(model.coefficients.count)",
        remedy: "leave the settings of the descriptor as they were")
    }
    for (k, fold) in plan.folds.enumerated() {
      factors.append(try LinearCheckpoint(run, fold: k, of: folds).factor(fit, of: fold))
    }
    let (solution, whole) = try solve(factors, settings, threads: run.threads)
    if let path = run.factorFile {
      let counts = run.extends?.file.counts ?? RowWeights.Counts(data.training, settings)
      try LinearFactorFile(kind: Model.name, elements: model.elements, factor: whole, counts: counts)
        .write(to: path)
    }
    var fitted = model
    fitted.coefficients = solution.x
    var record = EpochRecord(
      epoch: 1, of: 1, loss: solution.residual, seconds: (ContinuousClock.now - begin) / .seconds(1))
    record.trainingEnergyRMSE = nil
    run.progress(record)
    var trained = Trained(best: fitted, last: fitted, bestEpoch: 1, log: [record], stopReason: .solved)
    trained.notes = notes(solution, rows: whole.rows) + (run.extends.map { weightNotes($0, data, settings) } ?? [])
    return trained
  }

  private static func solve(
    _ factors: [TriangularFactor], _ settings: LinearFitSettings, threads: Int
  ) throws -> (LinearSolver.Solution, TriangularFactor) {
    var solver = LinearSolver(singularCutoff: settings.singularCutoff)
    switch settings.ridge {
    case .number(let ridge): solver.ridge = ridge
    case .crossValidation: solver.ridge = try RidgeSearch.best(factors)
    }
    var whole = factors[0]
    for factor in factors.dropFirst() { whole.absorb(factor, threads: threads) }
    guard let solution = solver.solve(whole, threads: threads) else {
      throw InputError(
        "the linear system has no finite solution: a label or a descriptor is not finite",
        remedy: "look for bad frames with halite data check")
    }
    return (solution, whole)
  }

  /// Weights of means are those of the first fit's rows: what fitting all at once would give instead.
  private static func weightNotes(
    _ earlier: LinearExtension, _ data: TrainingData, _ settings: LinearFitSettings
  ) -> [String] {
    let (old, new) = (earlier.file.counts, RowWeights.Counts(data.training, settings))
    guard settings.weighting == .means, old.energy > 0, new.energy > 0, old.forces > 0 else { return [] }
    let ratio = ((old.forces + new.forces) / (old.energy + new.energy)) / (old.forces / old.energy)
    guard abs(ratio - 1) > 1e-12 else { return [] }
    return [
      "the new rows have the weights of the earlier fit's rows: a fit of all frames at once would weight forces "
        + String(format: "%.4g", 1 / ratio) + " times as much beside energies"
    ]
  }

  private static func notes(_ solution: LinearSolver.Solution, rows: Int) -> [String] {
    let columns = solution.x.count
    var text =
      "linear fit: \(rows) rows, \(columns) columns, rank \(solution.rank), condition "
      + String(format: "%.1e", solution.condition)
    text += solution.ridge > 0 ? ", ridge " + String(format: "%.0e", solution.ridge) : ", no ridge"
    guard solution.rank < columns else { return [text] }
    let empty = solution.emptyColumns.count
    return [
      text,
      "the data determine \(solution.rank) of \(columns) coefficients"
        + (empty > 0 ? " (\(empty) columns are zero in every row)" : "")
        + "; the shortest solution is taken for the others",
    ]
  }
}

/// λ with the least error on frames left out in turn.
enum RidgeSearch {
  /// λ, relative to columns of unit norm.
  static let candidates = (0...10).map { pow(10, Double($0) - 12) }

  /// - Parameter folds: factors of disjoint parts of the rows.
  static func best(_ folds: [TriangularFactor]) throws -> Double {
    let systems = folds.map(NormalSystem.init)
    var errors = [Double](repeating: 0, count: candidates.count)
    for k in systems.indices {
      let others = NormalSystem(sum: systems.indices.filter { $0 != k }.map { systems[$0] })
      for (n, ridge) in candidates.enumerated() {
        guard let x = others.solve(ridge: ridge) else {
          errors[n] = .infinity
          continue
        }
        errors[n] += folds[k].squaredResidual(of: x)
      }
    }
    guard let best = errors.indices.min(by: { errors[$0] < errors[$1] }), errors[best].isFinite else {
      throw InputError("cross-validation found no ridge", remedy: "give ridge a number, such as 1e-8")
    }
    return candidates[best]
  }
}
