import Structures

/// aenet's loss on energies: L = Σ_s ½ [f (E_s − Ê_s)/N_s]², every frame of weight 1.
struct EnergyObjective: Objective, Sendable {
  /// Blocks whose gradients are added to one partial sum; sums are added in this order, whatever the threads.
  static let partialSums = 32

  let network: Network
  let species: Int
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

  var parameterCount: Int { species * network.parameterCount }

  func evaluate(_ parameters: [Double]) throws -> (loss: Double, gradient: [Double], energyRMSE: Double) {
    let chunks = min(Self.partialSums, training.blocks.count)
    let blocks = training.blocks.count
    let parts = try parallelMap(chunks: chunks, threads: threads) { chunk in
      var gradient = [Double](repeating: 0, count: parameterCount)
      var loss = 0.0
      var pass = BlockPass(network, species: species)
      for b in chunk * blocks / chunks..<(chunk + 1) * blocks / chunks {
        let block = training.blocks[b]
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
    let error = rmse(2 * loss, trainingTargets.count)
    if weightDecay > 0 {
      for k in 0..<parameterCount where !network.isBias(k % network.parameterCount) {
        loss += 0.5 * weightDecay * parameters[k] * parameters[k]
        gradient[k] += weightDecay * parameters[k]
      }
    }
    return (loss, gradient, error)
  }

  func validationRMSE(_ parameters: [Double]) throws -> Double? {
    guard !validationTargets.isEmpty else { return nil }
    let sums = try parallelMap(chunks: validation.blocks.count, threads: threads) { b in
      var pass = BlockPass(network, species: species)
      return pass.errors(validation.blocks[b], parameters, targets: validationTargets, atoms: validationAtoms)
        .reduce(0) { $0 + $1 * $1 }
    }
    return rmse(sums.reduce(0, +), validationTargets.count)
  }

  private func rmse(_ sum: Double, _ count: Int) -> Double { (sum / Double(count)).squareRoot() / energyScale }
}

/// Working space for one block after the other on one thread.
private struct BlockPass {
  let network: Network
  var workspaces: [NetworkWorkspace]

  init(_ network: Network, species: Int) {
    self.network = network
    workspaces = (0..<species).map { _ in NetworkWorkspace(network) }
  }

  /// f (E_s − Ê_s)/N_s of the block's frames; the workspaces keep what the way back needs.
  mutating func errors(
    _ block: FingerprintBlocks.Block, _ parameters: [Double], targets: [Double], atoms: [Int]
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: block.frames.count)
    parameters.withUnsafeBufferPointer { parameters in
      block.inputs.withUnsafeBufferPointer { inputs in
        for (type, rows) in block.rows.enumerated() where !rows.isEmpty {
          network.forward(
            inputs.baseAddress! + rows.lowerBound * network.inputs, count: rows.count,
            parameters: parameters.baseAddress! + type * network.parameterCount, workspace: &workspaces[type])
          for (k, row) in rows.enumerated() { sums[Int(block.frameOfRow[row])] += workspaces[type].output(k) }
        }
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
        block.inputs.withUnsafeBufferPointer { inputs in
          rowSlopes.withUnsafeBufferPointer { rowSlopes in
            for (type, rows) in block.rows.enumerated() where !rows.isEmpty {
              network.backward(
                inputs.baseAddress! + rows.lowerBound * network.inputs, count: rows.count,
                parameters: parameters.baseAddress! + type * network.parameterCount,
                outputSlopes: rowSlopes.baseAddress! + rows.lowerBound,
                parameterGradient: gradient.baseAddress! + type * network.parameterCount, inputGradient: nil,
                workspace: &workspaces[type])
            }
          }
        }
      }
    }
  }
}
