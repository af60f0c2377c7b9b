import Optimization
import Structures

#if canImport(Glibc)
  import Glibc
#endif

/// Mini-batches with Adam: an epoch is one pass over the training frames in an order drawn from the seed; epoch 0 only
/// looks at the parameters that the run begins with.
///
///     lr(e) = lr₀ (lr₁/lr₀)^{e/E} in pass e = 0 … E − 1;  weights of the loss w + (w₀ − w) lr/lr₀
///
/// Errors are those of the averaged parameters; the training errors are gathered while the pass goes on.
struct AdamStep<Model: GradientTrained>: TrainingStep {
  private let blocks: FrameBlocks<Model>
  private let validation: [LabeledStructure]
  private let settings: DescentSettings
  private var model: Model
  private var adam: Adam
  private var random: RandomSource
  private var epochs = 0

  init(_ model: Model, _ blocks: FrameBlocks<Model>, validation: Dataset, settings: DescentSettings, seed: UInt64) {
    self.blocks = blocks
    self.validation = validation.frames
    self.settings = settings
    self.model = model
    adam = Adam(start: model.parameters, averageDecay: settings.emaDecay)
    random = RandomSource(seed: seed ^ 0xBA7C_4E5)
  }

  mutating func epoch() throws -> EpochOutcome {
    defer { epochs += 1 }
    guard epochs > 0 else {
      let sums = try blocks.sums(model, over: blocks.frames, needsGradient: false).sums
      return outcome(sums)
    }
    let ratio = settings.finalLearningRate / settings.learningRate
    let fraction = pow(ratio, Double(epochs - 1) / Double(max(1, settings.epochLimit)))
    let weights = settings.weights.moved(by: fraction, to: settings.firstWeights)
    let order = random.permutation(of: blocks.frames.count)
    var sums = LossSums()
    for start in stride(from: 0, to: order.count, by: settings.batchSize) {
      let batch = order[start..<min(start + settings.batchSize, order.count)].map { blocks.frames[$0] }
      model.parameters = adam.parameters
      let (part, gradient) = try blocks.sums(model, over: batch, weights: weights, needsGradient: true)
      sums += part
      guard gradient.allSatisfy(\.isFinite) else {
        throw InputError(
          "the gradient is not finite in epoch \(epochs)", remedy: "lower learning_rate, or run halite data check")
      }
      adam.step(
        gradient: gradient, learningRate: settings.learningRate * fraction, weightDecay: settings.weightDecay)
    }
    return outcome(sums)
  }

  private func outcome(_ sums: LossSums) -> EpochOutcome {
    EpochOutcome(
      parameters: adam.averaged, loss: sums.loss(settings.weights), errors: sums.errors(settings.weights))
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? {
    guard !validation.isEmpty else { return nil }
    var model = model
    model.parameters = parameters
    return try blocks.sums(model, over: validation, needsGradient: false).sums.errors(settings.weights)
  }

  var current: [Double] { adam.averaged }

  var state: [String: [Double]] {
    var state = adam.state
    // 64 random bits do not fit the digits of one double.
    state["random"] = [Double(random.state >> 32), Double(random.state & 0xFFFF_FFFF)]
    state["epochs"] = [Double(epochs)]
    return state
  }

  mutating func restore(_ state: [String: [Double]]) -> Bool {
    guard let bits = state["random"], bits.count == 2, bits.allSatisfy({ (0..<0x1p32).contains($0) }),
      let epochs = state["epochs"]?.first, (0..<1e9).contains(epochs), adam.restore(state)
    else { return false }
    random.state = UInt64(bits[0]) << 32 | UInt64(bits[1])
    self.epochs = Int(epochs)
    return true
  }
}

extension LossSums {
  func errors(_ weights: LossWeights) -> EpochErrors {
    EpochErrors(score: loss(weights), energyRMSE: energyRMSE, forceRMSE: forceRMSE)
  }
}
