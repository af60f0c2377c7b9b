import Potentials
import Structures
import TestSupport

/// Energy, forces and virial of a rocksalt cell with moment tensor potentials of two levels.
enum MTPBenchmark: Benchmark {
  static let name = "mtp"
  static let summary =
    "MTP energy, forces, virial of 2,744 atoms of rocksalt, 4 species, levels 8 and 16, 8 polynomials, 5 Å"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let frame = RandomRocksalt.cell(cubes: 7, cations: ["Li", "Mn", "Ti"], seed: 1)
    let elements = Set(frame.elements).sorted()
    var times: [Double] = []
    var extras = ["peak_bytes": 0.0]
    for level in [8, 16] {
      var hyperparameters = MTP.defaults
      hyperparameters.level = level
      let model = try MTP(elements: elements, hyperparameters: hyperparameters, seed: 1)
      let predictor = Predictor(model, threads: threads)
      times = try (0..<runs).map { _ in try seconds { _ = try predictor.predict([frame]) } }
      let each = (times.min() ?? 0) * Double(threads) / Double(frame.count)
      extras["microseconds_per_atom_per_core_level_\(level)"] = 1e6 * each
    }
    extras["peak_bytes"] = peakBytes()
    return Measurement(seconds: times, size: frame.count, unit: "atoms", extras: extras)
  }
}

/// One pass of loss and gradient with respect to all parameters over energies, forces and virials.
enum MTPTrainingBenchmark: Benchmark {
  static let name = "mtp-training"
  static let summary =
    "MTP, one pass of loss and gradient over 100 frames of 64 atoms, 4 species, levels 8 and 16, 5 Å"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let structures = (0..<100).map {
      RandomRocksalt.cell(cubes: 2, cations: ["Li", "Mn", "Ti"], rattle: 0.1, seed: UInt64($0))
    }
    let labels = Labels(energy: 1, forces: [SIMD3<Double>](repeating: .zero, count: 64), virial: .zero)
    let data = Dataset(structures.map { LabeledStructure(structure: $0, labels: labels) })
    let parts = TrainingData(elements: data.elements, training: data, validation: Dataset([]))
    var passes: [Double] = []
    var extras: [String: Double] = [:]
    for level in [8, 16] {
      var hyperparameters = MTP.defaults
      hyperparameters.level = level
      hyperparameters.descent.method = .lbfgs
      hyperparameters.descent.maxEpochs = runs
      let trained = try MTP.train(on: parts, hyperparameters: hyperparameters, run: TrainingRun(threads: threads))
      let stamps = trained.log.map(\.seconds)
      passes = zip(stamps.dropFirst(), stamps).map { $0 - $1 }
      let each = (passes.min() ?? 0) * Double(threads) / Double(data.atomCount)
      extras["microseconds_per_atom_per_core_level_\(level)"] = 1e6 * each
    }
    extras["peak_bytes"] = peakBytes()
    return Measurement(seconds: passes, size: data.atomCount, unit: "atoms", extras: extras)
  }
}
