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
    hyperparameters.descent.fittedLabels
  }

  /// On energies alone in aenet's own mode (full-batch L-BFGS over scaled energies per atom, fingerprints computed
  /// once) or with Bayesian regularisation; with forces or stresses as every gradient-trained potential.
  /// - Throws: `InputError` where frames lack a label that is fitted, or atoms are too close.
  public static func train(
    on data: TrainingData, hyperparameters: AENETHyperparameters, run: TrainingRun
  ) throws -> Trained<AENET> {
    let hyperparameters = resolved(hyperparameters, for: data.training)
    let descent = hyperparameters.descent
    try descent.requireLabels(data.training)
    var model: AENET
    if let start = run.start {
      model = try goingOn(from: start, hyperparameters)
    } else {
      model = try AENET(elements: data.elements, hyperparameters: hyperparameters, seed: run.seed)
      try model.scaleEnergies(to: data.training)
    }
    if hyperparameters.keepsFingerprints {
      let objective = try energyObjective(&model, data, run)
      if descent.method == .bayesian {
        return try GradientTraining.descend(BayesianStep(objective, start: model.parameters), model, descent, run)
      }
      let step = LBFGSStep(
        objective, start: model.parameters, memory: descent.memory, gradientTolerance: descent.gradientTolerance)
      return try GradientTraining.descend(step, model, descent, run)
    }
    if run.start == nil {
      let blocks = try FingerprintBlocks(
        data.training, fingerprints: model.fingerprints, elements: data.elements, threads: run.threads)
      (model.means, model.inverseDeviations) = blocks.statistics()
    }
    return try GradientTraining.train(model, on: data, settings: descent, run: run)
  }

  /// f and s from the range of the energies per atom; without energies f from the forces, an input's change of one
  /// deviation being some 0.2 Å of movement.
  private mutating func scaleEnergies(to data: Dataset) throws {
    let energies = data.compactMap { frame in frame.labels.energy.map { $0 / Double(frame.structure.count) } }
    if let low = energies.min(), let high = energies.max(), high > low {
      energyScale = 2 / (high - low)
      energyShift = (high + low) / 2
      return
    }
    guard hyperparameters.descent.weights.energy == 0 else {
      throw InputError(
        "at least two frames of different energy per atom are needed to train, found \(data.count)")
    }
    let forces = data.flatMap { $0.labels.forces ?? [] }
    let square = forces.reduce(0) { $0 + dot($1, $1) } / Double(max(1, 3 * forces.count))
    energyScale = square > 0 ? 5 / square.squareRoot() : 1
    energyShift = energies.first ?? 0
  }

  /// The fast path: fingerprints are computed once and kept, and set the model's normalisation unless it has one.
  private static func energyObjective(
    _ model: inout AENET, _ data: TrainingData, _ run: TrainingRun
  ) throws -> EnergyObjective {
    let elements = model.elements
    var blocks = try FingerprintBlocks(
      data.training, fingerprints: model.fingerprints, elements: elements, threads: run.threads)
    var others = try FingerprintBlocks(
      data.validation, fingerprints: model.fingerprints, elements: elements, threads: run.threads)
    if run.start == nil { (model.means, model.inverseDeviations) = blocks.statistics() }
    blocks.normalise(means: model.means, inverseDeviations: model.inverseDeviations)
    others.normalise(means: model.means, inverseDeviations: model.inverseDeviations)
    let (scale, shift) = (model.energyScale, model.energyShift)
    return EnergyObjective(
      networks: model.networks, training: blocks, validation: others,
      trainingTargets: try perAtom(data.training).map { scale * ($0 - shift) },
      validationTargets: try perAtom(data.validation).map { scale * ($0 - shift) },
      trainingAtoms: data.training.map(\.structure.count), validationAtoms: data.validation.map(\.structure.count),
      energyScale: scale, weightDecay: model.hyperparameters.descent.weightDecay, threads: run.threads)
  }

  private static func perAtom(_ data: Dataset) throws -> [Double] {
    try data.map { frame in
      guard let energy = frame.labels.energy else {
        throw InputError(
          "the frame has no energy", file: frame.name, remedy: "fit forces too, or leave such frames out")
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
    let resolved = resolved(hyperparameters, for: data.training)
    let descent = resolved.descent
    let lists =
      resolved.keepsFingerprints ? 0 : NeighborListStore.bytes(atoms: atoms, cutoff: hyperparameters.radialCutoff)
    let pass = Double(atoms) * secondsPerAtom(resolved, parameters / max(1, data.elements.count))
    guard descent.method == .bayesian else {
      let cost = CurvatureCost(descent, parameters: parameters, frames: data.training.count, pass: pass)
      return TrainingForecast(
        bytes: features + lists + optimiser + cost.bytes + (60 << 20),
        seconds: cost.epochSeconds * Double(descent.epochLimit) / Double(max(1, threads)), parameters: parameters)
    }
    // The products and factors of a square matrix: about 15 GF/s a core.
    let square = Double(parameters) * Double(parameters)
    let flops = square * (Double(data.training.count) + 3 * Double(parameters))
    return TrainingForecast(
      bytes: features + 8 * 6 * parameters * parameters + (60 << 20),
      seconds: (5 * pass / Double(max(1, threads)) + flops / 15e9) * Double(descent.epochLimit),
      parameters: parameters)
  }

  /// About 6 flops a parameter at 10 GF/s where fingerprints are kept, or 35 µs where neighbours are visited again.
  private static func secondsPerAtom(_ resolved: AENETHyperparameters, _ parameters: Int) -> Double {
    resolved.keepsFingerprints ? 6 * Double(parameters) / 10e9 : 35e-6
  }
}
