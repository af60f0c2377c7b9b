import Structures

/// The order of one structure on its ideal lattice.
public struct OrderReport: Hashable, Sendable, Encodable {
  /// α of a pair of species at one distance.
  public struct Pair: Hashable, Sendable, Encodable {
    public var first: String
    public var second: String
    /// 0 for the random mixture; see `ShortRangeOrder`.
    public var alpha: Double
    /// How likely a neighbour of the first species is of the second.
    public var probability: Double
    /// The same in the random mixture.
    public var random: Double
  }

  public struct Shell: Hashable, Sendable, Encodable {
    /// From 1.
    public var shell: Int
    /// On the ideal lattice, Å.
    public var distance: Double
    public var neighbors: Int
    public var pairs: [Pair]
    /// ⟨φ_p φ_q⟩ of the point functions p ≤ q (all p, q between sublattices), and of the random mixture.
    public var correlations: [Correlation]
  }

  public struct Correlation: Hashable, Sendable, Encodable {
    public var functions: [Int]
    public var value: Double
    public var random: Double
  }

  public struct Part: Hashable, Sendable, Encodable {
    /// "cation–cation", "anion–anion", "cation–anion".
    public var sublattices: String
    public var shells: [Shell]
  }

  public struct Share: Hashable, Sendable, Encodable {
    public var species: String
    public var sites: Int
    public var fraction: Double
  }

  public struct Tally: Hashable, Sendable, Encodable {
    public var species: String
    public var count: Int
  }

  public var formula: String
  public var lattice: IdealLattice
  /// Edge of the ideal cube, Å.
  public var edge: Double
  /// Root mean square distance of the atoms from the ideal sites, and the largest, Å.
  public var displacement: Double
  public var largest_displacement: Double
  /// Largest component of the cell's strain against the ideal cube of equal volume.
  public var strain: Double
  public var cations: [Share]
  public var anions: [Share]
  /// Cations that were left out because they are on tetrahedral sites: what would be their octahedral ones are empty.
  public var tetrahedral_cations: [Tally]
  /// Pairs of sublattices of which at least one is mixed.
  public var order: [Part]
  /// nil where the mobile species is not there.
  public var tetrahedra: TetrahedronStatistics?
}

/// The tetrahedra of four neighbouring cation sites, by how many of their corners a species holds.
///
/// Every cation site is a corner of eight, so that there are two for each site. In a disordered rocksalt those of four
/// Li, without a transition metal, are what Li diffuses through.
public struct TetrahedronStatistics: Hashable, Sendable, Encodable {
  public var mobile: String
  public var tetrahedra: Int
  /// Of each number 0 … 4 of mobile corners, how many tetrahedra.
  public var histogram: [Int]
  /// The same as fractions.
  public var fractions: [Double]
  /// Binomial fractions of the random mixture: C(4, n) cⁿ (1 − c)⁴⁻ⁿ.
  public var random: [Double]
  /// Fraction whose corners are mobile or empty: no other cation in them.
  public var without_other_cation: Double
}

extension OrderReport {
  /// Lays a structure on its ideal lattice and counts.
  ///
  /// - Parameters:
  ///   - shells: distances for each pair of sublattices.
  ///   - mobile: the species of the tetrahedron statistics.
  ///   - leavesOutTetrahedral: leaves out cations on tetrahedral sites instead of refusing the structure.
  /// - Throws: `InputError` where the structure is not on such a lattice.
  public init(
    _ structure: Structure, lattice: IdealLattice = .rocksalt, shells: Int = 5, mobile: Species? = Species("Li"),
    leavesOutTetrahedral: Bool = false
  ) throws {
    let matcher = try LatticeMatcher(structure, kind: lattice, leavesOutTetrahedral: leavesOutTetrahedral)
    let match = try matcher.match()
    let sites = try OccupiedLattice(match, structure)
    formula = structure.formula
    self.lattice = lattice
    edge = match.edge
    displacement = match.meanDisplacement
    largest_displacement = match.largestDisplacement
    strain = match.strain
    cations = Self.shares(sites.cations)
    anions = Self.shares(sites.anions)
    let left = zip(match.coordinates, structure.elements).filter { $0.0 == nil }.map(\.1)
    tetrahedral_cations = Set(left).sorted().map { element in
      Tally(species: element.symbol, count: left.count { $0 == element })
    }
    let pairs: [(String, OccupiedLattice.Sublattice, OccupiedLattice.Sublattice)] = [
      ("cation–cation", sites.cations, sites.cations), ("anion–anion", sites.anions, sites.anions),
      ("cation–anion", sites.cations, sites.anions),
    ]
    order = pairs.compactMap { name, first, second in
      // Between sublattices order needs a choice on both sides.
      guard first.species.count > 1, second.species.count > 1 else { return nil }
      let counted = ShortRangeOrder(sites, first, second, shells: shells)
      return Part(sublattices: name, shells: counted.shells(edge: match.edge))
    }
    tetrahedra = mobile.flatMap { sites.tetrahedra(of: $0) }
  }

  private static func shares(_ sublattice: OccupiedLattice.Sublattice) -> [Share] {
    let total = sublattice.sites.count
    return sublattice.species.enumerated().map { k, species in
      let count = sublattice.counts[k]
      return Share(species: "\(species)", sites: count, fraction: Double(count) / Double(total))
    }
  }
}
