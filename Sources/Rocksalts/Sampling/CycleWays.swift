import Structures

/// In how many ways the cycles from the k-th on can be coloured so that the counts come out; to draw a colouring.
struct CycleWays: Sendable {
  private let lengths: [Int]
  private let strides: [Int]
  private let counts: [Int]
  /// ways[k][state]: state is what is left to place, in mixed radix.
  private let ways: [[Double]]

  init(_ cycles: [OrbitCounts.Cycles], counts: [Int]) {
    lengths = cycles.flatMap { [Int](repeating: $0.length, count: $0.count) }.sorted(by: >)
    self.counts = counts
    strides = counts.indices.map { k in counts[..<k].reduce(1) { $0 * ($1 + 1) } }
    let states = counts.reduce(1) { $0 * ($1 + 1) }
    var ways = [[Double]](repeating: [], count: lengths.count + 1)
    var last = [Double](repeating: 0, count: states)
    last[0] = 1
    ways[lengths.count] = last
    for k in lengths.indices.reversed() {
      var row = [Double](repeating: 0, count: states)
      for state in 0..<states where last[state] != 0 {
        for c in counts.indices where state / strides[c] % (counts[c] + 1) + lengths[k] <= counts[c] {
          row[state + strides[c] * lengths[k]] += last[state]
        }
      }
      ways[k] = row
      last = row
    }
    self.ways = ways
  }

  /// A colour for every cycle, longest cycles first.
  func draw(_ random: inout RandomSource) -> [Int] {
    var left = zip(counts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    return lengths.indices.map { k in
      var place = random.uniform() * ways[k][left]
      var chosen = 0
      for c in counts.indices where left / strides[c] % (counts[c] + 1) >= lengths[k] {
        let rest = ways[k + 1][left - strides[c] * lengths[k]]
        guard rest > 0 else { continue }
        chosen = c
        if place < rest { break }
        place -= rest
      }
      left -= strides[chosen] * lengths[k]
      return chosen
    }
  }
}
