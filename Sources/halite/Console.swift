import Foundation
import Settings
import Structures
import Synchronization

/// Standard output for results; standard error for notes, warnings and progress.
final class Console: Sendable {
  private struct State {
    var label = ""
    var start = 0.0
    var lastDrawn = 0.0
    var isDrawn = false
  }

  /// True where standard error is a terminal: only then is there a progress line.
  let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  /// Prints a line of the result.
  /// - Throws: `InputError` where standard output takes no more (full disk); a closed pipe ends the program quietly.
  func write(_ text: String) throws { try put(text + "\n", to: STDOUT_FILENO) }

  /// The result of a command: as JSON where `--json` asks for it, else as text.
  func result(_ value: some Encodable, text: String, json: Bool) throws {
    try put(json ? jsonText(value) : text + (text.hasSuffix("\n") ? "" : "\n"), to: STDOUT_FILENO)
  }

  /// Something good to know, on standard error.
  func note(_ message: String) { say("note: " + message) }

  /// Something to look into, on standard error.
  func warn(_ message: String) { say("warning: " + message) }

  /// A line on standard error as it stands.
  func say(_ line: String) {
    let wasDrawn = state.withLock { state in
      defer { state.isDrawn = false }
      return state.isDrawn
    }
    try? put((wasDrawn ? "\r\u{1B}[K" : "") + line + "\n", to: STDERR_FILENO)
  }

  /// Redraws the progress line, at most ten times a second: "reading 120/400, 12 s left  detail".
  ///
  /// A new label starts the clock from which the time left is taken.
  func progress(_ label: String, _ done: Int, of total: Int, detail: String = "") {
    guard isTerminal else { return }
    let now = ProcessInfo.processInfo.systemUptime
    let elapsed: Double? = state.withLock { state in
      if state.label != label {
        state.label = label
        state.start = now
        state.lastDrawn = 0
      }
      guard now - state.lastDrawn > 0.1 || done == total else { return nil }
      state.lastDrawn = now
      state.isDrawn = true
      return now - state.start
    }
    guard let elapsed else { return }
    let left = done > 0 ? elapsed / Double(done) * Double(total - done) : .nan
    let line = "\(label) \(done)/\(total)" + (left.isFinite ? ", \(durationText(left)) left" : "")
    let shown = fitted(line, detail: detail, width: terminalWidth())
    try? put("\r\u{1B}[K" + shown, to: STDERR_FILENO)
  }

  /// Takes the progress line away.
  func endProgress() {
    let wasDrawn = state.withLock { state in
      defer { state = State() }
      return state.isDrawn
    }
    if wasDrawn { try? put("\r\u{1B}[K", to: STDERR_FILENO) }
  }

  private func put(_ text: String, to descriptor: Int32) throws {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EPIPE {
        if descriptor == STDOUT_FILENO { exit(0) }  // the reader has seen enough (`| head`)
        return
      } else if errno != EINTR {
        throw InputError("standard output cannot be written (\(String(cString: strerror(errno))))")
      }
    }
  }
}

/// Columns of the terminal behind standard error; nil where it does not say.
private func terminalWidth() -> Int? {
  var size = winsize()
  guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}

/// A progress line and its detail in at most `width` - 1 columns, for a full line would wrap and could not be redrawn.
func fitted(_ line: String, detail: String, width: Int?) -> String {
  let whole = (line + (detail.isEmpty ? "" : "  " + detail)).map { $0.isNewline ? " " : $0 }
  guard let width, whole.count >= width else { return String(whole) }
  return String(whole.prefix(max(0, width - 2))) + (width > 1 ? "…" : "")
}

/// "12 s", "3 min 20 s", "2 h 5 min".
func durationText(_ seconds: Double) -> String {
  let whole = Int(min(max(0, seconds.rounded()), 1e9))
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole % 3600 / 60) min"
}
