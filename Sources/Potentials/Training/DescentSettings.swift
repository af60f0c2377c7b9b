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
  }

  /// nil: Adam where forces or stresses are fitted, else L-BFGS.
  public var method: Method?
  /// w_E, 1/(eV/atom)². nil for this weight and the next two: 100, 1 and 1 where any frame has the label, else 0.
  public var energyWeight: Double?
  /// w_F, 1/(eV/Å)². A weight above 0 on a label that no frame has is an error.
  public var forceWeight: Double?
  /// w_W of the virial per atom, 1/(eV/atom)².
  public var stressWeight: Double?
  /// Weight of the frames of each `config_type`; 1 where it is not named.
  public var groupWeights: [String: Double] = [:]
  /// Epochs at most. L-BFGS: evaluations of the loss; Adam: passes over the frames; Bayesian: accepted steps.
  /// nil: 3000, 200 and 200.
  public var maxEpochs: Int?
  /// Epochs without a better validation error before the run ends; 0 never ends it. nil: a sixth of `maxEpochs`
  /// (L-BFGS), 0 (Adam: the learning rate falls to the end) or 50 (Bayesian).
  public var patience: Int?
  /// λ of ½ λ Σ w² over weights, not biases (L-BFGS on energies).
  public var weightDecay = 0.0
  /// Pairs that L-BFGS remembers.
  public var memory = 100
  /// L-BFGS stops where no derivative of the loss is larger.
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
      energy: energyWeight ?? 0, forces: forceWeight ?? 0, virial: stressWeight ?? 0, groups: groupWeights)
  }

  /// True where only energies count.
  var isEnergyOnly: Bool { weights.forces == 0 && weights.virial == 0 && groupWeights.isEmpty }

  /// The same settings with a value for every key: the labels that are there decide.
  public func resolved(for data: Dataset) -> DescentSettings {
    var result = self
    func weight(_ given: Double?, _ standard: Double, _ has: (Labels) -> Bool) -> Double {
      given ?? (data.contains { has($0.labels) && !$0.isIsolatedAtom } ? standard : 0)
    }
    result.energyWeight = weight(energyWeight, 100) { $0.energy != nil }
    result.forceWeight = weight(forceWeight, 1) { $0.forces != nil }
    result.stressWeight = weight(stressWeight, 1) { $0.virial != nil }
    let method = method ?? (result.weights.forces + result.weights.virial > 0 ? .adam : .lbfgs)
    result.method = method
    let epochs = maxEpochs ?? (method == .lbfgs ? 3000 : 200)
    result.maxEpochs = epochs
    // Adam's learning rate falls to the last epoch: only there is the best to be expected.
    result.patience = patience ?? [.lbfgs: epochs / 6, .bayesian: 50][method] ?? 0
    return result
  }

  /// Epochs at most, of settings that are resolved.
  var epochLimit: Int { maxEpochs ?? 0 }
  var patienceLimit: Int { patience ?? 0 }

  /// - Throws: `InputError` for a number out of its range.
  func validate() throws {
    func require(_ holds: Bool, _ key: CodingKeys, _ range: String) throws {
      if !holds { throw InputError("\(key.rawValue) must be \(range)") }
    }
    try require(weights.energy >= 0, .energyWeight, "0 or more")
    try require(weights.forces >= 0, .forceWeight, "0 or more")
    try require(weights.virial >= 0, .stressWeight, "0 or more")
    let isAllZero = [energyWeight, forceWeight, stressWeight].allSatisfy { $0 == 0 }
    try require(!isAllZero, .energyWeight, "above 0 where no other weight is")
    try require(groupWeights.values.allSatisfy { $0 >= 0 }, .groupWeights, "0 or more for every group")
    try require(epochLimit >= 0, .maxEpochs, "0 or more")
    try require(patienceLimit >= 0, .patience, "0 or more")
    try require(weightDecay >= 0, .weightDecay, "0 or more")
    try require((1...1000).contains(memory), .memory, "1 to 1000")
    try require(gradientTolerance >= 0, .gradientTolerance, "0 or more")
    try require(batchSize >= 1, .batchSize, "1 or more")
    try require(learningRate > 0 && finalLearningRate > 0, .learningRate, "above 0")
    try require((0..<1).contains(emaDecay), .emaDecay, "0 or more and below 1")
    if method == .bayesian, !isEnergyOnly {
      throw InputError(
        "method bayesian fits energies alone",
        remedy: "set force_weight and stress_weight to 0, or use lbfgs or adam")
    }
  }

  /// - Throws: `InputError` naming a label that has a weight but is missing, and how often.
  func requireLabels(_ data: Dataset) throws {
    func require(_ weight: Double?, _ key: CodingKeys, _ label: String, _ has: (Labels) -> Bool) throws {
      let missing = data.filter { !has($0.labels) }
      guard let weight, weight > 0, missing.count == data.count, let first = missing.first else { return }
      throw InputError(
        "\(key.rawValue) is \(weight), but none of \(data.count) frames has \(label) (the first is \(first.name))",
        remedy: "set \(key.rawValue) to 0")
    }
    try require(energyWeight, .energyWeight, "an energy") { $0.energy != nil }
    try require(forceWeight, .forceWeight, "forces") { $0.forces != nil }
    try require(stressWeight, .stressWeight, "a stress") { $0.virial != nil }
    let groups = Set(data.compactMap(\.configType))
    for name in groupWeights.keys.sorted() where !groups.contains(name) {
      let near = nearestName(to: name, among: groups).map { "did you mean `\($0)`?" }
      throw InputError(
        "group_weights names `\(name)`, but no frame has config_type=\(name)",
        remedy: near ?? "known are " + groups.sorted().joined(separator: ", "))
    }
  }

  public static let explanations: [HyperparameterExplanation] = [
    .init(
      "method",
      "lbfgs (full batch), adam (mini-batches), bayesian (energies; finds the weight decay); null: by the labels"),
    .init(
      "energy_weight", unit: "per (eV/atom)²",
      "weight of the mean squared error of energies per atom; null: 100 where frames have them"),
    .init(
      "force_weight", unit: "per (eV/Å)²",
      "weight of the mean squared error of force components; null: 1 where frames have them"),
    .init(
      "stress_weight", unit: "per (eV/atom)²",
      "weight of the mean squared error of virials per atom; null: 1 where frames have them"),
    .init("group_weights", "weight of the frames of each config_type, {litmo2: 2}; 1 where not named"),
    .init(
      "max_epochs",
      "lbfgs: evaluations of the loss; adam: passes over the frames; bayesian: steps; null: 3000, 200, 200"),
    .init(
      "patience", "epochs without a better validation error before the run ends; 0 never; null: max_epochs/6, 0, 50"
    ),
    .init("weight_decay", "λ of ½ λ Σ w² in the loss of lbfgs on energies (weights, not biases)"),
    .init("memory", "pairs that lbfgs remembers"),
    .init("gradient_tolerance", "lbfgs stops where no derivative of the loss is larger"),
    .init("batch_size", unit: "frames", "adam: frames of a batch"),
    .init("learning_rate", "adam: learning rate at the beginning"),
    .init("final_learning_rate", "adam: learning rate at the last epoch, reached exponentially"),
    .init("ema_decay", "adam: weight of the past in the averaged parameters that are kept"),
  ]
}

extension DescentSettings: Codable {
  enum CodingKeys: String, CodingKey {
    case method
    case energyWeight = "energy_weight"
    case forceWeight = "force_weight"
    case stressWeight = "stress_weight"
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
    try container.encode(energyWeight, forKey: .energyWeight)
    try container.encode(forceWeight, forKey: .forceWeight)
    try container.encode(stressWeight, forKey: .stressWeight)
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
