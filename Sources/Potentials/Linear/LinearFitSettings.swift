import Structures

/// How the rows of a linear fit are weighted and solved: the same keys for every such potential, beside its own.
public struct LinearFitSettings: Sendable, Equatable {
  /// What weights multiply.
  public enum Weighting: String, Codable, Sendable, CaseIterable {
    /// w_E ⟨(ΔE/N)²⟩ + w_F ⟨ΔF²⟩ + w_W ⟨(ΔW/N)²⟩: means over the labels, as for potentials that descend a loss.
    case means
    /// Σ w_E (ΔE/N)² + Σ w_F ΔF² + Σ w_S Δσ² over rows, σ in GPa and six components: scikit-learn's sample weights, or
    /// the squares of FitSNAP's.
    case rows
  }

  /// nil for this weight and the next two: 100, 1 and 1 where any frame has the label, else 0.
  public var energyWeight: Double?
  public var forceWeight: Double?
  public var stressWeight: Double?
  public var weighting = Weighting.means
  /// Factors of the weights of each `config_type`; 1 where it is not named.
  public var groupWeights: [String: GroupWeight] = [:]
  public var ridge = RidgeChoice.number(0)
  /// Singular values below this part of the largest are left out, where there is no ridge.
  public var singularCutoff = 1e-13

  public init() {}

  /// The same settings with a value for every weight: the labels that are there decide.
  public func resolved(for data: Dataset) -> LinearFitSettings {
    var result = self
    func weight(_ given: Double?, _ standard: Double, _ has: (Labels) -> Bool) -> Double {
      given ?? (data.contains { has($0.labels) && !$0.isIsolatedAtom } ? standard : 0)
    }
    result.energyWeight = weight(energyWeight, 100) { $0.energy != nil }
    result.forceWeight = weight(forceWeight, 1) { $0.forces != nil }
    result.stressWeight = weight(stressWeight, 1) { $0.virial != nil }
    return result
  }

  /// "energy", "forces", "stress" where they have a weight.
  public var fittedLabels: [String] {
    [("energy", energyWeight), ("forces", forceWeight), ("stress", stressWeight)]
      .filter { ($0.1 ?? 0) > 0 }.map(\.0)
  }

  /// - Throws: `InputError` for a number out of its range.
  public func validate() throws {
    for (key, weight) in [
      ("energy_weight", energyWeight), ("force_weight", forceWeight), ("stress_weight", stressWeight),
    ] {
      guard weight.map({ $0 >= 0 && $0.isFinite }) ?? true else { throw InputError("\(key) must be 0 or more") }
    }
    guard ![energyWeight, forceWeight, stressWeight].allSatisfy({ $0 == 0 }) else {
      throw InputError("energy_weight must be above 0 where no other weight is")
    }
    for (name, weight) in groupWeights where ![weight.energy, weight.forces, weight.stress].allSatisfy({ $0 >= 0 })
    {
      throw InputError("group_weights of '\(name)' must be 0 or more")
    }
    if case .number(let ridge) = ridge, !(ridge >= 0 && ridge.isFinite) {
      throw InputError("ridge must be 0 or more, or cross_validation, found \(ridge)")
    }
    guard (0..<1).contains(singularCutoff) else {
      throw InputError("singular_cutoff must be 0 or more and below 1")
    }
  }

  public static let explanations: [HyperparameterExplanation] = [
    .init("energy_weight", "weight of energies per atom; null: 100 where frames have energies"),
    .init("force_weight", "weight of force components; null: 1 where frames have forces"),
    .init("stress_weight", "weight of stresses; null: 1 where frames have stresses"),
    .init("weighting", "means (of errors, virial per atom) or rows (one each, stress in GPa)"),
    .init("group_weights", "factors by config_type: {bulk: 2} or {bulk: {energy: 100, forces: 1, stress: 0}}"),
    .init("ridge", "relative to columns of unit norm: a number, or cross_validation"),
    .init("singular_cutoff", "smallest singular value kept, of the largest, where ridge is 0"),
  ]
}

/// Factors of a group's weights: one number for all labels, or one for each.
public struct GroupWeight: Sendable, Equatable, Codable {
  public var energy: Double
  public var forces: Double
  public var stress: Double

  private enum CodingKeys: String, CodingKey { case energy, forces, stress }

  public init(energy: Double = 1, forces: Double = 1, stress: Double = 1) {
    self.energy = energy
    self.forces = forces
    self.stress = stress
  }

  public init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Double.self) {
      self.init(energy: number, forces: number, stress: number)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      energy: try container.decodeIfPresent(Double.self, forKey: .energy) ?? 1,
      forces: try container.decodeIfPresent(Double.self, forKey: .forces) ?? 1,
      stress: try container.decodeIfPresent(Double.self, forKey: .stress) ?? 1)
  }

  public func encode(to encoder: any Encoder) throws {
    if energy == forces, forces == stress {
      var container = encoder.singleValueContainer()
      return try container.encode(energy)
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(energy, forKey: .energy)
    try container.encode(forces, forKey: .forces)
    try container.encode(stress, forKey: .stress)
  }
}

/// λ of the ridge, or how it is found.
public enum RidgeChoice: Sendable, Equatable, Codable {
  case number(Double)
  /// By the error of frames left out in turn.
  case crossValidation

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if (try? container.decode(String.self)) == "cross_validation" {
      self = .crossValidation
    } else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a number or cross_validation")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .crossValidation: try container.encode("cross_validation")
    }
  }
}

extension LinearFitSettings: Codable {
  enum CodingKeys: String, CodingKey {
    case energyWeight = "energy_weight"
    case forceWeight = "force_weight"
    case stressWeight = "stress_weight"
    case weighting
    case groupWeights = "group_weights"
    case ridge
    case singularCutoff = "singular_cutoff"
  }

  /// Writes absent values as null, so that every key is there to be seen and checked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(energyWeight, forKey: .energyWeight)
    try container.encode(forceWeight, forKey: .forceWeight)
    try container.encode(stressWeight, forKey: .stressWeight)
    try container.encode(weighting, forKey: .weighting)
    try container.encode(groupWeights, forKey: .groupWeights)
    try container.encode(ridge, forKey: .ridge)
    try container.encode(singularCutoff, forKey: .singularCutoff)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    energyWeight = try container.decodeIfPresent(Double.self, forKey: .energyWeight)
    forceWeight = try container.decodeIfPresent(Double.self, forKey: .forceWeight)
    stressWeight = try container.decodeIfPresent(Double.self, forKey: .stressWeight)
    weighting = try container.decode(Weighting.self, forKey: .weighting)
    groupWeights = try container.decode([String: GroupWeight].self, forKey: .groupWeights)
    ridge = try container.decode(RidgeChoice.self, forKey: .ridge)
    singularCutoff = try container.decode(Double.self, forKey: .singularCutoff)
  }
}
