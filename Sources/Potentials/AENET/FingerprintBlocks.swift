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
    /// Rows × components; raw until `normalise`.
    var inputs: [Double]
  }

  /// Atoms of one block: more frames are not added beyond it.
  static let blockSize = 1024

  var blocks: [Block]
  let width: Int

  /// - Throws: `InputError` naming the frame where two atoms are too close or an element is unknown.
  init(_ data: Dataset, fingerprint: ChebyshevFingerprint, elements: [ChemicalElement], threads: Int) throws {
    width = fingerprint.count
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
      try Self.block(parts[k], data, fingerprint, elements)
    }
  }

  private static func block(
    _ range: Range<Int>, _ data: Dataset, _ fingerprint: ChebyshevFingerprint, _ elements: [ChemicalElement]
  ) throws -> Block {
    let width = fingerprint.count
    var types: [Int] = []
    var frameOfSite: [Int32] = []
    var features: [Double] = []
    for k in range {
      let frame = data[k]
      do {
        let search = try NeighborSearch(
          frames: [frame.structure], elements: elements, cutoff: fingerprint.shape.radialCutoff)
        features += fingerprint.values(try search.list(of: search.sites)).features
        types += search.types
      } catch let error as InputError {
        throw error.located(in: frame.name)
      }
      frameOfSite += [Int32](repeating: Int32(k - range.lowerBound), count: frame.structure.count)
    }
    var block = Block(frames: range, rows: [], frameOfRow: [], inputs: [])
    block.inputs.reserveCapacity(features.count)
    for type in elements.indices {
      let first = block.frameOfRow.count
      for site in types.indices where types[site] == type {
        block.frameOfRow.append(frameOfSite[site])
        block.inputs += features[site * width..<(site + 1) * width]
      }
      block.rows.append(first..<block.frameOfRow.count)
    }
    return block
  }

  /// ⟨G_k⟩ and 1/√(⟨G_k²⟩ − ⟨G_k⟩²) over the atoms of each species, the variance about the mean; 0 for a component
  /// that is constant (root ≤ 1e−10).
  func statistics(species: Int) -> (means: [Double], inverseDeviations: [Double]) {
    func average(_ term: (Double, Int) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: species * width)
      var counts = [Int](repeating: 0, count: species)
      for block in blocks {
        for type in 0..<species {
          counts[type] += block.rows[type].count
          for row in block.rows[type] {
            for c in 0..<width { sums[type * width + c] += term(block.inputs[row * width + c], type * width + c) }
          }
        }
      }
      return sums.indices.map { counts[$0 / width] == 0 ? 0 : sums[$0] / Double(counts[$0 / width]) }
    }
    let means = average { value, _ in value }
    let variances = average { value, k in (value - means[k]) * (value - means[k]) }
    return (means, variances.map { $0.squareRoot() <= 1e-10 ? 0 : 1 / $0.squareRoot() })
  }

  /// x_k = (G_k − mean) × inverse deviation, in place.
  mutating func normalise(means: [Double], inverseDeviations: [Double]) {
    for b in blocks.indices {
      for (type, rows) in blocks[b].rows.enumerated() {
        for row in rows {
          for c in 0..<width {
            let k = type * width + c
            blocks[b].inputs[row * width + c] =
              (blocks[b].inputs[row * width + c] - means[k]) * inverseDeviations[k]
          }
        }
      }
    }
  }
}
