import Structures

/// Ordered rocksalt-type structures of cathodes, with the usual space groups.
public enum Prototype: String, CaseIterable, Sendable {
  /// MO, Fm-3m, cube of 8 atoms.
  case rocksalt
  /// LiMO2, R-3m (O3, α-NaFeO2), hexagonal cell of 12 atoms.
  case layered
  /// LiMO2, I4_1/amd, 16 atoms.
  case gammaLiFeO2 = "gamma-lifeo2"
  /// LiMO2 with the cation order of a lithiated spinel, Fd-3m, primitive cell of 16 atoms.
  case spinelLike = "spinel-like"
  /// Li2MO3, C2/m, 24 atoms.
  case li2MnO3Like = "li2mno3-like"

  /// Cell parameters, Å.
  public struct Parameters: Hashable, Sendable {
    /// Edge of the rocksalt cube that all follow from where nothing else is given.
    public var edge: Double
    /// Of `layered`: a and c of the hexagonal cell, and the oxygen's z (ideal 0.25) with lithium at 0 and the metal at ½.
    public var a: Double?
    public var c: Double?
    public var z: Double?

    public init(edge: Double, a: Double? = nil, c: Double? = nil, z: Double? = nil) {
      self.edge = edge
      self.a = a
      self.c = c
      self.z = z
    }
  }

  /// Elements of one formula unit with their oxidation states, for the lattice parameter.
  public func states(metal: ChemicalElement) -> [ChargedAmount] {
    let lithium = ChemicalElement("Li")!
    let oxygen = ChemicalElement("O")!
    func unit(_ li: Double, charge: Int, _ o: Double) -> [ChargedAmount] {
      [
        ChargedAmount(element: lithium, charge: 1, amount: li),
        ChargedAmount(element: metal, charge: charge, amount: 1),
        ChargedAmount(element: oxygen, charge: -2, amount: o),
      ].filter { $0.amount > 0 }
    }
    return switch self {
    case .rocksalt: unit(0, charge: 2, 1)
    case .layered, .gammaLiFeO2, .spinelLike: unit(1, charge: 3, 2)
    case .li2MnO3Like: unit(2, charge: 4, 3)
    }
  }

  /// The structure of a metal; lithium removed where asked for (MO2).
  public func structure(metal: ChemicalElement, _ parameters: Parameters, delithiated: Bool = false) -> Structure {
    let (lattice, sites) = cell(parameters)
    let elements: [Character: ChemicalElement] = [
      "L": ChemicalElement("Li")!, "M": metal, "O": ChemicalElement("O")!,
    ]
    let wanted: [Character] = delithiated ? ["M", "O"] : ["L", "M", "O"]
    let ordered = wanted.flatMap { kind in sites.filter { $0.kind == kind } }
    return Structure(
      lattice: lattice, elements: ordered.map { elements[$0.kind]! },
      positions: ordered.map { lattice.cartesian(wrapped($0.position)) })
  }

  private typealias Site = (kind: Character, position: SIMD3<Double>)

  private func cell(_ p: Parameters) -> (Lattice, [Site]) {
    let e = p.edge
    switch self {
    case .rocksalt:
      let centering: [SIMD3<Double>] = [.zero, [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
      return (
        Lattice(a: [e, 0, 0], b: [0, e, 0], c: [0, 0, e]),
        Self.copied([("M", .zero), ("O", [0.5, 0.5, 0.5])], centering)
      )
    case .layered: return layered(p)
    case .gammaLiFeO2:
      let half: [SIMD3<Double>] = [.zero, [0.5, 0.5, 0.5]]
      let sites: [Site] = [
        ("M", .zero), ("M", [0, 0.5, 0.25]), ("L", [0, 0, 0.5]), ("L", [0, 0.5, 0.75]), ("O", [0, 0, 0.25]),
        ("O", [0, 0.5, 0.5]), ("O", [0.5, 0, 0.5]), ("O", [0.5, 0.5, 0.25]),
      ]
      return (Lattice(a: [e, 0, 0], b: [0, e, 0], c: [0, 0, 2 * e]), Self.copied(sites, half))
    case .spinelLike: return spinel(e)
    case .li2MnO3Like:
      // a = c = √(3/2) e and b = 3/√2 e with cos β = −1/3: every ion on a rocksalt site.
      let a = 1.5.squareRoot() * e
      let lattice = Lattice(
        a: [a, 0, 0], b: [0, 3 / 2.0.squareRoot() * e, 0], c: [-a / 3, 0, a * (8.0 / 9).squareRoot()])
      let sites: [Site] = [
        ("M", [0, 1.0 / 6, 0]), ("M", [0, 5.0 / 6, 0]), ("L", [0, 0.5, 0]), ("L", [0, 0, 0.5]),
        ("L", [0, 2.0 / 3, 0.5]), ("L", [0, 1.0 / 3, 0.5]), ("O", [0.25, 0, 0.25]), ("O", [0.75, 0, 0.75]),
        ("O", [0.25, 1.0 / 3, 0.25]), ("O", [0.75, 1.0 / 3, 0.75]), ("O", [0.25, 2.0 / 3, 0.25]),
        ("O", [0.75, 2.0 / 3, 0.75]),
      ]
      return (lattice, Self.copied(sites, [.zero, [0.5, 0.5, 0]]))
    }
  }

  private func layered(_ p: Parameters) -> (Lattice, [Site]) {
    let a = p.a ?? p.edge / 2.0.squareRoot()
    let c = p.c ?? 2 * 3.0.squareRoot() * p.edge
    let z = p.z ?? 0.25
    let lattice = Lattice(a: [a, 0, 0], b: [-a / 2, 0.75.squareRoot() * a, 0], c: [0, 0, c])
    let centering: [SIMD3<Double>] = [.zero, [2.0 / 3, 1.0 / 3, 1.0 / 3], [1.0 / 3, 2.0 / 3, 2.0 / 3]]
    // The setting in which z is published: Li 3a, M 3b, O 6c (LiCoO2 0.2395).
    let sites: [Site] = [("M", [0, 0, 0.5]), ("L", .zero), ("O", [0, 0, z]), ("O", [0, 0, -z])]
    return (lattice, Self.copied(sites, centering))
  }

  /// 16c and 16d of Fd-3m (origin 2) and all anions of the doubled cube, in its primitive cell.
  private func spinel(_ e: Double) -> (Lattice, [Site]) {
    let lattice = Lattice(a: [0, e, e], b: [e, 0, e], c: [e, e, 0])
    // Coordinates in quarters of the doubled cube, that is halves of e.
    let quarters: [(Character, SIMD3<Double>)] = [
      ("L", .zero), ("L", [3, 1, 2]), ("L", [1, 2, 3]), ("L", [2, 3, 1]), ("M", [2, 2, 2]), ("M", [1, 3, 0]),
      ("M", [3, 0, 1]), ("M", [0, 1, 3]), ("O", [1, 1, 1]), ("O", [3, 3, 3]), ("O", [1, 0, 0]), ("O", [0, 1, 0]),
      ("O", [0, 0, 1]), ("O", [3, 0, 0]), ("O", [0, 3, 0]), ("O", [0, 0, 3]),
    ]
    return (lattice, quarters.map { ($0.0, lattice.fractional(e / 2 * $0.1)) })
  }

  private static func copied(_ sites: [Site], _ shifts: [SIMD3<Double>]) -> [Site] {
    sites.flatMap { site in shifts.map { (site.kind, site.position + $0) } }
  }
}
