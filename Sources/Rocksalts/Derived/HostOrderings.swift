import Structures

/// Choices of sites in an ordered structure, distinct under that structure's own space group.
public struct HostOrderings: Sendable {
  /// Atoms of the host that may be chosen, group by group.
  public let atoms: [[Int]]
  /// How many of each group are chosen.
  public let counts: [Int]
  private let group: SitePermutations
  private let levels: PlacementLevels
  private let sublattices: [ParentLattice.Sublattice]
  private let composition: SiteComposition

  /// - Parameter tolerance: Å, of the host's symmetry.
  /// - Throws: `InputError` where more atoms than there are should be chosen, or there are more than 64 in all.
  public init(_ host: Structure, atoms: [[Int]], counts: [Int], tolerance: Double = 1e-3) throws {
    guard let lattice = host.lattice, host.periodic == .all else {
      throw InputError("symmetry-distinct choices need a structure that repeats in three directions")
    }
    for (group, count) in zip(atoms, counts) where count < 0 || count > group.count {
      throw InputError("\(count) atoms cannot be chosen of \(group.count)")
    }
    let sites = atoms.flatMap { $0 }
    guard sites.count <= SitePermutations.mostSites else {
      throw InputError(
        "\(sites.count) sites are too many for symmetry-distinct choices (at most \(SitePermutations.mostSites))",
        remedy: "choose at random")
    }
    self.atoms = atoms
    self.counts = counts
    var first = 0
    sublattices = atoms.map { group in
      defer { first += group.count }
      return ParentLattice.Sublattice(species: [0, 1], places: first..<first + group.count)
    }
    composition = SiteComposition(counts: zip(atoms, counts).map { [$1, $0.count - $1] })
    levels = PlacementLevels(composition, sublattices: sublattices, cells: 1)
    let positions = host.positions.map(lattice.fractional)
    let operations = try SpaceGroup.operations(
      lattice: lattice, positions: positions, types: host.elements.map(\.atomicNumber), tolerance: tolerance)
    group = SitePermutations(group: Self.permutations(operations, sites.map { positions[$0] }, lattice))
  }

  /// How the space group of a structure permutes some of its sites, the identity first, each once.
  /// - Parameters:
  ///   - sites: at most 255 atoms that the group maps on each other.
  ///   - types: of all atoms; those of one type count as alike.
  /// - Throws: `InputError` where spglib finds no group, or the structure is not periodic.
  static func permutations(
    of host: Structure, sites: [Int], types: [Int], tolerance: Double = 1e-3
  ) throws -> [[UInt8]] {
    guard let lattice = host.lattice, host.periodic == .all, sites.count <= 255 else {
      throw InputError("symmetry-distinct choices need a structure that repeats in three directions")
    }
    let positions = host.positions.map(lattice.fractional)
    let operations = try SpaceGroup.operations(
      lattice: lattice, positions: positions, types: types, tolerance: tolerance)
    return permutations(operations, sites.map { positions[$0] }, lattice)
  }

  /// How each operation permutes the sites, the identity first, each once.
  private static func permutations(
    _ operations: [SymmetryOperation], _ sites: [SIMD3<Double>], _ lattice: Lattice
  ) -> [[UInt8]] {
    let identity = sites.indices.map { UInt8($0) }
    var found = [identity]
    var seen: Set<[UInt8]> = [identity]
    for operation in operations {
      let permutation = sites.map { site -> UInt8 in
        let image = operation.image(of: site)
        let nearest = sites.indices.min { a, b in
          distance(sites[a] - image, lattice) < distance(sites[b] - image, lattice)
        }
        return UInt8(nearest ?? 0)
      }
      guard Set(permutation).count == sites.count, seen.insert(permutation).inserted else { continue }
      found.append(permutation)
    }
    return found
  }

  private static func distance(_ difference: SIMD3<Double>, _ lattice: Lattice) -> Double {
    let nearest = difference - difference.rounded(.toNearestOrEven)
    return length(lattice.cartesian(nearest))
  }

  /// Number of distinct choices (Burnside).
  /// - Throws: `InputError` where it is beyond 2^127.
  public func count() throws -> UInt128 {
    try OrbitCounts(group, sublattices: sublattices).orderings(composition)
  }

  /// All distinct choices: the chosen atoms of each group, and how many symmetry-equivalent choices each stands for.
  /// - Throws: `InputError` where there are more than `limit`; or where the list is not what Burnside's lemma says.
  public func all(limit: Int) throws -> [(atoms: [[Int]], multiplicity: Int)] {
    let wanted = try count()
    guard wanted <= UInt128(limit) else {
      throw InputError(
        "there are \(wanted) distinct choices, more than the \(limit) that are allowed",
        remedy: "raise that number or choose at random")
    }
    var walk = OrderingWalk(group: group, levels: levels)
    let found = walk.next(limit + 1)
    guard UInt128(found.count) == wanted else {
      throw InputError(
        "\(found.count) choices were found where Burnside's lemma says \(wanted)",
        remedy: "please report this: it is a bug")
    }
    return found.map { (chosen($0.species), group.count / $0.stabiliser) }
  }

  /// A random choice in the form that all equivalent ones share.
  public func random(_ random: inout RandomSource) -> [[Int]] {
    var species = [UInt8](repeating: 1, count: group.sites)
    for (sublattice, count) in zip(sublattices, counts) {
      for place in random.permutation(of: sublattice.places.count).prefix(count) {
        species[sublattice.places.lowerBound + place] = 0
      }
    }
    let smallest = smallestImage(levels.subsets(species), group)
    return chosen(levels.species(smallest.subsets, sites: group.sites))
  }

  private func chosen(_ species: [UInt8]) -> [[Int]] {
    zip(atoms, sublattices).map { atoms, sublattice in
      sublattice.places.filter { species[$0] == 0 }.map { atoms[$0 - sublattice.places.lowerBound] }
    }
  }
}
