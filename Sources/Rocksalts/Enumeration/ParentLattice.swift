import Structures

/// A lattice with sites, and what each site may hold; the smallest cell that repeats.
///
/// Sites that may hold several species are ordered; those with one are spectators: they count for the symmetry and
/// are put into the structures afterwards, but cost nothing in an enumeration.
public struct ParentLattice: Sendable {
  public struct Site: Hashable, Sendable {
    /// Fractional.
    public var position: SIMD3<Double>
    /// What it may hold, without repetition.
    public var allowed: [Species]

    public init(_ position: SIMD3<Double>, _ allowed: [Species]) {
      self.position = position
      self.allowed = allowed
    }
  }

  /// Å, primitive.
  public let lattice: Lattice
  public let sites: [Site]
  /// The operations of the space group, sites with their allowed species; the identity is the first.
  public let operations: [SymmetryOperation]
  /// Indices of sites that may hold several species, those of one sublattice behind each other.
  public let orderedSites: [Int]
  /// Which of all `species` a sublattice may hold, and its sites in `orderedSites`.
  public let sublattices: [Sublattice]
  /// All species of the ordered sites, in the order in which they were given.
  public let species: [Species]

  /// Ordered sites that may hold the same species.
  public struct Sublattice: Hashable, Sendable {
    /// Indices into `species`.
    public var species: [Int]
    /// Places in `orderedSites`.
    public var places: Range<Int>
  }

  /// - Throws: `InputError` where a site may hold nothing, or none may hold several species, or sites coincide.
  public init(lattice: Lattice, sites given: [Site]) throws {
    guard lattice.isRegular else { throw InputError("the parent's lattice vectors span no volume") }
    let (lattice, sites, operations) = try Self.primitive(lattice, given)
    self.lattice = lattice
    self.sites = sites
    var found: [Species] = []
    var groups: [Set<Species>] = []
    for site in sites where site.allowed.count > 1 {
      for species in site.allowed where !found.contains(species) { found.append(species) }
      if !groups.contains(Set(site.allowed)) { groups.append(Set(site.allowed)) }
    }
    guard !found.isEmpty else {
      throw InputError("no site of the parent may hold more than one species, so there is nothing to order")
    }
    var ordered: [Int] = []
    sublattices = groups.map { group in
      let members = sites.indices.filter { sites[$0].allowed.count > 1 && Set(sites[$0].allowed) == group }
      ordered += members
      return Sublattice(
        species: found.indices.filter { group.contains(found[$0]) },
        places: ordered.count - members.count..<ordered.count)
    }
    species = found
    orderedSites = ordered
    self.operations = operations
  }

  /// Spectators with their element: everything that is the same in each structure.
  public var spectators: [(position: SIMD3<Double>, element: ChemicalElement)] {
    sites.compactMap { site in
      guard site.allowed.count == 1, let element = site.allowed[0].element else { return nil }
      return (site.position, element)
    }
  }

  private static func types(_ sites: [Site]) -> [Int] {
    var known: [Set<Species>] = []
    return sites.map { site in
      let set = Set(site.allowed)
      if let index = known.firstIndex(of: set) { return index + 1 }
      known.append(set)
      return known.count
    }
  }

  private static func operations(_ lattice: Lattice, _ sites: [Site]) throws -> [SymmetryOperation] {
    let found = try SpaceGroup.operations(
      lattice: lattice, positions: sites.map(\.position), types: types(sites))
    let isIdentity = { (o: SymmetryOperation) in o.rotation == .identity }
    return found.filter(isIdentity) + found.filter { !isIdentity($0) }
  }

  /// The cell reduced to the smallest one that repeats; superperiodic orderings are only recognised there.
  private static func primitive(
    _ lattice: Lattice, _ sites: [Site]
  ) throws -> (Lattice, [Site], [SymmetryOperation]) {
    for site in sites where site.allowed.isEmpty || Set(site.allowed).count < site.allowed.count {
      throw InputError("a site of the parent needs one or more different species, found \(site.allowed)")
    }
    let found = try operations(lattice, sites)
    let translations = found.filter { $0.rotation == .identity }.map(\.translation)
    let count = translations.count
    guard count > 1 else { return (lattice, sites, found) }
    // Translations are multiples of 1/count along each vector: their lattice by integer column reduction.
    var columns = translations.map { t in
      SIMD3<Int>(
        Int((t.x * Double(count)).rounded()), Int((t.y * Double(count)).rounded()),
        Int((t.z * Double(count)).rounded()))
    }
    columns += [[count, 0, 0], [0, count, 0], [0, 0, count]]
    let basis = columnLattice(columns).map { v in
      lattice.cartesian([Double(v.x), Double(v.y), Double(v.z)] / Double(count))
    }
    let small = Lattice(a: basis[0], b: basis[1], c: basis[2])
    var kept: [Site] = []
    for site in sites {
      let position = small.fractional(lattice.cartesian(site.position))
      let isKnown = kept.contains { isWhole($0.position - position) && Set($0.allowed) == Set(site.allowed) }
      if !isKnown { kept.append(Site(wrapped(position), site.allowed)) }
    }
    guard kept.count * count == sites.count else {
      throw InputError(
        "the parent's translations do not divide its sites", remedy: "clean the positions of the cell")
    }
    return (small, kept, try operations(small, kept))
  }
}

/// Three columns that span the same lattice of whole vectors (lower triangular).
func columnLattice(_ vectors: [SIMD3<Int>]) -> [SIMD3<Int>] {
  var columns = vectors
  var basis: [SIMD3<Int>] = []
  for row in 0..<3 {
    while true {
      let live = columns.indices.filter { columns[$0][row] != 0 }
      guard let pivot = live.min(by: { abs(columns[$0][row]) < abs(columns[$1][row]) }) else {
        preconditionFailure("the vectors do not span space")
      }
      if live.count == 1 {
        basis.append(columns.remove(at: pivot))
        break
      }
      for k in live where k != pivot { columns[k] &-= (columns[k][row] / columns[pivot][row]) &* columns[pivot] }
    }
  }
  return basis
}

/// True where every component is a whole number within 1e−4.
func isWhole(_ v: SIMD3<Double>) -> Bool {
  (0..<3).allSatisfy { abs(v[$0] - v[$0].rounded()) < 1e-4 }
}

/// The same place in the cell with coordinates in [0, 1), and 0 for what is 1 within 1e−9.
func wrapped(_ v: SIMD3<Double>) -> SIMD3<Double> {
  var result = v
  for k in 0..<3 {
    let x = v[k] - v[k].rounded(.down)
    result[k] = x > 1 - 1e-9 || x < 1e-9 ? 0 : x
  }
  return result
}
