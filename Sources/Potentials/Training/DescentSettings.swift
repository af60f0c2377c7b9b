import Structures

/// How a gradient-trained potential descends its loss: the same keys for every such potential, beside its own.
public struct DescentSettings: Sendable, Equatable {
  /// How the loss is made small.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Full-batch L-BFGS; on energies alone aenet's own way.
    case lbfgs
    /// Mini-batches with Adam, decaying learning rate and averaged parameters.
    case adam
    /// Levenberg–Marquardt with Bayesian regularisation, on energies alone: for some thousand parameters.
    case bayesian
    /// Full-batch Levenberg–Marquardt from a sampled Gauss–Newton matrix, and BFGS where it becomes slow: for up to some
    /// thousand parameters.
    case gaussNewton = "gauss_newton"
    /// Full-batch BFGS with the whole matrix, as MLIP trains.
    case bfgs
  }

  /// nil: Adam where forces or stresses are fitted, else L-BFGS.
  public var method: Method?
  /// What the terms of the loss are divided by, and the weights that are not given.
  public var loss = LossKind.halite
  /// w_E. nil for this weight and the next two: that of `loss` where any frame has the label, else 0.
  public var energyWeight: Double?
  /// w_F. A weight above 0 on a label that frames lack is an error, see `partialLabels`.
  public var forceWeight: Double?
  /// w_W.
  public var stressWeight: Double?
  /// Weights at the first step of Adam, from where they go to the three above with the learning rate; they count only
  /// where the last weight is above 0. nil: those of `loss`, which only `deepmd` has.
  public var initialWeights: LabelWeights?
  /// True: each frame is fitted to the labels that it has. nil: false where a weight is given on a label that frames
  /// lack, else true.
  public var partialLabels: Bool?
  /// Weight of the frames of each `config_type`; 1 where it is not named.
  public var groupWeights: [String: Double] = [:]
  /// Epochs at most. L-BFGS: evaluations of the loss; Adam: passes over the frames; Bayesian: accepted steps;
  /// Gauss–Newton, BFGS: evaluations of the loss. nil: 3000, 200, 200, 300 and 1000.
  public var maxEpochs: Int?
  /// Epochs without a better validation error before the run ends; 0 never ends it. nil: a sixth of `maxEpochs`
  /// (L-BFGS), 0 (Adam: the learning rate falls to the end), or 50 (Bayesian,
  /// Gauss–Newton); 0 (BFGS).
  public var patience: Int?
  /// λ of ½ λ Σ w² over weights, not biases (L-BFGS on energies); of x − lr λ x in each step over all parameters (Adam).
  public var weightDecay = 0.0
  /// Pairs that L-BFGS remembers.
  public var memory = 100
  /// L-BFGS stops where no derivative of the loss is larger; Gauss–Newton and BFGS where none is larger than this times the
  /// loss, which counts as 1e-6 at least and as 1 at most.
  public var gradientTolerance = 1e-6
  /// Adam: frames of a batch.
  public var batchSize = 4
  /// Adam: learning rate at the beginning, and at the last epoch.
  public var learningRate = 0.01
  public var finalLearningRate = 1e-5
  /// Adam: weight of the past in the averaged parameters, at most.
  public var emaDecay = 0.999

  public init() {}

  var weights: LossWeights {
    LossWeights(
      energy: energyWeight ?? 0, forces: forceWeight ?? 0, virial: stressWeight ?? 0, groups: groupWeights,
      kind: loss)
  }

  /// `initialWeights` of labels that are fitted.
  var firstWeights: LabelWeights? {
    initialWeights.map {
      LabelWeights(
        energy: weights.energy > 0 ? $0.energy : 0, forces: weights.forces > 0 ? $0.forces : 0,
        stress: weights.virial > 0 ? $0.stress : 0)
    }
  }

  /// True where the weights of the loss stay what they are.
  var canBeFullBatch: Bool { initialWeights == nil && loss.initialWeights == nil }

  /// True where only energies count.
  var isEnergyOnly: Bool { weights.forces == 0 && weights.virial == 0 && groupWeights.isEmpty }

  /// The labels that resolved settings fit: "energy", "forces", "stress".
  public var fittedLabels: [String] {
    [("energy", weights.energy), ("forces", weights.forces), ("stress", weights.virial)].filter { $0.1 > 0 }.map(
      \.0)
  }

  /// The same settings with a value for every key: the labels that are there decide.
  public func resolved(for data: Dataset) -> DescentSettings {
    var result = self
    let frames = data.filter { !$0.isIsolatedAtom }
    let isOnEnergies = method == .bayesian
    func weight(_ given: Double?, _ standard: Double, _ has: (Labels) -> Bool) -> Double {
      given ?? (frames.contains { has($0.labels) } ? standard : 0)
    }
    result.energyWeight = weight(energyWeight, loss.weights.energy) { $0.energy != nil }
    result.forceWeight = weight(forceWeight, isOnEnergies ? 0 : loss.weights.forces) { $0.forces != nil }
    result.stressWeight = weight(stressWeight, isOnEnergies ? 0 : loss.weights.stress) { $0.virial != nil }
    result.initialWeights = initialWeights ?? loss.initialWeights
    result.partialLabels = partialLabels ?? lackedLabels(of: frames).isEmpty
    let isByFrames = result.weights.forces + result.weights.virial > 0 || result.initialWeights != nil
    let method = method ?? (isByFrames ? .adam : .lbfgs)
    result.method = method
    let epochs = maxEpochs ?? [.lbfgs: 3000, .gaussNewton: 300, .bfgs: 1000][method] ?? 200
    result.maxEpochs = epochs
    // Adam's learning rate falls to the last epoch: only there is the best to be expected.
    result.patience = patience ?? [.lbfgs: epochs / 6, .bayesian: 50, .gaussNewton: 50][method] ?? 0
    return result
  }

  /// Epochs at most, of settings that are resolved.
  var epochLimit: Int { maxEpochs ?? 0 }
  var patienceLimit: Int { patience ?? 0 }
}

extension DescentSettings: Codable {
  enum CodingKeys: String, CodingKey {
    case method, loss
    case energyWeight = "energy_weight"
    case forceWeight = "force_weight"
    case stressWeight = "stress_weight"
    case initialWeights = "initial_weights"
    case partialLabels = "partial_labels"
    case groupWeights = "group_weights"
    case maxEpochs = "max_epochs"
    case patience
    case weightDecay = "weight_decay"
    case memory
    case gradientTolerance = "gradient_tolerance"
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case finalLearningRate = "final_learning_rate"
    case emaDecay = "ema_decay"
  }

  /// Writes absent values as null, so that every key is there to be seen and checked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    try container.encode(loss, forKey: .loss)
    try container.encode(energyWeight, forKey: .energyWeight)
    try container.encode(forceWeight, forKey: .forceWeight)
    try container.encode(stressWeight, forKey: .stressWeight)
    try container.encode(initialWeights, forKey: .initialWeights)
    try container.encode(partialLabels, forKey: .partialLabels)
    try container.encode(groupWeights, forKey: .groupWeights)
    try container.encode(maxEpochs, forKey: .maxEpochs)
    try container.encode(patience, forKey: .patience)
    try container.encode(weightDecay, forKey: .weightDecay)
    try container.encode(memory, forKey: .memory)
    try container.encode(gradientTolerance, forKey: .gradientTolerance)
    try container.encode(batchSize, forKey: .batchSize)
    try container.encode(learningRate, forKey: .learningRate)
    try container.encode(finalLearningRate, forKey: .finalLearningRate)
    try container.encode(emaDecay, forKey: .emaDecay)
  }
}
