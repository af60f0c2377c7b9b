import Structures

extension AENET: GradientTrained {
  public static var name: String { "aenet" }
  public static var defaults: AENETHyperparameters { AENETHyperparameters() }

  /// Table S1: 8.0/6.5 Å, N 16, 2 × 15 nodes, 3,300 epochs; angular order 4 as in the paper's repository.
  public static var presets: [String: AENETHyperparameters] {
    var paper = AENETHyperparameters()
    paper.descent.method = .lbfgs
    paper.descent.forceWeight = 0
    paper.descent.stressWeight = 0
    paper.descent.maxEpochs = 3300
    paper.descent.patience = 0
    paper.descent.memory = 20
    return ["paper": paper]
  }

  public static var explanations: [HyperparameterExplanation] { AENETHyperparameters.explanations }

  public static func resolved(_ hyperparameters: AENETHyperparameters, for data: Dataset) -> AENETHyperparameters {
    var result = hyperparameters
    result.descent = hyperparameters.descent.resolved(for: data)
    return result
  }

  public static func fittedLabels(_ hyperparameters: AENETHyperparameters) -> [String] {
    let weights = hyperparameters.descent.weights
    let all = [("energy", weights.energy), ("forces", weights.forces), ("stress", weights.virial)]
    return all.filter { $0.1 > 0 }.map(\.0)
  }

  /// On energies alone in aenet's own mode (full-batch L-BFGS over scaled energies per atom, fingerprints computed
  /// once) or with Bayesian regularisation; with forces or stresses as every gradient-trained potential.
  /// - Throws: `InputError` where frames lack an energy, or atoms are too close.
  public static func train(
    on data: TrainingData, hyperparameters: AENETHyperparameters, run: TrainingRun
  ) throws -> Trained<AENET> {
    let hyperparameters = resolved(hyperparameters, for: data.training)
    var model = try AENET(elements: data.elements, hyperparameters: hyperparameters, seed: run.seed)
    let (training, validation) = (data.training, data.validation)
    try hyperparameters.descent.requireLabels(training)
    let energies = try perAtom(training)
    guard let low = energies.min(), let high = energies.max(), high > low else {
      throw InputError(
        "at least two frames of different energy per atom are needed to train, found \(training.count)")
    }
    model.energyScale = 2 / (high - low)
    model.energyShift = (high + low) / 2
    let descent = hyperparameters.descent
    if descent.isEnergyOnly, descent.method != .adam {
      let objective = try energyObjective(&model, training, validation, energies, run)
      let start = model.parameters
      if descent.method == .bayesian {
        return try GradientTraining.descend(BayesianStep(objective, start: start), model, descent, run)
      }
      let step = LBFGSStep(
        objective, start: start, memory: descent.memory, gradientTolerance: descent.gradientTolerance)
      return try GradientTraining.descend(step, model, descent, run)
    }
    let blocks = try FingerprintBlocks(
      training, fingerprints: model.fingerprints, elements: data.elements, threads: run.threads)
    (model.means, model.inverseDeviations) = blocks.statistics()
    return try GradientTraining.train(model, on: data, settings: descent, run: run)
  }

  /// The fast path: fingerprints are computed once and kept, and set the model's normalisation.
  private static func energyObjective(
    _ model: inout AENET, _ training: Dataset, _ validation: Dataset, _ energies: [Double], _ run: TrainingRun
  ) throws -> EnergyObjective {
    let elements = model.elements
    var blocks = try FingerprintBlocks(
      training, fingerprints: model.fingerprints, elements: elements, threads: run.threads)
    var others = try FingerprintBlocks(
      validation, fingerprints: model.fingerprints, elements: elements, threads: run.threads)
    (model.means, model.inverseDeviations) = blocks.statistics()
    blocks.normalise(means: model.means, inverseDeviations: model.inverseDeviations)
    others.normalise(means: model.means, inverseDeviations: model.inverseDeviations)
    let (scale, shift) = (model.energyScale, model.energyShift)
    return EnergyObjective(
      networks: model.networks, training: blocks, validation: others,
      trainingTargets: energies.map { scale * ($0 - shift) },
      validationTargets: try perAtom(validation).map { scale * ($0 - shift) },
      trainingAtoms: training.map(\.structure.count), validationAtoms: validation.map(\.structure.count),
      energyScale: scale, weightDecay: model.hyperparameters.descent.weightDecay, threads: run.threads)
  }

  private static func perAtom(_ data: Dataset) throws -> [Double] {
    try data.map { frame in
      guard let energy = frame.labels.energy else {
        throw InputError(
          "the frame has no energy", file: frame.name, remedy: "AENET is trained on energies: leave such frames out"
        )
      }
      return energy / Double(frame.structure.count)
    }
  }

  /// Fingerprints and gradients dominate the memory; rates were measured with `halite-benchmarks`.
  public static func forecast(
    _ data: TrainingData, hyperparameters: AENETHyperparameters, threads: Int
  ) -> TrainingForecast {
    let shapes = try? hyperparameters.shapes(for: data.elements)
    let parameters = shapes?.1.parameterCount ?? 0
    let inputs = shapes?.0.widths.max() ?? 0
    let atoms = data.training.atomCount + data.validation.atomCount
    let features = 8 * atoms * inputs
    let optimiser = 8 * parameters * (2 * hyperparameters.descent.memory + 8 + EnergyObjective.partialSums)
    let descent = hyperparameters.descent.resolved(for: data.training)
    let epoch =
      Double(atoms) * secondsPerAtom(descent, parameters / max(1, data.elements.count)) / Double(max(1, threads))
    guard descent.method == .bayesian else {
      let seconds = epoch * Double(descent.epochLimit)
      return TrainingForecast(bytes: features + optimiser + (60 << 20), seconds: seconds, parameters: parameters)
    }
    // The products and factors of a square matrix: about 15 GF/s a core.
    let square = Double(parameters) * Double(parameters)
    let flops = square * (Double(data.training.count) + 3 * Double(parameters))
    return TrainingForecast(
      bytes: features + 8 * 6 * parameters * parameters + (60 << 20),
      seconds: (5 * epoch + flops / 15e9) * Double(descent.epochLimit), parameters: parameters)
  }

  /// About 6 flops a parameter at 10 GF/s where fingerprints are kept, or 35 µs where neighbours are visited again.
  private static func secondsPerAtom(_ descent: DescentSettings, _ parameters: Int) -> Double {
    descent.isEnergyOnly && descent.method != .adam ? 6 * Double(parameters) / 10e9 : 35e-6
  }
}
