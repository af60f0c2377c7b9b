import Structures

/// A potential as aenet's network files, one for each species.
struct AENETExport {
  /// In the description of the files that Halite writes: their angular domain need not be guessed.
  static let signature = "Written by Halite"

  private let model: AENET
  private let references: ReferenceEnergies
  private let card: PotentialCard

  /// - Throws: `InputError` naming what the files cannot hold.
  init(_ potential: FittedPotential) throws {
    guard let model = potential.model as? AENET else {
      throw InputError("aenet's files hold AENET potentials, this is \(potential.kind)")
    }
    guard potential.prior == nil else {
      throw InputError(
        "aenet's files cannot hold the ZBL repulsion of this potential", remedy: "train one with zbl: null")
    }
    let declared = ChebyshevFingerprint.declaredWeights(count: model.elements.count)
    if model.hyperparameters.setups == nil, let weights = model.fingerprints.speciesWeights, weights != declared {
      throw InputError(
        "aenet's files cannot hold the species weights of this potential, aenet has its own",
        remedy: "train one with species_weights: aenet")
    }
    (self.model, references, card) = (model, potential.referenceEnergies, potential.card)
  }

  func files() throws -> [AENETNetworkFile] {
    let setups = try model.elements.map(setup)
    let isBehler = setups.map { $0.functions != nil }
    guard Set(isBehler).count == 1 else {
      throw InputError("aenet takes either Chebyshev fingerprints or symmetry functions, not both in one potential")
    }
    // predict.in lists the species in this order.
    let order = setups[0].environment.filter(model.elements.contains)
    if isBehler[0], let other = setups.first(where: { $0.environment != order }) {
      throw InputError(
        "aenet needs one environment for the symmetry functions of all species, found '\(symbols(order))' and "
          + "'\(symbols(other.environment))'")
    }
    return try order.map { element in
      let type = model.elements.firstIndex(of: element) ?? 0
      return try file(type, setups[type], order)
    }
  }

  /// The setup of a species, also where all share one.
  private func setup(_ element: ChemicalElement) throws -> AENETSetup {
    let hyperparameters = model.hyperparameters
    if let setups = hyperparameters.setups, let setup = setups[element.symbol] { return setup }
    var setup = AENETSetup(environment: model.elements)
    switch hyperparameters.fingerprint {
    case .chebyshev:
      setup.chebyshev = ChebyshevFingerprint.Shape(
        radialCutoff: hyperparameters.radialCutoff, radialOrder: hyperparameters.radialOrder,
        angularCutoff: hyperparameters.angularCutoff, angularOrder: hyperparameters.angularOrder,
        domain: hyperparameters.angularDomain)
    case .behler: setup.functions = try hyperparameters.standardFunctions(for: model.elements)
    }
    return setup
  }

  private func file(_ type: Int, _ setup: AENETSetup, _ order: [ChemicalElement]) throws -> AENETNetworkFile {
    let network = model.networks.networks[type]
    var file = AENETNetworkFile()
    file.nodes = [network.inputs] + network.layers.map(\.nodes)
    file.activations = network.layers.map(\.activation.code)
    file.description = "\(Self.signature) \(HaliteVersion.current)$$"
    file.species = model.elements[type].symbol
    file.environment = setup.environment.map(\.symbol)
    file.minimumDistance = NeighborSearch.closestPair
    file.cutoff = model.cutoff
    let count = network.inputs
    file.functionNumbers = [Int](repeating: 0, count: count)
    file.functionParameters = [Double](repeating: 0, count: 4 * count)
    file.functionSpecies = [Int](repeating: 0, count: 2 * count)
    try describe(setup, in: &file)
    setStatistics(type, of: &file)
    file.trainingFile = card.dataHash.map { "data " + $0 } ?? "unknown"
    file.scale = model.energyScale
    file.shift = model.energyShift
    file.typeNames = order.map(\.symbol)
    file.atomEnergies = order.map { references.energies[$0] ?? 0 }
    file.structures = card.trainingFrames ?? 0
    return file
  }

  private func describe(_ setup: AENETSetup, in file: inout AENETNetworkFile) throws {
    guard let functions = setup.functions else {
      guard let shape = setup.chebyshev else { return }
      guard shape.domain == .cosine else {
        throw InputError(
          "aenet's files cannot say that the angular domain is legacy: aenet of today would compute other energies")
      }
      file.basis = "Chebyshev"
      file.cutoff = shape.radialCutoff
      let numbers = [
        shape.radialCutoff, Double(shape.radialOrder), shape.angularCutoff, Double(shape.angularOrder),
      ]
      file.functionParameters.replaceSubrange(0..<4, with: numbers)
      return
    }
    file.basis = "Behler2011"
    file.cutoff = functions.map(\.cutoff).max() ?? 0
    let ordered = try SymmetryFunction.inEvaluationOrder(functions, environment: setup.environment)
    for (k, function) in ordered.enumerated() {
      file.functionNumbers[k] = function.number
      for (n, value) in ([function.cutoff] + function.parameters).enumerated() {
        file.functionParameters[4 * k + n] = value
      }
      for (n, element) in function.neighbors.enumerated() {
        file.functionSpecies[2 * k + n] = (setup.environment.firstIndex(of: element) ?? 0) + 1
      }
    }
  }

  /// Averages, averages of squares and weights, so that aenet's x = (G − avg)/√(cov − avg²) makes the same sums.
  ///
  /// The difference under the root loses digits where the mean is large beside the deviation: the first layer's
  /// weights take the ratio of what aenet will find to what is meant; where no digits would be left, the mean is
  /// stored as 0 and goes into the bias. Extremes are not known; four deviations stand for them.
  private func setStatistics(_ type: Int, of file: inout AENETNetworkFile) {
    let inputs = file.nodes[0]
    let nodes = file.nodes[1]
    let start = model.fingerprints.offsets[type]
    file.weights = Array(model.parameters[model.networks.range(type)])
    for k in 0..<inputs {
      let inverse = model.inverseDeviations[start + k]
      var mean = model.means[start + k]
      if inverse == 0 {
        // A constant component: exactly 0 in any arithmetic.
        mean = 0
      } else if mean * mean * inverse * inverse > 1e6 {
        for node in 0..<nodes {
          file.weights[inputs * nodes + node] -= file.weights[k * nodes + node] * mean * inverse
        }
        mean = 0
      }
      let deviation = inverse == 0 ? 0 : 1 / inverse
      let square = mean * mean + deviation * deviation
      let found = (square - mean * mean).squareRoot()
      for node in 0..<nodes { file.weights[k * nodes + node] *= inverse == 0 ? 1 : found * inverse }
      file.averages.append(mean)
      file.squares.append(square)
      file.minima.append(mean - 4 * deviation)
      file.maxima.append(mean + 4 * deviation)
    }
  }
}

private func symbols(_ elements: [ChemicalElement]) -> String { elements.map(\.symbol).joined(separator: " ") }
