import Potentials
import Structures
import TestSupport

/// Energy, forces and virial of a rocksalt cell with GAP at Table S1's descriptor and 200 sparse points an element.
enum GAPBenchmark: Benchmark {
  static let name = "gap"
  static let summary =
    "GAP energy, forces, virial of 1,000 atoms of rocksalt, 4 species, n_max = l_max = 4, 200 sparse points, 5 Å"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let frame = RandomRocksalt.cell(cubes: 5, cations: ["Li", "Mn", "Ti"], seed: 1)
    var hyperparameters = GAP.defaults
    (hyperparameters.nMax, hyperparameters.lMax) = (4, 4)
    let elements = Set(frame.elements).sorted()
    let few = try GAP(elements: elements, hyperparameters: hyperparameters, seed: 1)
    // The time does not depend on what the sparse points are: the few of an untrained potential, again and again.
    let points = few.points.enumerated().map { type, rows -> [Double] in
      let (count, width) = (few.pointCount(of: type), few.dimension)
      return (0..<200).flatMap { rows[($0 % count) * width..<($0 % count + 1) * width] }
    }
    let model = try GAP(
      elements: elements, hyperparameters: hyperparameters, points: points,
      coefficients: [Double](repeating: 1e-4, count: 200 * elements.count))
    let predictor = Predictor(model, threads: threads)
    let times = try (0..<runs).map { _ in try seconds { _ = try predictor.predict([frame]) } }
    let each = (times.min() ?? 0) * Double(threads) / Double(frame.count)
    return Measurement(
      seconds: times, size: frame.count, unit: "atoms",
      extras: ["microseconds_per_atom_per_core": 1e6 * each, "peak_bytes": peakBytes()])
  }
}
