import CKernels
import Structures

/// The clusters of a parent and the functions in which their correlations are written.
struct QuasirandomModel: Sendable {
  let crystal: MixedCrystal
  let orbits: [ClusterOrbit]
  let functions: [OrbitFunctions]
  /// Of each parent site, its number among the mixed ones; nil where nothing is mixed.
  let mixedNumber: [Int?]
  let sites: [Int]
  /// Where the colourings of each orbit begin, and their number at the end.
  let codeStarts: [Int]
  /// Distance between neighbours that are mixed, Å: the unit of the matched distance.
  let nearest: Double

  init(_ crystal: MixedCrystal, settings: QuasirandomSettings) throws {
    self.crystal = crystal
    sites = crystal.mixedSites
    try crystal.requireMixed()
    orbits = try ClusterSearch(crystal).orbits(
      pairCutoff: settings.pairCutoff, tripletCutoff: settings.tripletCutoff)
    guard orbits.contains(where: { $0.order == 2 }) else {
      throw InputError(
        "no pair of mixed sites lies within \(settings.pairCutoff) Å", remedy: "give a larger --pair-cutoff")
    }
    functions = orbits.map { OrbitFunctions($0, sublattices: crystal.sublattices) }
    var numbers = [Int?](repeating: nil, count: crystal.positions.count)
    for (number, site) in sites.enumerated() { numbers[site] = number }
    mixedNumber = numbers
    codeStarts = functions.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.codes) }
    nearest = orbits.first { $0.order == 2 }?.diameter ?? 1
  }

  var pairOrbits: Int { orbits.count { $0.order == 2 } }

  /// Atoms of each occupant of each mixed sublattice in a supercell of `index` parent cells.
  /// - Throws: `InputError` where they are not whole numbers, with the smallest index for which they are.
  func counts(index: Int) throws -> [[Int]] {
    try crystal.sublattices.enumerated().map { number, sublattice in
      let sites = index * crystal.sublatticeOfSite.count { $0 == number }
      let wanted = sublattice.occupants.map { $0.amount * Double(sites) }
      if wanted.allSatisfy({ Self.isWhole($0) }) { return wanted.map { Int($0.rounded()) } }
      let k = wanted.firstIndex { !Self.isWhole($0) } ?? 0
      let fitting = (1...10_000).first { n in
        crystal.sublattices.enumerated().allSatisfy { number, sublattice in
          let sites = n * crystal.sublatticeOfSite.count { $0 == number }
          return sublattice.occupants.allSatisfy { Self.isWhole($0.amount * Double(sites)) }
        }
      }
      throw InputError(
        "\(sites) \(sublattice.name) sites would hold \((wanted[k] * 1000).rounded() / 1000) \(sublattice.occupants[k].species)",
        remedy: fitting.map { "take a multiple of \($0) parent cells" } ?? "round the formula to simple fractions")
    }
  }

  /// True for a whole number of atoms, at least one.
  private static func isWhole(_ x: Double) -> Bool { x > 0.5 && abs(x - x.rounded()) < 1e-6 * max(1, x) }
}

/// One supercell of a model, ready to be walked: the clusters of each site, and the tables of the objective.
struct QuasirandomCell: Sendable {
  let model: QuasirandomModel
  let shape: SupercellShape
  /// Mixed sites: number among the parent's times the index, plus the number of the cell.
  let siteCount: Int
  let starts: [Int64]
  let clusters: [ck_cluster]
  let sublatticeStarts: [Int64]
  let sublatticeSizes: [Int64]
  let tables: ObjectiveTables

  init(_ model: QuasirandomModel, shape: SupercellShape, settings: QuasirandomSettings) {
    self.model = model
    self.shape = shape
    let n = shape.index
    siteCount = n * model.sites.count
    var ofSite = [[ck_cluster]](repeating: [], count: siteCount)
    let cells = shape.cells
    for (number, orbit) in model.orbits.enumerated() {
      let strides = model.functions[number].strides
      for cluster in orbit.clusters {
        for cell in cells {
          let members = cluster.map { (model.mixedNumber[$0.site] ?? 0) * n + shape.number(of: $0.cell &+ cell) }
          Self.add(members, strides, base: model.codeStarts[number], to: &ofSite)
        }
      }
    }
    starts = ofSite.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) }
    clusters = ofSite.flatMap { $0 }
    let sublattices = model.sites.flatMap { site in
      [Int](repeating: model.crystal.sublatticeOfSite[site], count: n)
    }
    sublatticeStarts = sublattices.map { s in Int64(sublattices.firstIndex(of: s) ?? 0) }
    sublatticeSizes = sublattices.map { s in Int64(sublattices.count { $0 == s }) }
    tables = ObjectiveTables(model, index: n, settings: settings)
  }

  private static func add(_ members: [Int], _ strides: [Int], base: Int, to ofSite: inout [[ck_cluster]]) {
    var merged: [(site: Int, stride: Int)] = []
    for (site, stride) in zip(members, strides) {
      if let k = merged.firstIndex(where: { $0.site == site }) {
        merged[k].stride += stride
      } else {
        merged.append((site, stride))
      }
    }
    for k in merged.indices {
      let j = merged.count > 1 ? merged[(k + 1) % merged.count] : (site: 0, stride: 0)
      let other = merged.count > 2 ? merged[(k + 2) % 3] : (site: 0, stride: 0)
      ofSite[merged[k].site].append(
        ck_cluster(
          base: Int32(base), stride: Int32(merged[k].stride), j: Int32(j.site), stride_j: Int32(j.stride),
          k: Int32(other.site), stride_k: Int32(other.stride)))
    }
  }

  /// Calls `body` with the kernel's view of the clusters.
  func withClusters<Value>(_ body: (UnsafePointer<ck_clusters>) -> Value) -> Value {
    starts.withUnsafeBufferPointer { starts in
      clusters.withUnsafeBufferPointer { clusters in
        sublatticeStarts.withUnsafeBufferPointer { begins in
          sublatticeSizes.withUnsafeBufferPointer { sizes in
            var view = ck_clusters(
              sites: Int64(siteCount), starts: starts.baseAddress, clusters: clusters.baseAddress,
              sublattice_starts: begins.baseAddress, sublattice_sizes: sizes.baseAddress)
            return body(&view)
          }
        }
      }
    }
  }

  /// Coloured clusters of an occupation, each counted once.
  func counts(_ species: [Int32]) -> [Int32] {
    let n = shape.index
    var counts = [Int32](repeating: 0, count: model.codeStarts[model.orbits.count])
    let cells = shape.cells
    for (number, orbit) in model.orbits.enumerated() {
      let strides = model.functions[number].strides
      for cluster in orbit.clusters {
        for cell in cells {
          var code = model.codeStarts[number]
          for (site, stride) in zip(cluster, strides) {
            let member = (model.mixedNumber[site.site] ?? 0) * n + shape.number(of: site.cell &+ cell)
            code += stride * Int(species[member])
          }
          counts[code] += 1
        }
      }
    }
    return counts
  }

  /// An occupation at random.
  func randomSpecies(_ counts: [[Int]], random: inout RandomSource) -> [Int32] {
    var species: [Int32] = []
    for (sublattice, amounts) in zip(model.crystal.sublattices, counts) where sublattice.isMixed {
      let ordered = amounts.enumerated().flatMap { [Int32](repeating: Int32($0.offset), count: $0.element) }
      species += random.permutation(of: ordered.count).map { ordered[$0] }
    }
    return species
  }
}
