import Structures

/// The fingerprint of one centre species, as one of aenet's setup files (.stp) gives it.
public struct AENETSetup: Codable, Sendable, Equatable {
  /// Species that are seen. Their order decides the weights of a Chebyshev fingerprint and the order of symmetry
  /// functions.
  public var environment: [ChemicalElement]
  /// A Chebyshev fingerprint, or nil where there are functions.
  public var chebyshev: ChebyshevFingerprint.Shape?
  /// Symmetry functions, in the order of the setup file.
  public var functions: [SymmetryFunction]?
  /// Hidden layers of this species' network, "15:tanh"; nil for those that all share.
  public var network: [String]?

  public init(
    environment: [ChemicalElement], chebyshev: ChebyshevFingerprint.Shape? = nil,
    functions: [SymmetryFunction]? = nil, network: [String]? = nil
  ) {
    self.environment = environment
    self.chebyshev = chebyshev
    self.functions = functions
    self.network = network
  }

  /// - Parameter elements: of the potential.
  /// - Throws: `InputError` where one of them is not in the environment, or there is not one kind of fingerprint.
  func fingerprint(for elements: [ChemicalElement]) throws -> Fingerprint {
    guard Set(environment).count == environment.count, !environment.isEmpty else {
      throw InputError("the environment '\(symbols(environment))' must name each species once")
    }
    let missing = elements.filter { !environment.contains($0) }
    guard missing.isEmpty else {
      throw InputError("the environment '\(symbols(environment))' lacks \(symbols(missing))")
    }
    if let functions, chebyshev == nil {
      let ordered = try SymmetryFunction.inEvaluationOrder(functions, environment: environment)
      return .behler(try BehlerFingerprint(ordered, elements: elements))
    }
    guard let chebyshev, functions == nil else {
      throw InputError("a setup needs either `chebyshev` or `functions`")
    }
    let declared = ChebyshevFingerprint.declaredWeights(count: environment.count)
    let weights = elements.map { element in declared[environment.firstIndex(of: element) ?? 0] }
    return .chebyshev(
      try ChebyshevFingerprint(chebyshev, speciesWeights: weights, isWeighted: environment.count > 1))
  }
}

private func symbols(_ elements: [ChemicalElement]) -> String { elements.map(\.symbol).joined(separator: " ") }

extension AENETHyperparameters {
  /// The fingerprints and networks of a potential for these elements.
  /// - Throws: `InputError` where a setting is out of range, or a species has no setup.
  func shapes(for elements: [ChemicalElement]) throws -> (SpeciesFingerprints, SpeciesNetworks) {
    guard let setups else {
      let shared = SpeciesFingerprints(
        [Fingerprint](repeating: try sharedFingerprint(for: elements), count: elements.count))
      let network = Network(inputs: shared.widths.first ?? 0, hidden: try layers())
      return (shared, SpeciesNetworks([Network](repeating: network, count: elements.count)))
    }
    for name in setups.keys.sorted() where ChemicalElement(name) == nil {
      throw InputError("setups names '\(name)', expected an element symbol")
    }
    var fingerprints: [Fingerprint] = []
    var networks: [Network] = []
    for element in elements {
      guard let setup = setups[element.symbol] else {
        throw InputError(
          "setups has no fingerprint for \(element) (it has \(setups.keys.sorted().joined(separator: " ")))",
          remedy: "give one for every element of the data, or none")
      }
      let fingerprint: Fingerprint
      do {
        fingerprint = try setup.fingerprint(for: elements)
      } catch let error as InputError {
        throw InputError("setup of \(element): \(error.message)", remedy: error.remedy)
      }
      fingerprints.append(fingerprint)
      let layers = try (setup.network ?? network).map { try Network.Layer(text: $0) }
      networks.append(Network(inputs: fingerprint.count, hidden: layers))
    }
    return (SpeciesFingerprints(fingerprints), SpeciesNetworks(networks))
  }

  private func sharedFingerprint(for elements: [ChemicalElement]) throws -> Fingerprint {
    switch fingerprint {
    case .chebyshev:
      let shape = ChebyshevFingerprint.Shape(
        radialCutoff: radialCutoff, radialOrder: radialOrder, angularCutoff: angularCutoff,
        angularOrder: angularOrder, domain: angularDomain)
      return .chebyshev(
        try ChebyshevFingerprint(
          shape, speciesWeights: speciesWeights.values(for: elements)))
    case .behler: return .behler(try BehlerFingerprint(standardFunctions(for: elements), elements: elements))
    }
  }

  /// The standard set of symmetry functions.
  func standardFunctions(for elements: [ChemicalElement]) throws -> [SymmetryFunction] {
    guard radialCutoff > 1, radialCutoff.isFinite, angularCutoff > 0, angularCutoff <= radialCutoff else {
      throw InputError(
        "cutoffs of symmetry functions must be above 1 Å and angular_cutoff ≤ radial_cutoff, found \(radialCutoff) "
          + "and \(angularCutoff) Å")
    }
    let functions = try SymmetryFunction.standardSet(
      of: elements, radialCutoff: radialCutoff, count: radialFunctions, angularCutoff: angularCutoff,
      exponents: angularExponents)
    return try SymmetryFunction.inEvaluationOrder(functions, environment: elements)
  }
}
