import Optimization
import Structures

/// The linear part of a moment tensor potential over frames, with the weights of its loss: its triangular factor is left
/// behind a training, so that more frames can be added without the earlier ones.
struct MTPLinearSystem {
  private let fit: LinearFit<MTP>
  private let run: TrainingRun
  let counts: RowWeights.Counts

  /// Beyond so many contractions the rows cost more than the training.
  static let largestCount = 300

  /// - Parameter counts: what the means of the loss are taken over; nil for these frames.
  init(_ model: MTP, _ data: Dataset, run: TrainingRun, counts: RowWeights.Counts? = nil) {
    let settings = model.hyperparameters.descent
    let divisors = LossSums.counts(data, settings.weights).divisors
    let counts = counts ?? RowWeights.Counts(energy: divisors[0], forces: divisors[1], virial: divisors[2])
    var sums = LossSums()
    sums.divisors = [counts.energy, counts.forces, counts.virial]
    let scale = LossScale(settings.weights, over: sums)
    let weights = data.map { frame in
      let slopes = scale.share(of: frame).slopes
      let atoms = Double(frame.structure.count)
      let virial = slopes[2] / 2 / (atoms * atoms)
      return RowWeights(energy: slopes[0] / 2, forces: slopes[1] / 2, virial: virial, shear: 2 * virial)
    }
    fit = LinearFit(
      model: model, frames: data.frames, weights: weights, threads: run.threads,
      chunkRows: max(8 * model.columnCount, 1024))
    self.run = run
    self.counts = counts
  }

  /// Rows with weight.
  var rowCount: Int { fit.chunks(Array(fit.frames.indices)).joined().reduce(0) { $0 + $1.rows } }

  /// The factor of all frames; nil where the user stops it.
  func factor() throws -> TriangularFactor? {
    let frames = Array(fit.frames.indices)
    let total = fit.chunks(frames).reduce(0) { $0 + $1.count }
    var isWhole = true
    let state = try fit.factor(of: frames, from: nil) { state, isLast in
      run.advanced(state.chunks, total)
      if !isLast, run.shouldStop() { isWhole = false }
      return !isWhole
    }
    return isWhole ? state.whole : nil
  }

  func write(_ factor: TriangularFactor, to path: String) throws {
    try LinearFactorFile(kind: MTP.name, elements: fit.model.elements, factor: factor, counts: counts).write(
      to: path)
  }
}

extension MTP {
  /// Leaves the factor of the linear part where the run wants one.
  static func leaveFactor(of trained: inout Trained<MTP>, on data: TrainingData, run: TrainingRun) throws {
    guard let path = run.factorFile, trained.stopReason != .user else { return }
    guard trained.best.coefficients.count <= MTPLinearSystem.largestCount else {
      trained.notes.append(
        "no factor of the linear part is left for --extend: \(trained.best.coefficients.count) contractions are more than "
          + "\(MTPLinearSystem.largestCount)")
      return
    }
    let system = MTPLinearSystem(trained.best, data.training, run: run)
    guard let factor = try system.factor() else {
      trained.notes.append("no factor of the linear part is left for --extend: it was interrupted")
      return
    }
    try system.write(factor, to: path)
  }

  /// ξ and ξ⁰ of the earlier frames and these together, the radial functions staying as they are: what solving for all at
  /// once with the weights of the first would give.
  /// - Throws: `InputError` where the settings are others, or the data hold other elements.
  static func extended(
    _ earlier: LinearExtension, on data: TrainingData, hyperparameters: MTPHyperparameters, run: TrainingRun
  ) throws -> Trained<MTP> {
    let begin = ContinuousClock.now
    guard var model = earlier.potential.model as? MTP, earlier.file.factor.size == model.columnCount + 1 else {
      throw InputError(
        "the earlier fit's factor does not belong to its potential", remedy: "train all frames together")
    }
    try requireSame(model, hyperparameters, data)
    let system = MTPLinearSystem(model, data.training, run: run, counts: earlier.file.counts)
    guard let added = try system.factor() else {
      throw InputError("stopped before the new frames were added", remedy: "the same command again begins anew")
    }
    var whole = earlier.file.factor
    whole.absorb(added, threads: run.threads)
    guard let solution = LinearSolver(singularCutoff: 1e-13).solve(whole, threads: run.threads) else {
      throw InputError(
        "the linear system has no finite solution: a label is not finite",
        remedy: "look for bad frames with halite data check")
    }
    model.coefficients = Array(solution.x[..<model.coefficients.count])
    model.speciesEnergies = Array(solution.x[model.coefficients.count...])
    if let path = run.factorFile { try system.write(whole, to: path) }
    let record = EpochRecord(
      epoch: 1, of: 1, loss: solution.residual, seconds: (ContinuousClock.now - begin) / .seconds(1))
    run.progress(record)
    var trained = Trained(best: model, last: model, bestEpoch: 1, log: [record], stopReason: .solved)
    trained.notes = [
      "\(data.training.count) frames added: \(model.columnCount) linear coefficients from \(whole.rows) rows in all (rank "
        + "\(solution.rank)), radial functions as they were; the new rows have the weights of the earlier fit's rows"
    ]
    return trained
  }

  private static func requireSame(_ model: MTP, _ hyperparameters: MTPHyperparameters, _ data: TrainingData) throws
  {
    if let unknown = data.elements.first(where: { !model.elements.contains($0) }) {
      throw InputError(
        "the earlier fit has no \(unknown.symbol) (it has \(model.elements.map(\.symbol).joined(separator: " ")))",
        remedy: "train all frames together")
    }
    var same = hyperparameters
    same.descent.partialLabels = model.hyperparameters.descent.partialLabels
    same.starts = model.hyperparameters.starts
    guard same == model.hyperparameters else {
      throw InputError(
        "the earlier fit was made with other settings", remedy: "with --extend set only partial_labels")
    }
    // Groups of the earlier fit need no frames here.
    var descent = hyperparameters.descent
    let groups = Set(data.training.compactMap(\.configType))
    descent.groupWeights = descent.groupWeights.filter { groups.contains($0.key) }
    try descent.requireLabels(data.training)
  }
}
