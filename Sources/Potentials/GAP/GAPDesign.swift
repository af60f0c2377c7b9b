import CKernels
import COpenBLAS
import Optimization
import Structures

extension GAP: LinearPotential {
  /// The σ of a GAP are weights of their own: see `GAPTraining`.
  public static func fitSettings(_: GAPHyperparameters) -> LinearFitSettings { LinearFitSettings() }

  public func columns(of types: Set<Int>) -> [Int] {
    types.sorted().flatMap { type in (0..<pointCount(of: type)).map { firstPoint(of: type) + $0 } }
  }

  public func addDesignRows(_ list: NeighborList, to rows: inout DesignRows) {
    _ = SingleThreadedBLAS.isSet
    let present = soap.present(list)
    let columns = soap.columns(present: present)
    for type in elements.indices where !points[type].isEmpty {
      let centers = (0..<list.centers.count).filter { list.types[list.centers.lowerBound + $0] == type }
      guard !centers.isEmpty else { continue }
      let sparse = SparseBlock(self, type: type, columns: columns)
      var design = KernelDesign(
        self, sparse, present: present, slot: rows.slots[firstPoint(of: type)], hasDerivatives: rows.hasDerivatives)
      for first in stride(from: 0, to: centers.count, by: 64) {
        let part = Array(centers[first..<min(first + 64, centers.count)])
        design.add(soap.environments(list, centers: part, present: present), list, to: &rows)
      }
    }
  }
}

/// The rows of the sparse points of one element: k(p̂_i, p̂_s) and its derivatives.
///
///     p_s·∂p̂/∂r = (p_s·∂p/∂r − (p_s·p̂)(p̂·∂p/∂r))/|p|,   ∂p/∂r_j = Σ_m (∂c_a c_b + c_a ∂c_b)
///
/// A neighbour moves the density of its own type alone, so that of ∂p only the components with this type are made, for
/// all neighbours of the type at once, and multiplied into the same components of all sparse points.
private struct KernelDesign {
  private let soap: SOAP
  private let sparse: SparseBlock
  private let settings: GAPHyperparameters
  private let present: [Int]
  /// The first column of the sparse points in the rows.
  private let slot: Int
  private let moves: [TypeComponents]
  private var channels: [Double] = []
  private var products: [Double] = []
  private var kernel: [Double] = []

  init(_ model: GAP, _ sparse: SparseBlock, present: [Int], slot: Int, hasDerivatives: Bool) {
    soap = model.soap
    self.sparse = sparse
    settings = model.hyperparameters
    self.present = present
    self.slot = slot
    let soap = model.soap
    moves = !hasDerivatives ? [] : present.indices.map { TypeComponents(soap, sparse, present: present, slot: $0) }
  }

  mutating func add(_ environments: SOAPEnvironments, _ list: NeighborList, to rows: inout DesignRows) {
    let count = sparse.count
    let dots = sparse.products(environments)
    let (delta, zeta) = (settings.delta * settings.delta, settings.zeta)
    let constant = settings.f0 * settings.f0
    var slopes = dots
    var energies = [Double](repeating: 0, count: environments.centers.count)
    let ones = [Double](repeating: delta, count: count)
    ck_gap_kernel(Int64(environments.centers.count), Int64(count), &slopes, ones, zeta, &energies)
    for (row, center) in environments.centers.enumerated() {
      for s in 0..<count {
        // q · ∂k/∂q = ζ k
        let k = row * count + s
        rows.values[(slot + s) * rows.count] += slopes[k] * max(0, dots[k]) / zeta + constant
      }
      guard rows.hasDerivatives, environments.norms[row] > 0 else { continue }
      let site = list.centers.lowerBound + center
      let own = Array(dots[row * count..<(row + 1) * count])
      let factors = slopes[row * count..<(row + 1) * count].map { $0 / environments.norms[row] }
      for move in moves {
        addMoves(move, environments, row: row, site: site, list, dots: own, factors: factors, to: &rows)
      }
    }
  }

  /// What the neighbours of one type add to forces and virial.
  private mutating func addMoves(
    _ move: TypeComponents, _ environments: SOAPEnvironments, row: Int, site: Int, _ list: NeighborList,
    dots: [Double], factors: [Double], to rows: inout DesignRows
  ) {
    let atoms = NeighborAtoms(list, site: site, type: present[move.slot])
    guard !atoms.sites.isEmpty else { return }
    let shape = soap.shape
    let count = 3 * atoms.sites.count + 6
    let (size, width, points) = (shape.channelSize, move.choice.count, sparse.count)
    Self.clear(&channels, count * size)
    Self.grow(&products, count * width)
    Self.grow(&kernel, points * count)
    let (first, center) = (move.slot * shape.nMax, Int64(site - list.centers.lowerBound))
    soap.tables.withKernel { tables in
      list.withSites { sites in
        ck_soap_derivatives(
          tables, sites, center, Int64(present[move.slot]), atoms.slots, Int64(atoms.sites.count), &channels)
      }
      environments.coefficients.withUnsafeBufferPointer { c in
        ck_soap_products(
          tables, Int64(count), channels, Int64(environments.count), Int64(environments.stride),
          c.baseAddress! + row * environments.coefficientSize, Int64(first), move.choice.isFolded ? 1 : 0, &products
        )
      }
    }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(points), Int32(count), Int32(width), 1, move.points,
      Int32(width), products, Int32(width), 0, &kernel, Int32(count))
    var along = [Double](repeating: 0, count: count)
    let own = move.choice.values(of: environments.descriptors, first: row * environments.dimension)
    cblas_dgemv(
      CblasRowMajor, CblasNoTrans, Int32(count), Int32(width), 1, products, Int32(width), own, 1, 0, &along, 1)
    scatter(along, atoms, site: site, dots: dots, factors: factors, to: &rows)
  }

  private func scatter(
    _ along: [Double], _ atoms: NeighborAtoms, site: Int, dots: [Double], factors: [Double],
    to rows: inout DesignRows
  ) {
    let (count, length) = (along.count, rows.count)
    rows.values.withUnsafeMutableBufferPointer { values in
      kernel.withUnsafeBufferPointer { kernel in
        for s in 0..<sparse.count {
          let column = (slot + s) * length
          let (dot, factor, from) = (dots[s], factors[s], s * count)
          var own = SIMD3<Double>.zero
          for (k, atom) in atoms.sites.enumerated() {
            let place = column + 1 + 3 * atom
            for d in 0..<3 {
              let value = factor * (kernel[from + 3 * k + d] - dot * along[3 * k + d])
              values[place + d] -= value
              own[d] += value
            }
          }
          let place = column + 1 + 3 * site
          for d in 0..<3 { values[place + d] += own[d] }
          let tail = 3 * atoms.sites.count
          for k in 0..<6 {
            values[column + length - 6 + k] += factor * (kernel[from + tail + k] - dot * along[tail + k])
          }
        }
      }
    }
  }

  private static func grow(_ array: inout [Double], _ count: Int) {
    if array.count < count { array = [Double](repeating: 0, count: count) }
  }

  private static func clear(_ array: inout [Double], _ count: Int) {
    grow(&array, count)
    for k in 0..<count { array[k] = 0 }
  }
}

/// The atoms of one type around a site, each once whatever its images.
private struct NeighborAtoms {
  var sites: [Int] = []
  /// For each pair of the site, the place of its atom in `sites`; −1 for other types.
  var slots: [Int32] = []

  init(_ list: NeighborList, site: Int, type: Int) {
    var known: [Int: Int32] = [:]
    for pair in list.pairs(of: site) {
      let neighbor = list.indices[pair]
      guard list.types[neighbor] == type else {
        slots.append(-1)
        continue
      }
      if let slot = known[neighbor] {
        slots.append(slot)
      } else {
        let slot = Int32(sites.count)
        known[neighbor] = slot
        sites.append(neighbor)
        slots.append(slot)
      }
    }
  }
}

/// The sparse points in the components that the density of one type has a part in.
private struct TypeComponents {
  /// Place of the type among those that are present.
  let slot: Int
  let choice: ComponentChoice
  /// By rows.
  let points: [Double]

  init(_ soap: SOAP, _ sparse: SparseBlock, present: [Int], slot: Int) {
    self.slot = slot
    let choice =
      soap.mixing.map { ComponentChoice(soap.shape, weights: $0.map { $0[present[slot]] }) }
      ?? ComponentChoice(soap.shape, count: present.count * soap.shape.nMax, first: slot * soap.shape.nMax)
    self.choice = choice
    points = (0..<sparse.count).flatMap { choice.values(of: sparse.points, first: $0 * sparse.dimension) }
  }
}

/// Components of a descriptor, or sums of some, with the factors of their derivatives: ∂p = factor × `ck_soap_products`.
private struct ComponentChoice {
  /// Each component once (see `ck_soap_products`).
  let isFolded: Bool
  let count: Int
  private var sources: [Int32] = []
  private var factors: [Double] = []
  private let termsOfEach: Int

  func values(of descriptors: [Double], first: Int) -> [Double] {
    (0..<count).map { k in
      var sum = 0.0
      for term in k * termsOfEach..<(k + 1) * termsOfEach {
        sum += factors[term] * descriptors[first + Int(sources[term])]
      }
      return sum
    }
  }

  private static func component(_ a: Int, _ b: Int, _ l: Int, _ shape: SOAPShape) -> Int32 {
    let (high, low) = (max(a, b), min(a, b))
    return Int32((high * (high + 1) / 2 + low) * (shape.lMax + 1) + l)
  }

  /// Densities of types: those of the type at `first` with all.
  init(_ shape: SOAPShape, count: Int, first: Int) {
    isFolded = true
    termsOfEach = 1
    for l in 0...shape.lMax {
      let norm = 1 / Double(2 * l + 1).squareRoot()
      for n in 0..<shape.nMax {
        for b in 0..<count where !(b > first + n && b < first + shape.nMax) {
          sources.append(Self.component(first + n, b, l, shape))
          factors.append(b == first + n ? norm : 2.0.squareRoot() * norm)
        }
      }
    }
    self.count = sources.count
  }

  /// Mixed densities: a type moves all of them by its weights.
  init(_ shape: SOAPShape, weights: [Double]) {
    isFolded = false
    termsOfEach = weights.count
    for l in 0...shape.lMax {
      let norm = 1 / Double(2 * l + 1).squareRoot()
      for n in 0..<shape.nMax {
        for b in 0..<weights.count * shape.nMax {
          for (q, weight) in weights.enumerated() {
            let a = q * shape.nMax + n
            sources.append(Self.component(a, b, l, shape))
            factors.append(weight * norm * (a == b ? 2 : 2.0.squareRoot()))
          }
        }
      }
    }
    count = sources.count / weights.count
  }
}
