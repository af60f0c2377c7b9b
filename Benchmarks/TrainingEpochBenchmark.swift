import Formats
import Foundation
import Potentials
import Structures
import TestSupport

/// One epoch on energies, forces and stresses against one prediction of the same frames.
///
/// An epoch visits every neighbour again: it should cost a few predictions, not tens of them. The two are timed in turn,
/// so that a busy machine slows both.
enum TrainingEpochBenchmark: Benchmark {
  static let name = "training-epoch"
  static let summary =
    "AENET, one epoch of Adam on energies, forces and stresses (LMNTO, else random rocksalt) against one prediction"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let data = try frames()
    let structures = data.map(\.structure)
    var hyperparameters = AENET.defaults
    hyperparameters.radialCutoff = 6
    hyperparameters.angularCutoff = 4.5
    hyperparameters.angularOrder = 6
    // Epoch 0 only looks at the start; each of the others is a pass.
    hyperparameters.descent.maxEpochs = 2
    let parts = TrainingData(elements: data.elements, training: data, validation: Dataset([]))
    var epochs: [Double] = []
    var predictions: [Double] = []
    var processor: (epochs: [Double], predictions: [Double]) = ([], [])
    var model = try AENET(elements: data.elements, hyperparameters: hyperparameters, seed: 1)
    for _ in 0..<runs {
      var begin = processorSeconds()
      predictions.append(try seconds { _ = try Predictor(model, threads: threads).predict(structures) })
      processor.predictions.append(processorSeconds() - begin)
      begin = processorSeconds()
      let trained = try AENET.train(on: parts, hyperparameters: hyperparameters, run: TrainingRun(threads: threads))
      let stamps = trained.log.map(\.seconds)
      epochs += zip(stamps.dropFirst(), stamps).map { $0 - $1 }
      // Two passes, epoch 0 and the set-up together: more than two epochs.
      processor.epochs.append((processorSeconds() - begin) / 2)
      model = trained.last
    }
    let prediction = predictions.min() ?? 0
    let epoch = epochs.min() ?? 0
    return Measurement(
      seconds: epochs, size: data.atomCount, unit: "atoms",
      extras: [
        "prediction_seconds": prediction, "ratio_of_minima": epoch / prediction,
        "ratio_of_processor_minima": (processor.epochs.min() ?? 0) / (processor.predictions.min() ?? 1),
        "microseconds_per_atom_per_core": 1e6 * epoch * Double(threads) / Double(data.atomCount),
        "peak_bytes": peakBytes(),
      ])
  }

  /// Of all threads of the process: what a busy machine does not stretch.
  private static func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// Frames with every label; LMNTO has no stress, so that one is made up.
  private static func frames() throws -> Dataset {
    let path = "data/lmnto-cooper2020/lmnto.extxyz"
    var data: [LabeledStructure]
    if SharedData.holds(path) {
      data = try readFrames(SharedData.path(path)).frames
    } else {
      data = (0..<200).map { k in
        var random = RandomSource(seed: UInt64(k))
        let structure = RandomRocksalt.cell(cubes: 2, cations: ["Li", "Mo", "Ni", "Ti"], seed: UInt64(k))
        let forces = structure.positions.map { _ in SIMD3(random.uniform(), random.uniform(), random.uniform()) }
        return LabeledStructure(
          structure: structure, labels: Labels(energy: random.uniform(), forces: forces))
      }
    }
    for k in data.indices { data[k].labels.virial = 0.1 * Matrix3.identity }
    return Dataset(data)
  }
}
