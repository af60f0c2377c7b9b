import Structures

/// The loss of a gradient-trained potential over frames, in fixed blocks: no line of it knows which potential.
struct FrameBlocks<Model: GradientTrained>: Sendable {
  /// Atoms of one block: more frames are not added beyond it.
  static var blockSize: Int { 64 }
  /// Blocks whose gradients are added to one partial sum.
  static var partialSums: Int { 32 }

  let frames: [LabeledStructure]
  let weights: LossWeights
  let threads: Int
  /// Of every frame that passes go over.
  let lists: NeighborListStore

  init(_ data: Dataset, weights: LossWeights, threads: Int, lists: NeighborListStore = NeighborListStore()) {
    frames = data.frames
    self.lists = lists
    self.weights = weights
    self.threads = threads
  }

  /// Frames in consecutive blocks.
  static func blocks(_ frames: [LabeledStructure]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    var atoms = 0
    for (k, frame) in frames.enumerated() {
      if atoms > 0 && atoms + frame.structure.count > blockSize {
        ranges.append(start..<k)
        (start, atoms) = (k, 0)
      }
      atoms += frame.structure.count
    }
    if start < frames.count { ranges.append(start..<frames.count) }
    return ranges
  }

  /// Sums of errors over frames, and ∂L/∂θ where wanted.
  /// - Parameters:
  ///   - frames: all of the set, or a batch of it.
  ///   - other: weights in the place of `weights`.
  func sums(
    _ model: Model, over frames: [LabeledStructure], weights other: LossWeights? = nil, needsGradient: Bool
  ) throws -> (sums: LossSums, gradient: [Double]) {
    let weights = other ?? weights
    let counts = LossSums.counts(frames, weights)
    let scale = LossScale(weights, over: counts)
    let blocks = Self.blocks(frames)
    let chunks = min(Self.partialSums, blocks.count)
    let parts = try parallelMap(chunks: chunks, threads: threads) { chunk in
      var sums = LossSums()
      var gradient = [Double](repeating: 0, count: needsGradient ? model.parameters.count : 0)
      for b in chunk * blocks.count / chunks..<(chunk + 1) * blocks.count / chunks {
        let part = frames[blocks[b]]
        let list = try list(model, part)
        var pairs: PairGradient? = scale.usesPairs ? PairGradient(pairs: list.vectors.count) : nil
        let energies = model.siteEnergies(list, gradient: &pairs)
        let block = LossBlock(
          part, list, energies: energies, gradient: pairs?.vectors ?? [], scale, needsGradient: needsGradient)
        sums += block.sums
        if needsGradient {
          model.addParameterGradient(
            list, siteWeights: block.siteWeights, pairTangents: block.pairTangents, into: &gradient)
        }
      }
      return (sums, gradient)
    }
    var total = counts
    var gradient = [Double](repeating: 0, count: needsGradient ? model.parameters.count : 0)
    for part in parts {
      total += part.0
      for k in gradient.indices { gradient[k] += part.1[k] }
    }
    return (total, gradient)
  }

  private func list(_ model: Model, _ frames: ArraySlice<LabeledStructure>) throws -> NeighborList {
    NeighborList(joining: try frames.map { try list(model, $0) })
  }

  /// The list of one frame, made at the first pass.
  func list(_ model: Model, _ frame: LabeledStructure) throws -> NeighborList {
    do {
      return try lists.list(of: frame.structure) { try model.neighborList(of: [frame.structure]) }
    } catch let error as InputError {
      throw error.located(in: frame.name)
    }
  }
}
