import Structures

extension Dataset {
  /// As many frames drawn with replacement (Efron 1979, doi:10.1214/aos/1176344552): members of a committee that learn from
  /// such draws differ by what they have seen, even where a fit has no random start.
  ///
  /// Isolated atoms all stay, and a frame is added for each element that the draw has lost: members must know the same
  /// elements. Frames keep the order of the data; a frame drawn twice stands twice.
  public func bootstrapped(seed: UInt64) -> Dataset {
    let drawable = indices.filter { !self[$0].isIsolatedAtom }
    guard !drawable.isEmpty else { return self }
    var random = RandomSource(seed: seed ^ 0xB007_57A9)
    var times = [Int](repeating: 0, count: count)
    for index in indices where self[index].isIsolatedAtom { times[index] = 1 }
    for _ in drawable { times[drawable[random.below(drawable.count)]] += 1 }
    var missing = Set(elements).subtracting(
      indices.filter { times[$0] > 0 }.flatMap { self[$0].structure.elements })
    for place in random.permutation(of: drawable.count) where !missing.isEmpty {
      let index = drawable[place]
      let found = missing.intersection(self[index].structure.elements)
      guard !found.isEmpty else { continue }
      times[index] += 1
      missing.subtract(found)
    }
    return Dataset(indices.flatMap { [LabeledStructure](repeating: self[$0], count: times[$0]) })
  }
}
