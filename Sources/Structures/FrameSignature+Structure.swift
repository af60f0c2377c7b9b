extension FrameSignature {
  /// The longest list of distances that is kept.
  public static let longestDistances = 32

  /// The signature of a frame.
  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public init(of frame: LabeledStructure) throws {
    let nearest = try nearestNeighborDistances(frame.structure).sorted().prefix(Self.longestDistances)
    self.init(
      formula: frame.structure.formula, volume: frame.structure.volume, energy: frame.labels.energy,
      distances: nearest.map { $0 })
  }

  /// How far two frames that match are apart, each part in units of its tolerance; the largest part.
  func deviation(from other: FrameSignature, atoms: Int) -> Double {
    var worst = zip(distances, other.distances).reduce(0) { max($0, abs($1.0 - $1.1) / 5e-4) }
    if let v = volume, let w = other.volume { worst = max(worst, abs(v - w) / (1e-4 * max(v, w))) }
    if let e = energy, let f = other.energy { worst = max(worst, abs(e - f) / (1e-5 * Double(max(1, atoms)))) }
    return worst
  }
}

/// The distance of each atom to its nearest neighbour in the cell or an image, Å, in the order of the atoms; an atom
/// that is alone in the world has none.
///
/// The search radius doubles until every atom has a neighbour, so that a sparse cell costs little.
/// - Throws: `InputError` for a cell without volume or a position that is no number.
public func nearestNeighborDistances(_ structure: Structure) throws -> [Double] {
  var nearest = [Double](repeating: .infinity, count: structure.count)
  let reach = farthestNeighbor(structure)
  let elements = Set(structure.elements).sorted()
  var cutoff = min(3, reach)
  while cutoff > 0 {
    let search = try NeighborSearch(frames: [structure], elements: elements, cutoff: cutoff, floor: 0)
    for start in stride(from: 0, to: structure.count, by: 4096) {
      let list = try search.list(of: start..<min(start + 4096, structure.count))
      for site in list.centers {
        for pair in list.pairs(of: site) { nearest[site] = min(nearest[site], length(list.vectors[pair])) }
      }
    }
    if cutoff >= reach || nearest.allSatisfy(\.isFinite) { break }
    cutoff = min(2 * cutoff, reach)
  }
  return nearest.filter(\.isFinite)
}

/// A radius within which every atom that has a neighbour at all has one, Å: its own image, or the far corner of the
/// box around the atoms.
private func farthestNeighbor(_ structure: Structure) -> Double {
  var images: [Double] = []
  if let lattice = structure.lattice {
    if structure.periodic.a { images.append(length(lattice.a)) }
    if structure.periodic.b { images.append(length(lattice.b)) }
    if structure.periodic.c { images.append(length(lattice.c)) }
  }
  if let image = images.min() { return image * 1.000001 }
  guard structure.count > 1, let first = structure.positions.first else { return 0 }
  var low = first
  var high = first
  for position in structure.positions {
    low = pointwiseMin(low, position)
    high = pointwiseMax(high, position)
  }
  return length(high - low) * 1.000001 + 1e-9
}
