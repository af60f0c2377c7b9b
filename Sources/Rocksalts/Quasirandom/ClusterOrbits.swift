import Glibc
import Structures

/// A site of the infinite parent crystal: its number in the cell, and the cell.
struct LatticeSite: Hashable, Sendable, Comparable {
  var site: Int
  var cell: SIMD3<Int>

  private var key: (Int, Int, Int, Int) { (site, cell.x, cell.y, cell.z) }
  static func < (a: LatticeSite, b: LatticeSite) -> Bool { a.key < b.key }
}

/// Clusters that the parent's space group maps on each other.
public struct ClusterOrbit: Sendable {
  /// One cluster of each class of translations, all in the order of sites that the group maps from the first.
  let clusters: [[LatticeSite]]
  /// The exchanges of positions that symmetry allows: position i goes to `permutations[k][i]`.
  let permutations: [[Int]]
  /// Of each position, its sublattice.
  public let sublattices: [Int]
  /// Between the sites of a cluster, ascending, Å; one for a pair, three for a triplet, none for a point.
  public let distances: [Double]

  public var order: Int { sublattices.count }
  /// Clusters in one parent cell.
  public var multiplicity: Int { clusters.count }
  /// The longest distance, Å.
  public var diameter: Double { distances.last ?? 0 }
}

/// Finds the orbits of points, pairs and triplets of the mixed sites.
struct ClusterSearch {
  private let crystal: MixedCrystal
  private let operations: [(image: [LatticeSite], rotation: IntegerMatrix)]
  private let sites: [Int]

  /// - Throws: `InputError` where spglib finds no space group.
  init(_ crystal: MixedCrystal) throws {
    self.crystal = crystal
    sites = crystal.mixedSites
    let group = try SpaceGroup.operations(
      lattice: crystal.lattice, positions: crystal.positions, types: crystal.sublatticeOfSite.map { $0 + 1 })
    operations = try group.map { ($0.rotation, try Self.images(of: crystal, under: $0)) }.map { ($1, $0) }
  }

  /// Where an operation takes each site of the home cell.
  private static func images(
    of crystal: MixedCrystal, under operation: SymmetryOperation
  ) throws -> [LatticeSite] {
    try crystal.positions.indices.map { s in
      let moved = operation.image(of: crystal.positions[s])
      for other in crystal.positions.indices where crystal.sublatticeOfSite[other] == crystal.sublatticeOfSite[s] {
        let shift = moved - crystal.positions[other]
        let whole = SIMD3<Int>(Int(shift.x.rounded()), Int(shift.y.rounded()), Int(shift.z.rounded()))
        let rest = crystal.lattice.cartesian(
          shift - [Double(whole.x), Double(whole.y), Double(whole.z)])
        if length(rest) < 1e-2 { return LatticeSite(site: other, cell: whole) }
      }
      throw InputError("the parent's symmetry does not map its sites on each other; its positions are too uneven")
    }
  }

  /// Points of sublattices whose sites are not all equivalent, pairs and triplets up to their cutoffs (Å); by order,
  /// then by size.
  func orbits(pairCutoff: Double, tripletCutoff: Double) -> [ClusterOrbit] {
    var seen: Set<[LatticeSite]> = []
    func collect(_ candidates: [[LatticeSite]]) -> [ClusterOrbit] {
      candidates.compactMap { seen.contains(normal($0)) ? nil : orbit(of: $0, seen: &seen) }
    }
    let points = collect(sites.map { [LatticeSite(site: $0, cell: .zero)] })
    let uneven = points.filter { point in points.count { $0.sublattices == point.sublattices } > 1 }
    let reach = max(pairCutoff, tripletCutoff)
    let environments = sites.map { neighbors(of: $0, within: reach) }
    var pairs: [[LatticeSite]] = []
    var triplets: [[LatticeSite]] = []
    for (site, near) in zip(sites, environments) {
      let home = LatticeSite(site: site, cell: .zero)
      pairs += near.filter { distance(home, $0) <= pairCutoff }.map { [home, $0] }
      let close = near.filter { distance(home, $0) <= tripletCutoff }
      for (k, second) in close.enumerated() {
        for third in close[(k + 1)...] where distance(second, third) <= tripletCutoff {
          triplets.append([home, second, third])
        }
      }
    }
    return [collect(pairs), uneven, collect(triplets)].flatMap { orbits in
      orbits.enumerated().sorted { a, b in
        let (x, y) = (size(a.element), size(b.element))
        return x == y ? a.offset < b.offset : x.lexicographicallyPrecedes(y)
      }.map(\.element)
    }
  }

  /// The longest distance first, rounded so that equal ones are equal.
  private func size(_ orbit: ClusterOrbit) -> [Double] { orbit.distances.reversed().map { ($0 * 1e6).rounded() } }

  private func position(_ s: LatticeSite) -> SIMD3<Double> {
    crystal.lattice.cartesian(
      crystal.positions[s.site] + [Double(s.cell.x), Double(s.cell.y), Double(s.cell.z)])
  }

  private func distance(_ a: LatticeSite, _ b: LatticeSite) -> Double { length(position(a) - position(b)) }

  private func neighbors(of site: Int, within cutoff: Double) -> [LatticeSite] {
    let home = LatticeSite(site: site, cell: .zero)
    let heights = crystal.lattice.heights
    let reach = (0..<3).map { Int((cutoff / heights[$0]).rounded(.up)) + 1 }
    var found: [(distance: Double, site: LatticeSite)] = []
    for x in -reach[0]...reach[0] {
      for y in -reach[1]...reach[1] {
        for z in -reach[2]...reach[2] {
          for other in sites {
            let there = LatticeSite(site: other, cell: [x, y, z])
            let d = distance(home, there)
            if there != home, d <= cutoff { found.append((d, there)) }
          }
        }
      }
    }
    return found.sorted { ($0.distance, $0.site) < ($1.distance, $1.site) }.map(\.site)
  }

  private func image(_ s: LatticeSite, _ operation: (image: [LatticeSite], rotation: IntegerMatrix)) -> LatticeSite
  {
    let there = operation.image[s.site]
    return LatticeSite(site: there.site, cell: operation.rotation * s.cell &+ there.cell)
  }

  /// The same for all clusters that differ by a lattice vector or the order of their sites.
  private func normal(_ cluster: [LatticeSite]) -> [LatticeSite] {
    let first = cluster.map(\.site).min() ?? 0
    let shifted = cluster.filter { $0.site == first }.map { origin in
      cluster.map { LatticeSite(site: $0.site, cell: $0.cell &- origin.cell) }.sorted()
    }
    return shifted.min { $0.lexicographicallyPrecedes($1) } ?? cluster
  }

  private func orbit(of first: [LatticeSite], seen: inout Set<[LatticeSite]>) -> ClusterOrbit {
    var clusters: [[LatticeSite]] = []
    var permutations: Set<[Int]> = []
    let own = normal(first)
    for operation in operations {
      let mapped = first.map { image($0, operation) }
      let form = normal(mapped)
      if seen.insert(form).inserted { clusters.append(mapped) }
      if form == own { permutations.formUnion(exchanges(of: first, as: mapped)) }
    }
    var distances: [Double] = []
    for i in first.indices { for j in 0..<i { distances.append(distance(first[i], first[j])) } }
    return ClusterOrbit(
      clusters: clusters, permutations: permutations.sorted { $0.lexicographicallyPrecedes($1) },
      sublattices: first.map { crystal.sublatticeOfSite[$0.site] }, distances: distances.sorted())
  }

  /// How positions go over when the mapped cluster is laid on the first one by a lattice vector.
  private func exchanges(of first: [LatticeSite], as mapped: [LatticeSite]) -> [[Int]] {
    mapped.filter { $0.site == first[0].site }.compactMap { origin in
      let shift = first[0].cell &- origin.cell
      let places = mapped.map { site in
        first.firstIndex(of: LatticeSite(site: site.site, cell: site.cell &+ shift))
      }
      return places.contains(nil) ? nil : places.map { $0 ?? 0 }
    }
  }
}
