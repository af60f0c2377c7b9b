/// Neighbours of a range of sites within a cutoff: every pair twice, once from each end, periodic images apart.
///
/// Sites of all frames are numbered through. Pairs of a site stand together, in an order that depends on the
/// structure alone.
public struct NeighborList: Sendable {
  /// For each site, the index of its element in the potential's elements.
  public var types: [Int]
  /// The sites that carry energy and whose pairs are listed.
  public var centers: Range<Int>
  /// The sites of each frame.
  public var frames: [Range<Int>]
  /// For each pair, the site that is the neighbour.
  public var indices: [Int]
  /// For each pair, r_j − r_i + image, Å.
  public var vectors: [SIMD3<Double>]
  /// The atom that each site moves with: itself, unless the site is virtual. Empty where every site is an atom.
  public var owners: [Int]
  /// Offset of a virtual site from its owner, Å. Empty where every site is an atom.
  public var ownerVectors: [SIMD3<Double>]
  /// Pairs of centre number k are offsets[k] ..< offsets[k + 1].
  public var offsets: [Int]

  public init(
    types: [Int], centers: Range<Int>, frames: [Range<Int>], indices: [Int], vectors: [SIMD3<Double>],
    offsets: [Int]
  ) {
    self.types = types
    self.centers = centers
    self.frames = frames
    self.indices = indices
    self.vectors = vectors
    self.offsets = offsets
    owners = []
    ownerVectors = []
  }

  /// The pairs of a site, which must be one of the centres.
  @inlinable
  public func pairs(of site: Int) -> Range<Int> {
    let k = site - centers.lowerBound
    return offsets[k]..<offsets[k + 1]
  }
}
