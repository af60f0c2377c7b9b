import Glibc
import Structures

/// An exclusive lock on a file (flock), held until the object goes or the process ends in whatever way.
package final class FileLock: @unchecked Sendable {
  package let descriptor: Int32

  /// - Parameter waiting: until the lock is free; else nil where another process holds it.
  /// - Throws: `InputError` where the file cannot be made.
  package init?(_ path: String, waiting: Bool) throws(InputError) {
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else {
      throw InputError("cannot write: \(String(cString: strerror(errno)))", file: path)
    }
    while flock(opened, LOCK_EX | (waiting ? 0 : LOCK_NB)) != 0 {
      if errno == EINTR { continue }
      let reason = errno
      close(opened)
      if reason == EWOULDBLOCK { return nil }
      throw InputError("cannot lock: \(String(cString: strerror(reason)))", file: path)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// True where a process holds the lock of a file that is there.
  package static func isHeld(_ path: String) -> Bool {
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { return false }
    defer { close(opened) }
    // Shared, so that two that ask at once do not take each other for the run.
    return flock(opened, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
