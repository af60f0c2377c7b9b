import Structures
import TestSupport

/// Neighbour list of a large rocksalt cell at 6 Å, block by block.
enum NeighborBenchmark: Benchmark {
  static let name = "neighbors"
  static let summary = "neighbour list of 32,768 atoms of rocksalt, 6 Å, every pair from both ends"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let frame = RandomRocksalt.cell(cubes: 16, cations: ["Li", "Mn"], seed: 1)
    var pairs = 0
    let times = try (0..<runs).map { _ in
      try seconds {
        let search = try NeighborSearch(frames: [frame], elements: elements(frame), cutoff: 6)
        let blocks = (search.sites.count + 255) / 256
        let counts = try parallelMap(chunks: blocks, threads: threads) { k in
          try search.list(of: k * 256..<min((k + 1) * 256, search.sites.count)).indices.count
        }
        pairs = counts.reduce(0, +)
      }
    }
    let rate = Double(pairs) / (times.min() ?? 1) / Double(threads)
    return Measurement(seconds: times, size: pairs, unit: "pairs", extras: ["pairs_per_second_per_core": rate])
  }

  private static func elements(_ frame: Structure) -> [ChemicalElement] { Set(frame.elements).sorted() }
}
