import Foundation

/// A process that is a part of another one's work ends with it, however that one ends.
///
/// The parent holds the writing end of a pipe and never writes; the child reads. When the parent is gone, the system
/// closes the pipe and the read returns.
enum Lifeline {
  /// Names the descriptor of the reading end.
  static let variable = "HALITE_LIFELINE"

  /// Called once at the start of the program.
  static func watch() {
    guard let text = getenv(variable), let descriptor = Int32(String(cString: text)) else { return }
    unsetenv(variable)
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while read(descriptor, &byte, 1) < 0 && errno == EINTR {}
      _exit(137)
    }
  }
}
