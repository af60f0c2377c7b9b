import Foundation
import Structures

/// A program that is started so that it outlives this one, with a lock in its hands.
enum ChildProcess {
  /// Starts a program in a session of its own, without standard input.
  /// - Parameters:
  ///   - lock: descriptor that the program has as number 9; its lock lives until both have ended.
  ///   - output: file for standard output and standard error.
  /// - Throws: `InputError` where it cannot be started.
  static func start(_ words: [String], lock: Int32?, output: String = "/dev/null") throws(InputError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    if let lock { posix_spawn_file_actions_adddup2(&actions, lock, 9) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals of a terminal (Ctrl-C) go to halite alone, which then lets its runs end; what halite ignores its children need not.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | 0x80)  // 0x80: POSIX_SPAWN_SETSID of glibc
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var child: pid_t = 0
    let status = posix_spawnp(&child, words[0], &actions, &attributes, &pointers, environ)
    guard status == 0 else { throw InputError("cannot start \(words[0]): \(String(cString: strerror(status)))") }
    return child
  }

  /// Waits for a program's end, or until `isStopped` is true: then the program goes on, and the answer is nil.
  static func wait(_ child: pid_t, until isStopped: () -> Bool) -> Int32? {
    var status: Int32 = 0
    var pause: UInt32 = 1_000
    while waitpid(child, &status, WNOHANG) == 0 {
      if isStopped() { return nil }
      usleep(pause)
      pause = min(2 * pause, 50_000)
    }
    return status
  }

  /// Waits for a program's end.
  /// - Returns: its exit status; 128 and the signal's number where one ended it.
  @discardableResult
  static func wait(_ child: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  /// Runs a program to its end.
  /// - Returns: exit status and what it printed on standard output and standard error; nil where there is no such program.
  static func run(_ words: [String], lock: Int32? = nil, scratch: String) -> (status: Int32, text: String)? {
    guard let child = try? start(words, lock: lock, output: scratch) else { return nil }
    let status = wait(child)
    let text = String(decoding: (try? AtomicFile.read(scratch)) ?? [], as: UTF8.self)
    unlink(scratch)
    return status == 127 && text.isEmpty ? nil : (status, text)
  }
}
