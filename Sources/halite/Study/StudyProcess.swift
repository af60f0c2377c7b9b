import Foundation
import Structures

/// A training as a process of its own, which ends where this one ends.
struct StudyProcess {
  let id: pid_t
  /// The writing end of the pipe that the child listens to.
  private let lifeline: Int32

  /// Starts this very program with other arguments, in a session of its own: Ctrl-C goes to the study alone.
  /// - Parameters:
  ///   - lock: descriptor of a lock that the child holds, too.
  ///   - output: file for what it says.
  /// - Throws: `InputError` where it cannot be started.
  init(_ arguments: [String], lock: Int32, output: String) throws(InputError) {
    // One at a time: a child that is started between the two lines of another's pipe would hold it open.
    Self.starting.lock()
    defer { Self.starting.unlock() }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Self.refusal(errno) }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Numbers that no other descriptor of the child has.
    posix_spawn_file_actions_adddup2(&actions, ends[0], 208)
    posix_spawn_file_actions_adddup2(&actions, lock, 209)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | 0x80)  // 0x80: POSIX_SPAWN_SETSID of glibc
    var words: [UnsafeMutablePointer<CChar>?] = ([CommandLine.arguments[0]] + arguments).map { strdup($0) } + [nil]
    var variables = ProcessInfo.processInfo.environment
    variables[Lifeline.variable] = "208"
    var surroundings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (words + surroundings).forEach { free($0) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, &words, &surroundings)
    guard status == 0 else {
      close(ends[1])
      throw Self.refusal(status)
    }
    id = child
    lifeline = ends[1]
  }

  private static let starting = NSLock()

  private static func refusal(_ number: Int32) -> InputError {
    InputError("a training cannot be started: \(String(cString: strerror(number)))")
  }

  /// How a process ended.
  struct End {
    /// Exit status; 128 and the signal's number where one ended it.
    var status: Int32
    /// Processor time of all its threads, s.
    var processorSeconds: Double
  }

  /// Waits for the end; once `isStopped` is true the process is asked to end at a checkpoint.
  func wait(isStopped: () -> Bool) -> End {
    var status: Int32 = 0
    var usage = rusage()
    var wasAsked = false
    var pause: UInt32 = 2_000
    while true {
      let found = wait4(id, &status, WNOHANG, &usage)
      if found == id || (found < 0 && errno != EINTR) { break }
      if !wasAsked, isStopped() {
        kill(id, SIGINT)
        wasAsked = true
      }
      usleep(pause)
      pause = min(2 * pause, 50_000)
    }
    close(lifeline)
    let signal = status & 0x7F
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return End(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
  }
}
