extension Dataset {
  /// The first `count` different frames in an order drawn from a seed, in the order of the data set: with one seed every
  /// smaller subset is a part of every larger one.
  ///
  /// Isolated atoms are always in it and do not count; copies of a frame go where the frame goes. The order of the
  /// frames does not matter.
  /// - Parameter count: 1 or more; the whole data set where it has no more frames.
  public func nestedSubset(_ count: Int, seed: UInt64) -> Dataset {
    let ids = Set(frames.lazy.filter { !$0.isIsolatedAtom }.map(\.id)).sorted()
    guard count < ids.count else { return self }
    var random = RandomSource(seed: seed ^ 0x57AD_1E5B)
    let chosen = Set(random.permutation(of: ids.count).prefix(count).map { ids[$0] })
    return Dataset(frames.filter { $0.isIsolatedAtom || chosen.contains($0.id) })
  }

  /// Different frames, isolated atoms apart: what a part of a data set counts.
  public var distinctCount: Int { Set(frames.lazy.filter { !$0.isIsolatedAtom }.map(\.id)).count }
}
