import Structures

/// Settings of a GAP: quip's names where it has them.
public struct GAPHyperparameters: Codable, Sendable, Equatable {
  /// Å.
  public var cutoff = 5.0
  /// Å.
  public var cutoffTransitionWidth = 0.5
  public var nMax = 8
  public var lMax = 8
  /// Å.
  public var atomSigma = 0.5
  public var centralWeight = 1.0
  /// Densities that are kept of those of the elements; nil keeps all.
  public var elementChannels: Int?
  public var zeta = 4.0
  /// eV.
  public var delta = 1.0
  /// eV.
  public var f0 = 0.0
  /// Sparse points of each element.
  public var nSparse = 1000
  public var sparseMethod = SparseMethod.cur
  /// A potential (gap.xml or .safetensors) whose sparse points are taken; nil chooses them from the data.
  public var sparseFrom: String?
  public var sparseJitter = 1e-8
  public var defaultSigma = GAPSigma()
  /// By `config_type`; what is not named there is that of `defaultSigma`.
  public var configTypeSigma: [String: GAPSigma] = [:]
  /// Stores what predictive variances need.
  public var variance = true

  /// How sparse points are chosen from the environments of an element.
  public enum SparseMethod: String, Codable, Sendable, CaseIterable {
    /// Largest statistical leverage.
    case cur
    /// By the seed.
    case random
    /// Each the farthest from those before.
    case farthestPoint = "farthest_point"
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case cutoff
    case cutoffTransitionWidth = "cutoff_transition_width"
    case nMax = "n_max"
    case lMax = "l_max"
    case atomSigma = "atom_sigma"
    case centralWeight = "central_weight"
    case elementChannels = "element_channels"
    case zeta, delta, f0
    case nSparse = "n_sparse"
    case sparseMethod = "sparse_method"
    case sparseFrom = "sparse_from"
    case sparseJitter = "sparse_jitter"
    case defaultSigma = "default_sigma"
    case configTypeSigma = "config_type_sigma"
    case variance
  }

  public init() {}

  /// Writes absent values as null, so that every key is there to be seen and checked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(cutoff, forKey: .cutoff)
    try container.encode(cutoffTransitionWidth, forKey: .cutoffTransitionWidth)
    try container.encode(nMax, forKey: .nMax)
    try container.encode(lMax, forKey: .lMax)
    try container.encode(atomSigma, forKey: .atomSigma)
    try container.encode(centralWeight, forKey: .centralWeight)
    try container.encode(elementChannels, forKey: .elementChannels)
    try container.encode(zeta, forKey: .zeta)
    try container.encode(delta, forKey: .delta)
    try container.encode(f0, forKey: .f0)
    try container.encode(nSparse, forKey: .nSparse)
    try container.encode(sparseMethod, forKey: .sparseMethod)
    try container.encode(sparseFrom, forKey: .sparseFrom)
    try container.encode(sparseJitter, forKey: .sparseJitter)
    try container.encode(defaultSigma, forKey: .defaultSigma)
    try container.encode(configTypeSigma, forKey: .configTypeSigma)
    try container.encode(variance, forKey: .variance)
  }

  /// The descriptor for a number of elements.
  func shape(types: Int) -> SOAPShape {
    var shape = SOAPShape(
      nMax: nMax, lMax: lMax, atomSigma: atomSigma, cutoff: cutoff, transitionWidth: cutoffTransitionWidth,
      types: types, channels: elementChannels)
    shape.centralWeight = centralWeight
    return shape
  }

  /// - Throws: `InputError` for a number out of its range.
  public func validate() throws {
    guard zeta >= 1, zeta <= 100 else { throw InputError("zeta must be 1 to 100, found \(zeta)") }
    guard delta > 0, delta.isFinite else { throw InputError("delta must be above 0 eV, found \(delta)") }
    guard f0 >= 0, f0.isFinite else { throw InputError("f0 must be 0 eV or more, found \(f0)") }
    guard (1...20_000).contains(nSparse) else { throw InputError("n_sparse must be 1 to 20000, found \(nSparse)") }
    guard sparseJitter > 0, sparseJitter < 1 else {
      throw InputError("sparse_jitter must be above 0 and below 1, found \(sparseJitter)")
    }
    try defaultSigma.validate("default_sigma")
    for (name, sigma) in configTypeSigma { try sigma.validate("config_type_sigma of '\(name)'") }
    guard !fittedLabels.isEmpty else {
      throw InputError("default_sigma has no number, so that there is nothing to fit", remedy: "give energy one")
    }
  }

  /// "energy", "forces", "stress" where they have a σ.
  var fittedLabels: [String] {
    [("energy", defaultSigma.energy), ("forces", defaultSigma.forces), ("stress", defaultSigma.stress)]
      .filter { $0.1 != nil }.map(\.0)
  }

  static let explanations: [HyperparameterExplanation] = [
    .init("cutoff", unit: "Å", "reach of an atom"),
    .init("cutoff_transition_width", unit: "Å", "neighbours fade out over this width below the cutoff"),
    .init("n_max", "radial functions"),
    .init("l_max", "largest l of the spherical harmonics"),
    .init("atom_sigma", unit: "Å", "width of the Gaussian of each neighbour"),
    .init("central_weight", "weight of the centre in the density of its own element"),
    .init(
      "element_channels", "element compression: this many mixtures of the elements' densities; null for none"),
    .init("zeta", "power of the dot product"),
    .init("delta", unit: "eV", "prior standard deviation of an atom's energy"),
    .init("f0", unit: "eV", "prior standard deviation of a constant"),
    .init("n_sparse", "sparse points of each element; fewer where there are fewer different environments"),
    .init("sparse_method", "cur (largest leverage), random or farthest_point"),
    .init("sparse_from", "gap.xml or .safetensors whose sparse points are taken; null chooses them from the data"),
    .init("sparse_jitter", "added to the diagonal of the sparse points' covariance"),
    .init(
      "default_sigma", unit: "eV/atom, eV/Å, eV/atom",
      "expected errors {energy: …, forces: …, stress: …}; null leaves a label out"),
    .init("config_type_sigma", "the same by config_type: {bulk: {energy: 0.0001}}"),
    .init("variance", "store what predictive variances need"),
  ]
}

/// Expected errors of labels; nil leaves a label out.
public struct GAPSigma: Codable, Sendable, Equatable {
  /// eV/atom; a frame of N atoms has σ √N.
  public var energy: Double?
  /// eV/Å.
  public var forces: Double?
  /// Of the virial, eV/atom; a frame of N atoms has σ √N.
  public var stress: Double?

  enum CodingKeys: String, CodingKey { case energy, forces, stress }

  public init(energy: Double? = 0.0005, forces: Double? = 0.1, stress: Double? = 0.05) {
    self.energy = energy
    self.forces = forces
    self.stress = stress
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    energy = try container.decodeIfPresent(Double.self, forKey: .energy)
    forces = try container.decodeIfPresent(Double.self, forKey: .forces)
    stress = try container.decodeIfPresent(Double.self, forKey: .stress)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(energy, forKey: .energy)
    try container.encode(forces, forKey: .forces)
    try container.encode(stress, forKey: .stress)
  }

  func validate(_ key: String) throws {
    for (name, value) in [("energy", energy), ("forces", forces), ("stress", stress)] {
      guard value.map({ $0 > 0 && $0.isFinite }) ?? true else {
        throw InputError("\(key): \(name) must be above 0, or null, found \(value ?? 0)")
      }
    }
  }

  /// This one's numbers, those of another where there are none, and none where the other has none.
  func filled(from other: GAPSigma) -> GAPSigma {
    GAPSigma(
      energy: other.energy.map { energy ?? $0 }, forces: other.forces.map { forces ?? $0 },
      stress: other.stress.map { stress ?? $0 })
  }
}
