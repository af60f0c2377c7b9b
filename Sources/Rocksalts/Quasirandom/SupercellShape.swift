import Structures

/// A superlattice of a parent as a matrix in Hermite normal form: columns (a, b, d), (0, c, e), (0, 0, f) with
/// 0 ≤ b < c and 0 ≤ d, e < f are its vectors in units of the parent's.
public struct SupercellShape: Hashable, Sendable {
  public let matrix: IntegerMatrix

  /// Parent cells in it.
  public var index: Int { matrix[0, 0] * matrix[1, 1] * matrix[2, 2] }

  /// The superlattice whose vectors are the columns of any matrix.
  /// - Throws: `InputError` where they span nothing.
  public init(columns: IntegerMatrix) throws {
    guard columns.determinant != 0 else { throw InputError("the supercell's vectors lie in one plane") }
    matrix = Self.normalForm(columns)
  }

  private init(matrix: IntegerMatrix) { self.matrix = matrix }

  /// All shapes of an index, one of each class of the parent's rotations.
  static func all(index n: Int, rotations: [IntegerMatrix]) -> [SupercellShape] {
    var seen: Set<IntegerMatrix> = []
    var shapes: [SupercellShape] = []
    for a in 1...n where n.isMultiple(of: a) {
      for c in 1...(n / a) where (n / a).isMultiple(of: c) {
        let f = n / a / c
        for b in 0..<c {
          for d in 0..<f {
            for e in 0..<f {
              let matrix = IntegerMatrix(rows: [a, 0, 0, b, c, 0, d, e, f])
              if seen.contains(matrix) { continue }
              shapes.append(SupercellShape(matrix: matrix))
              for rotation in rotations { seen.insert(normalForm(rotation * matrix)) }
            }
          }
        }
      }
    }
    return shapes
  }

  /// Column operations until the matrix is lower triangular and reduced.
  private static func normalForm(_ matrix: IntegerMatrix) -> IntegerMatrix {
    var m = matrix
    func add(_ factor: Int, of source: Int, to target: Int) {
      for row in 0..<3 { m[row, target] += factor * m[row, source] }
    }
    for row in 0..<3 {
      for column in (row + 1)..<max(3, row + 1) {
        // Euclid's algorithm on the two entries of this row.
        while m[row, column] != 0 {
          add(-(m[row, row] / m[row, column]), of: column, to: row)
          for k in 0..<3 { (m[k, row], m[k, column]) = (m[k, column], m[k, row]) }
        }
      }
      if m[row, row] < 0 { for k in 0..<3 { m[k, row] = -m[k, row] } }
      for column in 0..<row {
        let remainder = m[row, column].wrapped(m[row, row])
        add((remainder - m[row, column]) / m[row, row], of: row, to: column)
      }
    }
    return m
  }

  /// The number, 0 ..< index, of a parent cell in the supercell.
  func number(of cell: SIMD3<Int>) -> Int {
    let (c, f) = (matrix[1, 1], matrix[2, 2])
    let x = cell.x.wrapped(matrix[0, 0])
    let turns = (cell.x - x) / matrix[0, 0]
    let rest = cell.y - turns * matrix[1, 0]
    let y = rest.wrapped(c)
    let z = (cell.z - turns * matrix[2, 0] - (rest - y) / c * matrix[2, 1]).wrapped(f)
    return (x * c + y) * f + z
  }

  /// The parent cells of the supercell, by number.
  var cells: [SIMD3<Int>] {
    (0..<matrix[0, 0]).flatMap { x in
      (0..<matrix[1, 1]).flatMap { y in (0..<matrix[2, 2]).map { SIMD3(x, y, $0) } }
    }
  }

  /// Its vectors, Å.
  public func lattice(of parent: Lattice) -> Lattice {
    let m = matrix
    return parent.changed(
      by: LatticeChange(
        a: [m[0, 0], m[1, 0], m[2, 0]], b: [m[0, 1], m[1, 1], m[2, 1]], c: [m[0, 2], m[1, 2], m[2, 2]]))
  }

  /// Its shortest vectors, Å.
  public func reducedLattice(of parent: Lattice) -> Lattice {
    let own = lattice(of: parent)
    return own.changed(by: own.minkowskiReduction())
  }
}
