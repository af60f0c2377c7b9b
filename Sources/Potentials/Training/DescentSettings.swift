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

  public var method = Method.lbfgs
  /// w_E, 1/(eV/atom)².
  public var energyWeight = 1.0
  /// w_F, 1/(eV/Å)². A weight above 0 on a label that frames lack is an error.
  public var forceWeight = 0.0
  /// w_W of the virial per atom, 1/(eV/atom)².
  public var stressWeight = 0.0
  /// Weight of the frames of each `config_type`; 1 where it is not named.
  public var groupWeights: [String: Double] = [:]
  /// Epochs at most. L-BFGS: evaluations of the loss; Adam: passes over the frames; Bayesian: accepted steps.
  public var maxEpochs = 3000
  /// Epochs without a better validation error before the run ends; 0 never ends it.
  public var patience = 500
  /// λ of ½ λ Σ w² over weights, not biases (L-BFGS on energies).
  public var weightDecay = 0.0
  /// Pairs that L-BFGS remembers.
  public var memory = 100
  /// L-BFGS stops where no derivative of the loss is larger.
  public var gradientTolerance = 1e-6
  /// Adam: frames of a batch.
  public var batchSize = 8
  /// Adam: learning rate at the beginning, and at the last epoch.
  public var learningRate = 0.003
  public var finalLearningRate = 1e-5
  /// Adam: weight of the past in the averaged parameters, at most.
  public var emaDecay = 0.999

  public init() {}

  var weights: LossWeights {
    LossWeights(energy: energyWeight, forces: forceWeight, virial: stressWeight, groups: groupWeights)
  }

  /// True where only energies count.
  var isEnergyOnly: Bool { forceWeight == 0 && stressWeight == 0 && groupWeights.isEmpty }

  /// - Throws: `InputError` for a number out of its range.
  func validate() throws {
    func require(_ holds: Bool, _ key: CodingKeys, _ range: String) throws {
      if !holds { throw InputError("\(key.rawValue) must be \(range)") }
    }
    try require(energyWeight >= 0, .energyWeight, "0 or more")
    try require(forceWeight >= 0, .forceWeight, "0 or more")
    try require(stressWeight >= 0, .stressWeight, "0 or more")
    try require(energyWeight + forceWeight + stressWeight > 0, .energyWeight, "above 0 where no other weight is")
    try require(groupWeights.values.allSatisfy { $0 >= 0 }, .groupWeights, "0 or more for every group")
    try require(maxEpochs >= 0, .maxEpochs, "0 or more")
    try require(patience >= 0, .patience, "0 or more")
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
    func require(_ weight: Double, _ key: CodingKeys, _ label: String, _ has: (Labels) -> Bool) throws {
      let missing = data.filter { !has($0.labels) }
      guard weight > 0, missing.count == data.count, let first = missing.first else { return }
      throw InputError(
        "\(key.rawValue) is \(weight), but none of \(data.count) frames has \(label) (the first is \(first.name))",
        remedy: "set \(key.rawValue) to 0")
    }
    try require(energyWeight, .energyWeight, "an energy") { $0.energy != nil }
    try require(forceWeight, .forceWeight, "forces") { $0.forces != nil }
    try require(stressWeight, .stressWeight, "a stress") { $0.virial != nil }
  }

  public static let explanations: [HyperparameterExplanation] = [
    .init(
      "method", "lbfgs (full batch), adam (mini-batches), or bayesian (energies; weight decay found from the data)"),
    .init("energy_weight", unit: "per (eV/atom)²", "weight of the mean squared error of energies per atom"),
    .init("force_weight", unit: "per (eV/Å)²", "weight of the mean squared error of force components"),
    .init("stress_weight", unit: "per (eV/atom)²", "weight of the mean squared error of virials per atom"),
    .init("group_weights", "weight of the frames of each config_type, {litmo2: 2}; 1 where not named"),
    .init("max_epochs", "lbfgs: evaluations of the loss; adam: passes over the frames; bayesian: accepted steps"),
    .init("patience", "epochs without a better validation error before the run ends; 0 never"),
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
}
