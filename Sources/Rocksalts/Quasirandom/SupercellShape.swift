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
    matrix = HermiteNormalForm.form(of: columns)
  }

  /// - Parameter hermite: in Hermite normal form.
  init(hermite: IntegerMatrix) { matrix = hermite }

  /// All shapes of an index, one of each class of the parent's rotations.
  static func all(index n: Int, rotations: [IntegerMatrix]) -> [SupercellShape] {
    HermiteNormalForm.inequivalent(determinant: n, rotations: rotations).map(SupercellShape.init(hermite:))
  }

  /// The image of a parent cell in the supercell's first block.
  func reduced(_ cell: SIMD3<Int>) -> SIMD3<Int> {
    let m = matrix
    let x = cell.x.wrapped(m[0, 0])
    let turns = (cell.x - x) / m[0, 0]
    let rest = cell.y - turns * m[1, 0]
    let y = rest.wrapped(m[1, 1])
    let z = (cell.z - turns * m[2, 0] - (rest - y) / m[1, 1] * m[2, 1]).wrapped(m[2, 2])
    return [x, y, z]
  }

  /// The number, 0 ..< index, of a parent cell in the supercell.
  func number(of cell: SIMD3<Int>) -> Int {
    let r = reduced(cell)
    return (r.x * matrix[1, 1] + r.y) * matrix[2, 2] + r.z
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
