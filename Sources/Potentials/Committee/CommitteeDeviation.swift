import Structures

/// How far the members of a committee disagree about one frame, as DP-GEN counts it (doi:10.1016/j.cpc.2020.107206).
///
///     ε_i = √( (1/M) Σ_k |F_i^(k) − F̄_i|² ),   F̄_i = (1/M) Σ_k F_i^(k)
///
/// Standard deviations are those of the M members themselves: 1/M, not 1/(M − 1). A committee that has learned from the
/// same wrong data agrees: it does not see errors of labels.
public struct CommitteeDeviation: Hashable, Sendable {
  /// Standard deviation of the energy over the number of atoms, eV/atom.
  public let energy: Double
  /// ε of each atom, eV/Å.
  public let forces: [Double]
  /// Standard deviations of the nine components of the virial, eV.
  public let virial: [Double]

  /// - Parameter members: predictions of one frame, one a member.
  public init(_ members: [Prediction]) {
    precondition(!members.isEmpty, "a committee has members")
    forces = Self.forces(members.map(\.forces))
    energy = Self.standardDeviation(members.map(\.energy)) / Double(max(1, forces.count))
    virial = (0..<9).map { k in Self.standardDeviation(members.map { $0.virial.rows[k] }) }
  }

  /// eV/Å; 0 for no atoms.
  public var largestForce: Double { forces.max() ?? 0 }
  public var smallestForce: Double { forces.min() ?? 0 }
  public var meanForce: Double { forces.isEmpty ? 0 : forces.reduce(0, +) / Double(forces.count) }
  /// Root of the mean square of the nine standard deviations, eV.
  public var meanVirial: Double { (virial.reduce(0) { $0 + $1 * $1 } / 9).squareRoot() }
  public var largestVirial: Double { virial.max() ?? 0 }

  /// ε of each atom.
  /// - Parameter members: forces of each member, eV/Å.
  public static func forces(_ members: [[SIMD3<Double>]]) -> [Double] {
    let mean = means(members)
    return mean.indices.map { atom in
      let squares = members.reduce(0) { sum, forces in
        let difference = forces[atom] - mean[atom]
        return sum + dot(difference, difference)
      }
      return (squares / Double(members.count)).squareRoot()
    }
  }

  /// ε_i/(|F̄_i| + level) of each atom: large forces may differ more.
  /// - Parameter level: eV/Å.
  public static func relativeForces(_ members: [[SIMD3<Double>]], level: Double) -> [Double] {
    zip(forces(members), means(members)).map { $0 / (length($1) + level) }
  }

  static func standardDeviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  private static func means(_ members: [[SIMD3<Double>]]) -> [SIMD3<Double>] {
    let share = 1 / Double(members.count)
    return (members.first ?? []).indices.map { atom in
      share * members.reduce(SIMD3<Double>.zero) { $0 + $1[atom] }
    }
  }
}

/// What a committee says of a frame.
public struct CommitteePrediction: Sendable {
  public let mean: Prediction
  /// One a member.
  public let members: [Prediction]
  public let deviation: CommitteeDeviation

  init(_ members: [Prediction]) {
    self.members = members
    deviation = CommitteeDeviation(members)
    let share = 1 / Double(members.count)
    var sum = members[0]
    for member in members.dropFirst() {
      sum.energy += member.energy
      sum.virial += member.virial
      for atom in sum.forces.indices { sum.forces[atom] += member.forces[atom] }
      for site in sum.siteEnergies.indices { sum.siteEnergies[site] += member.siteEnergies[site] }
    }
    mean = Prediction(
      energy: share * sum.energy, forces: sum.forces.map { share * $0 }, virial: share * sum.virial,
      siteEnergies: sum.siteEnergies.map { share * $0 })
  }
}

/// Asks every member of a committee; a single potential is a committee of one.
public struct CommitteePredictor: Sendable {
  private let predictors: [Predictor]

  public init(_ potential: FittedPotential, threads: Int = 1) {
    predictors = potential.committee.map { Predictor($0, threads: threads) }
  }

  /// Predictions of frames, in their order.
  /// - Parameter names: for errors, one a frame.
  public func predict(_ frames: [Structure], names: [String] = []) throws -> [CommitteePrediction] {
    let members = try predictors.map { try $0.predict(frames, names: names) }
    return frames.indices.map { k in CommitteePrediction(members.map { $0[k] }) }
  }
}
