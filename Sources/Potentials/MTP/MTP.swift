import CKernels
import Structures

/// The moment tensor potential of Shapeev (doi:10.1137/15M1054183), with the radial functions of MLIP-2
/// (doi:10.1088/2632-2153/abc9fe).
///
///     E_i = ξ⁰_{z_i} + Σ_α ξ_α B_α,  B_α contractions of M_{μ,ν} = Σ_j f_μ(r_ij; z_i, z_j) r̂_ij ⊗ … ⊗ r̂_ij (ν times)
///     f_μ = Σ_q c^q_{μ z_i z_j} Q_q(r),  Q_q = s T_q(x) (R − r)²,  x = (2r − R_min − R)/(R − R_min)
///
/// T_q are Chebyshev polynomials; the contractions are those of `MomentContraction.all`, or of another program's file.
public struct MTP: Potential {
  public let elements: [ChemicalElement]
  public let hyperparameters: MTPHyperparameters
  let tables: MomentTables
  /// s.
  var scaling: Double {
    didSet { updateRows() }
  }
  /// c: [type of the centre][type of the neighbour][μ][q].
  var radial: [Double] {
    didSet { updateRows() }
  }
  /// ξ_α, eV.
  var coefficients: [Double]
  /// ξ⁰ of each type, eV.
  var speciesEnergies: [Double]
  /// True where the program came from a file and not from the level.
  let hasOwnProgram: Bool
  /// c as the kernels read it: [type][type][q][μ], rows of `CK_MTP_FUNCTIONS`.
  private var rows: [Double] = []

  public var cutoff: Double { hyperparameters.rMax }

  /// c, then ξ_α, then ξ⁰.
  public var parameters: [Double] {
    get { radial + coefficients + speciesEnergies }
    set {
      let (first, second) = (radial.count, radial.count + coefficients.count)
      radial = Array(newValue[..<first])
      coefficients = Array(newValue[first..<second])
      speciesEnergies = Array(newValue[second...])
    }
  }

  var parameterCount: Int { radial.count + coefficients.count + speciesEnergies.count }

  /// - Parameter tables: a file's own program; nil for that of the level.
  init(
    elements: [ChemicalElement], hyperparameters: MTPHyperparameters, tables: MomentTables? = nil,
    radial: [Double]? = nil
  ) throws {
    try hyperparameters.validate()
    self.elements = elements
    self.hyperparameters = hyperparameters
    self.tables = try tables ?? MomentTables.level(hyperparameters.level)
    hasOwnProgram = tables != nil
    scaling = 1
    let count = elements.count * elements.count * self.tables.functionCount * hyperparameters.radialSize
    guard radial == nil || radial?.count == count else {
      throw InputError("\(radial?.count ?? 0) radial coefficients, expected \(count)")
    }
    self.radial = radial ?? [Double](repeating: 0, count: count)
    coefficients = [Double](repeating: 0, count: self.tables.scalars.count)
    speciesEnergies = [Double](repeating: 0, count: elements.count)
    updateRows()
  }

  public init(elements: [ChemicalElement], hyperparameters: MTPHyperparameters, seed: UInt64) throws {
    try self.init(elements: elements, hyperparameters: hyperparameters)
    var random = RandomSource(seed: seed)
    setRandomRadialFunctions(using: &random)
    for (k, graph) in MomentContraction.all(level: hyperparameters.level).enumerated() {
      // Moments are of the order of one; products of several have more to say than is wanted at random.
      var size = 1.0
      for _ in 1..<max(graph.factorCount, 1) { size /= 4 }
      coefficients[k] = (random.uniform() - 0.5) * size
    }
    for k in speciesEnergies.indices { speciesEnergies[k] = random.uniform() - 0.5 }
  }

  public func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    var energies = [Double](repeating: 0, count: list.centers.count)
    let hasGradient = gradient != nil
    var vectors = gradient?.vectors ?? []
    gradient = nil
    energies.withUnsafeMutableBufferPointer { energies in
      vectors.withUnsafeMutableBytes { bytes in
        guard let out = energies.baseAddress else { return }
        let base = hasGradient ? bytes.bindMemory(to: Double.self).baseAddress : nil
        forEachGroup(list) { kernel, sites, first, count, work in
          ck_mtp_energies(kernel, sites, Int64(first), Int64(count), out + first, base, work)
        }
      }
    }
    if hasGradient {
      gradient = PairGradient(pairs: 0)
      gradient?.vectors = vectors
    }
    for (k, site) in list.centers.enumerated() { energies[k] += speciesEnergies[list.types[site]] }
    return energies
  }

  /// B_α of the centres, by rows.
  func scalars(_ list: NeighborList) -> [Double] {
    let width = tables.scalars.count
    var values = [Double](repeating: 0, count: list.centers.count * width)
    values.withUnsafeMutableBufferPointer { values in
      guard let out = values.baseAddress else { return }
      forEachGroup(list) { kernel, sites, first, count, work in
        ck_mtp_scalars(kernel, sites, Int64(first), Int64(count), out + first * width, work)
      }
    }
    return values
  }

  public func addParameterGradient(
    _ list: NeighborList, siteWeights: [Double], pairTangents: [SIMD3<Double>], into gradient: inout [Double]
  ) {
    var rowSums = [Double](repeating: 0, count: rows.count)
    rowSums.withUnsafeMutableBufferPointer { rowSums in
      gradient.withUnsafeMutableBufferPointer { gradient in
        siteWeights.withUnsafeBufferPointer { weights in
          pairTangents.withUnsafeBytes { bytes in
            guard let weights = weights.baseAddress, let base = gradient.baseAddress else { return }
            let tangents = pairTangents.isEmpty ? nil : bytes.bindMemory(to: Double.self).baseAddress
            let sums = ck_mtp_gradient(radial: rowSums.baseAddress, coefficients: base + radial.count)
            forEachGroup(list) { kernel, sites, first, count, work in
              ck_mtp_parameter_gradient(
                kernel, sites, Int64(first), Int64(count), weights + first, tangents, sums, work)
            }
          }
        }
      }
    }
    forEachCoefficient { place, row in gradient[place] += rowSums[row] }
    let first = radial.count + coefficients.count
    for (k, site) in list.centers.enumerated() { gradient[first + list.types[site]] += siteWeights[k] }
  }

  private mutating func updateRows() {
    let width = Int(CK_MTP_FUNCTIONS)
    var rows = [Double](
      repeating: 0, count: elements.count * elements.count * hyperparameters.radialSize * width)
    forEachCoefficient { place, row in rows[row] = radial[place] }
    self.rows = rows
  }

  /// Places of each c in `radial` and in `rows`.
  private func forEachCoefficient(_ body: (Int, Int) -> Void) {
    let (functions, size, width) = (tables.functionCount, hyperparameters.radialSize, Int(CK_MTP_FUNCTIONS))
    for pair in 0..<elements.count * elements.count {
      for m in 0..<functions {
        for q in 0..<size { body((pair * functions + m) * size + q, (pair * size + q) * width + m) }
      }
    }
  }

  private func forEachGroup(
    _ list: NeighborList,
    _ body: (UnsafePointer<ck_mtp>, UnsafePointer<ck_sites>, Int, Int, UnsafeMutablePointer<Double>) -> Void
  ) {
    withKernel { kernel in
      list.withSites { sites in
        let size = 8 * Int(ck_mtp_work(kernel, sites, Int64(list.centers.count)))
        withUnsafeTemporaryAllocation(byteCount: max(size, 64), alignment: 64) { work in
          guard let work = work.bindMemory(to: Double.self).baseAddress else { return }
          for first in stride(from: 0, to: list.centers.count, by: 8) {
            body(kernel, sites, first, min(8, list.centers.count - first), work)
          }
        }
      }
    }
  }

  private func withKernel(_ body: (UnsafePointer<ck_mtp>) -> Void) {
    var kernel = ck_mtp()
    kernel.radial_size = Int64(hyperparameters.radialSize)
    kernel.types = Int64(elements.count)
    kernel.closest = hyperparameters.closest
    kernel.cutoff = hyperparameters.rMax
    kernel.scaling = scaling
    rows.withUnsafeBufferPointer { rows in
      coefficients.withUnsafeBufferPointer { coefficients in
        kernel.radial = rows.baseAddress
        kernel.coefficients = coefficients.baseAddress
        tables.withTables(&kernel) { body($0) }
      }
    }
  }
}

extension MomentTables {
  /// Calls a body with a kernel that has these tables too.
  fileprivate func withTables(_ kernel: inout ck_mtp, _ body: (UnsafePointer<ck_mtp>) -> Void) {
    kernel.functions = Int64(functionCount)
    kernel.order = max(0, orders.max() ?? 0)
    kernel.moments = Int64(momentCount)
    kernel.folds = Int64(folds.count / 4)
    kernel.first_target = Int64(firstTarget)
    kernel.targets = Int64(products.count - 1)
    kernel.scalars = Int64(scalars.count)
    orders.withUnsafeBufferPointer { orders in
      starts.withUnsafeBufferPointer { starts in
        folds.withUnsafeBufferPointer { folds in
          products.withUnsafeBufferPointer { products in
            pairs.withUnsafeBufferPointer { pairs in
              factors.withUnsafeBufferPointer { factors in
                scalars.withUnsafeBufferPointer { scalars in
                  kernel.orders = orders.baseAddress
                  kernel.starts = starts.baseAddress
                  kernel.fold = folds.baseAddress
                  kernel.products = products.baseAddress
                  kernel.pairs = pairs.baseAddress
                  kernel.factors = factors.baseAddress
                  kernel.scalar = scalars.baseAddress
                  body(&kernel)
                }
              }
            }
          }
        }
      }
    }
  }
}
