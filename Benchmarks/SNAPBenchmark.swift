import Potentials
import Structures
import TestSupport

/// Energy, forces and virial of a rocksalt cell with SNAP of 55 components.
enum SNAPBenchmark: Benchmark {
  static let name = "snap"
  static let summary = "SNAP energy, forces, virial of 2,744 atoms of rocksalt, 4 species, 2J = 8, 5 Å"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    try measure(twojmax: 8, runs: runs, threads: threads)
  }

  static func measure(twojmax: Int, runs: Int, threads: Int) throws -> Measurement {
    let frame = RandomRocksalt.cell(cubes: 7, cations: ["Li", "Mn", "Ti"], seed: 1)
    var hyperparameters = SNAP.defaults
    hyperparameters.twojmax = twojmax
    let model = try SNAP(elements: Set(frame.elements).sorted(), hyperparameters: hyperparameters, seed: 1)
    let predictor = Predictor(model, threads: threads)
    let times = try (0..<runs).map { _ in try seconds { _ = try predictor.predict([frame]) } }
    let each = (times.min() ?? 0) * Double(threads) / Double(frame.count)
    return Measurement(
      seconds: times, size: frame.count, unit: "atoms",
      extras: ["microseconds_per_atom_per_core": 1e6 * each, "peak_bytes": peakBytes()])
  }
}

/// The same with 30 components, the paper's.
enum SmallSNAPBenchmark: Benchmark {
  static let name = "snap-6"
  static let summary = "the same with 2J = 6"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    try SNAPBenchmark.measure(twojmax: 6, runs: runs, threads: threads)
  }
}
