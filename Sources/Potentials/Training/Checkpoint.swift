import Foundation
import Optimization
import Structures

/// The state of a run on disk: `FOLDER/state.safetensors`, replaced as a whole each time.
enum Checkpoint {
  private static func path(_ folder: String) -> String { folder + "/state.safetensors" }

  static func write(_ state: DescentState, _ run: TrainingRun) throws {
    guard let folder = run.checkpointFolder else { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw InputError("cannot make the folder for checkpoints", file: folder, remedy: "choose another -o")
    }
    var table = TensorTable()
    for (name, values) in state.optimiser.state { table["optimiser." + name] = vector(values) }
    table["best"] = vector(state.best)
    table["progress"] = vector([Double(state.epoch), state.bestScore, Double(state.bestEpoch)])
    table["log"] = .init(
      shape: [state.log.count, 6],
      values: state.log.flatMap {
        [
          Double($0.epoch), Double($0.of), $0.loss, $0.trainingEnergyRMSE ?? .nan, $0.validationEnergyRMSE ?? .nan,
          $0.seconds,
        ]
      })
    let metadata = [
      "format": "halite-checkpoint", "fingerprint": run.fingerprint, "code_version": HaliteVersion.current,
    ]
    try AtomicFile.write(try SafeTensors.encode(table, metadata: metadata), to: path(folder))
  }

  /// nil where there is no checkpoint yet.
  static func read(_ run: TrainingRun, options: LBFGS.Options) throws -> DescentState? {
    guard let folder = run.checkpointFolder, FileManager.default.fileExists(atPath: path(folder)) else {
      return nil
    }
    let file = path(folder)
    let remedy = "remove \(folder) to begin anew, or choose another -o"
    let damaged = InputError("the checkpoint is damaged", file: file, remedy: remedy)
    let (table, metadata) = try SafeTensors.decode(AtomicFile.read(file))
    guard metadata["format"] == "halite-checkpoint" else { throw damaged }
    guard metadata["fingerprint"] == run.fingerprint else {
      throw InputError("the checkpoint is of a run with other data or settings", file: file, remedy: remedy)
    }
    var arrays: [String: [Double]] = [:]
    for (name, tensor) in table.tensors where name.hasPrefix("optimiser.") {
      arrays[String(name.dropFirst("optimiser.".count))] = tensor.values
    }
    guard let optimiser = LBFGS(state: arrays, options: options), let best = table["best"]?.values,
      let progress = table["progress"]?.values, progress.count == 3, best.count == optimiser.point.count,
      progress[0] >= 0, progress[0] < 1e9, progress[2] >= 0, progress[2] < 1e9, let log = table["log"],
      log.values.count % 6 == 0
    else { throw damaged }
    var state = DescentState(optimiser: optimiser, best: best)
    state.epoch = Int(progress[0])
    state.bestScore = progress[1]
    state.bestEpoch = Int(progress[2])
    state.log = stride(from: 0, to: log.values.count, by: 6).map { record(Array(log.values[$0..<$0 + 6])) }
    return state
  }

  private static func vector(_ values: [Double]) -> TensorTable.Tensor {
    .init(shape: [values.count], values: values)
  }

  private static func record(_ row: [Double]) -> EpochRecord {
    var record = EpochRecord(epoch: Int(row[0]), of: Int(row[1]), loss: row[2], seconds: row[5])
    record.trainingEnergyRMSE = row[3].isNaN ? nil : row[3]
    record.validationEnergyRMSE = row[4].isNaN ? nil : row[4]
    return record
  }
}
