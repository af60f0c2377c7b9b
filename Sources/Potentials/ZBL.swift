import Structures

#if canImport(Glibc)
  import Glibc
#endif

/// Screened nuclear repulsion of Ziegler, Biersack and Littmark (The Stopping and Range of Ions in Matter, 1985).
///
///     E_ij = Z_i Z_j e²/(4πε₀ r) φ(r/a) + S(r),  a = 0.46850 Å/(Z_i^0.23 + Z_j^0.23)
///     φ(x) = 0.18175 e^{−3.19980x} + 0.50986 e^{−0.94229x} + 0.28022 e^{−0.40290x} + 0.02817 e^{−0.20162x}
///
/// S(r) takes energy, force and curvature to zero at `outer`; it is constant up to `inner` (the form of LAMMPS's
/// `pair_style zbl`). Half of E_ij belongs to each atom. Any potential can carry it: subtracted before fitting,
/// added in prediction.
public struct ZBL: Hashable, Codable, Sendable {
  /// Å: where the switch begins.
  public var inner: Double
  /// Å: where the repulsion has gone.
  public var outer: Double

  /// - Throws: `InputError` unless 0 < inner < outer.
  public init(inner: Double, outer: Double) throws {
    guard inner > 0, outer > inner, outer.isFinite else {
      throw InputError("ZBL needs 0 < inner < outer, found inner \(inner) and outer \(outer) Å")
    }
    self.inner = inner
    self.outer = outer
  }

  /// Adds site energies (eV) and their pair gradients over a list.
  func add(
    _ list: NeighborList, elements: [ChemicalElement], to energies: inout [Double], _ gradient: inout PairGradient?
  ) {
    let pairs = elements.map { a in elements.map { b in ZBLPair(self, a, b) } }
    for site in list.centers {
      let row = pairs[list.types[site]]
      for pair in list.pairs(of: site) {
        let r = length(list.vectors[pair])
        guard r < outer else { continue }
        let (energy, slope) = row[list.types[list.indices[pair]]].energy(at: r)
        energies[site - list.centers.lowerBound] += energy / 2
        gradient?.vectors[pair] += (slope / (2 * r)) * list.vectors[pair]
      }
    }
  }
}

/// The repulsion of one pair of elements, with its switch worked out.
private struct ZBLPair {
  private static let terms: [(weight: Double, decay: Double)] = [
    (0.18175, 3.19980), (0.50986, 0.94229), (0.28022, 0.40290), (0.02817, 0.20162),
  ]
  private let product: Double
  private let inverseLength: Double
  private let inner: Double
  private var cubic = 0.0
  private var quartic = 0.0
  private var constant = 0.0

  init(_ zbl: ZBL, _ a: ChemicalElement, _ b: ChemicalElement) {
    let (za, zb) = (Double(a.atomicNumber), Double(b.atomicNumber))
    product = Units.coulomb * za * zb
    inverseLength = (pow(za, 0.23) + pow(zb, 0.23)) / 0.46850
    inner = zbl.inner
    let (e, d, d2) = bare(at: zbl.outer)
    let width = zbl.outer - zbl.inner
    cubic = (-3 * d + width * d2) / (width * width)
    quartic = (2 * d - width * d2) / (width * width * width)
    constant = -e + width * d / 2 - width * width * d2 / 12
  }

  /// Value, first and second derivative without the switch.
  private func bare(at r: Double) -> (Double, Double, Double) {
    var (f, d, d2) = (0.0, 0.0, 0.0)
    for term in Self.terms {
      let k = term.decay * inverseLength
      let value = term.weight * exp(-k * r)
      f += value
      d -= k * value
      d2 += k * k * value
    }
    let c = product / r
    return (c * f, c * (d - f / r), c * (d2 - 2 * d / r + 2 * f / (r * r)))
  }

  func energy(at r: Double) -> (energy: Double, slope: Double) {
    let (e, d, _) = bare(at: r)
    let x = max(0, r - inner)
    return (e + x * x * x * (cubic / 3 + quartic / 4 * x) + constant, d + x * x * (cubic + quartic * x))
  }
}
