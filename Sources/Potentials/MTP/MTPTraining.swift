import Structures

extension MTP: GradientTrained {
  public static var name: String { "mtp" }
  public static var defaults: MTPHyperparameters { MTPHyperparameters() }

  /// Table S1: level 16, R_min from the data, R 5 Å, 8 polynomials, weights 1, 0.01 and 0.001 of MLIP's loss.
  public static var presets: [String: MTPHyperparameters] {
    var paper = MTPHyperparameters()
    paper.descent.loss = .mlip
    return ["paper": paper]
  }

  public static var explanations: [HyperparameterExplanation] { MTPHyperparameters.explanations }

  public static func resolved(_ hyperparameters: MTPHyperparameters, for data: Dataset) -> MTPHyperparameters {
    var result = hyperparameters
    result.rMin = hyperparameters.rMin ?? smallestDistance(in: data, reach: hyperparameters.rMax)
    if result.descent.method == nil, result.descent.canBeFullBatch { result.descent.method = .gaussNewton }
    result.descent = result.descent.resolved(for: data)
    return result
  }

  public static func fittedLabels(_ hyperparameters: MTPHyperparameters) -> [String] {
    hyperparameters.descent.fittedLabels
  }

  /// Random radial functions, no moments at first; then all parameters together.
  /// - Throws: `InputError` where frames lack a label that is fitted, or atoms are too close.
  public static func train(
    on data: TrainingData, hyperparameters: MTPHyperparameters, run: TrainingRun
  ) throws -> Trained<MTP> {
    var hyperparameters = resolved(hyperparameters, for: data.training)
    try hyperparameters.descent.requireLabels(data.training)
    guard let start = run.start else {
      var model = try MTP(elements: data.elements, hyperparameters: hyperparameters)
      var random = RandomSource(seed: run.seed)
      model.setRandomRadialFunctions(using: &random)
      return try GradientTraining.train(model, on: data, settings: hyperparameters.descent, run: run)
    }
    // What the parameters mean stays as it was.
    if let old = (start as? MTP)?.hyperparameters {
      guard
        (old.level, old.radialSize, old.rMax) == (
          hyperparameters.level, hyperparameters.radialSize, hyperparameters.rMax
        )
      else {
        throw InputError(
          "the potential to start from has level \(old.level), radial_size \(old.radialSize) and r_max \(old.rMax) Å, "
            + "the settings \(hyperparameters.level), \(hyperparameters.radialSize) and \(hyperparameters.rMax) Å",
          remedy: "give the same, or train without --start")
      }
      hyperparameters.rMin = old.rMin
    }
    return try GradientTraining.train(
      goingOn(from: start, hyperparameters), on: data, settings: hyperparameters.descent, run: run)
  }

  /// Lists of neighbours and sums of gradients dominate the memory; the rates are rough.
  public static func forecast(
    _ data: TrainingData, hyperparameters: MTPHyperparameters, threads: Int
  ) -> TrainingForecast {
    let resolved = resolved(hyperparameters, for: data.training)
    guard let model = try? MTP(elements: data.elements, hyperparameters: resolved) else {
      return TrainingForecast(bytes: 0, seconds: 0, parameters: 0)
    }
    let parameters = model.parameterCount
    let atoms = data.training.atomCount + data.validation.atomCount
    let passes = resolved.descent.method == .gaussNewton ? 3.0 : 1
    let pass = passes * Double(atoms) * model.secondsPerAtom / Double(max(1, threads))
    let isSquare = resolved.descent.method == .gaussNewton || resolved.descent.method == .bfgs
    let square = isSquare ? 8 * 3 * parameters * parameters + (64 << 20) : 0
    let sums = 8 * parameters * (2 * resolved.descent.memory + 8 + FrameBlocks<MTP>.partialSums)
    return TrainingForecast(
      bytes: sums + square + (60 << 20), seconds: pass * Double(resolved.descent.epochLimit), parameters: parameters
    )
  }

  /// Of one pass of loss and gradient.
  private var secondsPerAtom: Double {
    let sums = tables.orders.reduce(0) { $0 + ($1 + 1) * ($1 + 1) }
    return 5e-6 + 60 * 0.6e-9 * Double(sums) + 2e-9 * Double(tables.factors.count)
  }
}

extension MTP: PartlyLinear {
  /// ξ and ξ⁰.
  var linearParameters: Range<Int> { radial.count..<parameterCount }
}
