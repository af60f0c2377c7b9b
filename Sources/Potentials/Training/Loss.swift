import Structures

/// How much each label counts.
///
/// The means of `LossKind` are weighted: each frame has the weight of its group, and a label that a frame lacks takes no
/// part. With weights 1/1/1 of the kind `halite` an error of 1 eV/atom, 1 eV/Å and 1 eV/atom count the same.
public struct LossWeights: Hashable, Sendable {
  /// w_E, in units of the kind: 1/(eV/atom)² for `halite`.
  public var energy: Double
  /// w_F: 1/(eV/Å)².
  public var forces: Double
  /// w_W: 1/(eV/atom)².
  public var virial: Double
  /// Weight of the frames of each `config_type`; 1 where it is not named.
  public var groups: [String: Double]
  /// What the terms are divided by.
  public var kind: LossKind

  public init(
    energy: Double, forces: Double, virial: Double, groups: [String: Double] = [:], kind: LossKind = .halite
  ) {
    self.energy = energy
    self.forces = forces
    self.virial = virial
    self.groups = groups
    self.kind = kind
  }

  /// (1 − x) w + x w₀, where w₀ are other weights.
  func moved(by x: Double, to other: LabelWeights?) -> LossWeights {
    guard let other else { return self }
    var result = self
    result.energy = (1 - x) * energy + x * other.energy
    result.forces = (1 - x) * forces + x * other.forces
    result.virial = (1 - x) * virial + x * other.stress
    return result
  }

  var vector: SIMD3<Double> { [energy, forces, virial] }

  func group(of frame: LabeledStructure) -> Double { frame.configType.flatMap { groups[$0] } ?? 1 }
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
  /// The sums of the three terms of the loss, without their weights, and what these are divided by.
  var terms = SIMD3<Double>.zero
  var divisors = SIMD3<Double>.zero

  static func += (a: inout LossSums, b: LossSums) {
    a.energy += b.energy
    a.forces += b.forces
    a.virial += b.virial
    a.energyCount += b.energyCount
    a.forceCount += b.forceCount
    a.virialCount += b.virialCount
    a.terms += b.terms
    a.divisors += b.divisors
  }

  /// Root mean squares, eV/atom, eV/Å, eV/atom; nil without labels.
  var energyRMSE: Double? { energyCount > 0 ? (energy / energyCount).squareRoot() : nil }
  var forceRMSE: Double? { forceCount > 0 ? (forces / forceCount).squareRoot() : nil }

  func loss(_ weights: LossWeights) -> Double {
    (0..<3).reduce(0) { $0 + (divisors[$1] > 0 ? weights.vector[$1] * terms[$1] / divisors[$1] : 0) }
  }

  /// What the labels of a data set will be divided by.
  static func counts(_ data: some Sequence<LabeledStructure>, _ weights: LossWeights) -> LossSums {
    var sums = LossSums()
    for frame in data {
      let weight = weights.group(of: frame)
      let divisors = weight * weights.kind.divisors(of: frame.structure)
      if frame.labels.energy != nil {
        sums.energyCount += weight
        sums.divisors[0] += divisors[0]
      }
      // What is not fitted is not summed up either.
      if frame.labels.forces != nil, weights.forces > 0 {
        sums.forceCount += weight * Double(3 * frame.structure.count)
        sums.divisors[1] += divisors[1]
      }
      if frame.labels.virial != nil, weights.virial > 0 {
        sums.virialCount += 9 * weight
        sums.divisors[2] += divisors[2]
      }
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
      let share = scale.share(of: frame)
      let atoms = Double(frame.structure.count)
      if let label = frame.labels.energy {
        let error = (energies[sites].reduce(0, +) - label) / atoms
        sums.energy += share.weight * error * error
        sums.terms[0] += share.factors[0] * error * error
        if needsGradient { for site in sites { siteWeights[site] = share.slopes[0] * error / atoms } }
      }
      if scale.usesPairs { addPairs(frame, sites, list, gradient, share) }
    }
  }

  private mutating func addPairs(
    _ frame: LabeledStructure, _ sites: Range<Int>, _ list: NeighborList, _ gradient: [SIMD3<Double>],
    _ share: LossScale.Share
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
    if let labels = frame.labels.forces, share.slopes[1] > 0 {
      for k in forces.indices {
        let error = forces[k] - labels[k]
        sums.forces += share.weight * dot(error, error)
        sums.terms[1] += share.factors[1] * dot(error, error)
        forceSlopes[k] = share.slopes[1] * error
      }
    }
    var virialSlope = Matrix3.zero
    if let label = frame.labels.virial, share.slopes[2] > 0 {
      let error = (1 / Double(sites.count)) * (virial - label)
      let square = error.rows.reduce(0) { $0 + $1 * $1 }
      sums.virial += share.weight * square
      sums.terms[2] += share.factors[2] * square
      virialSlope = (share.slopes[2] / Double(sites.count)) * error.transpose
    }
    guard !pairTangents.isEmpty else { return }
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
  /// Of energy, forces and virial.
  let slopes: SIMD3<Double>

  init(_ weights: LossWeights, over counts: LossSums) {
    self.weights = weights
    var slopes = SIMD3<Double>.zero
    for k in 0..<3 where counts.divisors[k] > 0 { slopes[k] = weights.vector[k] / counts.divisors[k] }
    self.slopes = slopes
  }

  /// What the errors of one frame count.
  struct Share {
    /// Of its group.
    var weight: Double
    /// Of its squared errors in the terms of the loss.
    var factors: SIMD3<Double>
    /// ∂L/∂error over the error.
    var slopes: SIMD3<Double>
  }

  func share(of frame: LabeledStructure) -> Share {
    let weight = weights.group(of: frame)
    let factors = weight * weights.kind.factors(of: frame.structure)
    return Share(weight: weight, factors: factors, slopes: 2 * factors * slopes)
  }

  var usesPairs: Bool { slopes[1] > 0 || slopes[2] > 0 }
}
