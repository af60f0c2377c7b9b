import CKernels
import COpenBLAS
import Structures

/// ∂B/∂r of the pairs of one centre: what the rows of a fit are made of.
struct CenterDerivatives {
  /// Number of the centre, counted from the list's first.
  var center: Int
  /// B, one a component.
  var values: [Double]
  /// Pairs of the list within the cutoffs.
  var pairs: [Int32]
  /// ∂B_c/∂r of pair k along axis d, at (c 3 + d) `pairs.count` + k.
  var slopes: [Double]
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
      var adjoints = [Double](repeating: 0, count: lanes * densities * block)
      var workspace = DerivativeWorkspace()
      for first in stride(from: 0, to: list.centers.count, by: lanes) {
        let number = min(lanes, list.centers.count - first)
        ck_bispectrum_adjoints(kernel, sites, Int64(first), Int64(number), &values, &adjoints, work)
        for lane in 0..<number {
          let center = first + lane
          let type = list.types[list.centers.lowerBound + center]
          var result = CenterDerivatives(
            center: center, values: Array(values[lane * count..<(lane + 1) * count]), pairs: [], slopes: [])
          if shape.bzeroflag {
            for c in 0..<count { result.values[c] -= tables.free[type * count + c] }
          }
          adjoints.withUnsafeBufferPointer { adjoints in
            guard let base = adjoints.baseAddress else { return }
            workspace.fill(
              &result, kernel, sites, adjoints: base + lane * densities * block,
              sizes: (components: count, half: tables.half, room: list.offsets[center + 1] - list.offsets[center]))
          }
          body(result)
        }
      }
    }
  }
}

/// Arrays that are used again for every centre.
private struct DerivativeWorkspace {
  var pairs: [Int32] = []
  var derivatives: [Double] = []
  var product: [Double] = []

  mutating func fill(
    _ result: inout CenterDerivatives, _ kernel: UnsafePointer<ck_bispectrum>, _ sites: UnsafePointer<ck_sites>,
    adjoints: UnsafePointer<Double>, sizes: (components: Int, half: Int, room: Int)
  ) {
    if pairs.count < sizes.room { pairs = [Int32](repeating: 0, count: sizes.room) }
    let densities = Int(kernel.pointee.densities)
    let depth = 2 * sizes.half
    var parts: [(pairs: [Int32], slopes: [Double], room: Int)] = []
    for density in 0..<densities {
      let counted = ck_bispectrum_derivatives(
        kernel, sites, Int64(result.center), Int64(density), &pairs, nil)
      if counted == 0 { continue }
      let room = (Int(counted) + 7) / 8 * 8
      if derivatives.count < depth * 3 * room { derivatives = [Double](repeating: 0, count: depth * 3 * room) }
      if product.count < sizes.components * 3 * room {
        product = [Double](repeating: 0, count: sizes.components * 3 * room)
      }
      _ = ck_bispectrum_derivatives(
        kernel, sites, Int64(result.center), Int64(density), &pairs, &derivatives)
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(sizes.components), Int32(3 * room), Int32(depth), 1,
        adjoints + density * sizes.components * depth, Int32(depth), derivatives, Int32(3 * room), 0, &product,
        Int32(3 * room))
      parts.append(
        (Array(pairs.prefix(Int(counted))), Array(product.prefix(sizes.components * 3 * room)), room))
    }
    result.pairs = parts.flatMap(\.pairs)
    let total = result.pairs.count
    result.slopes = [Double](repeating: 0, count: sizes.components * 3 * total)
    var start = 0
    for part in parts {
      for row in 0..<sizes.components * 3 {
        for k in part.pairs.indices { result.slopes[row * total + start + k] = part.slopes[row * part.room + k] }
      }
      start += part.pairs.count
    }
  }
}
