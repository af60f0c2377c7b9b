import Structures

/// The ideal lattices on which order is counted. Coordinates are whole numbers in units of the ideal cation–anion
/// distance a/2 along the cubic axes: on a rocksalt cations have an even sum of coordinates, anions an odd one; on an
/// fcc lattice every atom has an even sum.
public enum IdealLattice: String, CaseIterable, Sendable, Encodable {
  case rocksalt, fcc

  /// Vectors of this squared length between lattice points: towards the neighbours that tell the axes.
  func star(_ square: Int) -> [SIMD3<Double>] {
    let r = -1...1
    let all = r.flatMap { x in r.flatMap { y in r.map { SIMD3(x, y, $0) } } }
    return all.filter { squareLength($0) == square }.map(MatchMath.double)
  }
}

/// x² + y² + z².
func squareLength(_ v: SIMD3<Int>) -> Int { v.x * v.x + v.y * v.y + v.z * v.z }

/// A structure laid on an ideal lattice: which atom is on which site.
public struct LatticeMatch: Sendable {
  public let kind: IdealLattice
  /// Rows are the cell's vectors in whole coordinates.
  public let cell: IntegerMatrix
  /// Of each atom, whole coordinates; nil for a cation on a tetrahedral site.
  public let coordinates: [SIMD3<Int>?]
  /// Root mean square distance of the other atoms from their sites, Å.
  public let meanDisplacement: Double
  /// The largest one, Å.
  public let largestDisplacement: Double
  /// Largest component of the (Lagrangian) strain of the cell against the cube of equal volume.
  public let strain: Double
  /// Edge of the ideal cube of equal volume, Å.
  public let edge: Double
}

/// Finds the ideal lattice under a relaxed structure.
///
/// Bonds to the nearest neighbours tell the cubic axes; their mean, which local distortions hardly change, tells how
/// the cell's vectors go over into whole numbers; then every atom goes to the nearest site of its kind.
public struct LatticeMatcher: Sendable {
  private let kind: IdealLattice
  private let structure: Structure
  private let lattice: Lattice
  private let leavesOutTetrahedral: Bool
  /// Of each atom, true on the sublattice of the cations.
  private let isCation: [Bool]
  /// The ideal distance a/2, Å.
  private let spacing: Double

  /// - Parameter leavesOutTetrahedral: takes cations on tetrahedral sites of a rocksalt for being on no site at all.
  /// - Throws: `InputError` for a structure that does not repeat, or lacks cations or anions on a rocksalt.
  public init(_ structure: Structure, kind: IdealLattice = .rocksalt, leavesOutTetrahedral: Bool = false) throws {
    guard let lattice = structure.lattice, structure.periodic == .all, lattice.isRegular else {
      throw InputError("order needs a structure that repeats in three directions")
    }
    self.kind = kind
    self.structure = structure
    self.lattice = lattice
    self.leavesOutTetrahedral = leavesOutTetrahedral
    isCation = structure.elements.map { kind == .fcc || !$0.isAnion }
    // Cation sites may be empty; anion sites are taken to be full.
    let full = kind == .fcc ? structure.count : isCation.count { !$0 }
    guard full > 0, isCation.contains(true) else {
      throw InputError(
        "a rocksalt needs cations and anions, found \(structure.formula)", remedy: "is it an alloy? --lattice fcc")
    }
    // Four of them in a cube.
    spacing = MatchMath.cubeRoot(4 * lattice.volume / Double(full)) / 2
  }

  /// - Throws: `InputError` that says why the structure is not on the lattice.
  public func match() throws -> LatticeMatch {
    var tried: Set<IntegerMatrix> = []
    var failure: InputError?
    for axes in try AxesSearch(bonds: bonds(), spacing: spacing).candidates() {
      let inverse = axes.inverse
      let rows = [lattice.a, lattice.b, lattice.c].map { MatchMath.rounded(inverse * $0) }
      let cell = IntegerMatrix(rows: rows.flatMap { [$0.x, $0.y, $0.z] })
      guard tried.insert(cell).inserted else { continue }
      let wanted = kind == .fcc ? structure.count : isCation.count { !$0 }
      do {
        guard abs(cell.determinant) == 2 * wanted, rows.allSatisfy({ ($0.x + $0.y + $0.z).isMultiple(of: 2) })
        else {
          throw unmatched(
            "its \(wanted) \(kind == .fcc ? "atoms" : "anions") are not stacked as in fcc (ABC), whichever way its bonds "
              + "are taken for the cubic axes")
        }
        return try placed(cell)
      } catch let error as InputError {
        failure = failure ?? error
      }
      if tried.count == 12 { break }
    }
    throw failure ?? unmatched("no bonds that could be the cubic axes")
  }

  private func unmatched(_ reason: String) -> InputError {
    InputError("the structure does not lie on a \(kind.rawValue) lattice: \(reason)")
  }

  /// Vectors between near neighbours, by atom, Å: of cations to anions and between anions (between atoms on fcc).
  private func bonds() throws -> [BondSet] {
    let diagonal = 2.0.squareRoot()
    let search = try NeighborSearch(
      frames: [structure], elements: Array(Set(structure.elements)).sorted(), cutoff: 1.3 * diagonal * spacing,
      floor: 0.1)
    let list = try search.list(of: 0..<min(structure.count, 1000))
    func vectors(_ reach: Double, _ isBond: (Int, Int) -> Bool) -> [[SIMD3<Double>]] {
      list.centers.map { i in
        list.pairs(of: i).filter { isBond(i, list.indices[$0]) && length(list.vectors[$0]) < 1.3 * reach }
          .map { list.vectors[$0] }
      }
    }
    if kind == .fcc { return [BondSet(star: kind.star(2), vectors: vectors(diagonal * spacing) { _, _ in true })] }
    return [
      BondSet(star: kind.star(1), vectors: vectors(spacing) { isCation[$0] && !isCation[$1] }),
      BondSet(star: kind.star(2), vectors: vectors(diagonal * spacing) { !isCation[$0] && !isCation[$1] }),
    ]
  }

  /// Puts every atom on the nearest site of its kind.
  private func placed(_ cell: IntegerMatrix) throws -> LatticeMatch {
    let vectors = [0, 1, 2].map { r in SIMD3<Double>(Double(cell[r, 0]), Double(cell[r, 1]), Double(cell[r, 2])) }
    // axes · vectors[k] = lattice vector k, exactly.
    guard let inverse = MatchAxes(Matrix3(vectors[0], vectors[1], vectors[2])).checkedInverse else {
      throw unmatched("its cell has no volume")
    }
    let axes = MatchAxes(
      MatchMath.product(Matrix3(lattice.a, lattice.b, lattice.c).transpose, inverse.matrix.transpose))
    let toSites = axes.inverse
    let ideal = structure.positions.map { toSites * $0 }
    let origin = MatchMath.origin(ideal, isCation)
    var coordinates: [SIMD3<Int>?] = []
    var shifts: [SIMD3<Double>] = []
    for (k, x) in ideal.enumerated() {
      let site = MatchMath.nearest(x - origin, isEven: isCation[k])
      if kind == .rocksalt, isCation[k], MatchMath.isInTetrahedron(x - origin, site) {
        guard leavesOutTetrahedral else {
          throw unmatched(
            "atom \(k + 1) (\(structure.elements[k])) is nearer to a tetrahedral site than to an octahedral one")
        }
        coordinates.append(nil)
        continue
      }
      coordinates.append(site)
      shifts.append(x - origin - MatchMath.double(site))
    }
    // The origin of all atoms together, not of the first estimate.
    let mean = shifts.reduce(.zero, +) / Double(shifts.count)
    let displacements = shifts.map { length(axes * ($0 - mean)) }
    try requireDifferent(coordinates, cell)
    return LatticeMatch(
      kind: kind, cell: cell, coordinates: coordinates,
      meanDisplacement: (displacements.reduce(0) { $0 + $1 * $1 } / Double(displacements.count)).squareRoot(),
      largestDisplacement: displacements.max() ?? 0, strain: strain(axes), edge: 2 * spacing)
  }

  private func strain(_ axes: MatchAxes) -> Double {
    let metric = MatchMath.product(axes.matrix.transpose, axes.matrix)
    let change = 0.5 * ((1 / (spacing * spacing)) * metric + (-1) * Matrix3.identity)
    return change.rows.map(abs).max() ?? 0
  }

  private func requireDifferent(_ coordinates: [SIMD3<Int>?], _ cell: IntegerMatrix) throws {
    let sites = try SupercellShape(columns: cell.transpose)
    var owner: [SIMD3<Int>: Int] = [:]
    for (k, place) in coordinates.enumerated() {
      guard let site = place else { continue }
      let home = sites.reduced(site)
      if let other = owner[home] {
        throw unmatched(
          "atoms \(other + 1) (\(structure.elements[other])) and \(k + 1) (\(structure.elements[k])) are nearest to one site"
        )
      }
      owner[home] = k
    }
  }
}
