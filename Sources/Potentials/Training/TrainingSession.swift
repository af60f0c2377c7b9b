import Structures

/// A fit of one kind of potential from a training part: validation part, reference energies, prior, model.
public struct TrainingSession<Model: TrainablePotential>: Sendable {
  public let settings: TrainingSettings
  public let hyperparameters: Model.Hyperparameters
  public let references: ReferenceEnergies
  /// Labels with reference energies and prior taken off.
  public let data: TrainingData
  /// As read, for reports.
  public let training: Dataset
  public let validation: Dataset
  /// What the user should know before it starts.
  public let notes: [String]

  /// Where the parameters begin; nil for random ones.
  public let start: WarmStart?

  /// - Parameters:
  ///   - part: the training part of the split, or all frames; replayed frames included.
  ///   - hyperparameters: resolved for that part.
  /// - Throws: `InputError` where the labels do not suffice.
  public init(
    part: Dataset, settings: TrainingSettings, hyperparameters: Model.Hyperparameters, start: WarmStart? = nil,
    threads: Int
  ) throws {
    try settings.validate()
    try start?.requireElements(of: part)
    self.settings = settings
    self.hyperparameters = hyperparameters
    self.start = start
    var notes: [String] = []
    let frames = Dataset(part.filter { !$0.isIsolatedAtom })
    if frames.count < part.count {
      notes.append(
        "\(part.count - frames.count) isolated atoms serve as reference energies, not as training frames")
    }
    guard !frames.isEmpty else { throw InputError("the training part has no frames") }
    notes += try Self.labelNotes(of: frames, fitted: Model.fittedLabels(hyperparameters))
    let elements = start?.potential.elements ?? part.elements
    references = try Self.references(settings.referenceEnergies, part, frames, start)
    let kept = try Self.kept(frames, references, below: settings.maxEnergy)
    if kept.count < frames.count, let limit = settings.maxEnergy {
      notes.append("\(frames.count - kept.count) of \(frames.count) frames lie above max_energy (\(limit) eV/atom)")
    }
    (training, validation) = Self.validationParts(of: kept, fraction: settings.validFraction, seed: settings.seed)
    notes += Self.referenceNotes(references)
    self.notes = notes
    let subtraction = Subtraction(references: references, prior: settings.zbl, elements: elements)
    data = TrainingData(
      elements: elements, training: try subtraction.applied(to: training, threads: threads),
      validation: try subtraction.applied(to: validation, threads: threads))
  }

  private static func references(
    _ choice: ReferenceChoice, _ part: Dataset, _ frames: Dataset, _ start: WarmStart?
  ) throws -> ReferenceEnergies {
    if let start {
      return start.potential.referenceEnergies.narrowed(by: frames, elements: start.potential.elements)
    }
    // Forces alone say nothing of the zero of the energy.
    if choice == .leastSquares, !frames.contains(where: { $0.labels.energy != nil }) {
      return ReferenceEnergies(given: [:])
    }
    return try choice.energies(for: part)
  }

  /// What is not fitted though it is there, and what is fitted though some frames lack it.
  /// - Throws: `InputError` where energies alone are to be fitted and frames have none.
  private static func labelNotes(of frames: Dataset, fitted: [String]) throws -> [String] {
    let labels: [(name: String, has: (Labels) -> Bool)] = [
      ("energy", { $0.energy != nil }), ("forces", { $0.forces != nil }), ("stress", { $0.virial != nil }),
    ]
    return try labels.compactMap { label in
      let missing = frames.filter { !label.has($0.labels) }
      guard fitted.contains(label.name) else {
        return missing.count == frames.count
          ? nil : "\(label.name) labels are there (\(frames.count - missing.count) frames), but are not fitted"
      }
      guard let first = missing.first else { return nil }
      if fitted.count == 1 || missing.count == frames.count {
        let name = label.name == "energy" ? "energies are" : label.name == "forces" ? "forces are" : "stresses are"
        throw InputError(
          "\(name) to be fitted, but \(missing.count) of \(frames.count) frames have none, the first is \(first.name)",
          remedy: "leave those frames out: halite data select --with \(label.name)")
      }
      return
        "\(missing.count) of \(frames.count) frames have no \(label.name) label: they are fitted to those they have"
    }
  }

  /// Identifies data, settings and version: a checkpoint of another run is not gone on with. How long a run may
  /// take is no part of it: a run can be made longer.
  /// - Parameter settingsText: YAML, a key a line.
  public func fingerprint(settingsText: String) -> String {
    let lines = RunIdentity.lines(of: settingsText, without: ["max_epochs", "patience", "checkpoint_interval"])
    let head = ["Halite " + HaliteVersion.current, "data " + training.hash, "validation data " + validation.hash]
    let origin = start.map { ["start " + $0.hash] } ?? []
    return (head + origin + lines).joined(separator: "\n")
  }

  /// - Returns: the best and the last potential, ready to be stored.
  public func train(_ run: TrainingRun) throws -> Trained<FittedPotential> {
    var run = run
    run.seed = settings.seed
    run.checkpointInterval = settings.checkpointInterval
    run.start = start?.potential.model
    let trained = try Model.train(on: data, hyperparameters: hyperparameters, run: run)
    let own = TrainingMembers(training.frames + validation.frames)
    let members = start.map { own.union($0.potential.members) } ?? own
    func fitted(_ model: Model, epoch: Int) -> FittedPotential {
      var card = PotentialCard()
      card.dataHash = Dataset(training.frames + validation.frames).hash
      card.trainingFrames = training.count
      card.seed = settings.seed
      card.labels = Model.fittedLabels(hyperparameters).joined(separator: " ")
      card.energyKey = training.first?.provenance.energyKey
      card.epoch = epoch
      card.startHash = start?.hash
      var potential = FittedPotential(
        model: model, referenceEnergies: references, prior: settings.zbl, card: card)
      potential.members = members
      if let earlier = run.extends?.potential { potential.members = potential.members.union(earlier.members) }
      return potential
    }
    var result = Trained(
      best: fitted(trained.best, epoch: trained.bestEpoch),
      last: fitted(trained.last, epoch: trained.log.last?.epoch ?? 0), bestEpoch: trained.bestEpoch,
      log: trained.log,
      stopReason: trained.stopReason)
    result.notes = trained.notes
    if let rule = run.activeRule, trained.stopReason != .user { try addActiveSet(to: &result, rule, run) }
    return result
  }

  /// Larger active sets are left out of the potential file unless they are asked for, bytes.
  private static var largestActiveSet: Int { 64 << 20 }

  /// Rows of the training part by which the best potential takes extrapolation grades.
  private func addActiveSet(
    to trained: inout Trained<FittedPotential>, _ rule: ActiveRule, _ run: TrainingRun
  ) throws {
    guard let model = trained.best.model as? any GradedPotential else { return }
    if let earlier = run.extends, earlier.potential.activeSet == nil {
      trained.notes.append(
        "no active set: the earlier fit has none, and the new frames alone would make a wrong one; halite active build makes one "
          + "of all frames")
      return
    }
    let bytes = ActiveSet.bytes(model, rule)
    guard bytes <= Self.largestActiveSet else {
      trained.notes.append(
        "the active set would take \(bytes / 1_000_000) MB and is left out: halite active build makes it")
      return
    }
    // Rows of the same functions go on; other radial functions make other rows.
    let earlier = run.extends?.potential.activeSet
    let set = try ActiveSet.build(
      model, frames: training.frames, rule: rule, start: earlier?.rule == rule ? earlier : nil,
      threads: run.threads,
      progress: run.advanced)
    trained.best.activeSet = set
    trained.notes.append(set.summary)
  }

  /// The frames whose energy per atom, less the reference energies, is not above a limit (eV/atom).
  /// - Throws: `InputError` where none is left.
  private static func kept(
    _ frames: Dataset, _ references: ReferenceEnergies, below limit: Double?
  ) throws -> Dataset {
    guard let limit else { return frames }
    let kept = frames.filter { frame in
      // Without an energy there is nothing to go by.
      guard let label = frame.labels.energy else { return true }
      let energy = label - references.sum(over: frame.structure)
      return energy <= limit * Double(frame.structure.count)
    }
    guard !kept.isEmpty else {
      throw InputError("all \(frames.count) frames lie above max_energy (\(limit) eV/atom)")
    }
    return Dataset(kept)
  }

  /// The frames of the validation part are the first ⌊fraction × n⌋ of the sorted ids in an order drawn from the
  /// seed, so that the order of the files does not matter; equal frames fall into one part.
  static func validationParts(of data: Dataset, fraction: Double, seed: UInt64) -> (Dataset, Dataset) {
    let ids = Set(data.map(\.id)).sorted()
    var random = RandomSource(seed: seed ^ 0x56A1_1DA7_1011)
    let count = Int((fraction * Double(ids.count)).rounded(.down))
    let chosen = Set(random.permutation(of: ids.count).prefix(count).map { ids[$0] })
    return (Dataset(data.filter { !chosen.contains($0.id) }), data.frames(withIDs: chosen))
  }

  private static func referenceNotes(_ references: ReferenceEnergies) -> [String] {
    guard references.source == .leastSquares, !references.freeDirections.isEmpty else { return [] }
    return [
      "the compositions do not fix all reference energies: rank \(references.rank) of \(references.energies.count), "
        + "free: " + references.freeDirections.joined(separator: "; ")
        + "; the shortest solution is taken, and energies of other compositions have an open zero"
    ]
  }
}

/// Takes reference energies and prior off the labels.
private struct Subtraction {
  let references: ReferenceEnergies
  let prior: ZBL?
  let elements: [ChemicalElement]

  func applied(to data: Dataset, threads: Int) throws -> Dataset {
    var result = data
    for k in result.frames.indices {
      result.frames[k].labels.energy? -= references.sum(over: data[k].structure)
    }
    guard let prior else { return result }
    let predictions = try Predictor(PriorPotential(elements: elements, zbl: prior), threads: threads)
      .predict(data.map(\.structure), names: data.map(\.name))
    for (k, prediction) in predictions.enumerated() {
      result.frames[k].labels.energy? -= prediction.energy
      result.frames[k].labels.forces = zip(data[k].labels.forces, prediction.forces)
      result.frames[k].labels.virial = data[k].labels.virial.map { $0 - prediction.virial }
    }
    return result
  }

  private func zip(_ labels: [SIMD3<Double>]?, _ forces: [SIMD3<Double>]) -> [SIMD3<Double>]? {
    labels.map { labels in labels.indices.map { labels[$0] - forces[$0] } }
  }
}

/// The prior alone, as a potential.
struct PriorPotential: Potential {
  let elements: [ChemicalElement]
  let zbl: ZBL

  var cutoff: Double { zbl.outer }

  func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    var energies = [Double](repeating: 0, count: list.centers.count)
    zbl.add(list, elements: elements, to: &energies, &gradient)
    return energies
  }
}
