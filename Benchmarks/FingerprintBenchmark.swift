import Potentials
import Structures
import TestSupport

/// Chebyshev fingerprints of the paper (8.0/6.5 Å, 16/4, 11 species), neighbours included.
enum FingerprintBenchmark: Benchmark {
  static let name = "fingerprints"
  static let summary = "Chebyshev fingerprints of 4,096 atoms of rocksalt, 8.0/6.5 Å, 16/4, 11 species"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let cations = ["Li", "Mn", "Ni", "Sc", "Ti", "V", "Cr", "Fe", "Co", "Cu"]
    let frame = RandomRocksalt.cell(cubes: 8, cations: cations, seed: 1)
    let elements = Set(frame.elements).sorted()
    let shape = ChebyshevFingerprint.Shape(radialCutoff: 8, radialOrder: 16, angularCutoff: 6.5, angularOrder: 4)
    let fingerprint = try ChebyshevFingerprint(
      shape, speciesWeights: ChebyshevFingerprint.declaredWeights(count: elements.count))
    let times = try (0..<runs).map { _ in
      try seconds {
        let search = try NeighborSearch(frames: [frame], elements: elements, cutoff: 8)
        _ = try parallelMap(chunks: search.sites.count / 256, threads: threads) { k in
          fingerprint.values(try search.list(of: k * 256..<(k + 1) * 256)).features.count
        }
      }
    }
    let each = (times.min() ?? 0) * Double(threads) / Double(frame.count)
    return Measurement(
      seconds: times, size: frame.count, unit: "atoms", extras: ["microseconds_per_atom_per_core": 1e6 * each])
  }
}
