import Structures

/// Fingerprints of a data set, computed once and kept: blocks of whole frames, in each block atoms by species.
///
/// A block fits the cache of a core, and all frames of a block are complete in it, so that an epoch reads every
/// number once: forward, errors of the frames, backward.
struct FingerprintBlocks: Sendable {
  struct Block: Sendable {
    /// Frames of the data set.
    var frames: Range<Int>
    /// Rows of each species.
    var rows: [Range<Int>]
    /// Frame of each row, counted from the block's first.
    var frameOfRow: [Int32]
    /// Of each species rows × components; raw until `normalise`.
    var inputs: [[Double]]
  }

  /// Atoms of one block: more frames are not added beyond it.
  static let blockSize = 1024

  var blocks: [Block]
  let fingerprints: SpeciesFingerprints

  /// - Throws: `InputError` naming the frame where two atoms are too close or an element is unknown.
  init(_ data: Dataset, fingerprints: SpeciesFingerprints, elements: [ChemicalElement], threads: Int) throws {
    self.fingerprints = fingerprints
    var ranges: [Range<Int>] = []
    var start = 0
    var atoms = 0
    for (k, frame) in data.enumerated() {
      if atoms > 0 && atoms + frame.structure.count > Self.blockSize {
        ranges.append(start..<k)
        (start, atoms) = (k, 0)
      }
      atoms += frame.structure.count
    }
    if start < data.count { ranges.append(start..<data.count) }
    let parts = ranges
    blocks = try parallelMap(chunks: parts.count, threads: threads) { k in
      try Self.block(parts[k], data, fingerprints, elements)
    }
  }

  private static func block(
    _ range: Range<Int>, _ data: Dataset, _ fingerprints: SpeciesFingerprints, _ elements: [ChemicalElement]
  ) throws -> Block {
    var types: [Int] = []
    var frameOfSite: [Int32] = []
    var features = [[Double]](repeating: [], count: fingerprints.groups.count)
    for k in range {
      let frame = data[k]
      do {
        let search = try NeighborSearch(
          frames: [frame.structure], elements: elements, cutoff: fingerprints.cutoff)
        let list = try search.list(of: search.sites)
        for (g, group) in fingerprints.groups.enumerated() { features[g] += group.values(list).features }
        types += search.types
      } catch let error as InputError {
        throw error.located(in: frame.name)
      }
      frameOfSite += [Int32](repeating: Int32(k - range.lowerBound), count: frame.structure.count)
    }
    var block = Block(frames: range, rows: [], frameOfRow: [], inputs: [])
    for type in elements.indices {
      let first = block.frameOfRow.count
      let group = fingerprints.groups.firstIndex { $0.species.contains(type) } ?? 0
      let width = fingerprints.widths[type]
      let sites = types.indices.filter { types[$0] == type }
      block.frameOfRow += sites.map { frameOfSite[$0] }
      block.inputs.append(sites.flatMap { features[group][$0 * width..<($0 + 1) * width] })
      block.rows.append(first..<block.frameOfRow.count)
    }
    return block
  }

  /// ⟨G_k⟩ and 1/√(⟨G_k²⟩ − ⟨G_k⟩²) over the atoms of each species, the variance about the mean; 0 for a component
  /// that is constant (root ≤ 1e−10).
  func statistics() -> (means: [Double], inverseDeviations: [Double]) {
    let offsets = fingerprints.offsets
    let species = fingerprints.widths.count
    func average(_ term: (Double, Int) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: offsets[species])
      for type in 0..<species {
        let (start, width) = (offsets[type], fingerprints.widths[type])
        var count = 0
        for block in blocks {
          count += block.rows[type].count
          for row in block.rows[type].indices {
            let first = (row - block.rows[type].lowerBound) * width
            for c in 0..<width { sums[start + c] += term(block.inputs[type][first + c], start + c) }
          }
        }
        for c in start..<start + width { sums[c] = count == 0 ? 0 : sums[c] / Double(count) }
      }
      return sums
    }
    let means = average { value, _ in value }
    let variances = average { value, k in (value - means[k]) * (value - means[k]) }
    return (means, variances.map { $0.squareRoot() <= 1e-10 ? 0 : 1 / $0.squareRoot() })
  }

  /// x_k = (G_k − mean) × inverse deviation, in place.
  mutating func normalise(means: [Double], inverseDeviations: [Double]) {
    for b in blocks.indices {
      for type in blocks[b].rows.indices {
        let (start, width) = (fingerprints.offsets[type], fingerprints.widths[type])
        for row in 0..<blocks[b].rows[type].count {
          for c in 0..<width {
            blocks[b].inputs[type][row * width + c] =
              (blocks[b].inputs[type][row * width + c] - means[start + c]) * inverseDeviations[start + c]
          }
        }
      }
    }
  }
}
