import Foundation
import Optimization
import Structures

/// The factor of one fold on disk while it grows: a fit that was killed goes on from it.
struct LinearCheckpoint {
  private let run: TrainingRun
  private let fold: Int
  private let folds: Int

  /// A checkpoint counts blocks of rows: one that was made with other blocks is not gone on with.
  private static let format = "halite-linear-checkpoint-3"

  /// Seconds between checkpoints, at least; and how much longer than the last took to write.
  private static let interval = 60.0
  private static let share = 20.0

  init(_ run: TrainingRun, fold: Int, of folds: Int) {
    self.run = run
    self.fold = fold
    self.folds = folds
  }

  private var path: String? { run.checkpointFolder.map { $0 + "/factor-\(fold).safetensors" } }

  /// The factor of the fold's frames, from the checkpoint on where there is one.
  /// - Throws: `InputError` where the user stops it, and for a checkpoint of another run.
  func factor<Model: LinearEnergy>(_ fit: LinearFit<Model>, of frames: [Int]) throws -> TriangularFactor {
    let start: LinearFit<Model>.State? = try read(size: fit.model.columnCount + 1)
    if start != nil { run.resumed([]) }
    var lastWrite = ContinuousClock.now
    var interval = Self.interval
    let isLong = ContinuousClock.now
    let total = fit.chunks(frames).reduce(0) { $0 + $1.count }
    let state = try fit.factor(of: frames, from: start) { state, isLast in
      run.advanced(fold * total + state.chunks, folds * total)
      let stops = run.shouldStop()
      let isDue = (ContinuousClock.now - lastWrite) / .seconds(1) > interval
      let isWorthKeeping = isLast && (ContinuousClock.now - isLong) / .seconds(1) > Self.interval
      if stops || isDue || isWorthKeeping {
        let begin = ContinuousClock.now
        try write(state)
        lastWrite = .now
        interval = max(Self.interval, Self.share * ((lastWrite - begin) / .seconds(1)))
      }
      if stops, !(isLast && fold == folds - 1) {
        throw InputError(
          "stopped after \(state.chunks) of \(total) blocks of rows of part \(fold + 1) of \(folds)",
          remedy: "the same command again goes on")
      }
      return false
    }
    return state.whole
  }

  private func write<Model: LinearEnergy>(_ state: LinearFit<Model>.State) throws {
    guard let path, let folder = run.checkpointFolder else { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw InputError("cannot make the folder for checkpoints", file: folder, remedy: "choose another -o")
    }
    var table = TensorTable()
    table["progress"] = .init(shape: [2], values: [Double(state.chunks), Double(state.whole.rows)])
    let whole = state.whole.packed
    table["whole"] = .init(shape: [whole.count], values: whole)
    if let part = state.part {
      let packed = part.packed
      table["part"] = .init(shape: [packed.count], values: packed)
      table["part_size"] = .init(shape: [2], values: [Double(part.size), Double(part.rows)])
    }
    let metadata = ["format": Self.format, "fingerprint": run.fingerprint]
    try AtomicFile.write(try SafeTensors.encode(table, metadata: metadata), to: path)
  }

  private func read<Model: LinearEnergy>(size: Int) throws -> LinearFit<Model>.State? {
    guard let path, FileManager.default.fileExists(atPath: path) else { return nil }
    let remedy = "remove \(run.checkpointFolder ?? "") to begin anew, or choose another -o"
    guard let (table, metadata) = try? SafeTensors.decode(try AtomicFile.read(path)) else {
      throw InputError("the checkpoint is damaged", file: path, remedy: remedy)
    }
    guard metadata["format"] == Self.format else {
      throw InputError("the checkpoint is of another version of Halite", file: path, remedy: remedy)
    }
    guard let progress = table["progress"]?.values,
      progress.count == 2, progress.allSatisfy({ (0..<1e12).contains($0) }),
      let whole = table["whole"].flatMap({ TriangularFactor(packed: $0.values, size: size, rows: Int(progress[1])) }
      )
    else { throw InputError("the checkpoint is damaged", file: path, remedy: remedy) }
    guard metadata["fingerprint"] == run.fingerprint else {
      throw InputError("the checkpoint is of a run with other data or settings", file: path, remedy: remedy)
    }
    var state = LinearFit<Model>.State(chunks: Int(progress[0]), whole: whole)
    if let size = table["part_size"]?.values, size.count == 2, (0..<1e6).contains(size[0]) {
      state.part = TriangularFactor(packed: table["part"]?.values ?? [], size: Int(size[0]), rows: Int(size[1]))
    }
    return state
  }
}
