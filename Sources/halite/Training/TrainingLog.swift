import Foundation
import Potentials
import Structures
import Synchronization

/// `config.yaml` and `log.csv` of a run, one row an epoch, written as it happens.
///
/// Nothing is written before the first epoch, or the resumed ones, show that data, settings and checkpoint fit: a call
/// that is refused leaves an earlier run in the folder as it was.
final class TrainingLog: Sendable {
  static let header =
    "epoch,loss,train_energy_rmse_meV_per_atom,validation_energy_rmse_meV_per_atom,train_force_rmse_eV_per_A,"
    + "validation_force_rmse_eV_per_A,seconds\n"

  private struct State: Sendable {
    var hasBegun = false
    var file: FileHandle?
    var failure: InputError?
  }

  private let folder: RunFolder
  private let configuration: String
  private let state = Mutex(State())

  /// - Parameter configuration: the text of `config.yaml`.
  init(_ folder: RunFolder, configuration: String) {
    self.folder = folder
    self.configuration = configuration
  }

  /// Why the files cannot be written, where they cannot.
  var failure: InputError? { state.withLock { $0.failure } }

  /// Both files anew, the log with the rows that are behind.
  func restart(_ rows: [EpochRecord]) { state.withLock { begin(rows, &$0) } }

  /// Adds a row; a full disk shows at the next checkpoint, which is written whole or not at all.
  func append(_ row: EpochRecord) {
    state.withLock { state in
      if !state.hasBegun { begin([], &state) }
      try? state.file?.write(contentsOf: Data(Self.line(row).utf8))
    }
  }

  /// Writes the files of a training that has no epochs.
  func finish(_ rows: [EpochRecord]) { state.withLock { if !$0.hasBegun { begin(rows, &$0) } } }

  private func begin(_ rows: [EpochRecord], _ state: inout State) {
    state.hasBegun = true
    let text = Self.header + rows.map(Self.line).joined()
    do throws(InputError) {
      try AtomicFile.write([
        (path: folder.configuration, bytes: Array(configuration.utf8)), (path: folder.log, bytes: Array(text.utf8)),
      ])
    } catch {
      state.failure = error
      return
    }
    state.file = FileHandle(forWritingAtPath: folder.log)
    _ = try? state.file?.seekToEnd()
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
  static func sparkline(_ values: [Double], width: Int = 16) -> String {
    // The first epochs would flatten everything after them.
    let late = values.dropFirst(min(values.count / 10, 50))
    let logs = late.filter { $0 > 0 && $0.isFinite }.map { log($0) }
    guard let low = logs.min(), let high = logs.max(), high > low else { return "" }
    let count = min(width, logs.count)
    return String(
      (0..<count).map { k in
        let value = logs[(k + 1) * logs.count / count - 1]
        return bars[min(7, Int((value - low) / (high - low) * 8))]
      })
  }
}
