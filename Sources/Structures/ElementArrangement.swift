/// Eight numbers that tell which elements stand beside which, whatever the order of the atoms: sorted distances alone do not change where
/// Li and Co change places.
///
/// S = 1/N Σᵢ Σⱼ w(Zᵢ) w(Zⱼ) (1 − r²/R²)² (r/R)²ᵏ over all pairs closer than R = 4 Å, for four sets of weights w and k = 0, 1. Each is smooth
/// in the positions, so that rounding of a text file changes it little. The weights only have to differ between elements: the fractional parts of
/// Z times irrational numbers, spread over −1 … 1.
public struct ElementArrangement: Hashable, Sendable {
  /// Single precision is far below the tolerance.
  private var sums = SIMD8<Float>(repeating: 0)

  /// Å.
  static let cutoff = 4.0
  /// How far the sums of one structure may be apart: what a shift of all distances by some 10⁻⁴ Å makes.
  static let tolerance: Float = 1e-3

  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public init(_ structure: Structure) throws {
    guard structure.count > 0 else { return }
    let elements = Set(structure.elements).sorted()
    let search = try NeighborSearch(frames: [structure], elements: elements, cutoff: Self.cutoff, floor: 0)
    let weights = elements.map { Self.weights($0) }
    var total = SIMD8<Double>(repeating: 0)
    for start in stride(from: 0, to: structure.count, by: 4096) {
      let list = try search.list(of: start..<min(start + 4096, structure.count))
      for site in list.centers {
        let own = weights[list.types[site]]
        for pair in list.pairs(of: site) {
          let square = dot(list.vectors[pair], list.vectors[pair]) / (Self.cutoff * Self.cutoff)
          guard square < 1 else { continue }
          let product = own * weights[list.types[list.indices[pair]]]
          var radial = (1 - square) * (1 - square)
          total.lowHalf += product * radial
          radial *= square
          total.highHalf += product * radial
        }
      }
    }
    for k in 0..<8 { sums[k] = Float(total[k] / Double(structure.count)) }
  }

  private static func weights(_ element: ChemicalElement) -> SIMD4<Double> {
    let multiples =
      Double(element.atomicNumber)
      * SIMD4(0.618033988749895, 0.414213562373095, 0.732050807568877, 0.259921049894873)
    return 2 * (multiples - multiples.rounded(.down)) - 1
  }

  /// True where every element may have the same surroundings in both.
  public func resembles(_ other: Self) -> Bool {
    (0..<8).allSatisfy { abs(sums[$0] - other.sums[$0]) <= Self.tolerance }
  }
}
