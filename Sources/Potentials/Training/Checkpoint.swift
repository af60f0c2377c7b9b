import Foundation
import Structures

/// The state of a run on disk: `FOLDER/state.safetensors`, replaced as a whole each time.
enum Checkpoint {
  private static func path(_ folder: String) -> String { folder + "/state.safetensors" }
  private static let rowWidth = 8

  static func write(_ state: [String: [Double]], _ progress: DescentProgress, _ run: TrainingRun) throws {
    guard let folder = run.checkpointFolder else { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw InputError("cannot make the folder for checkpoints", file: folder, remedy: "choose another -o")
    }
    var table = TensorTable()
    for (name, values) in state { table["step." + name] = vector(values) }
    table["best"] = vector(progress.best)
    table["progress"] = vector([Double(progress.epoch), progress.bestScore, Double(progress.bestEpoch)])
    table["log"] = .init(shape: [progress.log.count, rowWidth], values: progress.log.flatMap(numbers))
    let metadata = [
      "format": "halite-checkpoint", "fingerprint": run.fingerprint, "code_version": HaliteVersion.current,
    ]
    try AtomicFile.write(try SafeTensors.encode(table, metadata: metadata), to: path(folder))
  }

  /// True where a run can go on.
  static func isThere(_ run: TrainingRun) -> Bool {
    run.checkpointFolder.map { FileManager.default.fileExists(atPath: path($0)) } ?? false
  }

  /// nil where there is no checkpoint yet.
  /// - Throws: `InputError` for a checkpoint of another run, or a damaged one.
  static func read(
    _ run: TrainingRun, parameters: Int
  ) throws -> (state: [String: [Double]], progress: DescentProgress)? {
    guard let folder = run.checkpointFolder, FileManager.default.fileExists(atPath: path(folder)) else {
      return nil
    }
    let bytes = try AtomicFile.read(path(folder))
    guard let (table, metadata) = try? SafeTensors.decode(bytes) else { throw damaged(run) }
    guard metadata["format"] == "halite-checkpoint" else { throw damaged(run) }
    if let difference = difference(metadata["fingerprint"] ?? "", run.fingerprint) {
      throw InputError(
        "the checkpoint is of a run with other data or settings: \(difference)", file: path(folder),
        remedy: remedy(folder))
    }
    guard let best = table["best"]?.values, best.count == parameters, let counts = table["progress"]?.values,
      counts.count == 3, (0..<1e9).contains(counts[0]), (0..<1e9).contains(counts[2]), let log = table["log"],
      log.values.count % rowWidth == 0,
      stride(from: 0, to: log.values.count, by: rowWidth).allSatisfy({
        (0..<1e9).contains(log.values[$0]) && (0..<1e9).contains(log.values[$0 + 1])
      })
    else { throw damaged(run) }
    var state: [String: [Double]] = [:]
    for (name, tensor) in table.tensors where name.hasPrefix("step.") {
      state[String(name.dropFirst("step.".count))] = tensor.values
    }
    var progress = DescentProgress(best: best)
    progress.epoch = Int(counts[0])
    progress.bestScore = counts[1]
    progress.bestEpoch = Int(counts[2])
    progress.log = stride(from: 0, to: log.values.count, by: rowWidth).map {
      record(Array(log.values[$0..<$0 + rowWidth]))
    }
    return (state, progress)
  }

  /// The first lines that differ, as "radial_order: 16, now radial_order: 8"; nil where none does.
  private static func difference(_ old: String, _ new: String) -> String? {
    if old == new { return nil }
    let was = old.split(separator: "\n").map(String.init)
    let isNow = new.split(separator: "\n").map(String.init)
    // Settings say more than the hash of the frames, which some of them choose.
    func first(_ lines: [String], notIn others: [String]) -> String? {
      let own = lines.filter { !others.contains($0) }
      return own.first { !$0.hasPrefix("data ") && !$0.hasPrefix("validation data ") } ?? own.first
    }
    let gone = first(was, notIn: isNow) ?? "nothing"
    let come = first(isNow, notIn: was) ?? "nothing"
    return "\(gone), now \(come)"
  }

  static func damaged(_ run: TrainingRun) -> InputError {
    let folder = run.checkpointFolder ?? ""
    return InputError("the checkpoint is damaged", file: path(folder), remedy: remedy(folder))
  }

  private static func remedy(_ folder: String) -> String { "remove \(folder) to begin anew, or choose another -o" }

  private static func vector(_ values: [Double]) -> TensorTable.Tensor {
    .init(shape: [values.count], values: values)
  }

  private static func numbers(_ row: EpochRecord) -> [Double] {
    [
      Double(row.epoch), Double(row.of), row.loss, row.trainingEnergyRMSE ?? .nan, row.validationEnergyRMSE ?? .nan,
      row.trainingForceRMSE ?? .nan, row.validationForceRMSE ?? .nan, row.seconds,
    ]
  }

  private static func record(_ row: [Double]) -> EpochRecord {
    func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
    var record = EpochRecord(epoch: Int(row[0]), of: Int(row[1]), loss: row[2], seconds: row[7])
    record.trainingEnergyRMSE = known(row[3])
    record.validationEnergyRMSE = known(row[4])
    record.trainingForceRMSE = known(row[5])
    record.validationForceRMSE = known(row[6])
    return record
  }
}
