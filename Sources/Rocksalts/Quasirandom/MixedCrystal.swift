import Structures

/// The sites of one kind in a parent crystal, and what shares them in which proportion.
public struct MixedSublattice: Hashable, Sendable {
  public var name: String
  /// Fractions that add up to 1; one occupant alone means that nothing is mixed.
  public var occupants: [SpeciesAmount]

  /// - Parameter occupants: in any proportion; they are divided by their sum.
  public init(name: String, occupants: [SpeciesAmount]) {
    self.name = name
    let sum = occupants.reduce(0) { $0 + $1.amount }
    self.occupants = occupants.map { SpeciesAmount($0.species, $0.amount / sum) }
  }

  public var isMixed: Bool { occupants.count > 1 }
}

/// A parent crystal whose sublattices are mixed at random.
public struct MixedCrystal: Sendable {
  public var lattice: Lattice
  /// Fractional.
  public var positions: [SIMD3<Double>]
  /// Of each site, its index in `sublattices`.
  public var sublatticeOfSite: [Int]
  public var sublattices: [MixedSublattice]

  /// The shortest distance between two mixed sites, Å; nil where nothing is mixed.
  public var nearestMixedDistance: Double? {
    let reduction = lattice.minkowskiReduction()
    let short = lattice.changed(by: reduction)
    let sites = mixedSites.map { lattice.cartesian(positions[$0]) }
    let steps = [-2.0, -1, 0, 1, 2]
    let images = steps.flatMap { x in steps.flatMap { y in steps.map { short.cartesian([x, y, $0]) } } }
    return sites.flatMap { site in
      sites.flatMap { other in
        let between = short.fractional(other - site)
        let home = short.cartesian(between - between.rounded(.toNearestOrEven))
        return images.map { length(home + $0) }.filter { $0 > 1e-6 }
      }
    }.min()
  }

  public init(
    lattice: Lattice, positions: [SIMD3<Double>], sublatticeOfSite: [Int], sublattices: [MixedSublattice]
  ) {
    precondition(positions.count == sublatticeOfSite.count, "one sublattice for each site")
    self.lattice = lattice
    self.positions = positions
    self.sublatticeOfSite = sublatticeOfSite
    self.sublattices = sublattices
  }

  /// Sites of mixed sublattices, sublattice by sublattice.
  public var mixedSites: [Int] {
    sublattices.indices.filter { sublattices[$0].isMixed }.flatMap { s in
      positions.indices.filter { sublatticeOfSite[$0] == s }
    }
  }

  /// - Throws: `InputError` where every sublattice holds one species.
  public func requireMixed() throws {
    guard sublattices.contains(where: \.isMixed) else {
      throw InputError("nothing is mixed: every sublattice has one occupant", remedy: "give a formula with two")
    }
  }

  /// A named parent of a formula; on rocksalt N, O, F, S, Cl, … take the anion sites, all else (and `Va`) the cation
  /// sites.
  ///
  /// - Parameter edge: of the cube (hcp: a), Å.
  /// - Throws: `InputError` where a rocksalt's cations and anions are not equally many.
  public init(_ kind: StandardParent, _ formula: [SpeciesAmount], edge: Double) throws {
    let unit = kind.lattice
    let lattice = Lattice(a: edge * unit.a, b: edge * unit.b, c: edge * unit.c)
    let sites = kind.orderedPositions
    guard kind == .rocksalt else {
      self.init(
        lattice: lattice, positions: sites, sublatticeOfSite: sites.map { _ in 0 },
        sublattices: [MixedSublattice(name: kind.rawValue, occupants: formula)])
      return
    }
    let onAnions = formula.filter { $0.species.element?.isAnion ?? false }
    let onCations = formula.filter { !onAnions.contains($0) }
    let (cations, negatives) = (onCations.reduce(0) { $0 + $1.amount }, onAnions.reduce(0) { $0 + $1.amount })
    guard !onCations.isEmpty, !onAnions.isEmpty, abs(cations - negatives) < 1e-6 * cations else {
      throw InputError(
        "a rocksalt has as many cations as anions; the formula has \(shortNumber(cations)) and \(shortNumber(negatives))",
        remedy: cations < negatives ? "fill the cation sites up with Va, as in Li0.5Va0.5MnO2" : nil)
    }
    self.init(
      lattice: lattice, positions: sites + [StandardParent.anionPosition], sublatticeOfSite: [0, 1],
      sublattices: [
        MixedSublattice(name: "cation", occupants: onCations), MixedSublattice(name: "anion", occupants: onAnions),
      ])
  }

  /// A structure in which elements stand for mixtures: where `mixtures` has Mn, every Mn site is shared.
  /// - Throws: `InputError` for a structure that does not repeat, or an element that is not in it.
  public init(_ structure: Structure, mixtures: [ChemicalElement: [SpeciesAmount]]) throws {
    guard let lattice = structure.lattice, structure.periodic == .all else {
      throw InputError("the parent must repeat in three directions")
    }
    let elements = Array(Set(structure.elements)).sorted()
    if let absent = mixtures.keys.sorted().first(where: { !elements.contains($0) }) {
      throw InputError(
        "the parent has no \(absent) to mix", remedy: "it has \(elements.map(\.symbol).joined(separator: ", "))")
    }
    self.init(
      lattice: lattice, positions: structure.positions.map(lattice.fractional),
      sublatticeOfSite: structure.elements.map { elements.firstIndex(of: $0) ?? 0 },
      sublattices: elements.map {
        MixedSublattice(name: $0.symbol, occupants: mixtures[$0] ?? [SpeciesAmount(.element($0), 1)])
      })
  }
}
