import CKernels
import COpenBLAS
import Structures

/// Smooth overlap of atomic positions (doi:10.1103/PhysRevB.87.184115), as quip computes it.
///
///     ρ^s_i(r) = Σ_{j∈s} f_c(r_ij) e^{−|r−r_ij|²/2σ²},  c^s_nlm = Σ_j f_c R_nl(r_ij) Y_lm(r̂_ij) + [s = s_i] central
///     p_abl = √2^{a≠b} Σ_m c_alm c_blm / √(2l+1),  a = (s, n), b ≤ a;  p̂ = p/|p|
///
/// A component stands at (a(a+1)/2 + b)(l_max+1) + l. Densities of types that a block of centres does not have are zero
/// and are left out of all work.
public struct SOAP: Sendable {
  public let shape: SOAPShape
  let tables: SOAPTables
  /// Channels × types; nil where each type has a density of its own.
  let mixing: [[Double]]?

  /// - Throws: `InputError` for a number out of its range.
  public init(_ shape: SOAPShape) throws {
    try shape.validate()
    self.shape = shape
    tables = try SOAPTables(shape)
    mixing = shape.mixing
  }

  /// p̂ of the centres of a list, all components, by rows.
  public func descriptors(_ list: NeighborList) -> [Double] {
    let all = Array(0..<shape.types)
    return environments(list, centers: Array(0..<list.centers.count), present: all).descriptors
  }

  /// Types of a list's centres and neighbours, ascending.
  func present(_ list: NeighborList) -> [Int] {
    var flags = [Bool](repeating: false, count: shape.types)
    for site in list.centers { flags[list.types[site]] = true }
    for site in list.indices { flags[list.types[site]] = true }
    return flags.indices.filter { flags[$0] }
  }

  /// Where the components of densities that are present stand among all; nil where all are.
  func columns(present: [Int]) -> [Int]? {
    guard mixing == nil, present.count < shape.types else { return nil }
    let places = present.flatMap { type in (0..<shape.nMax).map { type * shape.nMax + $0 } }
    var columns: [Int] = []
    columns.reserveCapacity(shape.dimension(densities: present.count))
    for (k, a) in places.enumerated() {
      for b in places[0...k] {
        let first = (a * (a + 1) / 2 + b) * (shape.lMax + 1)
        for l in 0...shape.lMax { columns.append(first + l) }
      }
    }
    return columns
  }

  /// Descriptors of some centres (numbers within the list) and what their derivatives need.
  func environments(_ list: NeighborList, centers: [Int], present: [Int]) -> SOAPEnvironments {
    var result = SOAPEnvironments(shape, centers: centers, present: present)
    let size = shape.channelSize
    var channels = [Double](repeating: 0, count: present.count * size)
    for (row, center) in centers.enumerated() {
      for k in channels.indices { channels[k] = 0 }
      channels.withUnsafeMutableBufferPointer { c in
        guard let c = c.baseAddress else { return }
        tables.withKernel { kernel in
          list.withSites { sites in
            for (slot, type) in present.enumerated() {
              ck_soap_coefficients(kernel, sites, Int64(center), Int64(type), c + slot * size)
            }
          }
        }
      }
      let own = list.types[list.centers.lowerBound + center]
      if let slot = present.firstIndex(of: own) {
        for n in 0..<shape.nMax { channels[slot * size + n] += tables.central[n] }
      }
      result.take(channels, row: row, mixing: mixing)
    }
    return result
  }

  /// Adds Σ slopes · ∂p̂/∂r_p over environments to the gradient, 4 doubles a pair.
  /// - Parameter slopes: by rows, as the descriptors; destroyed.
  func addGradient(
    _ list: NeighborList, _ environments: SOAPEnvironments, slopes: inout [Double],
    to gradient: UnsafeMutablePointer<Double>
  ) {
    let size = shape.channelSize
    let dimension = environments.dimension
    var adjoint = [Double](repeating: 0, count: environments.coefficientSize)
    var work = [Double](repeating: 0, count: environments.stride * environments.stride)
    var channel = [Double](repeating: 0, count: size)
    for (row, center) in environments.centers.enumerated() {
      guard environments.norms[row] > 0 else { continue }
      environments.removeLength(&slopes, row: row)
      environments.coefficients.withUnsafeBufferPointer { c in
        slopes.withUnsafeBufferPointer { slopes in
          ck_soap_power_adjoint(
            Int64(shape.lMax), Int64(environments.count), Int64(environments.stride),
            c.baseAddress! + row * environments.coefficientSize, slopes.baseAddress! + row * dimension, &adjoint,
            &work)
        }
      }
      for (slot, type) in environments.present.enumerated() {
        environments.channel(of: adjoint, slot: slot, type: type, mixing: mixing, into: &channel)
        tables.withKernel { kernel in
          list.withSites { ck_soap_gradient(kernel, $0, Int64(center), Int64(type), channel, gradient) }
        }
      }
    }
  }
}

/// Descriptors of some centres, in the densities that are present.
struct SOAPEnvironments {
  let shape: SOAPShape
  /// Numbers of the centres within their list.
  let centers: [Int]
  let present: [Int]
  /// Densities × n_max.
  let count: Int
  /// `count` rounded up to a multiple of 8.
  let stride: Int
  /// Components of one centre.
  let dimension: Int
  /// p̂ by rows.
  private(set) var descriptors: [Double]
  /// |p| of each centre.
  private(set) var norms: [Double]
  /// c as [centre][lm][stride].
  private(set) var coefficients: [Double]

  init(_ shape: SOAPShape, centers: [Int], present: [Int]) {
    self.shape = shape
    self.centers = centers
    self.present = present
    let densities = shape.channels ?? present.count
    count = densities * shape.nMax
    stride = (count + 7) / 8 * 8
    dimension = shape.dimension(densities: densities)
    descriptors = [Double](repeating: 0, count: centers.count * dimension)
    norms = [Double](repeating: 0, count: centers.count)
    coefficients = [Double](repeating: 0, count: centers.count * shape.harmonics * stride)
  }

  var coefficientSize: Int { shape.harmonics * stride }

  /// Coefficients of one centre, [slot][lm][width], to its descriptor.
  fileprivate mutating func take(_ channels: [Double], row: Int, mixing: [[Double]]?) {
    let (n, width, size) = (shape.nMax, shape.width, shape.channelSize)
    let start = row * coefficientSize
    for (slot, type) in present.enumerated() {
      for lm in 0..<shape.harmonics {
        let from = slot * size + lm * width
        guard let mixing else {
          let to = start + lm * stride + slot * n
          for k in 0..<n { coefficients[to + k] = channels[from + k] }
          continue
        }
        for (q, row) in mixing.enumerated() {
          let to = start + lm * stride + q * n
          for k in 0..<n { coefficients[to + k] += row[type] * channels[from + k] }
        }
      }
    }
    let first = row * dimension
    descriptors.withUnsafeMutableBufferPointer { p in
      coefficients.withUnsafeBufferPointer { c in
        guard let p = p.baseAddress, let c = c.baseAddress else { return }
        ck_soap_power(Int64(shape.lMax), Int64(count), Int64(stride), c + start, p + first)
        let norm = cblas_dnrm2(Int32(dimension), p + first, 1)
        norms[row] = norm
        if norm > 0 { cblas_dscal(Int32(dimension), 1 / norm, p + first, 1) }
      }
    }
  }

  /// ∂/∂p from ∂/∂p̂: (g − p̂ (p̂·g))/|p|.
  fileprivate func removeLength(_ slopes: inout [Double], row: Int) {
    let first = row * dimension
    slopes.withUnsafeMutableBufferPointer { g in
      descriptors.withUnsafeBufferPointer { p in
        guard let g = g.baseAddress, let p = p.baseAddress else { return }
        let along = cblas_ddot(Int32(dimension), p + first, 1, g + first, 1)
        cblas_daxpy(Int32(dimension), -along, p + first, 1, g + first, 1)
        cblas_dscal(Int32(dimension), 1 / norms[row], g + first, 1)
      }
    }
  }

  /// The part of one type of an adjoint of the coefficients, as [lm][width].
  fileprivate func channel(
    of adjoint: [Double], slot: Int, type: Int, mixing: [[Double]]?, into channel: inout [Double]
  ) {
    let n = shape.nMax
    for lm in 0..<shape.harmonics {
      for k in 0..<n {
        guard let mixing else {
          channel[lm * shape.width + k] = adjoint[lm * stride + slot * n + k]
          continue
        }
        var sum = 0.0
        for (q, row) in mixing.enumerated() { sum += row[type] * adjoint[lm * stride + q * n + k] }
        channel[lm * shape.width + k] = sum
      }
    }
  }
}
