import Potentials
import Structures
import TestSupport

/// One epoch of energy-only AENET training at the paper's size: 10,842 frames, 11 species, 44-15-15-1.
///
/// An epoch is all of it: forward and backward over every atom, the sum over threads, the L-BFGS step.
enum EpochBenchmark: Benchmark {
  static let name = "epoch"
  static let summary = "AENET, one epoch on energies: 10,842 frames of 30 atoms, 11 species, 44-15-15-1"
  static let frames = 10_842

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let cations = ["Li", "Mn", "Ni", "Sc", "Ti", "V", "Cr", "Fe", "Co", "Cu"]
    let data = Dataset(
      (0..<frames).map { k in
        var random = RandomSource(seed: UInt64(k))
        let structure = frame(cations: cations, seed: UInt64(k))
        let energy = -6 * Double(structure.count) + random.uniform()
        return LabeledStructure(id: String(k), structure: structure, labels: Labels(energy: energy))
      })
    var hyperparameters = AENET.defaults
    hyperparameters.descent.maxEpochs = 4 * runs
    hyperparameters.descent.patience = 0
    let parts = TrainingData(elements: data.elements, training: data, validation: Dataset([]))
    var trained: Trained<AENET>?
    let total = try seconds {
      trained = try AENET.train(on: parts, hyperparameters: hyperparameters, run: TrainingRun(threads: threads))
    }
    let stamps = trained?.log.map(\.seconds) ?? []
    let epochs = zip(stamps.dropFirst(), stamps).map { $0 - $1 }
    return Measurement(
      seconds: epochs, size: data.atomCount, unit: "atoms",
      extras: ["peak_bytes": peakBytes(), "set_up_seconds": total - (stamps.last ?? 0)])
  }

  /// 30 atoms: four rocksalt cubes in a row without one formula unit.
  private static func frame(cations: [String], seed: UInt64) -> Structure {
    var cell = RandomRocksalt.cell(cubes: 1, cations: cations, seed: seed).repeated(1, 2, 2)
    var random = RandomSource(seed: ~seed)
    for k in stride(from: 0, to: cell.count, by: 2) {
      cell.elements[k] = ChemicalElement(cations[random.below(cations.count)]) ?? cell.elements[k]
    }
    cell.elements.removeLast(2)
    cell.positions.removeLast(2)
    return cell
  }
}
