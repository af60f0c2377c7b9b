import Foundation
import Structures

/// How a linear fit goes about its memory.
struct LinearPlan {
  /// Frames of each fold of a cross-validation; one fold without.
  let folds: [[Int]]
  let chunkRows: Int
  let bytes: Int

  static let foldCount = 5

  /// - Throws: `InputError` where the limit is too low, with the least that would do.
  init<Model: LinearPotential>(
    _ model: Model, _ data: Dataset, _ settings: LinearFitSettings, _ run: TrainingRun
  ) throws {
    let count = settings.ridge == .crossValidation ? min(Self.foldCount, data.count) : 1
    folds = (0..<count).map { fold in Array(stride(from: fold, to: data.count, by: count)) }
    let columns = model.coefficients.count
    let isLeaf = columns <= LinearFit<Model>.standardLeaf
    let largest = data.map { 3 * $0.structure.count + 7 }.max() ?? 0
    // Deterministic: of the columns and the frames alone, not of the threads.
    chunkRows = Self.chunkRows(columns: columns, isLeaf: isLeaf)
    bytes = Self.bytes(
      columns: columns, chunkRows: chunkRows, largestFrame: largest, folds: count, isLeaf: isLeaf,
      threads: run.threads)
    guard let limit = run.memoryLimit, bytes > limit else { return }
    func gigabytes(_ bytes: Int) -> String { String(format: "%.2f GB", Double(bytes) / 1e9) }
    var remedies = ["give --memory " + String(format: "%.1fG", Double(bytes) / 1e9 + 0.1), "lower twojmax"]
    if count > 1 { remedies.insert("give ridge a number instead of cross_validation", at: 0) }
    throw InputError(
      "the fit of \(columns) columns needs \(gigabytes(bytes)), more than the \(gigabytes(limit)) of --memory",
      remedy: remedies.joined(separator: ", or "))
  }

  /// Rows of one chunk: the more, the less often the factor is gone through. A chunk that stands alone keeps to
  /// about 200 MB, up to 12,000 columns.
  static func chunkRows(columns: Int, isLeaf: Bool) -> Int {
    isLeaf ? max(8 * columns, 1024) : min(max((25_000_000 / columns) & ~1023, 2048), 8192)
  }

  /// Factors, chunks under way and what the solver needs.
  static func bytes(
    columns: Int, chunkRows: Int, largestFrame: Int, folds: Int, isLeaf: Bool, threads: Int
  ) -> Int {
    let square = 8 * (columns + 1) * (columns + 1)
    let chunk = 8 * (columns + 1) * (chunkRows + largestFrame)
    let frame = 8 * columns * largestFrame
    let solver = (isLeaf ? 4 : 3) * square
    return folds * square + (isLeaf ? threads * (chunk + square + frame) : square + chunk + threads * frame)
      + solver + (folds > 1 ? (folds + 2) * square : 0) + (60 << 20)
  }
}
