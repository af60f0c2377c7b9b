import Structures

/// What makes SNAP of the components: they themselves, or their products too.
public protocol SNAPForm: Sendable {
  static var name: String { get }
  static var isQuadratic: Bool { get }
}

public enum LinearForm: SNAPForm {
  public static let name = "snap"
  public static let isQuadratic = false
}

public enum QuadraticForm: SNAPForm {
  public static let name = "qsnap"
  public static let isQuadratic = true
}

/// Spectral neighbour analysis potential (doi:10.1016/j.jcp.2014.12.018).
public typealias SNAP = BispectrumPotential<LinearForm>
/// Quadratic SNAP (doi:10.1063/1.5017641).
public typealias QSNAP = BispectrumPotential<QuadraticForm>

/// A potential that is linear, or quadratic, in the bispectrum of each atom.
///
///     E_i = β_0 + Σ_k β_k B_k + Σ_k ½ α_kk B_k² + Σ_{k<l} α_kl B_k B_l
///
/// β and α are those of the element of the centre, in the order of a `.snapcoeff` file: β_0, β_1 … β_K, then the upper
/// triangle of α by rows.
public struct BispectrumPotential<Form: SNAPForm>: Potential {
  public let elements: [ChemicalElement]
  public let hyperparameters: SNAPHyperparameters
  public let bispectrum: Bispectrum
  /// Of all elements, one after the other.
  public var coefficients: [Double]

  public var cutoff: Double { bispectrum.shape.cutoff }

  /// Coefficients of one element for K components.
  static func coefficientCount(_ components: Int) -> Int {
    1 + components + (Form.isQuadratic ? components * (components + 1) / 2 : 0)
  }

  var coefficientsPerElement: Int { Self.coefficientCount(bispectrum.count) }

  public init(elements: [ChemicalElement], hyperparameters: SNAPHyperparameters, seed: UInt64) throws {
    try self.init(elements: elements, hyperparameters: hyperparameters) { components in
      var random = RandomSource(seed: seed)
      let count = Self.coefficientCount(components)
      return (0..<elements.count * count).map { k in
        // Energies of some eV for the components of a dense crystal, which go into the thousands.
        (random.uniform() - 0.5) * (k % count <= components ? 1e-4 : 1e-9)
      }
    }
  }

  /// - Parameter coefficients: for the number of components.
  init(
    elements: [ChemicalElement], hyperparameters: SNAPHyperparameters, coefficients: (Int) throws -> [Double]
  ) throws {
    try hyperparameters.fit.validate()
    self.elements = elements
    self.hyperparameters = hyperparameters
    let shape = try hyperparameters.shape(elements)
    let densities = shape.chemflag ? elements.count : 1
    let components = shape.triples.count * densities * densities * densities
    // Before any table is made: a few bytes of settings can ask for gigabytes.
    guard components <= 100_000, elements.count * Self.coefficientCount(components) <= 40_000 else {
      throw InputError(
        "\(components) components of \(elements.count) elements are more coefficients than can be fitted",
        remedy: "lower twojmax, or set chemflag to false")
    }
    self.coefficients = try coefficients(components)
    bispectrum = try Bispectrum(shape)
  }

  public func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    let components = bispectrum.count
    let width = coefficientsPerElement
    let types = list.centers.map { list.types[$0] }
    var slopes = [Double](repeating: 0, count: types.count * components)
    var constants = types.map { coefficients[$0 * width] }
    let values = Form.isQuadratic ? bispectrum.values(list) : []
    for (k, type) in types.enumerated() {
      let start = type * width + 1
      for c in 0..<components { slopes[k * components + c] = coefficients[start + c] }
      guard Form.isQuadratic else { continue }
      constants[k] -= addQuadraticSlopes(
        to: &slopes, row: k * components, values: values, alpha: start + components)
    }
    let sums = bispectrum.sums(list, slopes: slopes, gradient: &gradient)
    return zip(constants, sums).map { $0 + $1 }
  }

  /// Adds Σ_l α_kl B_l to the slopes of one centre.
  /// - Returns: ½ Σ_kl α_kl B_k B_l, which the slopes count twice.
  private func addQuadraticSlopes(to slopes: inout [Double], row: Int, values: [Double], alpha: Int) -> Double {
    let components = bispectrum.count
    var at = alpha
    var energy = 0.0
    for a in 0..<components {
      let own = coefficients[at]
      slopes[row + a] += own * values[row + a]
      energy += 0.5 * own * values[row + a] * values[row + a]
      at += 1
      for b in a + 1..<max(components, a + 1) {
        let mixed = coefficients[at]
        slopes[row + a] += mixed * values[row + b]
        slopes[row + b] += mixed * values[row + a]
        energy += mixed * values[row + a] * values[row + b]
        at += 1
      }
    }
    return energy
  }
}

extension BispectrumPotential {
  public init(elements: [ChemicalElement], hyperparameters: SNAPHyperparameters, tensors: TensorTable) throws {
    try self.init(elements: elements, hyperparameters: hyperparameters) { components in
      let count = elements.count * Self.coefficientCount(components)
      guard let values = tensors["coefficients"]?.values else {
        throw InputError("damaged potential file: tensor 'coefficients' is missing")
      }
      guard values.count == count else {
        throw InputError(
          "damaged potential file: tensor 'coefficients' has \(values.count) numbers, expected \(count)")
      }
      guard values.allSatisfy(\.isFinite) else {
        throw InputError("damaged potential file: tensor 'coefficients' holds a number that is not finite")
      }
      return values
    }
  }

  public var tensors: TensorTable {
    TensorTable(["coefficients": .init(shape: [elements.count, coefficientsPerElement], values: coefficients)])
  }
}
