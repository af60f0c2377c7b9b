import Structures

/// The sites of an ideal lattice and what is on each.
struct OccupiedLattice: Sendable {
  struct Sublattice: Sendable {
    /// Sum of the coordinates of its sites, modulo 2.
    var parity: Int
    /// Ascending; a vacancy is one of them.
    var species: [Species]
    /// Sites of each species.
    var counts: [Int]
    /// Numbers of its sites among all.
    var sites: [Int]

    /// - Parameter found: the species of all sites.
    init(parity: Int, _ found: [Species], sites: [Int]) {
      let amounts = sites.reduce(into: [Species: Int]()) { $0[found[$1], default: 0] += 1 }
      self.parity = parity
      self.sites = sites
      species = amounts.keys.sorted()
      counts = species.map { amounts[$0] ?? 0 }
    }
  }

  let shape: SupercellShape
  /// Coordinates of each site.
  let points: [SIMD3<Int>]
  /// Of each site, its species' index in its sublattice.
  let occupation: [Int]
  let cations: Sublattice
  /// Empty on an fcc lattice.
  let anions: Sublattice

  init(_ match: LatticeMatch, _ structure: Structure) throws {
    shape = try SupercellShape(columns: match.cell.transpose)
    let points = shape.cells
    self.points = points
    var found = [Species](repeating: .vacancy, count: points.count)
    for (atom, place) in match.coordinates.enumerated() {
      guard let coordinates = place else { continue }
      found[shape.number(of: coordinates)] = .element(structure.elements[atom])
    }
    let parities = points.map { ($0.x + $0.y + $0.z).wrapped(2) }
    let even = Sublattice(parity: 0, found, sites: points.indices.filter { parities[$0] == 0 })
    let odd = Sublattice(
      parity: 1, found, sites: match.kind == .fcc ? [] : points.indices.filter { parities[$0] == 1 })
    var occupation = [Int](repeating: 0, count: points.count)
    for sublattice in [even, odd] {
      let places = Dictionary(uniqueKeysWithValues: sublattice.species.enumerated().map { ($1, $0) })
      for site in sublattice.sites { occupation[site] = places[found[site]] ?? 0 }
    }
    self.occupation = occupation
    cations = even
    anions = odd
  }

  /// How many corners of each tetrahedron of cation sites a species holds; nil where it holds no site.
  func tetrahedra(of mobile: Species) -> TetrahedronStatistics? {
    guard let index = cations.species.firstIndex(of: mobile) else { return nil }
    let empty = cations.species.firstIndex(of: .vacancy)
    var histogram = [Int](repeating: 0, count: 5)
    var free = 0
    // The cube of unit edge at each point has four corners of even sum: one tetrahedron.
    let corners: [[SIMD3<Int>]] = [
      [[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 1]], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]],
    ]
    for point in points {
      let held = corners[(point.x + point.y + point.z).wrapped(2)].map { occupation[shape.number(of: point &+ $0)] }
      histogram[held.count { $0 == index }] += 1
      if held.allSatisfy({ $0 == index || $0 == empty }) { free += 1 }
    }
    let total = Double(points.count)
    let c = Double(cations.counts[index]) / Double(cations.sites.count)
    let random = (0...4).map { n in
      [1.0, 4, 6, 4, 1][n] * (0..<4).reduce(1) { $0 * ($1 < n ? c : 1 - c) }
    }
    return TetrahedronStatistics(
      mobile: "\(mobile)", tetrahedra: points.count, histogram: histogram,
      fractions: histogram.map { Double($0) / total }, random: random, without_other_cation: Double(free) / total)
  }
}
