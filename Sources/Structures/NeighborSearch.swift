import CKernels

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
  /// Two atoms closer than this are an error unless a search says otherwise, Å.
  public static let closestPair = 0.5

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
  public init(frames: [Structure], elements: [ChemicalElement], cutoff: Double, floor: Double = closestPair) throws
  {
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
    var room = self.room(for: centers)
    while true {
      if let list = try list(of: centers, room: room) { return list }
      room *= 2
    }
  }

  /// A little more than the pairs that evenly spread atoms have.
  private func room(for centers: Range<Int>) -> Int {
    let ball = 4.0 / 3 * Double.pi * cutoff * cutoff * cutoff
    let pairs = parts(of: centers).reduce(0.0) { sum, part in
      sum + Double(part.atoms.count) * min(cells[part.frame].density * ball, 1e5)
    }
    return 256 + Int(1.15 * pairs)
  }

  /// Atoms of each frame that a range of sites holds.
  private func parts(of centers: Range<Int>) -> [(frame: Int, atoms: Range<Int>)] {
    var parts: [(frame: Int, atoms: Range<Int>)] = []
    var frame = frames.partitionIndex { $0.upperBound <= centers.lowerBound }
    while frame < frames.count, frames[frame].lowerBound < centers.upperBound {
      let sites = frames[frame].clamped(to: centers)
      let base = frames[frame].lowerBound
      if !sites.isEmpty { parts.append((frame, sites.lowerBound - base..<sites.upperBound - base)) }
      frame += 1
    }
    return parts
  }

  /// The list, or nil where `room` pairs are too few.
  private func list(of centers: Range<Int>, room: Int) throws -> NeighborList? {
    var list = NeighborList(types: types, centers: centers, frames: frames, indices: [], vectors: [], offsets: [])
    var isComplete = true
    list.indices = try [Int](unsafeUninitializedCapacity: room) { indices, pairCount in
      list.vectors = try [SIMD3<Double>](unsafeUninitializedCapacity: room) { vectors, vectorCount in
        list.offsets = try [Int](unsafeUninitializedCapacity: centers.count + 1) { offsets, offsetCount in
          var rows = PairRows(indices: indices, vectors: vectors, offsets: offsets)
          isComplete = try fill(&rows, centers)
          (pairCount, vectorCount, offsetCount) = (rows.pairs, rows.pairs, isComplete ? centers.count + 1 : 0)
        }
      }
    }
    return isComplete ? list : nil
  }

  /// - Returns: false where there is too little room.
  private func fill(_ rows: inout PairRows, _ centers: Range<Int>) throws -> Bool {
    for part in parts(of: centers) {
      let stop = rows.add(
        cells[part.frame], part.atoms, base: frames[part.frame].lowerBound,
        within: NeighborDistances(cutoff: cutoff, floor: floor))
      if let close = rows.close {
        throw InputError(
          "atoms \(stop + 1) and \(close.atom + 1) are \((1000 * close.distance).rounded() / 1000) Å apart, closer than \(floor) Å",
          remedy: "check the cell and the positions (halite data check)")
      }
      if stop < part.atoms.upperBound { return false }
    }
    return true
  }
}

/// Pairs on their way into the arrays of a list.
private struct PairRows {
  private var rows = ck_neighbor_rows()

  init(
    indices: UnsafeMutableBufferPointer<Int>, vectors: UnsafeMutableBufferPointer<SIMD3<Double>>,
    offsets: UnsafeMutableBufferPointer<Int>
  ) {
    offsets[0] = 0
    rows.indices = UnsafeMutableRawPointer(indices.baseAddress)?.assumingMemoryBound(to: Int64.self)
    rows.vectors = UnsafeMutableRawPointer(vectors.baseAddress)?.assumingMemoryBound(to: Double.self)
    rows.ends = (UnsafeMutableRawPointer(offsets.baseAddress)?.assumingMemoryBound(to: Int64.self)).map { $0 + 1 }
    rows.room = Int64(indices.count)
    rows.close = -1
  }

  var pairs: Int { Int(rows.count) }
  /// A neighbour closer than the floor, of the atom that `add` stopped at, and its distance, Å.
  var close: (atom: Int, distance: Double)? {
    rows.close < 0 ? nil : (Int(rows.close), rows.close_squared.squareRoot())
  }

  /// The pairs of atoms of one frame, whose first site is `base`; returns the atom that it stopped at.
  mutating func add(_ cells: LinkedCells, _ atoms: Range<Int>, base: Int, within distances: NeighborDistances)
    -> Int
  {
    rows.base = Int64(base)
    return cells.addNeighbors(of: atoms, within: distances, to: &rows)
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
