import Structures

/// The atomic energy network of Artrith and Urban (doi:10.1016/j.commatsci.2015.11.047), on Chebyshev fingerprints or
/// symmetry functions.
///
///     E_i = y_{t_i}(x_i)/f + s,  x_k = (G_k − ⟨G_k⟩)/√(⟨G_k²⟩ − ⟨G_k⟩²)  (0 where that root is ≤ 1e−10)
///     f = 2/(E_max − E_min),  s = ½ (E_max + E_min)
///
/// y_t is the network of the species t; E_max and E_min are the largest and smallest energies per atom of the
/// training set after the reference energies are taken off, eV.
public struct AENET: Potential {
  public let elements: [ChemicalElement]
  public let hyperparameters: AENETHyperparameters
  private(set) var fingerprints: SpeciesFingerprints
  let networks: SpeciesNetworks
  /// W of all species, one after the other.
  private var networkParameters: [Double]
  /// ⟨G_k⟩ and 1/√(⟨G_k²⟩ − ⟨G_k⟩²) (0 for a constant component), species after species.
  var means: [Double]
  var inverseDeviations: [Double]
  /// f, atom/eV, and s, eV/atom.
  var energyScale: Double
  var energyShift: Double

  public var cutoff: Double { fingerprints.cutoff }

  /// True where the species weights are trained.
  private var learnsWeights: Bool {
    hyperparameters.speciesWeights == .learnable && fingerprints.speciesWeights != nil
  }

  /// W of all species, one after the other, then the species weights where these are trained.
  public var parameters: [Double] {
    get { learnsWeights ? networkParameters + (fingerprints.speciesWeights ?? []) : networkParameters }
    set {
      networkParameters = newValue
      guard learnsWeights else { return }
      networkParameters = Array(newValue.prefix(networks.parameterCount))
      fingerprints.speciesWeights = Array(newValue.dropFirst(networks.parameterCount))
    }
  }

  public init(elements: [ChemicalElement], hyperparameters: AENETHyperparameters, seed: UInt64) throws {
    try self.init(elements: elements, hyperparameters: hyperparameters) { networks in
      var random = RandomSource(seed: seed)
      return networks.networks.flatMap { $0.randomParameters(using: &random) }
    }
  }

  /// - Parameter parameters: of all networks one after the other, of the shapes it is called with.
  init(
    elements: [ChemicalElement], hyperparameters: AENETHyperparameters,
    parameters: (SpeciesNetworks) throws -> [Double]
  ) throws {
    try hyperparameters.validate()
    self.elements = elements
    self.hyperparameters = hyperparameters
    (fingerprints, networks) = try hyperparameters.shapes(for: elements)
    networkParameters = try parameters(networks)
    let components = fingerprints.offsets[elements.count]
    means = [Double](repeating: 0, count: components)
    inverseDeviations = [Double](repeating: 1, count: components)
    energyScale = 1
    energyShift = 0
  }

  public func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    var energies = [Double](repeating: 0, count: list.centers.count)
    for group in fingerprints.groups { add(group, list, to: &energies, &gradient) }
    return energies
  }

  /// Sets the energies of the centres of a group and adds their gradient.
  private func add(
    _ group: SpeciesFingerprints.Group, _ list: NeighborList, to energies: inout [Double],
    _ gradient: inout PairGradient?
  ) {
    let (features, moments) = group.values(list)
    let width = group.width
    var slopes = [Double](repeating: 0, count: gradient == nil ? 0 : features.count)
    var workspace: NetworkWorkspace?
    for type in group.species {
      let rows = rows(of: type, in: list)
      if rows.isEmpty { continue }
      let network = networks.networks[type]
      let start = fingerprints.offsets[type]
      let inputs = normalised(features, rows: rows, type: type)
      let weights = Array(networkParameters[networks.range(type)])
      var space = workspace.flatMap { $0.fits(network) ? $0 : nil } ?? NetworkWorkspace(network)
      workspace = nil
      network.forward(inputs, count: rows.count, parameters: weights, workspace: &space)
      for (k, row) in rows.enumerated() { energies[row] = space.output(k) / energyScale + energyShift }
      if gradient != nil {
        let ones = [Double](repeating: 1 / energyScale, count: rows.count)
        var inputSlopes = [Double](repeating: 0, count: inputs.count)
        network.backward(
          inputs, count: rows.count, parameters: weights, outputSlopes: ones, parameterGradient: nil,
          inputGradient: &inputSlopes, workspace: &space)
        for (k, row) in rows.enumerated() {
          for c in 0..<width {
            slopes[row * width + c] = inputSlopes[k * width + c] * inverseDeviations[start + c]
          }
        }
      }
      workspace = space
    }
    if gradient != nil { group.addGradient(list, moments: moments, slopes: slopes, to: &gradient!) }
  }

  public func addParameterGradient(
    _ list: NeighborList, siteWeights: [Double], pairTangents: [SIMD3<Double>], into gradient: inout [Double]
  ) {
    for group in fingerprints.groups {
      let (features, moments) = group.values(list)
      let tangents =
        pairTangents.isEmpty && learnsWeights
        ? [SIMD3<Double>](repeating: .zero, count: list.vectors.count) : pairTangents
      let (changes, momentChanges) =
        tangents.isEmpty
        ? ([Double](repeating: 0, count: features.count), [])
        : group.tangents(list, moments: moments, pairTangents: tangents)
      var adjoints: FingerprintAdjoints? = learnsWeights ? FingerprintAdjoints(count: features.count) : nil
      for type in group.species {
        let rows = rows(of: type, in: list)
        if rows.isEmpty { continue }
        let inputs =
          normalised(features, rows: rows, type: type)
          + normalised(changes, rows: rows, type: type, isChange: true)
        let slopes = addNetworkGradient(type, inputs, weights: rows.map { siteWeights[$0] }, into: &gradient)
        adjoints?.set(slopes, rows: rows, inverseDeviations: inverseDeviations[fingerprints.offsets[type]...])
      }
      guard let adjoints else { continue }
      var own = [Double](repeating: 0, count: elements.count)
      group.addWeightGradient(
        list, pairTangents: tangents, moments: (moments, momentChanges),
        adjoints: (adjoints.values, adjoints.changes), to: &own)
      for type in own.indices { gradient[networks.parameterCount + type] += own[type] }
    }
  }

  /// Adds what the network of one species gives; returns the gradient with respect to its inputs where weights are
  /// trained.
  /// - Parameter inputs: values of all rows, then their changes.
  private func addNetworkGradient(
    _ type: Int, _ inputs: [Double], weights: [Double], into gradient: inout [Double]
  ) -> [Double] {
    let network = networks.networks[type]
    let first = networks.offsets[type]
    let tangentWeights = [Double](repeating: 1 / energyScale, count: weights.count)
    var workspace = TangentWorkspace(network)
    var slopes = [Double](repeating: 0, count: learnsWeights ? inputs.count : 0)
    networkParameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        slopes.withUnsafeMutableBufferPointer { slopes in
          network.addTangentGradient(
            inputs, count: weights.count, parameters: parameters.baseAddress! + first,
            weights: weights.map { $0 / energyScale }, tangentWeights: tangentWeights,
            into: gradient.baseAddress! + first, inputGradient: slopes.isEmpty ? nil : slopes.baseAddress,
            workspace: &workspace)
        }
      }
    }
    return slopes
  }

  /// The centres of one species, counted from the list's first.
  private func rows(of type: Int, in list: NeighborList) -> [Int] {
    list.centers.indices.filter { list.types[$0] == type }.map { $0 - list.centers.lowerBound }
  }

  /// x of the rows of one species, or the changes of x, which have no mean.
  private func normalised(_ features: [Double], rows: [Int], type: Int, isChange: Bool = false) -> [Double] {
    let width = fingerprints.widths[type]
    let first = fingerprints.offsets[type]
    return [Double](unsafeUninitializedCapacity: rows.count * width) { inputs, count in
      for (k, row) in rows.enumerated() {
        for c in 0..<width {
          let value = isChange ? features[row * width + c] : features[row * width + c] - means[first + c]
          inputs[k * width + c] = value * inverseDeviations[first + c]
        }
      }
      count = rows.count * width
    }
  }
}

/// ∂/∂G and ∂/∂Ġ of what a loss takes from the fingerprints and their changes, by rows.
private struct FingerprintAdjoints {
  var values: [Double]
  var changes: [Double]

  init(count: Int) {
    values = [Double](repeating: 0, count: count)
    changes = values
  }

  /// From those of the network's inputs: first the values of all rows, then the changes.
  mutating func set(_ slopes: [Double], rows: [Int], inverseDeviations: ArraySlice<Double>) {
    let width = slopes.count / (2 * rows.count)
    for (k, row) in rows.enumerated() {
      for (c, inverse) in inverseDeviations.prefix(width).enumerated() {
        values[row * width + c] = slopes[k * width + c] * inverse
        changes[row * width + c] = slopes[(rows.count + k) * width + c] * inverse
      }
    }
  }
}

extension AENET {
  public init(elements: [ChemicalElement], hyperparameters: AENETHyperparameters, tensors: TensorTable) throws {
    func values(_ name: String, _ count: Int) throws -> [Double] {
      guard let tensor = tensors[name] else {
        throw InputError("damaged potential file: tensor '\(name)' is missing")
      }
      guard tensor.values.count == count else {
        throw InputError(
          "damaged potential file: tensor '\(name)' has \(tensor.values.count) numbers, expected \(count)")
      }
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw InputError("damaged potential file: tensor '\(name)' holds a number that is not finite")
      }
      return tensor.values
    }
    // The file's own numbers, never random ones first: a header of a few bytes can ask for gigabytes of those.
    try self.init(elements: elements, hyperparameters: hyperparameters) { networks in
      try values("networks", networks.parameterCount)
    }
    means = try values("fingerprint_means", means.count)
    inverseDeviations = try values("fingerprint_inverse_deviations", inverseDeviations.count)
    let scaling = try values("energy_scaling", 2)
    guard scaling[0] > 0 else { throw InputError("damaged potential file: the energy scale is \(scaling[0])") }
    (energyScale, energyShift) = (scaling[0], scaling[1])
    // Files of before there was a choice have none: the weights are aenet's.
    if fingerprints.speciesWeights != nil, tensors["species_weights"] != nil {
      fingerprints.speciesWeights = try values("species_weights", elements.count)
    }
  }

  public var tensors: TensorTable {
    var table = TensorTable()
    table["networks"] = tensor(networkParameters)
    if let weights = fingerprints.speciesWeights {
      table["species_weights"] = .init(shape: [elements.count], values: weights)
    }
    table["fingerprint_means"] = tensor(means)
    table["fingerprint_inverse_deviations"] = tensor(inverseDeviations)
    table["energy_scaling"] = .init(shape: [2], values: [energyScale, energyShift])
    return table
  }

  /// A row for each species where all have as many numbers, else one row.
  private func tensor(_ values: [Double]) -> TensorTable.Tensor {
    let isEven = Set(networks.networks).count == 1
    return .init(
      shape: isEven ? [elements.count, values.count / elements.count] : [values.count], values: values)
  }
}
