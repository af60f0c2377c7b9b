import Foundation

/// Counts of points on a square grid, drawn as runs of equally dense cells: the size of the drawing does not grow
/// with the number of points.
struct DensityRaster {
  let side: Int
  private(set) var counts: [UInt32]

  init(side: Int) {
    self.side = side
    counts = [UInt32](repeating: 0, count: side * side)
  }

  /// - Parameter fraction: place in the square, 0 … 1 along each axis; what lies outside counts at the edge.
  mutating func add(_ fraction: SIMD2<Double>) {
    let column = min(side - 1, max(0, Int(fraction.x * Double(side))))
    let row = min(side - 1, max(0, Int(fraction.y * Double(side))))
    let cell = row * side + column
    if counts[cell] < .max { counts[cell] += 1 }
  }

  /// The level of each cell: −1 where empty, else 0 ..< levels, by the logarithm of the count.
  func levels(_ levels: Int) -> [Int] {
    let scale = Double(levels) / log(Double(counts.max() ?? 0) + 1)
    return counts.map { $0 == 0 ? -1 : min(levels - 1, Int(log(Double($0)) * scale)) }
  }

  /// Path commands for the cells of one level, row 0 at the bottom, in units of cells.
  static func runs(of level: Int, in levels: [Int], side: Int) -> String {
    var path = ""
    for row in 0..<side {
      var column = 0
      while column < side {
        guard levels[row * side + column] == level else {
          column += 1
          continue
        }
        let start = column
        while column < side, levels[row * side + column] == level { column += 1 }
        path += "M\(start) \(side - row - 1).5h\(column - start)"
      }
    }
    return path
  }
}
