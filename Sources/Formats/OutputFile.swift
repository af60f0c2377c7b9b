import Glibc
import Structures

/// Files and folders that are there whole or not at all: written beside their place, then renamed.
enum OutputFile {
  /// Writes a file, gzipped where its name ends in `.gz`. A device or pipe is written to directly.
  ///
  /// - Throws: `InputError` where the folder cannot be written or the disk is full; nothing is left behind then.
  static func write(_ bytes: [UInt8], to path: String) throws(InputError) {
    let contents = path.lowercased().hasSuffix(".gz") ? try Gzip.compress(bytes) : bytes
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw InputError("cannot write: there is a folder of that name", file: path)
    }
    if exists, status.st_mode & S_IFMT != S_IFREG { return try fill(path, contents, flags: O_WRONLY, shown: path) }
    let temporary = place(beside: path)
    do throws(InputError) {
      try fill(temporary, contents, flags: O_WRONLY | O_CREAT | O_EXCL, shown: path)
      guard rename(temporary, target(of: path)) == 0 else { throw failure(path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Writes a folder of files.
  ///
  /// - Throws: `InputError` as `write`, and where the folder is there already.
  static func writeFolder(_ files: [(name: String, bytes: [UInt8])], to path: String) throws(InputError) {
    var status = stat()
    guard stat(path, &status) != 0 else {
      throw InputError("cannot write: it is there already", file: path, remedy: "remove it or choose another name")
    }
    let temporary = place(beside: path)
    guard mkdir(temporary, 0o777) == 0 else { throw failure(path) }
    do throws(InputError) {
      for file in files {
        try fill(temporary + "/" + file.name, file.bytes, flags: O_WRONLY | O_CREAT | O_EXCL, shown: path)
      }
      guard rename(temporary, path) == 0 else { throw failure(path) }
    } catch {
      for file in files { unlink(temporary + "/" + file.name) }
      rmdir(temporary)
      throw error
    }
  }

  private static func fill(_ path: String, _ bytes: [UInt8], flags: Int32, shown: String) throws(InputError) {
    let descriptor = open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(shown) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        let error = failure(shown)
        close(descriptor)
        throw error
      }
      offset += count
    }
    guard close(descriptor) == 0 else { throw failure(shown) }
  }

  /// A hidden name in the same folder, so that renaming stays within one file system.
  private static func place(beside path: String) -> String {
    let whole = target(of: path)
    let name = lastComponent(whole)
    return whole.dropLast(name.count) + ".\(name).\(getpid()).part"
  }

  /// Where a symbolic link points, so that the link survives; the path itself otherwise.
  private static func target(of path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func failure(_ path: String) -> InputError {
    let reason = String(cString: strerror(errno))
    let remedy = errno == ENOSPC ? "free space or choose another disk" : "choose another folder"
    return InputError("cannot write: \(reason)", file: path, remedy: remedy)
  }
}
