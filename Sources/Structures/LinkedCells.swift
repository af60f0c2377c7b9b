import CKernels

#if canImport(Glibc)
  import Glibc
#endif

/// The atoms of one frame sorted into a grid of cells along its lattice vectors, so that neighbours are found in
/// time linear in the atoms.
///
/// Cells may be smaller or larger than the cutoff, and the frame smaller than both: the search walks over cell
/// offsets, wraps them into the grid where the frame repeats, and adds the image that the wrap stands for.
struct LinkedCells: Sendable {
  /// Spanning vectors of the grid: the lattice, or the box of a free cluster.
  let images: Lattice
  let periodic: SIMD3<Int32>
  let counts: SIMD3<Int32>
  /// Grid cell of each atom, in the frame's order.
  let cells: [SIMD3<Int32>]
  /// Position of each atom after moving it into the home cell, in the frame's order, Å.
  let home: [SIMD3<Double>]
  /// Atoms by cell, then by number.
  let order: [Int32]
  let sortedHome: [SIMD3<Double>]
  /// Atoms of grid cell number k are order[starts[k] ..< starts[k + 1]].
  let starts: [Int32]
  /// Columns of cell offsets that can hold a neighbour: x, y, and the first and last z.
  let columns: [SIMD4<Int32>]
  /// Atoms in each Å³, the cutoff beyond open faces counted in.
  let density: Double

  /// - Throws: `InputError` for a cell without volume or an atom without a finite position.
  init(_ frame: Structure, cutoff: Double) throws {
    let grid = try CellGrid(frame, cutoff: cutoff)
    images = grid.images
    periodic = grid.periodic
    counts = grid.counts
    density = Double(frame.count) / grid.volume(beyondOpenFaces: cutoff)
    columns = grid.columns(within: cutoff)
    var cells: [SIMD3<Int32>] = []
    var home: [SIMD3<Double>] = []
    cells.reserveCapacity(frame.count)
    home.reserveCapacity(frame.count)
    for (index, position) in frame.positions.enumerated() {
      let (cell, wrapped) = try grid.place(position, atom: index, element: frame.elements[index])
      cells.append(cell)
      home.append(wrapped)
    }
    let cellCount = Int(grid.counts.x) * Int(grid.counts.y) * Int(grid.counts.z)
    var starts = [Int32](repeating: 0, count: cellCount + 1)
    let numbers = cells.map { [counts = grid.counts] in Self.number($0, counts) }
    for number in numbers { starts[number + 1] += 1 }
    for k in 0..<cellCount { starts[k + 1] += starts[k] }
    var next = starts
    var order = [Int32](repeating: 0, count: cells.count)
    for (atom, number) in numbers.enumerated() {
      order[Int(next[number])] = Int32(atom)
      next[number] += 1
    }
    self.cells = cells
    self.home = home
    self.starts = starts
    self.order = order
    sortedHome = order.map { [home] in home[Int($0)] }
  }

  static func number(_ cell: SIMD3<Int32>, _ counts: SIMD3<Int32>) -> Int {
    (Int(cell.x) * Int(counts.y) + Int(cell.y)) * Int(counts.z) + Int(cell.z)
  }

  /// Adds the pairs of atoms to rows until there is no room for an atom, or one has a close neighbour.
  /// - Returns: the atom that it stopped at, the upper bound of `atoms` where it is done.
  func addNeighbors(
    of atoms: Range<Int>, within distances: NeighborDistances, to rows: inout ck_neighbor_rows
  ) -> Int {
    let lattice = [images.a, images.b, images.c]
    return withPointers(lattice, home, sortedHome) { lattice, home, sorted in
      withPointers(columns, order, starts) { columns, order, starts in
        cells.withUnsafeBytes { cells in
          var grid = ck_cells()
          grid.counts = (Int64(counts.x), Int64(counts.y), Int64(counts.z))
          grid.periodic = (Int64(periodic.x), Int64(periodic.y), Int64(periodic.z))
          grid.lattice = lattice.bound()
          grid.columns = columns.bound()
          grid.column_count = Int64(self.columns.count)
          grid.cells = cells.bound()
          grid.home = home.bound()
          grid.order = order.bound()
          grid.sorted = sorted.bound()
          grid.starts = starts.bound()
          grid.cutoff_squared = distances.cutoff * distances.cutoff
          grid.floor_squared = distances.floor * distances.floor
          return Int(ck_neighbors(&grid, Int64(atoms.lowerBound), Int64(atoms.upperBound), &rows))
        }
      }
    }
  }
}

/// What decides over a pair, Å.
struct NeighborDistances: Sendable {
  /// Pairs are closer than this.
  var cutoff: Double
  /// Pairs closer than this are an error.
  var floor: Double
}

private func withPointers<A, B, C, R>(
  _ a: [A], _ b: [B], _ c: [C],
  _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> R
) -> R {
  a.withUnsafeBytes { a in b.withUnsafeBytes { b in c.withUnsafeBytes { c in body(a, b, c) } } }
}

extension UnsafeRawBufferPointer {
  fileprivate func bound<T>() -> UnsafePointer<T>? { baseAddress?.assumingMemoryBound(to: T.self) }
}

/// Size and shape of the grid of one frame.
private struct CellGrid {
  var images: Lattice
  var periodic: SIMD3<Int32>
  var counts: SIMD3<Int32>
  private var reciprocal: Lattice
  /// Least fractional coordinate and extent along each vector (0 and 1 where periodic).
  private var origin: SIMD3<Double>
  private var extent: SIMD3<Double>
  private var reach: SIMD3<Int32>
  /// Å³.
  private var volume: Double { images.volume * extent.x * extent.y * extent.z }

  /// Å³, with a margin beyond each pair of open faces: a plane of atoms has no volume of its own.
  func volume(beyondOpenFaces margin: Double) -> Double {
    let heights = images.heights * extent
    return (0..<3).reduce(volume) { periodic[$1] == 1 ? $0 : $0 * (1 + margin / heights[$1]) }
  }

  init(_ frame: Structure, cutoff: Double) throws {
    let flags = frame.periodic
    periodic = [flags.a ? 1 : 0, flags.b ? 1 : 0, flags.c ? 1 : 0]
    let unit = Lattice(a: [1, 0, 0], b: [0, 1, 0], c: [0, 0, 1])
    images = periodic == .zero ? unit : frame.lattice ?? unit
    guard images.isRegular else {
      throw InputError("the cell has no volume (its vectors span \(images.volume) Å³)")
    }
    reciprocal = images.reciprocal
    origin = .zero
    extent = [1, 1, 1]
    counts = [1, 1, 1]
    reach = .zero
    if periodic != SIMD3<Int32>(1, 1, 1) {
      var low = SIMD3<Double>(repeating: .infinity)
      var high = SIMD3<Double>(repeating: -.infinity)
      for position in frame.positions {
        let f = fractional(position)
        low = pointwiseMin(low, f)
        high = pointwiseMax(high, f)
      }
      for d in 0..<3 where periodic[d] == 0 && low[d] <= high[d] {
        origin[d] = low[d]
        extent[d] = max(high[d] - low[d], 1e-9)
      }
    }
    // About three atoms a cell: fewer cells than candidates to visit, and few candidates beyond the cutoff.
    let heights = images.heights * extent
    let wanted = Glibc.cbrt(3 * volume / Double(max(1, frame.count)))
    let edge = min(max(wanted, cutoff / 4), cutoff) * Self.coarsening(heights, min(wanted, cutoff), frame.count)
    for d in 0..<3 {
      let count = min(max(1, (heights[d] / edge).rounded(.down)), 1024)
      guard count.isFinite else { throw InputError("atom positions are not finite numbers") }
      counts[d] = Int32(count)
      var steps = (cutoff * count / heights[d]).rounded(.up)
      if periodic[d] == 0 { steps = min(steps, count - 1) }
      guard steps < 1000 else {
        throw InputError("the cell is only \(heights[d]) Å high, too thin for a cutoff of \(cutoff) Å")
      }
      reach[d] = Int32(steps)
    }
    // Each step reaches one more image: a cell of this kind is a mistake of units, not a crystal.
    let visited = (0..<3).reduce(1.0) { $0 * Double(2 * reach[$1] + 1) }
    guard visited < 1e7 else {
      throw InputError(
        "the cell of \(images.volume) Å³ is too small for a cutoff of \(cutoff) Å", remedy: "is it in Å?")
    }
  }

  /// How much longer the edges must be so that a few atoms in a wide box do not make millions of empty cells.
  private static func coarsening(_ heights: SIMD3<Double>, _ edge: Double, _ atoms: Int) -> Double {
    let cells = max(1, heights.x / edge) * max(1, heights.y / edge) * max(1, heights.z / edge)
    return max(1, cbrt(cells / Double(64 * atoms + 4096)))
  }

  private func fractional(_ position: SIMD3<Double>) -> SIMD3<Double> {
    [dot(position, reciprocal.a), dot(position, reciprocal.b), dot(position, reciprocal.c)]
  }

  /// Columns of cell offsets whose cells can come within the cutoff: both cells lie in balls around their centres.
  func columns(within cutoff: Double) -> [SIMD4<Int32>] {
    let scale = extent / SIMD3(Double(counts.x), Double(counts.y), Double(counts.z))
    let (a, b, c) = (scale.x * images.a, scale.y * images.b, scale.z * images.c)
    let diagonal = [a + b + c, a + b - c, a - b + c, b + c - a].map(length).max() ?? 0
    let limit = cutoff + diagonal
    var result: [SIMD4<Int32>] = []
    for x in -reach.x...reach.x {
      for y in -reach.y...reach.y {
        let base = Double(x) * a + Double(y) * b
        let isNear = { (z: Int32) in length(base + Double(z) * c) <= limit }
        // A ball is convex: what lies between two near cells is near.
        guard let first = (-reach.z...reach.z).first(where: isNear),
          let last = (-reach.z...reach.z).last(where: isNear)
        else { continue }
        result.append([x, y, first, last])
      }
    }
    return result
  }

  /// Cell of a position and its image in the home cell.
  func place(
    _ position: SIMD3<Double>, atom: Int, element: ChemicalElement
  ) throws -> (SIMD3<Int32>, SIMD3<Double>) {
    let f = fractional(position)
    var cell = SIMD3<Int32>.zero
    var home = position
    for d in 0..<3 {
      guard abs(f[d]) < 1e9 else {
        throw InputError(
          "atom \(atom + 1) (\(element)) has no usable position: \(position.x), \(position.y), \(position.z) Å")
      }
      var inside = (f[d] - origin[d]) / extent[d]
      if periodic[d] == 1 {
        let image = f[d].rounded(.down)
        inside = f[d] - image
        home -= image * (d == 0 ? images.a : d == 1 ? images.b : images.c)
      }
      cell[d] = min(max(0, Int32(inside * Double(counts[d]))), counts[d] - 1)
    }
    return (cell, home)
  }
}
