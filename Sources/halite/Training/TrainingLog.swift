import Foundation
import Potentials
import Structures
import Synchronization

/// `log.csv` of a run: one row an epoch, written as it happens; rewritten up to the checkpoint when a run goes on.
final class TrainingLog: Sendable {
  static let header =
    "epoch,loss,train_energy_rmse_meV_per_atom,validation_energy_rmse_meV_per_atom,train_force_rmse_eV_per_A,"
    + "validation_force_rmse_eV_per_A,seconds\n"

  private let path: String
  private let file: Mutex<FileHandle?>

  /// - Throws: `InputError` where the file cannot be written.
  init(path: String) throws {
    self.path = path
    file = Mutex(nil)
    try restart([])
  }

  /// The file anew, with the rows that are behind.
  func restart(_ rows: [EpochRecord]) throws {
    try AtomicFile.write(Data((Self.header + rows.map(Self.line).joined()).utf8), to: path)
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw InputError("cannot write the file", file: path, remedy: "choose another folder")
    }
    handle.seekToEndOfFile()
    file.withLock { $0 = handle }
  }

  /// Adds a row; a full disk shows at the next checkpoint, which is written whole or not at all.
  func append(_ row: EpochRecord) {
    file.withLock { try? $0?.write(contentsOf: Data(Self.line(row).utf8)) }
  }

  private static func line(_ row: EpochRecord) -> String {
    func number(_ value: Double?, _ scale: Double = 1) -> String { value.map { String(scale * $0) } ?? "" }
    let cells = [
      String(row.epoch), String(row.loss), number(row.trainingEnergyRMSE, 1000),
      number(row.validationEnergyRMSE, 1000), number(row.trainingForceRMSE), number(row.validationForceRMSE),
      String(format: "%.3f", row.seconds),
    ]
    return cells.joined(separator: ",") + "\n"
  }
}

/// The learning curve in a line of text: "epoch 120/3000, 41 s left  train 8.21  validation 9.03 meV/atom ▇▅▃▂▁".
struct LiveCurve {
  private static let bars = Array("▁▂▃▄▅▆▇█")

  /// Logarithms of the errors at even steps of the epochs so far.
  static func sparkline(_ values: [Double], width: Int = 24) -> String {
    let logs = values.filter { $0 > 0 && $0.isFinite }.map { log($0) }
    guard let low = logs.min(), let high = logs.max(), high > low else { return "" }
    let count = min(width, logs.count)
    return String(
      (0..<count).map { k in
        let value = logs[(k + 1) * logs.count / count - 1]
        return bars[min(7, Int((value - low) / (high - low) * 8))]
      })
  }
}
