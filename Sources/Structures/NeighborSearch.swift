/// Finds the neighbours of frames, all at once or block by block.
///
/// Setting it up is linear in the atoms; a list is linear in its pairs. Lists of different blocks may be made on
/// different threads. Any cell will do: skewed, smaller than the cutoff, repeating in some directions or in none.
public struct NeighborSearch: Sendable {
  /// Sites of all frames, numbered through.
  public var sites: Range<Int> { 0..<types.count }
  /// The sites of each frame.
  public let frames: [Range<Int>]
  /// For each site, the index of its element.
  public let types: [Int]
  /// Å.
  public let cutoff: Double
  /// Atoms closer than this are an error, Å.
  public let floor: Double
  private let cells: [LinkedCells]

  /// - Parameters:
  ///   - elements: those a potential knows; `types` are indices into it.
  ///   - cutoff: Å.
  ///   - floor: two atoms closer than this make `list(of:)` throw, Å.
  /// - Throws: `InputError` for an element not among `elements`, a cell without volume, a position that is no number.
  public init(frames: [Structure], elements: [ChemicalElement], cutoff: Double, floor: Double = 0.5) throws {
    var types: [Int] = []
    var ranges: [Range<Int>] = []
    var slots = [Int](repeating: -1, count: ChemicalElement.all.count + 1)
    for (index, element) in elements.enumerated() { slots[element.atomicNumber] = index }
    for frame in frames {
      ranges.append(types.count..<types.count + frame.count)
      for (atom, element) in frame.elements.enumerated() {
        let slot = slots[element.atomicNumber]
        guard slot >= 0 else {
          throw InputError(
            "atom \(atom + 1) is \(element), an element that the potential does not know (it knows "
              + elements.map(\.symbol).joined(separator: " ") + ")",
            remedy: "use a potential trained with \(element)")
        }
        types.append(slot)
      }
    }
    self.frames = ranges
    self.types = types
    self.cutoff = cutoff
    self.floor = floor
    cells = try frames.map { try LinkedCells($0, cutoff: cutoff) }
  }

  /// The pairs of a range of sites; the range may span frames.
  /// - Throws: `InputError` naming two atoms closer than `floor`.
  public func list(of centers: Range<Int>) throws -> NeighborList {
    var list = NeighborList(types: types, centers: centers, frames: frames, indices: [], vectors: [], offsets: [0])
    list.offsets.reserveCapacity(centers.count + 1)
    list.indices.reserveCapacity(64 * centers.count)
    list.vectors.reserveCapacity(64 * centers.count)
    var frame = frames.partitionIndex { $0.upperBound <= centers.lowerBound }
    for site in centers {
      while site >= frames[frame].upperBound { frame += 1 }
      let base = frames[frame].lowerBound
      let close = cells[frame].appendNeighbors(
        of: site - base, cutoff: cutoff, floor: floor, base: base, to: &list)
      if let close {
        throw InputError(
          "atoms \(site - base + 1) and \(close.atom + 1) are \((1000 * close.distance).rounded() / 1000) Å apart, closer than \(floor) Å",
          remedy: "check the cell and the positions (halite data check)")
      }
      list.offsets.append(list.indices.count)
    }
    return list
  }
}

extension Array {
  /// The first index whose element does not satisfy a predicate that holds for a prefix.
  fileprivate func partitionIndex(_ holds: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
