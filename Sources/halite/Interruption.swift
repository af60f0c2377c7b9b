import Glibc
import Synchronization

/// Ctrl-C (and SIGTERM) as a flag, for commands that end at a checkpoint; the second one ends the program at once.
///
/// Commands that do not call `install()` are ended by the first one, as the system does it.
enum Interruption {
  private static let count = Atomic<Int>(0)

  /// True once the user has asked to stop.
  static var requested: Bool { count.load(ordering: .relaxed) > 0 }

  static func install() {
    _ = requested  // the flag must exist before a handler may run
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 {
        signal(number, SIG_DFL)
        raise(number)
      }
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaction(number, &action, nil)
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)  // a parent may have left them blocked
  }
}
