extension ChemicalElement {
  /// True for the d-block metals of groups 3 to 11: Sc–Cu, Y–Ag, Hf–Au.
  public var isTransitionMetal: Bool {
    (21...29).contains(atomicNumber) || (39...47).contains(atomicNumber) || (72...79).contains(atomicNumber)
  }
}

/// Which kind of lithium transition-metal oxide (or oxyfluoride) a composition is, anions being O and F.
public enum LithiationClass: String, CaseIterable, Codable, Sendable {
  /// Two anions and one Li for each transition metal: LiTMO2.
  case full = "litmo2"
  /// Two anions for each transition metal, no Li: TMO2.
  case none = "tmo2"
  /// More than two anions, or more than one Li, for each transition metal: Li1+xTM1−xO2, whatever Li has left it.
  case excess = "li-excess"
  /// Two anions for each transition metal, fewer Li than transition metals.
  case partial
  /// No transition metal, fewer than two anions for each, or more and no Li at all.
  case other

  /// What figures and tables call it.
  public var title: String {
    switch self {
    case .full: "LiTMO2"
    case .none: "TMO2"
    case .excess: "Li-excess"
    case .partial: "partly lithiated"
    case .other: "other"
    }
  }
}

extension Structure {
  public var lithiationClass: LithiationClass {
    let counts = composition
    func number(_ atomicNumbers: [Int]) -> Int {
      counts.filter { atomicNumbers.contains($0.key.atomicNumber) }.values.reduce(0, +)
    }
    let metals = counts.filter { $0.key.isTransitionMetal }.values.reduce(0, +)
    let (lithium, anions) = (number([3]), number([8, 9]))
    guard metals > 0, anions >= 2 * metals else { return .other }
    if anions > 2 * metals { return lithium > 0 ? .excess : .other }
    if lithium == 0 { return .none }
    return lithium == metals ? .full : lithium > metals ? .excess : .partial
  }

  /// The transition metals that occur, by atomic number.
  public var transitionMetals: [ChemicalElement] { composition.keys.filter(\.isTransitionMetal).sorted() }
}

/// Whether the cations of an oxide alternate in a pattern.
public enum CationOrder: String, CaseIterable, Codable, Sendable {
  /// Every transition metal has the same number of transition metals among its cation neighbours, and so has every Li.
  case ordered
  case disordered
  /// Fewer than two transition metals, or no neighbours of them within the cutoff.
  case unknown

  /// Cations that share an edge of their octahedra are some 2.9 Å apart, those that share a corner 4.2 Å.
  public static let cutoff = 3.6
}

extension Structure {
  /// Order of transition metals against everything else on the cation sites: which transition metal is where does not count.
  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public func cationOrder() throws -> CationOrder {
    let metals = elements.map(\.isTransitionMetal)
    guard metals.count(where: { $0 }) > 1 else { return .unknown }
    let cations = (0..<count).filter { metals[$0] || elements[$0].atomicNumber == 3 }
    let part = Structure(
      lattice: lattice, periodic: periodic, elements: cations.map { elements[$0] },
      positions: cations.map { positions[$0] })
    let search = try NeighborSearch(
      frames: [part], elements: Set(part.elements).sorted(), cutoff: CationOrder.cutoff, floor: 0)
    let list = try search.list(of: 0..<part.count)
    var seen: [[Int]] = [[], []]
    for site in list.centers {
      let near = list.pairs(of: site).count { part.elements[list.indices[$0]].isTransitionMetal }
      seen[part.elements[site].isTransitionMetal ? 1 : 0].append(near)
    }
    guard seen[1].contains(where: { $0 > 0 }) else { return .unknown }
    return seen.allSatisfy { Set($0).count <= 1 } ? .ordered : .disordered
  }
}
