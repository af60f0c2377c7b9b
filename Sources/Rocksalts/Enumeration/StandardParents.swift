import Structures

/// Parents with a name.
public enum StandardParent: String, CaseIterable, Sendable {
  /// fcc cations with the anion in between: what a disordered rocksalt is an ordering of.
  case rocksalt
  case fcc, bcc, sc, hcp

  /// Primitive vectors for a cube (hcp: a) of 1 Å, hcp with the ideal c/a.
  public var lattice: Lattice {
    switch self {
    case .rocksalt, .fcc: Lattice(a: [0, 0.5, 0.5], b: [0.5, 0, 0.5], c: [0.5, 0.5, 0])
    case .bcc: Lattice(a: [-0.5, 0.5, 0.5], b: [0.5, -0.5, 0.5], c: [0.5, 0.5, -0.5])
    case .sc: Lattice(a: [1, 0, 0], b: [0, 1, 0], c: [0, 0, 1])
    case .hcp: Lattice(a: [1, 0, 0], b: [-0.5, 0.75.squareRoot(), 0], c: [0, 0, (8.0 / 3).squareRoot()])
    }
  }

  /// Of the sites that are ordered, fractional; of rocksalt the cations.
  var orderedPositions: [SIMD3<Double>] { self == .hcp ? [.zero, [1.0 / 3, 2.0 / 3, 0.5]] : [.zero] }

  /// Of the anion of rocksalt, fractional.
  static let anionPosition: SIMD3<Double> = [0.5, 0.5, 0.5]

  /// The cube (hcp: the cell itself) in units of the primitive vectors, as columns.
  public var cube: IntegerMatrix {
    switch self {
    case .rocksalt, .fcc: IntegerMatrix(rows: [-1, 1, 1, 1, -1, 1, 1, 1, -1])
    case .bcc: IntegerMatrix(rows: [0, 1, 1, 1, 0, 1, 1, 1, 0])
    case .sc, .hcp: .identity
    }
  }

  /// The parent with cube edge 1 Å (hcp: a = 1 Å); scale the lattice afterwards.
  ///
  /// - Parameters:
  ///   - species: what the cation sites may hold.
  ///   - anions: of rocksalt, what the anion sites may hold.
  /// - Throws: `InputError` where there is nothing to order.
  public func parent(
    species: [Species], anions: [Species] = [.element(ChemicalElement("O")!)]
  ) throws -> ParentLattice {
    let ordered = orderedPositions.map { ParentLattice.Site($0, species) }
    let fixed = self == .rocksalt ? [ParentLattice.Site(Self.anionPosition, anions)] : []
    return try ParentLattice(lattice: lattice, sites: ordered + fixed)
  }

  /// Edge of the cube (hcp: a) for a composition, Å: of rocksalt from ionic radii, of the others from touching atoms
  /// with the mean covalent radius.
  ///
  /// - Throws: `InputError` where a rocksalt's composition is not neutral or a radius is not known.
  public func edge(_ amounts: [(element: ChemicalElement, amount: Double)]) throws -> Double {
    if self == .rocksalt { return try ChargeBalance.rocksaltEdge(amounts) }
    let total = amounts.reduce(0) { $0 + $1.amount }
    guard total > 0 else { throw InputError("empty sites alone have no lattice parameter") }
    let diameter = 2 * amounts.reduce(0) { $0 + ($1.element.covalentRadius ?? 1.5) * $1.amount } / total
    return switch self {
    case .fcc: diameter * 2.0.squareRoot()
    case .bcc: diameter * 2 / 3.0.squareRoot()
    default: diameter
    }
  }
}
