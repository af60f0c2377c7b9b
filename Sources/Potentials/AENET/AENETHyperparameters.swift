import Structures

/// Settings of an AENET potential. Keys in files are the names in snake case.
public struct AENETHyperparameters: DescendingHyperparameters, Equatable {
  public enum FingerprintKind: String, Codable, Sendable, CaseIterable {
    /// Chebyshev polynomials of distances and angles.
    case chebyshev
    /// Symmetry functions of Behler.
    case behler
  }

  public var fingerprint = FingerprintKind.chebyshev
  /// R_r: reach of the radial part and cutoff of the potential, Å.
  public var radialCutoff = 8.0
  /// R_a: reach of the angular part, Å; at most `radialCutoff`.
  public var angularCutoff = 6.5
  /// Highest radial order N_r.
  public var radialOrder = 16
  /// Highest angular order N_a.
  public var angularOrder = 4
  /// Functions G2 of the standard set for each neighbour species (behler).
  public var radialFunctions = 8
  /// Exponents ζ of the functions G4 of the standard set (behler).
  public var angularExponents = [1.0, 4, 16]
  /// A fingerprint for each species, over all keys above; nil for one that all share.
  public var setups: [String: AENETSetup]?
  /// cosine, or legacy for potentials of aenet before November 2019.
  public var angularDomain = ChebyshevFingerprint.AngularDomain.cosine
  /// w of the species in the weighted half of the fingerprint.
  public var speciesWeights = SpeciesWeights.aenet
  /// Hidden layers in aenet's notation, "15:tanh".
  public var network = ["15:tanh", "15:tanh"]
  /// How the loss is descended; its keys stand beside these.
  public var descent = DescentSettings()

  enum CodingKeys: String, CodingKey {
    case fingerprint
    case radialCutoff = "radial_cutoff"
    case angularCutoff = "angular_cutoff"
    case radialOrder = "radial_order"
    case angularOrder = "angular_order"
    case angularDomain = "angular_domain"
    case speciesWeights = "species_weights"
    case radialFunctions = "radial_functions"
    case angularExponents = "angular_exponents"
    case setups
    case network
  }

  public init() {}

  /// Writes absent values as null, so that every key is there to be seen and checked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(fingerprint, forKey: .fingerprint)
    try container.encode(radialCutoff, forKey: .radialCutoff)
    try container.encode(angularCutoff, forKey: .angularCutoff)
    try container.encode(radialOrder, forKey: .radialOrder)
    try container.encode(angularOrder, forKey: .angularOrder)
    try container.encode(angularDomain, forKey: .angularDomain)
    try container.encode(speciesWeights, forKey: .speciesWeights)
    try container.encode(radialFunctions, forKey: .radialFunctions)
    try container.encode(angularExponents, forKey: .angularExponents)
    try container.encode(setups, forKey: .setups)
    try container.encode(network, forKey: .network)
    try descent.encode(to: encoder)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    fingerprint = try container.decode(FingerprintKind.self, forKey: .fingerprint)
    radialCutoff = try container.decode(Double.self, forKey: .radialCutoff)
    angularCutoff = try container.decode(Double.self, forKey: .angularCutoff)
    radialOrder = try container.decode(Int.self, forKey: .radialOrder)
    angularOrder = try container.decode(Int.self, forKey: .angularOrder)
    angularDomain = try container.decode(ChebyshevFingerprint.AngularDomain.self, forKey: .angularDomain)
    speciesWeights = try container.decode(SpeciesWeights.self, forKey: .speciesWeights)
    radialFunctions = try container.decode(Int.self, forKey: .radialFunctions)
    angularExponents = try container.decode([Double].self, forKey: .angularExponents)
    setups = try container.decodeIfPresent([String: AENETSetup].self, forKey: .setups)
    network = try container.decode([String].self, forKey: .network)
    descent = try DescentSettings(from: decoder)
  }

  /// The hidden layers.
  /// - Throws: `InputError` naming a layer that is not NODES:ACTIVATION, with the nearest right activation.
  public func layers() throws -> [Network.Layer] { try network.map { try Network.Layer(text: $0) } }

  /// - Throws: `InputError` for a number out of its range.
  func validate() throws {
    _ = try layers()
    guard (1...64).contains(radialFunctions) else {
      throw InputError("radial_functions must be 1 to 64, found \(radialFunctions)")
    }
    guard angularExponents.count <= 32, angularExponents.allSatisfy({ $0 >= 1 && $0 <= 1024 }) else {
      throw InputError("angular_exponents must be at most 32 numbers from 1 to 1024, found \(angularExponents)")
    }
    try descent.validate()
    if speciesWeights != .aenet, fingerprint != .chebyshev || setups != nil {
      throw InputError(
        "species_weights is for a Chebyshev fingerprint that all species share",
        remedy: "leave it out beside setups or fingerprint: behler")
    }
    if speciesWeights == .learnable, descent.method == .bayesian {
      throw InputError(
        "method bayesian does not train species weights", remedy: "use lbfgs or adam, or species_weights: nonzero")
    }
  }

  /// True where fingerprints are computed once: nothing but energies per atom is fitted, by full batches, and the
  /// fingerprints do not change. For settings that are resolved.
  var keepsFingerprints: Bool {
    descent.isEnergyOnly && [.lbfgs, .bayesian].contains(descent.method) && speciesWeights != .learnable
      && descent.loss.countsEnergiesPerAtom
  }

  static let explanations: [HyperparameterExplanation] =
    [
      .init("fingerprint", "chebyshev, or behler for symmetry functions"),
      .init("radial_cutoff", unit: "Å", "reach of the radial part, and of the potential"),
      .init("angular_cutoff", unit: "Å", "reach of the angular part, at most radial_cutoff"),
      .init("radial_order", "highest order of the radial Chebyshev polynomials"),
      .init("angular_order", "highest order of the angular Chebyshev polynomials"),
      .init("angular_domain", "cosine, or legacy for potentials of aenet before November 2019"),
      .init(
        "species_weights",
        "weights of the elements in the second half of the fingerprint: aenet (an odd number of elements has one of 0, "
          + "which is blind), nonzero, learnable (trained too), or a list in the order of the elements"),
      .init("radial_functions", "behler: functions G2 for each neighbour species"),
      .init("angular_exponents", "behler: ζ of the functions G4 for each pair of neighbour species, λ = ±1 each"),
      .init(
        "setups", "a fingerprint for each species, over all keys above, as aenet's .stp files; null: one for all"),
      .init("network", "hidden layers as NODES:ACTIVATION; linear, tanh, sigmoid, mtanh or twist"),
    ] + DescentSettings.explanations
}
