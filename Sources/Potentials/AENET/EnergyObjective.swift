import Optimization
import Structures

/// aenet's loss on energies: L = Σ_s ½ [f (E_s − Ê_s)/N_s]², every frame of weight 1.
struct EnergyObjective: Objective, Sendable {
  /// Blocks whose gradients are added to one partial sum; sums are added in this order, whatever the threads.
  static let partialSums = 32

  let networks: SpeciesNetworks
  let training: FingerprintBlocks
  let validation: FingerprintBlocks
  /// f (Ê_s − N_s s)/N_s of each frame, what Σ y/N must become.
  let trainingTargets: [Double]
  let validationTargets: [Double]
  let trainingAtoms: [Int]
  let validationAtoms: [Int]
  /// f, atom/eV.
  let energyScale: Double
  /// λ of ½ λ Σ w² over the weights.
  var weightDecay = 0.0
  let threads: Int

  var parameterCount: Int { networks.parameterCount }

  func evaluate(_ parameters: [Double]) throws -> (loss: Double, gradient: [Double], errors: EpochErrors) {
    let parts = try chunks { range in
      var gradient = [Double](repeating: 0, count: parameterCount)
      var loss = 0.0
      var pass = BlockPass(networks)
      for block in training.blocks[range] {
        let errors = pass.errors(block, parameters, targets: trainingTargets, atoms: trainingAtoms)
        for error in errors { loss += 0.5 * error * error }
        pass.addGradient(block, parameters, errors: errors, atoms: trainingAtoms, to: &gradient)
      }
      return (loss, gradient)
    }
    var gradient = [Double](repeating: 0, count: parameterCount)
    var loss = 0.0
    for part in parts {
      loss += part.0
      for k in gradient.indices { gradient[k] += part.1[k] }
    }
    let errors = errors(sum: 2 * loss, count: trainingTargets.count)
    if weightDecay > 0 {
      let isBias = networks.networks.flatMap(\.isBias)
      for k in 0..<parameterCount where !isBias[k] {
        loss += 0.5 * weightDecay * parameters[k] * parameters[k]
        gradient[k] += weightDecay * parameters[k]
      }
    }
    return (loss, gradient, errors)
  }

  func validate(_ parameters: [Double]) throws -> EpochErrors? {
    guard !validationTargets.isEmpty else { return nil }
    let sums = try parallelMap(chunks: validation.blocks.count, threads: threads) { b in
      var pass = BlockPass(networks)
      return pass.errors(validation.blocks[b], parameters, targets: validationTargets, atoms: validationAtoms)
        .reduce(0) { $0 + $1 * $1 }
    }
    return errors(sum: sums.reduce(0, +), count: validationTargets.count)
  }

  private func errors(sum: Double, count: Int) -> EpochErrors {
    let rmse = (sum / Double(count)).squareRoot() / energyScale
    return EpochErrors(score: rmse, energyRMSE: rmse)
  }

  /// The training blocks in at most `partialSums` runs; results in their order.
  private func chunks<Value: Sendable>(
    _ count: Int = partialSums, _ body: @Sendable (Range<Int>) throws -> Value
  ) throws -> [Value] {
    let blocks = training.blocks.count
    let chunks = min(count, blocks)
    return try parallelMap(chunks: chunks, threads: threads) {
      try body($0 * blocks / chunks..<($0 + 1) * blocks / chunks)
    }
  }
}

extension EnergyObjective: ResidualObjective {
  /// Frames whose Jacobian is held at a time.
  private static var jacobianRows: Int { 512 }

  /// Of each species its own: one for each input, one for each later layer, one for the biases of each layer.
  var groups: [Int] {
    var first = 0
    return networks.networks.flatMap { network in
      let own = network.priorGroups.map { first + $0 }
      first = (own.max() ?? first) + 1
      return own
    }
  }

  func residuals(_ parameters: [Double]) throws -> [Double] {
    try chunks { range in
      var pass = BlockPass(networks)
      return training.blocks[range].flatMap {
        pass.errors($0, parameters, targets: trainingTargets, atoms: trainingAtoms)
      }
    }.flatMap { $0 }
  }

  func errors(_ residuals: [Double]) -> EpochErrors {
    errors(sum: residuals.reduce(0) { $0 + $1 * $1 }, count: residuals.count)
  }

  func linearise(_ parameters: [Double]) throws -> (residuals: [Double], system: DampedSystem, slope: [Double]) {
    let size = parameterCount
    // Two partial sums, whatever the threads: each holds a whole matrix.
    let parts = try chunks(2) { range in
      var system = DampedSystem(size: size)
      var jacobian: [Double] = []
      var residuals: [Double] = []
      var slope = [Double](repeating: 0, count: size)
      var pass = BlockPass(networks)
      for block in training.blocks[range] {
        let errors = pass.errors(block, parameters, targets: trainingTargets, atoms: trainingAtoms)
        pass.addGradient(block, parameters, errors: errors, atoms: trainingAtoms, to: &slope)
        residuals += errors
        pass.appendJacobian(block, parameters, atoms: trainingAtoms, to: &jacobian)
        if jacobian.count >= Self.jacobianRows * size {
          system.addProduct(of: jacobian, rows: jacobian.count / size)
          jacobian.removeAll(keepingCapacity: true)
        }
      }
      system.addProduct(of: jacobian, rows: jacobian.count / size)
      return (residuals, system, slope)
    }
    var (residuals, system, slope) = parts[0]
    for part in parts.dropFirst() {
      residuals += part.0
      system += part.1
      for k in slope.indices { slope[k] += part.2[k] }
    }
    return (residuals, system, slope)
  }
}

/// Working space for one block after the other on one thread.
private struct BlockPass {
  let networks: SpeciesNetworks
  var workspaces: [NetworkWorkspace]

  init(_ networks: SpeciesNetworks) {
    self.networks = networks
    workspaces = networks.networks.map { NetworkWorkspace($0) }
  }

  /// f (E_s − Ê_s)/N_s of the block's frames; the workspaces keep what the way back needs.
  mutating func errors(
    _ block: FingerprintBlocks.Block, _ parameters: [Double], targets: [Double], atoms: [Int]
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: block.frames.count)
    parameters.withUnsafeBufferPointer { parameters in
      for (type, rows) in block.rows.enumerated() where !rows.isEmpty {
        networks.networks[type].forward(
          block.inputs[type], count: rows.count, parameters: parameters.baseAddress! + networks.offsets[type],
          workspace: &workspaces[type])
        for (k, row) in rows.enumerated() { sums[Int(block.frameOfRow[row])] += workspaces[type].output(k) }
      }
    }
    return sums.indices.map { k in
      let frame = block.frames.lowerBound + k
      return sums[k] / Double(atoms[frame]) - targets[frame]
    }
  }

  mutating func addGradient(
    _ block: FingerprintBlocks.Block, _ parameters: [Double], errors: [Double], atoms: [Int],
    to gradient: inout [Double]
  ) {
    let slopes = errors.indices.map { errors[$0] / Double(atoms[block.frames.lowerBound + $0]) }
    let rowSlopes = block.frameOfRow.map { slopes[Int($0)] }
    gradient.withUnsafeMutableBufferPointer { gradient in
      parameters.withUnsafeBufferPointer { parameters in
        rowSlopes.withUnsafeBufferPointer { rowSlopes in
          for (type, rows) in block.rows.enumerated() where !rows.isEmpty {
            let start = networks.offsets[type]
            networks.networks[type].backward(
              block.inputs[type], count: rows.count, parameters: parameters.baseAddress! + start,
              outputSlopes: rowSlopes.baseAddress! + rows.lowerBound,
              parameterGradient: gradient.baseAddress! + start, inputGradient: nil, workspace: &workspaces[type])
          }
        }
      }
    }
  }

  /// Appends ∂(Σ y/N)/∂W of each frame of a block, a row a frame.
  mutating func appendJacobian(
    _ block: FingerprintBlocks.Block, _ parameters: [Double], atoms: [Int], to jacobian: inout [Double]
  ) {
    let size = networks.parameterCount
    let start = jacobian.count
    jacobian += [Double](repeating: 0, count: block.frames.count * size)
    for (type, rows) in block.rows.enumerated() {
      let network = networks.networks[type]
      var first = rows.lowerBound
      while first < rows.upperBound {
        // Rows of a species stand frame by frame.
        let frame = Int(block.frameOfRow[first])
        var end = first + 1
        while end < rows.upperBound, Int(block.frameOfRow[end]) == frame { end += 1 }
        let slopes = [Double](repeating: 1 / Double(atoms[block.frames.lowerBound + frame]), count: end - first)
        let place = start + frame * size + networks.offsets[type]
        jacobian.withUnsafeMutableBufferPointer { jacobian in
          parameters.withUnsafeBufferPointer { parameters in
            block.inputs[type].withUnsafeBufferPointer { inputs in
              let x = inputs.baseAddress! + (first - rows.lowerBound) * network.inputs
              let w = parameters.baseAddress! + networks.offsets[type]
              network.forward(x, count: end - first, parameters: w, workspace: &workspaces[type])
              network.backward(
                x, count: end - first, parameters: w, outputSlopes: slopes,
                parameterGradient: jacobian.baseAddress! + place, inputGradient: nil, workspace: &workspaces[type])
            }
          }
        }
        first = end
      }
    }
  }
}
