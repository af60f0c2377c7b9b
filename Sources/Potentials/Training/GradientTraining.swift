import Structures

/// Trains any gradient-trained potential on energies, forces and virials.
enum GradientTraining {
  /// - Parameter model: with its parameters at the start and everything that is not trained already set.
  static func train<Model: GradientTrained>(
    _ model: Model, on data: TrainingData, settings: DescentSettings, run: TrainingRun
  ) throws -> Trained<Model> {
    let blocks = FrameBlocks<Model>(data.training, weights: settings.weights, threads: run.threads)
    switch settings.method {
    case .adam:
      let step = AdamStep(model, blocks, validation: data.validation, settings: settings, seed: run.seed)
      return try descend(step, model, settings, run)
    case .gaussNewton:
      let objective = FrameObjective(model: model, blocks: blocks, validation: data.validation.frames)
      let step = GaussNewtonDescent(objective, start: model.parameters, settings: settings, seed: run.seed)
      return try descend(step, model, settings, run)
    case .bfgs:
      let objective = FrameObjective(model: model, blocks: blocks, validation: data.validation.frames)
      let step = BFGSStep(objective, start: model.parameters, settings: settings, seed: run.seed)
      return try descend(step, model, settings, run)
    case .lbfgs, .bayesian, nil:
      let objective = FrameObjective(model: model, blocks: blocks, validation: data.validation.frames)
      let step = LBFGSStep(
        objective, start: model.parameters, memory: settings.memory, gradientTolerance: settings.gradientTolerance)
      return try descend(step, model, settings, run)
    }
  }

  /// A few epochs from one of several starts: of `gauss_newton` none are BFGS's.
  static func shortDescent<Model: GradientTrained>(
    _ model: Model, on data: Dataset, settings: DescentSettings, run: TrainingRun
  ) throws -> Trained<Model> {
    let blocks = FrameBlocks<Model>(data, weights: settings.weights, threads: run.threads)
    let objective = FrameObjective(model: model, blocks: blocks, validation: [])
    guard settings.method == .gaussNewton else {
      return try descend(
        BFGSStep(objective, start: model.parameters, settings: settings, seed: run.seed), model, settings, run)
    }
    return try descend(
      GaussNewtonStep(objective, start: model.parameters, settings: settings, seed: run.seed), model, settings, run)
  }

  /// Epochs of a step; the model with the best and the last parameters.
  static func descend<Model: GradientTrained>(
    _ step: some TrainingStep, _ model: Model, _ settings: DescentSettings, _ run: TrainingRun
  ) throws -> Trained<Model> {
    var descent = try Descent(step, maxEpochs: settings.epochLimit, patience: settings.patienceLimit, run: run)
    let outcome = try descent.minimise()
    var (best, last) = (model, model)
    best.parameters = outcome.best
    last.parameters = outcome.last
    return Trained(
      best: best, last: last, bestEpoch: outcome.bestEpoch, log: outcome.log, stopReason: outcome.stopReason)
  }
}

/// The loss of all training frames, for full-batch methods.
struct FrameObjective<Model: GradientTrained>: Objective {
  let model: Model
  let blocks: FrameBlocks<Model>
  let validation: [LabeledStructure]

  func evaluate(_ parameters: [Double]) throws -> (loss: Double, gradient: [Double], errors: EpochErrors) {
    let (sums, gradient) = try blocks.sums(with(parameters), over: blocks.frames, needsGradient: true)
    return (sums.loss(blocks.weights), gradient, sums.errors(blocks.weights))
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? {
    guard !validation.isEmpty else { return nil }
    return try blocks.sums(with(parameters), over: validation, needsGradient: false).sums.errors(blocks.weights)
  }

  private func with(_ parameters: [Double]) -> Model {
    var model = model
    model.parameters = parameters
    return model
  }
}
