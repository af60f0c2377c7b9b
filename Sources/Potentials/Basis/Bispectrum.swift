import CKernels
import COpenBLAS
import Structures

/// The SO(4) bispectrum of Thompson et al. (doi:10.1016/j.jcp.2014.12.018), as LAMMPS computes it.
///
///     U^J_i = 1 + Σ_j w_j f_c(r_ij) u^J(θ₀, r̂_ij),  θ₀ = rfac0 π (r − rmin0)/(R_ij − rmin0)
///     Z^J_{J1J2} = Σ C C' U^{J1} U^{J2},  B_{J1J2J} = Σ conj(U^J) Z^J_{J1J2}
///
/// Components stand in LAMMPS's order; with `chemflag` the triples of elements (e1, e2, e3) run outside of them.
public struct Bispectrum: Sendable {
  public let shape: BispectrumShape
  let tables: BispectrumTables

  /// - Throws: `InputError` for a number out of its range.
  public init(_ shape: BispectrumShape) throws {
    try shape.validate()
    self.shape = shape
    tables = BispectrumTables(shape)
  }

  /// Components of one centre.
  public var count: Int { tables.components }

  /// Components of the centres of a list, by rows.
  public func values(_ list: NeighborList) -> [Double] {
    var values = [Double](repeating: 0, count: list.centers.count * count)
    values.withUnsafeMutableBufferPointer { values in
      guard let out = values.baseAddress else { return }
      withKernel(list) { kernel, sites, work in
        for first in stride(from: 0, to: list.centers.count, by: 8) {
          let lanes = Int64(min(8, list.centers.count - first))
          ck_bispectrum_values(kernel, sites, Int64(first), lanes, out + first * count, work)
        }
      }
    }
    for (k, site) in list.centers.enumerated() where shape.bzeroflag {
      for c in 0..<count { values[k * count + c] -= tables.free[list.types[site] * count + c] }
    }
    return values
  }

  /// Σ_c slopes_ic B_ic of the centres, and ∂/∂r_p of their sum where a gradient is wanted: added to it.
  /// - Parameter slopes: by rows, a centre a row.
  public func sums(_ list: NeighborList, slopes: [Double], gradient: inout PairGradient?) -> [Double] {
    var sums = [Double](repeating: 0, count: list.centers.count)
    let hasGradient = gradient != nil
    var vectors = gradient?.vectors ?? []
    gradient = nil
    sums.withUnsafeMutableBufferPointer { sums in
      vectors.withUnsafeMutableBytes { bytes in
        slopes.withUnsafeBufferPointer { slopes in
          guard let out = sums.baseAddress, let slopes = slopes.baseAddress else { return }
          let base = hasGradient ? bytes.bindMemory(to: Double.self).baseAddress : nil
          withKernel(list) { kernel, sites, work in
            for first in stride(from: 0, to: list.centers.count, by: 8) {
              let lanes = Int64(min(8, list.centers.count - first))
              ck_bispectrum_gradient(
                kernel, sites, Int64(first), lanes, slopes + first * count, out + first, base, work)
            }
          }
        }
      }
    }
    if hasGradient {
      gradient = PairGradient(pairs: 0)
      gradient?.vectors = vectors
    }
    for (k, site) in list.centers.enumerated() where shape.bzeroflag {
      for c in 0..<count { sums[k] -= slopes[k * count + c] * tables.free[list.types[site] * count + c] }
    }
    return sums
  }

  /// Calls a body with the kernel, the list as the kernel reads it, and working space.
  func withKernel(
    _ list: NeighborList,
    _ body: (UnsafePointer<ck_bispectrum>, UnsafePointer<ck_sites>, UnsafeMutablePointer<Double>) -> Void
  ) {
    tables.withKernel { kernel in
      list.withSites { sites in
        let size = 8 * Int(ck_bispectrum_work(kernel))
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { work in
          guard let work = work.bindMemory(to: Double.self).baseAddress else { return }
          body(kernel, sites, work)
        }
      }
    }
  }
}
