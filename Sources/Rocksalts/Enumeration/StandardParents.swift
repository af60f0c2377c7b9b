import Structures

/// Parents with a name.
public enum StandardParent: String, CaseIterable, Sendable {
  /// fcc cations with the anion in between: what a disordered rocksalt is an ordering of.
  case rocksalt
  case fcc, bcc, sc, hcp

  /// The parent with cube edge 1 Å (hcp: a = 1 Å, ideal c/a); scale the lattice afterwards.
  ///
  /// - Parameters:
  ///   - species: what the cation sites may hold.
  ///   - anions: of rocksalt, what the anion sites may hold.
  /// - Throws: `InputError` where there is nothing to order.
  public func parent(
    species: [Species], anions: [Species] = [.element(ChemicalElement("O")!)]
  ) throws -> ParentLattice {
    let fcc = Lattice(a: [0, 0.5, 0.5], b: [0.5, 0, 0.5], c: [0.5, 0.5, 0])
    let origin = ParentLattice.Site(.zero, species)
    switch self {
    case .rocksalt:
      return try ParentLattice(lattice: fcc, sites: [origin, ParentLattice.Site([0.5, 0.5, 0.5], anions)])
    case .fcc: return try ParentLattice(lattice: fcc, sites: [origin])
    case .bcc:
      let bcc = Lattice(a: [-0.5, 0.5, 0.5], b: [0.5, -0.5, 0.5], c: [0.5, 0.5, -0.5])
      return try ParentLattice(lattice: bcc, sites: [origin])
    case .sc:
      return try ParentLattice(lattice: Lattice(a: [1, 0, 0], b: [0, 1, 0], c: [0, 0, 1]), sites: [origin])
    case .hcp:
      let hexagonal = Lattice(
        a: [1, 0, 0], b: [-0.5, 0.75.squareRoot(), 0], c: [0, 0, (8.0 / 3).squareRoot()])
      let second = ParentLattice.Site([1.0 / 3, 2.0 / 3, 0.5], species)
      return try ParentLattice(lattice: hexagonal, sites: [origin, second])
    }
  }
}
