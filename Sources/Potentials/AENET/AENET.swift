import Structures

/// The atomic energy network of Artrith and Urban (doi:10.1016/j.commatsci.2015.11.047) on Chebyshev fingerprints.
///
///     E_i = y_{t_i}(x_i)/f + s,  x_k = (G_k − ⟨G_k⟩)/√(⟨G_k²⟩ − ⟨G_k⟩²)  (0 where that root is ≤ 1e−10)
///     f = 2/(E_max − E_min),  s = ½ (E_max + E_min)
///
/// y_t is the network of the species t; E_max and E_min are the largest and smallest energies per atom of the
/// training set after the reference energies are taken off, eV.
public struct AENET: Potential {
  public let elements: [ChemicalElement]
  public let hyperparameters: AENETHyperparameters
  public private(set) var fingerprint: ChebyshevFingerprint
  let network: Network
  /// W of all species, one after the other.
  private var networks: [Double]
  /// ⟨G_k⟩ and 1/√(⟨G_k²⟩ − ⟨G_k⟩²) (0 for a constant component), species by rows.
  var means: [Double]
  var inverseDeviations: [Double]
  /// f, atom/eV, and s, eV/atom.
  var energyScale: Double
  var energyShift: Double

  public var cutoff: Double { hyperparameters.radialCutoff }

  var learnsWeights: Bool { hyperparameters.speciesWeights == .learnable && fingerprint.isWeighted }

  /// W of all species, one after the other, then the species weights where these are trained.
  public var parameters: [Double] {
    get { learnsWeights ? networks + fingerprint.speciesWeights : networks }
    set {
      networks = newValue
      guard learnsWeights else { return }
      let count = elements.count * network.parameterCount
      networks = Array(newValue.prefix(count))
      fingerprint.speciesWeights = Array(newValue.dropFirst(count))
    }
  }

  public init(elements: [ChemicalElement], hyperparameters: AENETHyperparameters, seed: UInt64) throws {
    try self.init(elements: elements, hyperparameters: hyperparameters) { network in
      var random = RandomSource(seed: seed)
      return elements.flatMap { _ in network.randomParameters(using: &random) }
    }
  }

  /// - Parameter parameters: of all networks one after the other, each of the shape it is called with.
  private init(
    elements: [ChemicalElement], hyperparameters: AENETHyperparameters, parameters: (Network) throws -> [Double]
  ) throws {
    try hyperparameters.validate()
    self.elements = elements
    self.hyperparameters = hyperparameters
    let shape = ChebyshevFingerprint.Shape(
      radialCutoff: hyperparameters.radialCutoff, radialOrder: hyperparameters.radialOrder,
      angularCutoff: hyperparameters.angularCutoff, angularOrder: hyperparameters.angularOrder,
      domain: hyperparameters.angularDomain)
    fingerprint = try ChebyshevFingerprint(
      shape, speciesWeights: try hyperparameters.speciesWeights.values(for: elements))
    network = Network(inputs: fingerprint.count, hidden: try hyperparameters.layers())
    networks = try parameters(network)
    means = [Double](repeating: 0, count: elements.count * fingerprint.count)
    inverseDeviations = [Double](repeating: 1, count: elements.count * fingerprint.count)
    energyScale = 1
    energyShift = 0
  }

  public func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    let (features, moments) = fingerprint.values(list)
    let width = fingerprint.count
    var energies = [Double](repeating: 0, count: list.centers.count)
    var slopes = [Double](repeating: 0, count: gradient == nil ? 0 : features.count)
    var workspace = NetworkWorkspace(network)
    for type in elements.indices {
      let rows = rows(of: type, in: list)
      if rows.isEmpty { continue }
      let inputs = normalised(features, rows: rows, type: type)
      let weights = Array(networks[type * network.parameterCount..<(type + 1) * network.parameterCount])
      network.forward(inputs, count: rows.count, parameters: weights, workspace: &workspace)
      for (k, row) in rows.enumerated() { energies[row] = workspace.output(k) / energyScale + energyShift }
      if gradient == nil { continue }
      let ones = [Double](repeating: 1 / energyScale, count: rows.count)
      var inputSlopes = [Double](repeating: 0, count: inputs.count)
      network.backward(
        inputs, count: rows.count, parameters: weights, outputSlopes: ones, parameterGradient: nil,
        inputGradient: &inputSlopes, workspace: &workspace)
      for (k, row) in rows.enumerated() {
        for c in 0..<width {
          slopes[row * width + c] = inputSlopes[k * width + c] * inverseDeviations[type * width + c]
        }
      }
    }
    if gradient != nil { fingerprint.addGradient(list, moments: moments, slopes: slopes, to: &gradient!) }
    return energies
  }

  public func addParameterGradient(
    _ list: NeighborList, siteWeights: [Double], pairTangents: [SIMD3<Double>], into gradient: inout [Double]
  ) {
    let (features, moments) = fingerprint.values(list)
    let tangents =
      pairTangents.isEmpty && learnsWeights
      ? [SIMD3<Double>](repeating: .zero, count: list.vectors.count) : pairTangents
    let (changes, momentChanges) =
      tangents.isEmpty
      ? ([Double](repeating: 0, count: features.count), [])
      : fingerprint.tangents(list, moments: moments, pairTangents: tangents)
    var adjoints: FingerprintAdjoints? = learnsWeights ? FingerprintAdjoints(count: features.count) : nil
    var workspace = TangentWorkspace(network)
    for type in elements.indices {
      let rows = rows(of: type, in: list)
      if rows.isEmpty { continue }
      let inputs =
        normalised(features, rows: rows, type: type) + normalised(changes, rows: rows, type: type, isChange: true)
      let start = type * network.parameterCount
      let weights = rows.map { siteWeights[$0] / energyScale }
      let tangentWeights = [Double](repeating: 1 / energyScale, count: rows.count)
      var slopes = [Double](repeating: 0, count: learnsWeights ? inputs.count : 0)
      networks.withUnsafeBufferPointer { networks in
        gradient.withUnsafeMutableBufferPointer { gradient in
          slopes.withUnsafeMutableBufferPointer { slopes in
            network.addTangentGradient(
              inputs, count: rows.count, parameters: networks.baseAddress! + start, weights: weights,
              tangentWeights: tangentWeights, into: gradient.baseAddress! + start,
              inputGradient: slopes.isEmpty ? nil : slopes.baseAddress, workspace: &workspace)
          }
        }
      }
      adjoints?.set(slopes, rows: rows, inverseDeviations: inverseDeviations, type: type)
    }
    guard let adjoints else { return }
    var own = [Double](repeating: 0, count: elements.count)
    fingerprint.addWeightGradient(
      list, pairTangents: tangents, moments: (moments, momentChanges),
      adjoints: (adjoints.values, adjoints.changes),
      to: &own)
    let first = elements.count * network.parameterCount
    for type in own.indices { gradient[first + type] += own[type] }
  }

  /// The centres of one species, counted from the list's first.
  private func rows(of type: Int, in list: NeighborList) -> [Int] {
    list.centers.indices.filter { list.types[$0] == type }.map { $0 - list.centers.lowerBound }
  }

  /// x of the rows of one species, or the changes of x, which have no mean.
  private func normalised(_ features: [Double], rows: [Int], type: Int, isChange: Bool = false) -> [Double] {
    let width = fingerprint.count
    let first = type * width
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
  mutating func set(_ slopes: [Double], rows: [Int], inverseDeviations: [Double], type: Int) {
    let width = slopes.count / (2 * rows.count)
    for (k, row) in rows.enumerated() {
      for c in 0..<width {
        let inverse = inverseDeviations[type * width + c]
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
    try self.init(elements: elements, hyperparameters: hyperparameters) { network in
      try values("networks", elements.count * network.parameterCount)
    }
    means = try values("fingerprint_means", means.count)
    inverseDeviations = try values("fingerprint_inverse_deviations", inverseDeviations.count)
    let scaling = try values("energy_scaling", 2)
    guard scaling[0] > 0 else { throw InputError("damaged potential file: the energy scale is \(scaling[0])") }
    (energyScale, energyShift) = (scaling[0], scaling[1])
    // Files of before there was a choice have none: the weights are aenet's.
    if tensors["species_weights"] != nil {
      fingerprint.speciesWeights = try values("species_weights", elements.count)
    }
  }

  public var tensors: TensorTable {
    let width = fingerprint.count
    var table = TensorTable()
    table["networks"] = .init(shape: [elements.count, network.parameterCount], values: networks)
    table["species_weights"] = .init(shape: [elements.count], values: fingerprint.speciesWeights)
    table["fingerprint_means"] = .init(shape: [elements.count, width], values: means)
    table["fingerprint_inverse_deviations"] = .init(shape: [elements.count, width], values: inverseDeviations)
    table["energy_scaling"] = .init(shape: [2], values: [energyScale, energyShift])
    return table
  }
}
