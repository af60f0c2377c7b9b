import Structures

/// A species and how much of it: a fraction, a number, or a part of a formula.
public struct SpeciesAmount: Hashable, Sendable {
  public var species: Species
  public var amount: Double

  public init(_ species: Species, _ amount: Double) {
    self.species = species
    self.amount = amount
  }

  /// The parts of a formula, as `Species.amounts(formula:)` reads them.
  /// - Throws: `InputError` (usage).
  public static func parts(ofFormula text: String) throws -> [SpeciesAmount] {
    try Species.amounts(formula: text).map { SpeciesAmount($0.species, $0.amount) }
  }
}

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

  /// Elements that take the anion sites of a rocksalt.
  public static let anions: Set<String> = ["H", "N", "O", "F", "P", "S", "Cl", "Se", "Br", "Te", "I"]

  /// Rocksalt of a formula: N, O, F, S, Cl, … on the anion sites, all else (and `Va`) on the cation sites.
  ///
  /// - Parameter edge: cubic lattice parameter, Å.
  /// - Throws: `InputError` where cations and anions are not equally many.
  public static func rocksalt(_ formula: [SpeciesAmount], edge: Double) throws -> MixedCrystal {
    let onAnions = formula.filter { $0.species.element.map { anions.contains($0.symbol) } ?? false }
    let onCations = formula.filter { !onAnions.contains($0) }
    let (cations, negatives) = (onCations.reduce(0) { $0 + $1.amount }, onAnions.reduce(0) { $0 + $1.amount })
    guard !onCations.isEmpty, !onAnions.isEmpty, abs(cations - negatives) < 1e-6 * cations else {
      throw InputError(
        "a rocksalt has as many cations as anions; the formula has \(rounded(cations)) and \(rounded(negatives))",
        remedy: cations < negatives ? "fill the cation sites up with Va, as in Li0.5Va0.5MnO2" : nil)
    }
    return MixedCrystal(
      lattice: primitiveFCC(edge), positions: [.zero, [0.5, 0.5, 0.5]], sublatticeOfSite: [0, 1],
      sublattices: [
        MixedSublattice(name: "cation", occupants: onCations), MixedSublattice(name: "anion", occupants: onAnions),
      ])
  }

  /// One mixed site on a cubic lattice.
  /// - Parameter edge: cubic lattice parameter, Å.
  public static func cubic(_ kind: CubicLattice, _ formula: [SpeciesAmount], edge: Double) -> MixedCrystal {
    MixedCrystal(
      lattice: kind.primitive(edge), positions: [.zero], sublatticeOfSite: [0],
      sublattices: [MixedSublattice(name: kind.rawValue, occupants: formula)])
  }

  /// A structure in which elements stand for mixtures: where `mixtures` has Mn, every Mn site is shared.
  /// - Throws: `InputError` for a structure that does not repeat, or an element that is not in it.
  public static func structure(
    _ structure: Structure, mixtures: [ChemicalElement: [SpeciesAmount]]
  ) throws -> MixedCrystal {
    guard let lattice = structure.lattice, structure.periodic == .all else {
      throw InputError("the parent must repeat in three directions")
    }
    let elements = Array(Set(structure.elements)).sorted()
    if let absent = mixtures.keys.sorted().first(where: { !elements.contains($0) }) {
      throw InputError(
        "the parent has no \(absent) to mix", remedy: "it has \(elements.map(\.symbol).joined(separator: ", "))")
    }
    return MixedCrystal(
      lattice: lattice, positions: structure.positions.map(lattice.fractional),
      sublatticeOfSite: structure.elements.map { elements.firstIndex(of: $0) ?? 0 },
      sublattices: elements.map {
        MixedSublattice(name: $0.symbol, occupants: mixtures[$0] ?? [SpeciesAmount(.element($0), 1)])
      })
  }

  static func primitiveFCC(_ edge: Double) -> Lattice { CubicLattice.fcc.primitive(edge) }

  private static func rounded(_ x: Double) -> String { String((x * 1e6).rounded() / 1e6) }
}

/// The cubic lattices of one site.
public enum CubicLattice: String, CaseIterable, Sendable {
  case fcc, bcc, sc

  /// Primitive vectors, Å.
  public func primitive(_ edge: Double) -> Lattice {
    let h = edge / 2
    return switch self {
    case .fcc: Lattice(a: [0, h, h], b: [h, 0, h], c: [h, h, 0])
    case .bcc: Lattice(a: [-h, h, h], b: [h, -h, h], c: [h, h, -h])
    case .sc: Lattice(a: [edge, 0, 0], b: [0, edge, 0], c: [0, 0, edge])
    }
  }
}
