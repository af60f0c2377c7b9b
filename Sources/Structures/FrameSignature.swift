/// What a frame looks like, for finding it again where a file has lost its id (XSF with five decimals, say).
///
/// Two frames are the same if formula and periodicity agree, and volume, energy and the sorted shortest distances
/// agree within what text files of five decimals lose. Never a rounded hash: a number next to a rounding edge
/// would change it.
public struct FrameSignature: Hashable, Sendable, Codable {
  public var formula: String
  /// Å³; nil where the frame does not repeat in three directions.
  public var volume: Double?
  /// eV.
  public var energy: Double?
  /// The distance of each atom to its nearest neighbour in the cell or an image, ascending, at most 32 of them, Å.
  public var distances: [Double]

  public init(formula: String, volume: Double?, energy: Double?, distances: [Double]) {
    self.formula = formula
    self.volume = volume
    self.energy = energy
    self.distances = distances
  }

  /// Tolerances: 1e−4 of the volume, 1e−5 eV an atom (energy), 5e−4 Å (distances).
  public func matches(_ other: FrameSignature, atoms: Int) -> Bool {
    guard formula == other.formula, distances.count == other.distances.count else { return false }
    switch (volume, other.volume) {
    case (nil, nil): break
    case (let v?, let w?): if abs(v - w) > 1e-4 * max(v, w) { return false }
    default: return false
    }
    if let e = energy, let f = other.energy, abs(e - f) > 1e-5 * Double(max(1, atoms)) { return false }
    return zip(distances, other.distances).allSatisfy { abs($0 - $1) <= 5e-4 }
  }
}
