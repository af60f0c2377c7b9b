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

  /// Random radial functions, the best of `starts`, then all parameters together.
  /// - Throws: `InputError` where frames lack a label that is fitted, or atoms are too close.
  public static func train(
    on data: TrainingData, hyperparameters: MTPHyperparameters, run: TrainingRun
  ) throws -> Trained<MTP> {
    var hyperparameters = resolved(hyperparameters, for: data.training)
    if let earlier = run.extends {
      return try extended(earlier, on: data, hyperparameters: hyperparameters, run: run)
    }
    try hyperparameters.descent.requireLabels(data.training)
    let model = try beginning(data, &hyperparameters, run)
    var trained = try GradientTraining.train(model, on: data, settings: hyperparameters.descent, run: run)
    try leaveFactor(of: &trained, on: data, run: run)
    return trained
  }

  /// Random radial functions, or the potential to go on from.
  private static func beginning(
    _ data: TrainingData, _ hyperparameters: inout MTPHyperparameters, _ run: TrainingRun
  ) throws -> MTP {
    guard let start = run.start else {
      var model = try MTP(elements: data.elements, hyperparameters: hyperparameters)
      try model.setRadialFunctions(for: data.training, run)
      return model
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
    return try goingOn(from: start, hyperparameters)
  }

  /// Lists of neighbours and sums of gradients dominate the memory; the time is that of a block of the real pass, taken
  /// here and now.
  public static func forecast(
    _ data: TrainingData, hyperparameters: MTPHyperparameters, threads: Int
  ) -> TrainingForecast {
    let resolved = resolved(hyperparameters, for: data.training)
    guard var model = try? MTP(elements: data.elements, hyperparameters: resolved) else {
      return TrainingForecast(bytes: 0, seconds: 0, parameters: 0)
    }
    var random = RandomSource(seed: 1)
    model.setRandomRadialFunctions(using: &random)
    let descent = resolved.descent
    let parameters = model.parameterCount
    let atoms = data.training.atomCount + data.validation.atomCount
    let pass = Double(data.training.atomCount) * model.secondsPerAtom(data.training)
    let cost = CurvatureCost(descent, parameters: parameters, frames: data.training.count, pass: pass)
    let sums = 8 * parameters * (2 * descent.memory + 8 + FrameBlocks<MTP>.partialSums)
    let lists = NeighborListStore.bytes(atoms: atoms, cutoff: resolved.rMax)
    let epochs = Double(descent.epochLimit + 1)
    let search = model.searchSeconds(data.training, pass: pass, epoch: cost.epochSeconds)
    return TrainingForecast(
      bytes: sums + cost.bytes + lists + (60 << 20),
      seconds: (search + cost.epochSeconds * epochs) / Double(max(1, threads)), parameters: parameters)
  }

  /// What looking for a start takes on one thread, s.
  private func searchSeconds(_ data: Dataset, pass: Double, epoch: Double) -> Double {
    let starts = Double(startCount)
    guard starts > 1 else { return 0 }
    if isChosenByDescents {
      return starts * epoch * Double(Self.startEpochs(hyperparameters.descent) + 1)
    }
    guard let frames = comparison(data) else { return 0 }
    // A pass for each column, and the factor of all rows at 15 GF/s.
    let (columns, share) = (Double(columnCount), Double(frames.atomCount) / Double(max(1, data.atomCount)))
    return starts * (columns * share * pass + 2 * 3 * Double(frames.atomCount) * columns * columns / 15e9)
  }

  /// Of one pass of loss and gradient on one thread, neighbours known: the best of some passes over a few frames.
  private func secondsPerAtom(_ data: Dataset) -> Double {
    var frames: [LabeledStructure] = []
    var atoms = 0
    for frame in data where atoms == 0 || atoms + frame.structure.count <= 256 {
      frames.append(frame)
      atoms += frame.structure.count
    }
    let blocks = FrameBlocks<MTP>(Dataset(frames), weights: hyperparameters.descent.weights, threads: 1)
    let clock = ContinuousClock()
    let begin = clock.now
    var best = Double.infinity
    // The first makes the lists.
    for k in 0..<12 where k < 2 || clock.now - begin < .milliseconds(100) {
      let start = clock.now
      guard (try? blocks.sums(self, over: frames, needsGradient: true)) != nil else { return 0 }
      if k > 0 { best = min(best, (clock.now - start) / .seconds(1)) }
    }
    return best / Double(max(1, atoms))
  }
}

extension MTP: PartlyLinear {
  /// ξ and ξ⁰.
  var linearParameters: Range<Int> { radial.count..<parameterCount }
}
