import Structures

/// How much each label counts.
///
///     L = w_E ⟨(ΔE/N)²⟩ + w_F ⟨ΔF²⟩ + w_W ⟨(ΔW/N)²⟩
///
/// ⟨ ⟩ are weighted means: over frames (E), over force components (F), over nine virial components (W), each frame
/// with the weight of its group. A label that a frame lacks takes no part. With weights 1/1/1 an error of 1 eV/atom,
/// 1 eV/Å and 1 eV/atom count the same.
public struct LossWeights: Hashable, Sendable {
  /// w_E, 1/(eV/atom)².
  public var energy: Double
  /// w_F, 1/(eV/Å)².
  public var forces: Double
  /// w_W, 1/(eV/atom)².
  public var virial: Double
  /// Weight of the frames of each `config_type`; 1 where it is not named.
  public var groups: [String: Double]

  public init(energy: Double, forces: Double, virial: Double, groups: [String: Double] = [:]) {
    self.energy = energy
    self.forces = forces
    self.virial = virial
    self.groups = groups
  }
}

/// Sums of squared errors of a set of frames, and what they are divided by.
struct LossSums: Sendable {
  var energy = 0.0
  var forces = 0.0
  var virial = 0.0
  /// Σ of group weights over frames, force components and virial components.
  var energyCount = 0.0
  var forceCount = 0.0
  var virialCount = 0.0

  static func += (a: inout LossSums, b: LossSums) {
    a.energy += b.energy
    a.forces += b.forces
    a.virial += b.virial
    a.energyCount += b.energyCount
    a.forceCount += b.forceCount
    a.virialCount += b.virialCount
  }

  /// Root mean squares, eV/atom, eV/Å, eV/atom; nil without labels.
  var energyRMSE: Double? { energyCount > 0 ? (energy / energyCount).squareRoot() : nil }
  var forceRMSE: Double? { forceCount > 0 ? (forces / forceCount).squareRoot() : nil }

  func loss(_ weights: LossWeights) -> Double {
    func mean(_ sum: Double, _ count: Double) -> Double { count > 0 ? sum / count : 0 }
    return weights.energy * mean(energy, energyCount) + weights.forces * mean(forces, forceCount)
      + weights.virial * mean(virial, virialCount)
  }

  /// What the labels of a data set will be divided by.
  static func counts(_ data: some Sequence<LabeledStructure>, _ weights: LossWeights) -> LossSums {
    var sums = LossSums()
    for frame in data {
      let weight = frame.configType.flatMap { weights.groups[$0] } ?? 1
      if frame.labels.energy != nil { sums.energyCount += weight }
      if frame.labels.forces != nil { sums.forceCount += weight * Double(3 * frame.structure.count) }
      if frame.labels.virial != nil { sums.virialCount += 9 * weight }
    }
    return sums
  }
}

/// Errors of a block of frames, and the gradient of the loss with respect to what the model says of it.
struct LossBlock {
  private(set) var sums = LossSums()
  /// c_i = ∂L/∂E_i of each site.
  private(set) var siteWeights: [Double]
  /// v_p = ∂L/∂(∂E/∂r_p).
  private(set) var pairTangents: [SIMD3<Double>]

  /// - Parameters:
  ///   - totals: counts that the means are taken over (the whole set, or the batch).
  ///   - needsGradient: false leaves `siteWeights` and `pairTangents` empty.
  init(
    _ frames: ArraySlice<LabeledStructure>, _ list: NeighborList, energies: [Double], gradient: [SIMD3<Double>],
    _ scale: LossScale, needsGradient: Bool
  ) {
    siteWeights = needsGradient ? [Double](repeating: 0, count: energies.count) : []
    pairTangents = needsGradient ? [SIMD3<Double>](repeating: .zero, count: gradient.count) : []
    for (frame, sites) in zip(frames, list.frames) {
      let weight = frame.configType.flatMap { scale.weights.groups[$0] } ?? 1
      let atoms = Double(frame.structure.count)
      if let label = frame.labels.energy {
        let error = (energies[sites].reduce(0, +) - label) / atoms
        sums.energy += weight * error * error
        if needsGradient { for site in sites { siteWeights[site] = 2 * weight * scale.energy * error / atoms } }
      }
      if scale.usesPairs {
        addPairs(frame, sites, list, gradient, weight: weight, scale, needsGradient: needsGradient)
      }
    }
  }

  private mutating func addPairs(
    _ frame: LabeledStructure, _ sites: Range<Int>, _ list: NeighborList, _ gradient: [SIMD3<Double>],
    weight: Double, _ scale: LossScale, needsGradient: Bool
  ) {
    var forces = [SIMD3<Double>](repeating: .zero, count: sites.count)
    var virial = Matrix3.zero
    for site in sites {
      for pair in list.pairs(of: site) {
        forces[site - sites.lowerBound] += gradient[pair]
        forces[list.indices[pair] - sites.lowerBound] -= gradient[pair]
        virial += (-1) * Matrix3.outer(list.vectors[pair], gradient[pair])
      }
    }
    // λ = ∂L/∂F and Λ = ∂L/∂W; then v_p = λ_i − λ_j − Λᵀ r_p.
    var forceSlopes = [SIMD3<Double>](repeating: .zero, count: sites.count)
    if let labels = frame.labels.forces, scale.forces > 0 {
      for k in forces.indices {
        let error = forces[k] - labels[k]
        sums.forces += weight * dot(error, error)
        forceSlopes[k] = (2 * weight * scale.forces) * error
      }
    }
    var virialSlope = Matrix3.zero
    if let label = frame.labels.virial, scale.virial > 0 {
      let error = (1 / Double(sites.count)) * (virial - label)
      sums.virial += weight * error.rows.reduce(0) { $0 + $1 * $1 }
      virialSlope = (2 * weight * scale.virial / Double(sites.count)) * error.transpose
    }
    guard needsGradient else { return }
    for site in sites {
      for pair in list.pairs(of: site) {
        pairTangents[pair] =
          forceSlopes[site - sites.lowerBound] - forceSlopes[list.indices[pair] - sites.lowerBound]
          - virialSlope * list.vectors[pair]
      }
    }
  }
}

/// Weights of the loss divided by what their means are taken over.
struct LossScale: Sendable {
  let weights: LossWeights
  let energy: Double
  let forces: Double
  let virial: Double

  init(_ weights: LossWeights, over counts: LossSums) {
    self.weights = weights
    energy = counts.energyCount > 0 ? weights.energy / counts.energyCount : 0
    forces = counts.forceCount > 0 ? weights.forces / counts.forceCount : 0
    virial = counts.virialCount > 0 ? weights.virial / counts.virialCount : 0
  }

  var usesPairs: Bool { forces > 0 || virial > 0 }
}
