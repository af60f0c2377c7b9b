import COpenBLAS
import Optimization
import Structures

/// Statistical leverages of environments (Mahoney and Drineas, doi:10.1073/pnas.0803205106), without their matrix.
///
///     X = U Σ Vᵀ (columns are descriptors),  leverage_j = Σ_{i≤k} V_ji²,   k = ½ × number of σ above a tolerance
///
/// U and Σ² come from X Xᵀ, which is summed batch by batch; V_ji = u_i · x_j / σ_i in a second pass.
struct Leverages {
  private(set) var values: [Double] = []

  /// Columns of one task.
  private static let task = 128
  /// σ² below this part of the largest are round-off.
  private static let tolerance = 1e-12

  /// Bytes for descriptors of a dimension.
  static func bytes(dimension: Int) -> Int { 8 * dimension * (3 * dimension + 4 * GAPEnvironments.batch) }

  init(_ environments: GAPEnvironments) throws {
    guard environments.count > 0 else { return }
    _ = SingleThreadedBLAS.isSet
    let width = environments.soap.shape.dimension
    let threads = environments.threads
    var gram = [Double](repeating: 0, count: width * width)
    try environments.forEachBatch { _, rows in
      Self.addProduct(rows, width: width, to: &gram, threads: threads)
    }
    let largest = SymmetricEigenvectors.largest(of: &gram, size: width) { squares in
      max(1, squares.count { $0 > Self.tolerance * squares[width - 1] } / 2)
    }
    guard let (squares, vectors) = largest else {
      throw InputError("the leverages cannot be worked out", remedy: "set sparse_method to farthest_point")
    }
    gram = []
    let kept = squares.count
    var basis = vectors
    for (column, square) in squares.enumerated() {
      let scale = 1 / square.squareRoot()
      for row in column * width..<(column + 1) * width { basis[row] *= scale }
    }
    let directions = basis
    var values = [Double](repeating: 0, count: environments.count)
    try environments.forEachBatch { first, rows in
      let sums = Self.squares(rows, basis: directions, width: width, kept: kept, threads: threads)
      for (k, sum) in sums.enumerated() { values[first + k] = sum }
    }
    self.values = values
  }

  /// G += Xᵀ X for rows X, by columns of G; the upper triangle.
  private static func addProduct(_ rows: [Double], width: Int, to gram: inout [Double], threads: Int) {
    let count = rows.count / width
    let tasks = (width + task - 1) / task
    gram.withUnsafeMutableBufferPointer { gram in
      let out = DisjointWrites(gram.baseAddress)
      try? parallelLoop(chunks: tasks, threads: threads, scratch: { () }) { k, _ in
        guard let base = out.pointer else { return }
        let first = k * task
        let columns = min(task, width - first)
        rows.withUnsafeBufferPointer { x in
          guard let x = x.baseAddress else { return }
          cblas_dgemm(
            CblasColMajor, CblasNoTrans, CblasTrans, Int32(first + columns), Int32(columns), Int32(count), 1, x,
            Int32(width), x + first, Int32(width), 1, base + first * width, Int32(width))
        }
      }
    }
  }

  /// Σ_k (basis_k · x)² for each row x.
  private static func squares(_ rows: [Double], basis: [Double], width: Int, kept: Int, threads: Int) -> [Double] {
    let count = rows.count / width
    let tasks = (count + task - 1) / task
    let parts = try? parallelMap(chunks: tasks, threads: threads) { k -> [Double] in
      let first = k * task
      let own = min(task, count - first)
      var products = [Double](repeating: 0, count: own * kept)
      rows.withUnsafeBufferPointer { x in
        cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, Int32(own), Int32(kept), Int32(width), 1,
          x.baseAddress! + first * width, Int32(width), basis, Int32(width), 0, &products, Int32(kept))
      }
      return (0..<own).map { row in
        products[row * kept..<(row + 1) * kept].reduce(0) { $0 + $1 * $1 }
      }
    }
    return Array((parts ?? []).joined())
  }
}

/// Environments, each the farthest from those chosen before: the first of the data begins.
struct FarthestPoints {
  private(set) var order: [Int] = []

  /// - Throws: `InputError` where a frame cannot be worked on.
  init(_ environments: GAPEnvironments, count: Int) throws {
    guard environments.count > 0 else { return }
    _ = SingleThreadedBLAS.isSet
    let width = environments.soap.shape.dimension
    var gathered: [Double] = []
    gathered.reserveCapacity(environments.count * width)
    try environments.forEachBatch { _, rows in gathered += rows }
    let all = gathered
    var nearest = [Double](repeating: .infinity, count: environments.count)
    var next = 0
    let limit = SparseSelection.tolerance * SparseSelection.tolerance
    let task = 1024
    let tasks = (environments.count + task - 1) / task
    while order.count < count {
      order.append(next)
      let chosen = next
      let found = try parallelMap(chunks: tasks, threads: environments.threads) { k -> [Double] in
        let first = k * task
        let own = min(task, environments.count - first)
        var distances = [Double](repeating: 0, count: own)
        all.withUnsafeBufferPointer { x in
          let point = x.baseAddress! + chosen * width
          for row in 0..<own {
            let other = x.baseAddress! + (first + row) * width
            var sum = 0.0
            for c in 0..<width { sum += (other[c] - point[c]) * (other[c] - point[c]) }
            distances[row] = sum
          }
        }
        return distances
      }
      for (k, distance) in found.joined().enumerated() { nearest[k] = min(nearest[k], distance) }
      next = nearest.indices.max { (nearest[$0], -$0) < (nearest[$1], -$1) } ?? 0
      if nearest[next] <= limit { return }
    }
  }
}
