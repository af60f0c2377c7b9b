import CKernels
import Structures

/// ∂B/∂r of the pairs of one centre: what the rows of a fit are made of.
struct CenterDerivatives {
  /// Number of the centre, counted from the list's first.
  var center: Int
  /// B, one a component.
  var values: [Double]
  /// Pairs of the list within the cutoffs.
  var pairs: [Int32]
  /// Pairs and zeros behind them, a multiple of eight.
  var room: Int
  /// ∂B_c/∂r of pair k along axis d, at (c 3 + d) `room` + k; zeros behind the pairs. Valid until the next centre.
  var slopes: UnsafePointer<Double>
}

extension Bispectrum {
  /// Components and their derivatives, centre by centre in order.
  ///
  /// ∂B/∂v (a matrix of components × elements of the density) times ∂v/∂r: one matrix product a centre and density.
  func forEachCenter(_ list: NeighborList, _ body: (CenterDerivatives) -> Void) {
    withKernel(list) { kernel, sites, work in
      let densities = Int(kernel.pointee.densities)
      let block = count * 2 * tables.half
      // Many components (chemflag) are not kept for eight centres at once.
      let lanes = max(1, min(8, (1 << 22) / (densities * block)))
      var values = [Double](repeating: 0, count: lanes * count)
      let adjoints = AlignedNumbers()
      let room = adjoints.room(lanes * densities * block)
      let workspace = DerivativeWorkspace(components: count, half: tables.half)
      for first in stride(from: 0, to: list.centers.count, by: lanes) {
        let number = min(lanes, list.centers.count - first)
        ck_bispectrum_adjoints(kernel, sites, Int64(first), Int64(number), &values, room, work)
        for lane in 0..<number {
          let center = first + lane
          let type = list.types[list.centers.lowerBound + center]
          var own = Array(values[lane * count..<(lane + 1) * count])
          if shape.bzeroflag {
            for c in 0..<count { own[c] -= tables.free[type * count + c] }
          }
          let (pairs, padded, slopes) = workspace.derivatives(
            kernel, sites, center: center, adjoints: room + lane * densities * block,
            pairs: list.offsets[center + 1] - list.offsets[center])
          body(CenterDerivatives(center: center, values: own, pairs: pairs, room: padded, slopes: slopes))
        }
      }
      withExtendedLifetime((adjoints, workspace)) {}
    }
  }
}

/// Arrays that are used again for every centre.
private final class DerivativeWorkspace {
  private let components: Int
  private let half: Int
  private var pairs: [Int32] = []
  private let derivatives = AlignedNumbers()
  private let product = AlignedNumbers()
  private let whole = AlignedNumbers()

  init(components: Int, half: Int) {
    self.components = components
    self.half = half
  }

  /// - Parameter count: pairs of the centre in the list.
  /// - Returns: those within the cutoffs, their count rounded up, and [component][3][room].
  func derivatives(
    _ kernel: UnsafePointer<ck_bispectrum>, _ sites: UnsafePointer<ck_sites>, center: Int,
    adjoints: UnsafePointer<Double>, pairs count: Int
  ) -> (pairs: [Int32], room: Int, slopes: UnsafePointer<Double>) {
    if pairs.count < count { pairs = [Int32](repeating: 0, count: count) }
    let densities = Int(kernel.pointee.densities)
    var found: [Int32] = []
    // Densities of elements hold different pairs: their columns stand side by side in the whole.
    let most = densities == 1 ? 0 : (count + 7) / 8 * 8
    let all = whole.room(components * 3 * max(1, most))
    if densities > 1 { all.update(repeating: 0, count: components * 3 * most) }
    for density in 0..<densities {
      let counted = Int(ck_bispectrum_derivatives(kernel, sites, Int64(center), Int64(density), &pairs, nil))
      let room = (counted + 7) / 8 * 8
      let part = product.room(components * 3 * max(1, room))
      if counted > 0 {
        let slopes = derivatives.room(2 * half * 3 * room)
        _ = ck_bispectrum_derivatives(kernel, sites, Int64(center), Int64(density), &pairs, slopes)
        ck_bispectrum_product(
          kernel, Int64(density), adjoints + density * components * 2 * half, slopes, Int64(room), part)
      }
      if densities == 1 { return (Array(pairs.prefix(counted)), room, UnsafePointer(part)) }
      for row in 0..<components * 3 {
        (all + row * most + found.count).update(from: part + row * room, count: counted)
      }
      found += pairs.prefix(counted)
    }
    return (found, most, UnsafePointer(all))
  }
}
