import Structures

/// What a linear fit will cost, from the counts alone.
enum LinearForecast {
  /// - Parameter secondsPerAtom: of the rows of one atom on one thread.
  static func forecast<Model: LinearPotential>(
    _ model: Model, _ data: Dataset, _ settings: LinearFitSettings, threads: Int, secondsPerAtom: Double
  ) -> TrainingForecast {
    let columns = model.coefficients.count
    let isLeaf = columns <= LinearFit<Model>.standardLeaf
    let folds = settings.ridge == .crossValidation ? LinearPlan.foldCount : 1
    let bytes = LinearPlan.bytes(
      columns: columns, chunkRows: LinearPlan.chunkRows(columns: columns, isLeaf: isLeaf),
      largestFrame: data.map { 3 * $0.structure.count + 7 }.max() ?? 0, folds: folds, isLeaf: isLeaf,
      threads: threads)
    let rows = data.reduce(0.0) { sum, frame in
      sum + 1 + ((settings.forceWeight ?? 0) > 0 ? 3 * Double(frame.structure.count) : 0)
        + ((settings.stressWeight ?? 0) > 0 ? 6 : 0)
    }
    // Reflections: 2 flops a row and square of the columns, at 15 GF/s a core.
    let size = Double(columns)
    let flops = 2 * rows * size * size + 4 * Double(folds) * size * size * size
    let seconds = (flops / 15e9 + secondsPerAtom * Double(data.atomCount)) / Double(max(1, threads))
    return TrainingForecast(bytes: bytes, seconds: seconds, parameters: columns)
  }
}
