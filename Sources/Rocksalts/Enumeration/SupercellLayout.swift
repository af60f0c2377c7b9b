import Structures

/// Where the atoms of a supercell are: the lattice with its shortest vectors, and a place for every site.
public struct SupercellLayout: Sendable {
  /// In units of the parent's lattice.
  public let lattice: Lattice
  /// Cartesian, of every ordered site (number a·n + g).
  public let positions: [SIMD3<Double>]
  /// Sites with one species only.
  public let spectators: [(position: SIMD3<Double>, element: ChemicalElement)]
  private let species: [Species]

  public init(_ supercell: Supercell, of parent: ParentLattice) {
    let columns = (0..<3).map { j in
      parent.lattice.cartesian([
        Double(supercell.hermite[0, j]), Double(supercell.hermite[1, j]), Double(supercell.hermite[2, j]),
      ])
    }
    let plain = Lattice(a: columns[0], b: columns[1], c: columns[2])
    let lattice = plain.changed(by: plain.minkowskiReduction())
    let cells = supercell.cells.map { SIMD3<Double>(Double($0.x), Double($0.y), Double($0.z)) }
    func places(_ site: SIMD3<Double>) -> [SIMD3<Double>] {
      cells.map { lattice.cartesian(wrapped(lattice.fractional(parent.lattice.cartesian($0 + site)))) }
    }
    self.lattice = lattice
    positions = parent.orderedSites.flatMap { places(parent.sites[$0].position) }
    spectators = parent.spectators.flatMap { spectator in
      places(spectator.position).map { (position: $0, element: spectator.element) }
    }
    species = parent.species
  }

  /// The atoms of an ordering, species by species in the parent's order, spectators last.
  /// - Parameter scale: Å for each unit of the parent's lattice.
  public func structure(_ ordering: [UInt8], scale: Double, species other: [Species]? = nil) -> Structure {
    let species = other ?? species
    var elements: [ChemicalElement] = []
    var places: [SIMD3<Double>] = []
    elements.reserveCapacity(positions.count + spectators.count)
    places.reserveCapacity(positions.count + spectators.count)
    for (index, held) in species.enumerated() {
      guard let element = held.element else { continue }
      for (site, value) in ordering.enumerated() where Int(value) == index {
        elements.append(element)
        places.append(scale * positions[site])
      }
    }
    for spectator in spectators {
      elements.append(spectator.element)
      places.append(scale * spectator.position)
    }
    let scaled = Lattice(a: scale * lattice.a, b: scale * lattice.b, c: scale * lattice.c)
    return Structure(lattice: scaled, elements: elements, positions: places)
  }
}
