import Structures

/// How the moments of a calculation begin.
public enum MagneticOrder: Hashable, Sendable, CustomStringConvertible {
  /// All up.
  case ferromagnetic
  /// Up and down by turns over the magnetic atoms, in the order of their coordinates along c, then b, then a.
  case antiferromagnetic
  /// Every magnetic atom up or down with the same probability, by seed.
  case random(seed: UInt64)
  /// The moments that the structure carries.
  case given

  /// "fm", "afm", "random:7", "given".
  public init?(_ text: String) {
    switch text.lowercased() {
    case "fm": self = .ferromagnetic
    case "afm": self = .antiferromagnetic
    case "given": self = .given
    default:
      guard text.lowercased().hasPrefix("random:"), let seed = UInt64(text.dropFirst(7)) else { return nil }
      self = .random(seed: seed)
    }
  }

  public var description: String {
    switch self {
    case .ferromagnetic: "fm"
    case .antiferromagnetic: "afm"
    case .random(let seed): "random:\(seed)"
    case .given: "given"
    }
  }

  /// An atom is magnetic, and has a sign to choose, from this moment on, μB.
  public static let smallestMagnetic = 1.0

  /// The initial moments of a structure, μB.
  /// - Parameter sizes: the size of each atom's moment, μB.
  /// - Throws: `InputError` for `given` where the structure has no collinear moments.
  public func moments(of structure: Structure, sizes: [Double]) throws(InputError) -> [Double] {
    let magnetic = structure.elements.indices.filter { abs(sizes[$0]) >= Self.smallestMagnetic }
    var moments = sizes
    switch self {
    case .ferromagnetic: break
    case .given:
      guard case .collinear(let values) = structure.moments else {
        throw InputError(
          "the structure carries no collinear moments", remedy: "choose fm, afm or random:SEED, or add magmoms")
      }
      return values
    case .antiferromagnetic:
      let heights = magnetic.map { (atom: $0, place: Self.place(structure, $0)) }
        .sorted {
          ($0.place[2], $0.place[1], $0.place[0], $0.atom) < ($1.place[2], $1.place[1], $1.place[0], $1.atom)
        }
      for (turn, item) in heights.enumerated() where turn % 2 == 1 { moments[item.atom].negate() }
    case .random(let seed):
      var source = RandomSource(seed: seed)
      for atom in magnetic where source.below(2) == 1 { moments[atom].negate() }
    }
    return moments
  }

  /// Moments as one of the two that are each other's reverse: the first that has a sign to choose is up.
  ///
  /// The small moments of atoms that are not magnetic only begin the calculation; no order but `given` chooses their sign.
  /// - Parameter mayReverse: false where both directions must be told apart.
  func canonical(_ moments: [Double], mayReverse: Bool) -> [Double] {
    let first = moments.first { abs($0) >= Self.smallestMagnetic } ?? moments.first { $0 != 0 } ?? 1
    guard mayReverse, first < 0 else { return moments.map { $0 == 0 ? 0 : $0 } }
    return moments.map { $0 == 0 || self != .given && abs($0) < Self.smallestMagnetic ? abs($0) : -$0 }
  }

  /// Coordinates along a, b, c in thousandths, so that noise does not change the order.
  private static func place(_ structure: Structure, _ atom: Int) -> [Int] {
    let p = structure.lattice?.fractional(structure.positions[atom]) ?? structure.positions[atom]
    return (0..<3).map { Int(((p[$0] - p[$0].rounded(.down)) * 1000).rounded()) % 1000 }
  }
}
