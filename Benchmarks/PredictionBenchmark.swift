import Potentials
import Structures
import TestSupport

/// Energy, forces and virial of a rocksalt cell with the paper's AENET.
enum PredictionBenchmark: Benchmark {
  static let name = "prediction"
  static let summary = "AENET energy, forces, virial of 4,096 atoms of rocksalt, 11 species, 44-15-15-1"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let cations = ["Li", "Mn", "Ni", "Sc", "Ti", "V", "Cr", "Fe", "Co", "Cu"]
    let frame = RandomRocksalt.cell(cubes: 8, cations: cations, seed: 1)
    let model = try AENET(elements: Set(frame.elements).sorted(), hyperparameters: AENET.defaults, seed: 1)
    let predictor = Predictor(model, threads: threads)
    let times = try (0..<runs).map { _ in try seconds { _ = try predictor.predict([frame]) } }
    let each = (times.min() ?? 0) * Double(threads) / Double(frame.count)
    return Measurement(
      seconds: times, size: frame.count, unit: "atoms",
      extras: ["microseconds_per_atom_per_core": 1e6 * each, "peak_bytes": peakBytes()])
  }
}
