import Potentials
import Structures
import TestSupport

/// How the cost of a prediction grows with the atoms, and falls with the threads.
enum ScalingBenchmark: Benchmark {
  static let name = "scaling"
  static let summary =
    "AENET energy, forces, virial of 512 to 262,144 atoms of rocksalt, and one thread against several"
  private static let edges = [4, 8, 16, 32]

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let cations = ["Li", "Mn", "Ni", "Sc", "Ti", "V", "Cr", "Fe", "Co", "Cu"]
    let frames = edges.map { RandomRocksalt.cell(cubes: $0, cations: cations, seed: 1) }
    let model = try AENET(elements: Set(frames[0].elements).sorted(), hyperparameters: AENET.defaults, seed: 1)
    func time(_ frame: Structure, _ threads: Int) throws -> Double {
      try seconds { _ = try Predictor(model, threads: threads).predict([frame]) }
    }
    var times = [[Double]](repeating: [], count: frames.count)
    var alone: [Double] = []
    var together: [Double] = []
    for _ in 0..<runs {
      for (k, frame) in frames.enumerated() { times[k].append(try time(frame, threads)) }
      alone.append(try time(frames[2], 1))
      together.append(try time(frames[2], threads))
    }
    var extras = ["peak_bytes": peakBytes()]
    for (frame, times) in zip(frames, times) {
      extras["microseconds_per_atom_of_\(frame.count)"] = 1e6 * (times.min() ?? 0) / Double(frame.count)
    }
    extras["speed_up"] = (alone.min() ?? 0) / (together.min() ?? 1)
    return Measurement(seconds: times.last ?? [], size: frames.last?.count ?? 0, unit: "atoms", extras: extras)
  }
}
