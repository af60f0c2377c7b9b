import Foundation
import Optimization
import Structures

/// What a fit of a GAP costs, and how it keeps to its memory.
struct GAPPlan {
  let chunkRows: Int
  let bytes: Int

  /// - Throws: `InputError` where the limit is too low, with the least that would do.
  init(_ soap: SOAP, _ data: TrainingData, _ hyperparameters: GAPHyperparameters, _ run: TrainingRun) throws {
    let cost = Cost(soap.shape, data, hyperparameters, threads: run.threads)
    chunkRows = cost.chunkRows
    bytes = cost.bytes
    guard let limit = run.memoryLimit, bytes > limit else { return }
    func gigabytes(_ bytes: Int) -> String { String(format: "%.2f GB", Double(bytes) / 1e9) }
    var remedies = ["give --memory " + String(format: "%.1fG", Double(bytes) / 1e9 + 0.1), "lower n_sparse"]
    if cost.selection > cost.solution {
      remedies = [
        remedies[0], hyperparameters.sparseMethod == .random ? "lower n_max" : "set sparse_method to random",
      ]
    }
    throw InputError(
      "the fit of \(cost.columns) sparse points with \(soap.shape.dimension) components needs \(gigabytes(bytes)), "
        + "more than the \(gigabytes(limit)) of --memory", remedy: remedies.joined(separator: ", or "))
  }

  static func forecast(
    _ data: TrainingData, _ hyperparameters: GAPHyperparameters, threads: Int
  ) -> TrainingForecast {
    let cost = Cost(hyperparameters.shape(types: data.elements.count), data, hyperparameters, threads: threads)
    return TrainingForecast(bytes: cost.bytes, seconds: cost.seconds, parameters: cost.columns)
  }

  private struct Cost {
    var columns: Int
    var chunkRows: Int
    /// Bytes while sparse points are chosen, and while the system is solved.
    var selection: Int
    var solution: Int
    var seconds: Double

    var bytes: Int { max(selection, solution) }

    init(_ shape: SOAPShape, _ data: TrainingData, _ hyperparameters: GAPHyperparameters, threads: Int) {
      let counts = data.elements.map { element in
        data.training.reduce(0) { $0 + $1.structure.elements.count { $0 == element } }
      }
      let points = counts.map { min($0, hyperparameters.nSparse) }
      let (total, width) = (points.reduce(0, +), shape.dimension)
      columns = total
      let isLeaf = total <= LinearFit<GAP>.standardLeaf
      chunkRows = LinearPlan.chunkRows(columns: total, isLeaf: isLeaf)
      let hasForces = hyperparameters.defaultSigma.forces != nil || hyperparameters.defaultSigma.stress != nil
      let largest = data.training.map { hasForces ? 3 * $0.structure.count + 7 : 1 }.max() ?? 0
      let stored = 8 * total * width
      // Neighbours of one centre: an atom in 10 Å³ at least.
      let neighbors = Int(4.2 * pow(shape.cutoff, 3) / 10)
      let components = (shape.lMax + 1) * shape.nMax * shape.densities * shape.nMax
      let scratch = hasForces ? 8 * 3 * neighbors * (components + hyperparameters.nSparse) : 0
      solution =
        stored * 3
        + LinearPlan.bytes(
          columns: total, chunkRows: chunkRows, largestFrame: largest, folds: 1, isLeaf: isLeaf, threads: threads)
        + threads * (scratch + 8 * hyperparameters.nSparse * width)
      switch hyperparameters.sparseMethod {
      case .cur where hyperparameters.sparseFrom == nil: selection = stored + Leverages.bytes(dimension: width)
      case .farthestPoint where hyperparameters.sparseFrom == nil:
        selection = stored + 8 * width * (counts.max() ?? 0)
      default: selection = stored
      }
      selection += 60 << 20
      let rows = data.training.reduce(0.0) { $0 + (hasForces ? 3 * Double($1.structure.count) + 7 : 1) }
      let atoms = Double(data.training.atomCount)
      let (n, d) = (Double(hyperparameters.nSparse), Double(width))
      var flops = 2 * rows * Double(total) * Double(total) + 2 * atoms * n * d
      if hasForces {
        flops += 2 * atoms * Double(3 * neighbors) * Double(components) * n / Double(min(4, shape.densities))
      }
      if hyperparameters.sparseMethod == .cur {
        // Eigenvectors take as long as 3 d³ flops would, 24 s at 15 GF/s and 4,951 components (measured: 16 s).
        flops += 2 * atoms * d * d + 3 * d * d * d * Double(data.elements.count)
      }
      seconds = (flops / 15e9 + 1e-4 * atoms) / Double(max(1, threads))
    }
  }
}
