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
    let lattice = SupercellShape(hermite: supercell.hermite).reducedLattice(of: parent.lattice)
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

  /// All sites, the spectators last.
  /// - Parameter scale: Å for each unit of the parent's lattice.
  public func sites(scale: Double) -> SharedSites {
    SharedSites(
      lattice: Lattice(a: scale * lattice.a, b: scale * lattice.b, c: scale * lattice.c),
      positions: positions.map { scale * $0 } + spectators.map { scale * $0.position })
  }

  /// The atoms of an ordering and their places among `sites`: species by species in the parent's order, spectators last.
  public func atoms(
    _ ordering: [UInt8], species other: [Species]? = nil
  ) -> (elements: [ChemicalElement], places: [Int]) {
    var elements: [ChemicalElement] = []
    var places: [Int] = []
    elements.reserveCapacity(positions.count + spectators.count)
    places.reserveCapacity(positions.count + spectators.count)
    for (index, held) in (other ?? species).enumerated() {
      guard let element = held.element else { continue }
      for (site, value) in ordering.enumerated() where Int(value) == index {
        elements.append(element)
        places.append(site)
      }
    }
    for (k, spectator) in spectators.enumerated() {
      elements.append(spectator.element)
      places.append(positions.count + k)
    }
    return (elements, places)
  }

  /// The structure of an ordering, atoms as `atoms` gives them.
  /// - Parameter scale: Å for each unit of the parent's lattice.
  public func structure(_ ordering: [UInt8], scale: Double, species: [Species]? = nil) -> Structure {
    let (elements, places) = atoms(ordering, species: species)
    let scaled = Lattice(a: scale * lattice.a, b: scale * lattice.b, c: scale * lattice.c)
    return Structure(
      lattice: scaled, elements: elements,
      positions: places.map { place in
        scale * (place < positions.count ? positions[place] : spectators[place - positions.count].position)
      })
  }
}
