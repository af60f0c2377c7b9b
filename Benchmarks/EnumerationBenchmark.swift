import Rocksalts
import Structures

/// All binary orderings of fcc with up to twelve sites, each part compared with Burnside's lemma.
enum EnumerationBenchmark: Benchmark {
  static let name = "enumeration"
  static let summary = "10,850 binary orderings of fcc (1 to 12 sites), counted by Burnside's lemma and listed"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    var listed = 0
    let times = try (0..<runs).map { _ in
      try seconds { listed = try Self.listed(species: ["Li", "Mn"], sizes: 1...12, threads: threads) }
    }
    let ternary = try seconds { _ = try Self.listed(species: ["Li", "Mn", "Ti"], sizes: 1...9, threads: threads) }
    return Measurement(
      seconds: times, size: listed, unit: "orderings",
      extras: [
        "orderings_per_second": Double(listed) / (times.min() ?? .infinity), "ternary_to_9_seconds": ternary,
        "peak_bytes": peakBytes(),
      ])
  }

  /// Listed orderings, incomplete ones included, as structures' species.
  private static func listed(species: [String], sizes: ClosedRange<Int>, threads: Int) throws -> Int {
    let parent = try StandardParent.fcc.parent(species: species.compactMap { Species($0) })
    let enumeration = try Enumeration(parent: parent, limits: CompositionLimits(allowsIncomplete: true))
    return try sizes.reduce(0) { sum, size in
      let parts = try enumeration.parts(index: size, threads: threads)
      return try sum
        + parallelMap(chunks: parts.count, threads: threads) { k in
          var walk = enumeration.walk(parts[k])
          var count = 0
          while case let block = try walk.next(), !block.isEmpty { count += block.count }
          return count
        }.reduce(0, +)
    }
  }
}
