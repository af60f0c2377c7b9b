import CKernels
import COpenBLAS
import Optimization
import Structures

/// Gaussian approximation potential (doi:10.1103/PhysRevLett.104.136403) with the SOAP kernel.
///
///     E_i = Σ_s α_s k(p̂_i, p̂_s),   k(p, p') = δ² (p·p')^ζ + f0²
///
/// s runs over the sparse points of the element of the centre. Forces go back through one vector Σ_s α_s ∂k/∂p̂ an atom.
public struct GAP: Potential {
  public let elements: [ChemicalElement]
  public let hyperparameters: GAPHyperparameters
  public let soap: SOAP
  /// Descriptors of the sparse points of each element, by rows.
  public let points: [[Double]]
  /// α of all sparse points, element by element.
  public var coefficients: [Double]
  /// Packed upper triangle (by columns) of R with RᵀR = K_ss + K_stΛ⁻¹K_ts, where variances are wanted.
  public var factor: [Double]?

  /// Centres that are worked on together.
  private static let batch = 64

  public var cutoff: Double { hyperparameters.cutoff }
  public var dimension: Int { soap.shape.dimension }

  public func pointCount(of type: Int) -> Int { points[type].count / dimension }

  /// Where the sparse points of an element begin among all.
  public func firstPoint(of type: Int) -> Int { points[..<type].reduce(0) { $0 + $1.count } / dimension }

  /// - Throws: `InputError` for sparse points of the wrong size.
  public init(
    elements: [ChemicalElement], hyperparameters: GAPHyperparameters, points: [[Double]], coefficients: [Double]
  ) throws {
    try hyperparameters.validate()
    self.elements = elements
    self.hyperparameters = hyperparameters
    soap = try SOAP(hyperparameters.shape(types: elements.count))
    let dimension = soap.shape.dimension
    guard points.count == elements.count, points.allSatisfy({ $0.count % dimension == 0 }) else {
      throw InputError("sparse points do not have the \(dimension) components of the descriptor")
    }
    let count = points.reduce(0) { $0 + $1.count } / dimension
    guard coefficients.count == count else {
      throw InputError("there are \(count) sparse points, but \(coefficients.count) coefficients")
    }
    self.points = points
    self.coefficients = coefficients
  }

  /// Sparse points from random environments: a few, as they are only there to be looked at.
  public init(elements: [ChemicalElement], hyperparameters: GAPHyperparameters, seed: UInt64) throws {
    try hyperparameters.validate()
    let soap = try SOAP(hyperparameters.shape(types: elements.count))
    var random = RandomSource(seed: seed)
    let count = min(hyperparameters.nSparse, 6)
    let points = try elements.indices.map { type in
      try (0..<count).flatMap { _ in
        try RandomEnvironment(elements, center: type, reach: hyperparameters.cutoff, &random).descriptor(soap)
      }
    }
    let scale = 0.02 / (hyperparameters.delta * hyperparameters.delta)
    let coefficients = (0..<count * elements.count).map { _ in scale * (2 * random.uniform() - 1) }
    try self.init(elements: elements, hyperparameters: hyperparameters, points: points, coefficients: coefficients)
  }

  public func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    _ = SingleThreadedBLAS.isSet
    var energies = [Double](repeating: 0, count: list.centers.count)
    let present = soap.present(list)
    let columns = soap.columns(present: present)
    let hasGradient = gradient != nil
    var vectors = gradient?.vectors ?? []
    gradient = nil
    vectors.withUnsafeMutableBytes { bytes in
      let out = hasGradient ? bytes.bindMemory(to: Double.self).baseAddress : nil
      for type in elements.indices where !points[type].isEmpty {
        let centers = (0..<list.centers.count).filter { list.types[list.centers.lowerBound + $0] == type }
        guard !centers.isEmpty else { continue }
        let sparse = SparseBlock(self, type: type, columns: columns)
        for first in stride(from: 0, to: centers.count, by: Self.batch) {
          let part = Array(centers[first..<min(first + Self.batch, centers.count)])
          let environments = soap.environments(list, centers: part, present: present)
          var slopes = sparse.energies(environments, into: &energies, needsSlopes: out != nil)
          if let out { soap.addGradient(list, environments, slopes: &slopes, to: out) }
        }
      }
    }
    if hasGradient {
      gradient = PairGradient(pairs: 0)
      gradient?.vectors = vectors
    }
    return energies
  }
}

/// The sparse points of one element in the components that a block has.
struct SparseBlock {
  let count: Int
  let dimension: Int
  /// By rows.
  let points: [Double]
  private let weights: [Double]
  private let constant: Double
  private let zeta: Double

  init(_ model: GAP, type: Int, columns: [Int]?) {
    let count = model.pointCount(of: type)
    self.count = count
    let all = model.points[type]
    if let columns {
      dimension = columns.count
      let width = model.dimension
      let runs = Self.runs(of: columns)
      points = [Double](unsafeUninitializedCapacity: count * columns.count) { out, filled in
        filled = count * columns.count
        all.withUnsafeBufferPointer { all in
          guard var to = out.baseAddress, let all = all.baseAddress else { return }
          for row in 0..<count {
            for run in runs {
              to.update(from: all + row * width + run.lowerBound, count: run.count)
              to += run.count
            }
          }
        }
      }
    } else {
      dimension = model.dimension
      points = all
    }
    let settings = model.hyperparameters
    let first = model.firstPoint(of: type)
    let alpha = model.coefficients[first..<first + count]
    weights = alpha.map { $0 * settings.delta * settings.delta }
    constant = settings.f0 * settings.f0 * alpha.reduce(0, +)
    zeta = settings.zeta
  }

  /// Columns one behind the other are copied at once: for each frame all sparse points are.
  private static func runs(of columns: [Int]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for column in columns {
      if let last = runs.last, last.upperBound == column {
        runs[runs.count - 1] = last.lowerBound..<column + 1
      } else {
        runs.append(column..<column + 1)
      }
    }
    return runs
  }

  /// p̂_i · p̂_s, a row a centre.
  func products(_ environments: SOAPEnvironments) -> [Double] {
    let rows = environments.centers.count
    var products = [Double](repeating: 0, count: rows * count)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(count), Int32(dimension), 1,
      environments.descriptors, Int32(dimension), points, Int32(dimension), 0, &products, Int32(count))
    return products
  }

  /// Adds E_i; gives ∂E_i/∂p̂_i by rows, or nothing where it is not wanted.
  func energies(_ environments: SOAPEnvironments, into energies: inout [Double], needsSlopes: Bool) -> [Double] {
    let rows = environments.centers.count
    var products = products(environments)
    var sums = [Double](repeating: 0, count: rows)
    ck_gap_kernel(Int64(rows), Int64(count), &products, weights, zeta, &sums)
    for (row, center) in environments.centers.enumerated() { energies[center] += sums[row] + constant }
    guard needsSlopes else { return [] }
    var slopes = [Double](repeating: 0, count: rows * dimension)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(dimension), Int32(count), 1, products,
      Int32(count), points, Int32(dimension), 0, &slopes, Int32(dimension))
    return slopes
  }
}

/// A few atoms around a centre, at random.
private struct RandomEnvironment {
  let structure: Structure
  let elements: [ChemicalElement]

  init(_ elements: [ChemicalElement], center: Int, reach: Double, _ random: inout RandomSource) {
    self.elements = elements
    var positions: [SIMD3<Double>] = [.zero]
    var kinds = [elements[center]]
    while positions.count < 9 {
      let place: SIMD3<Double> = [
        (2 * random.uniform() - 1) * reach, (2 * random.uniform() - 1) * reach, (2 * random.uniform() - 1) * reach,
      ]
      let kind = elements[random.below(elements.count)]
      let nearest = positions.map { length($0 - place) }.min() ?? 0
      guard length(place) < reach, nearest > 0.3 * reach else { continue }
      positions.append(place)
      kinds.append(kind)
    }
    structure = Structure(lattice: nil, elements: kinds, positions: positions)
  }

  func descriptor(_ soap: SOAP) throws -> [Double] {
    let search = try NeighborSearch(frames: [structure], elements: elements, cutoff: soap.shape.cutoff)
    return soap.descriptors(try search.list(of: 0..<1))
  }
}
