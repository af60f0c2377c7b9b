import Structures

/// How a structure is relaxed, and what ends it.
public struct RelaxationSettings: Hashable, Sendable, Codable {
  public enum Method: String, CaseIterable, Hashable, Sendable, Codable {
    /// Fast inertial relaxation (Bitzek et al. 2006, doi:10.1103/PhysRevLett.97.170201).
    case fire
    /// Limited-memory BFGS within a trust radius.
    case lbfgs
  }

  public var method = Method.lbfgs
  /// Positions and cell, else positions alone.
  public var relaxesCell = false
  /// The force on every atom must be below it, eV/Å.
  public var forceTolerance = 0.05
  /// Every component of the stress must be below it where the cell relaxes, eV/Å³ (0.1 GPa).
  public var stressTolerance = 0.1 / Units.gigapascalsPerEVPerCubicAngstrom
  /// Evaluations of the potential at most.
  public var stepLimit = 500
  /// No atom moves farther in one step, Å.
  public var longestStep = 0.2
  /// Two atoms closer than this part of the sum of their covalent radii end the relaxation (O and F: 1.1 Å).
  public var contactFraction = 0.6
  /// A volume that changes by more than this part ends it.
  public var volumeLimit = 0.5
  /// A grade above it ends it; nil for no limit. In the unit of the grade: eV/Å for the deviation of a committee, none
  /// for the extrapolation grade by an active set.
  public var gradeLimit: Double?

  public init() {}

  /// - Throws: `InputError` for a number out of its range.
  public func validate() throws {
    let positive = [
      ("force tolerance", forceTolerance), ("stress tolerance", stressTolerance), ("longest step", longestStep),
      ("limit of the volume", volumeLimit),
    ]
    for (name, value) in positive where !(value > 0 && value.isFinite) {
      throw InputError("the \(name) must be above 0, found \(value)", isUsage: true)
    }
    guard stepLimit >= 0 else { throw InputError("the number of steps must be 0 or more", isUsage: true) }
    guard (0..<1).contains(contactFraction) else {
      throw InputError(
        "the part of the radii must be 0 or more and below 1, found \(contactFraction)", isUsage: true)
    }
  }
}

/// Why a relaxation ended.
public enum RelaxationEnd: Hashable, Sendable {
  /// Forces, and stress where the cell relaxes, are below their limits.
  case converged
  case stepLimit
  /// No lower energy along the forces: rounding, or forces that are not the gradient.
  case stuck
  /// Two atoms came too close; says which.
  case contact(String)
  /// The potential left what it knows: the grade that was too high.
  case extrapolation(Double)
  /// The relative change of the volume that was too large.
  case volume(Double)

  /// One word, for files.
  public var word: String {
    switch self {
    case .converged: "converged"
    case .stepLimit: "step-limit"
    case .stuck: "stuck"
    case .contact: "contact"
    case .extrapolation: "extrapolation"
    case .volume: "volume"
    }
  }

  /// What the user is told.
  public var text: String {
    switch self {
    case .converged: "converged"
    case .stepLimit: "not converged within the steps allowed"
    case .stuck: "no lower energy along the forces"
    case .contact(let pair): "stopped: \(pair)"
    case .extrapolation(let grade): "stopped: the grade of extrapolation is \(rounded(grade))"
    case .volume(let change): "stopped: the volume changed by \(rounded(100 * change)) %"
    }
  }

  private func rounded(_ value: Double) -> Double { (1000 * value).rounded() / 1000 }
}

/// What became of a structure.
public struct RelaxedStructure: Sendable {
  /// The last structure that the guards let pass.
  public var structure: Structure
  /// Of that structure.
  public var evaluation: Evaluation
  /// Energy before, eV.
  public var startEnergy: Double
  /// Evaluations of the potential.
  public var steps: Int
  public var end: RelaxationEnd
  /// Largest force on an atom, eV/Å.
  public var largestForce: Double
  /// Largest component of the stress, eV/Å³; nil where the structure does not repeat in three directions.
  public var largestStress: Double?
  /// V/V₀ − 1.
  public var volumeChange: Double?

  public var isConverged: Bool { end == .converged }
  public var energy: Double { evaluation.prediction.energy }
}
