@testable import Structures

/// Plain Swift twin of `ck_neighbors`: the pairs of one atom, cell offset by cell offset.
struct PlainNeighbors {
  var indices: [Int] = []
  var vectors: [SIMD3<Double>] = []

  init(of atom: Int, in grid: LinkedCells, cutoff: Double) {
    for column in grid.columns {
      for z in column.z...column.w {
        let offset = SIMD3<Int32>(column.x, column.y, z)
        guard let (number, shift) = Self.wrapped(grid.cells[atom] &+ offset, grid) else { continue }
        for k in Int(grid.starts[number])..<Int(grid.starts[number + 1]) {
          let vector = grid.sortedHome[k] + (shift - grid.home[atom])
          let squared = vector.x * vector.x + vector.y * vector.y + vector.z * vector.z
          let neighbor = Int(grid.order[k])
          guard squared < cutoff * cutoff, !(shift == .zero && neighbor == atom) else { continue }
          indices.append(neighbor)
          vectors.append(vector)
        }
      }
    }
  }

  /// The grid cell that a cell outside the grid is an image of, and the image's shift in Å; nil beyond an open face.
  private static func wrapped(
    _ cell: SIMD3<Int32>, _ grid: LinkedCells
  ) -> (number: Int, shift: SIMD3<Double>)? {
    var inside = cell
    var shift = SIMD3<Double>.zero
    let vectors = [grid.images.a, grid.images.b, grid.images.c]
    for d in 0..<3 where inside[d] < 0 || inside[d] >= grid.counts[d] {
      if grid.periodic[d] == 0 { return nil }
      let n = grid.counts[d]
      let image = Int32((Double(inside[d]) / Double(n)).rounded(.down))
      inside[d] -= image * n
      shift += Double(image) * vectors[d]
    }
    return (LinkedCells.number(inside, grid.counts), shift)
  }
}
