#if canImport(Glibc)
  import Glibc
#endif

/// Files and folders that are there whole or not at all: written beside their place, then renamed.
package enum AtomicFile {
  /// The bytes of a file.
  /// - Throws: `InputError` with the system's reason.
  package static func read(_ path: String) throws(InputError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable("cannot open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable("cannot read", path) }
    if status.st_mode & S_IFMT == S_IFDIR {
      throw InputError("is a folder, expected a file", file: path)
    }
    // One byte more than the size shows the end of the file without a second round.
    var room = max(Int(status.st_size), 1 << 16) + 1
    var bytes: [UInt8] = []
    while true {
      guard let chunk = chunk(of: descriptor, room: room) else { throw unreadable("cannot read", path) }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      if chunk.count < room { return bytes }
      room = bytes.count
    }
  }

  /// Up to `room` bytes, fewer only at the end of the file; nil where the system refuses.
  private static func chunk(of descriptor: Int32, room: Int) -> [UInt8]? {
    var hasFailed = false
    let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
      while filled < buffer.count {
        let count = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
        if count < 0, errno == EINTR { continue }
        hasFailed = count < 0
        if count <= 0 { break }
        filled += count
      }
    }
    return hasFailed ? nil : chunk
  }

  /// Writes a file; a device or pipe is written to directly.
  /// - Throws: `InputError` where the folder cannot be written or the disk is full; nothing is left behind then.
  package static func write(_ bytes: some Collection<UInt8>, to path: String) throws(InputError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw InputError("cannot write: there is a folder of that name", file: path)
      }
      if status.st_mode & S_IFMT != S_IFREG { return try fill(path, Array(bytes), flags: O_WRONLY, shown: path) }
    }
    try write([(path, Array(bytes))])
  }

  /// Writes files that belong together: all are on the disk before the first one takes its place.
  /// - Throws: `InputError` as for one file.
  package static func write(_ files: [(path: String, bytes: [UInt8])]) throws(InputError) {
    do throws(InputError) {
      for (path, bytes) in files {
        try fill(place(beside: path), bytes, flags: O_WRONLY | O_CREAT | O_TRUNC, shown: path)
      }
      for (path, _) in files {
        guard rename(place(beside: path), target(of: path)) == 0 else { throw unwritable(path) }
      }
    } catch {
      for (path, _) in files { unlink(place(beside: path)) }
      throw error
    }
  }

  /// Writes a folder of files; a name may have a folder in front (`set.000/coord.npy`).
  /// - Throws: `InputError` as `write`, and where the folder is there already.
  package static func writeFolder(_ files: [(name: String, bytes: [UInt8])], to path: String) throws(InputError) {
    var status = stat()
    guard stat(path, &status) != 0 else {
      throw InputError("cannot write: it is there already", file: path, remedy: "remove it or choose another name")
    }
    let temporary = place(beside: path)
    guard mkdir(temporary, 0o777) == 0 else { throw unwritable(path) }
    let folders = subfolders(files.map(\.name))
    do throws(InputError) {
      for folder in folders {
        guard mkdir(temporary + "/" + folder, 0o777) == 0 else { throw unwritable(path) }
      }
      for file in files {
        try fill(temporary + "/" + file.name, file.bytes, flags: O_WRONLY | O_CREAT | O_EXCL, shown: path)
      }
      guard rename(temporary, path) == 0 else { throw unwritable(path) }
    } catch {
      for file in files { unlink(temporary + "/" + file.name) }
      for folder in folders.reversed() { rmdir(temporary + "/" + folder) }
      rmdir(temporary)
      throw error
    }
  }

  /// The folders that names lie in, each behind the one that holds it.
  static func subfolders(_ names: [String]) -> [String] {
    var known: Set<String> = []
    var folders: [String] = []
    for name in names {
      let parts = name.split(separator: "/").dropLast()
      for depth in parts.indices {
        let folder = parts[...depth].joined(separator: "/")
        if known.insert(folder).inserted { folders.append(folder) }
      }
    }
    return folders
  }

  private static func fill(_ path: String, _ bytes: [UInt8], flags: Int32, shown: String) throws(InputError) {
    let descriptor = open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw unwritable(shown) }
    do throws(InputError) {
      try put(bytes, to: descriptor, shown: shown)
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw unwritable(shown) }
  }

  /// Writes all bytes to an open file.
  package static func put(_ bytes: [UInt8], to descriptor: Int32, shown: String) throws(InputError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unwritable(shown) }
      offset += count
    }
  }

  /// A hidden name in the same folder, so that renaming stays within one file system.
  static func place(beside path: String) -> String {
    let whole = target(of: path)
    let name = whole.split(separator: "/").last.map(String.init) ?? whole
    return whole.dropLast(name.count) + ".\(name).\(hostName).\(getpid()).part"
  }

  /// In names of parts: a number of a process means nothing on another machine of a shared disk.
  private static let hostName: String = {
    var bytes = [CChar](repeating: 0, count: 256)
    gethostname(&bytes, 255)
    let name = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: name, as: UTF8.self).replacing(".", with: "-").replacing("/", with: "-")
  }()

  /// Removes what writers of this machine that were killed have left in a folder: parts of files whose process is gone.
  package static func removeLeftovers(in folder: String) {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let words = name.split(separator: ".")
      guard name.hasPrefix("."), words.count >= 4, words.last == "part", words[words.count - 3] == hostName,
        let writer = pid_t(words[words.count - 2]), writer > 0
      else { continue }
      if kill(writer, 0) != 0, errno == ESRCH { unlink(folder + "/" + name) }
    }
  }

  /// Where a symbolic link points, so that the link survives; the path itself otherwise.
  static func target(of path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func unreadable(_ what: String, _ path: String) -> InputError {
    InputError("\(what): \(String(cString: strerror(errno)))", file: path)
  }

  static func unwritable(_ path: String) -> InputError {
    let reason = String(cString: strerror(errno))
    let remedy = errno == ENOSPC ? "free space or choose another disk" : "choose another folder"
    return InputError("cannot write: \(reason)", file: path, remedy: remedy)
  }
}
