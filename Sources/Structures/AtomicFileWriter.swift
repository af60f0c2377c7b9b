#if canImport(Glibc)
  import Glibc
#endif

/// A file that is written piece by piece, beside its place, and renamed at the end: there whole or not at all. A device or pipe is
/// written to directly.
package final class AtomicFileWriter {
  /// Bytes that are collected before the system is asked.
  private static let pieceSize = 1 << 20

  private let path: String
  private let part: String
  private let isDirect: Bool
  private var descriptor: Int32
  private var waiting: [UInt8] = []
  /// Bytes so far.
  package private(set) var count = 0

  /// - Throws: `InputError` where the place cannot be written.
  package init(_ path: String) throws(InputError) {
    self.path = path
    var status = stat()
    let isThere = stat(path, &status) == 0
    if isThere, status.st_mode & S_IFMT == S_IFDIR {
      throw InputError("cannot write: there is a folder of that name", file: path)
    }
    isDirect = isThere && status.st_mode & S_IFMT != S_IFREG
    part = isDirect ? path : AtomicFile.place(beside: path)
    descriptor = open(part, (isDirect ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC) | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw AtomicFile.unwritable(path) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isDirect { unlink(part) }
  }

  /// - Throws: `InputError` where the disk is full or gone.
  package func append(_ bytes: some Sequence<UInt8>) throws(InputError) {
    let before = waiting.count
    waiting.append(contentsOf: bytes)
    count += waiting.count - before
    if waiting.count >= Self.pieceSize { try flush() }
  }

  /// Puts the file into its place.
  /// - Throws: `InputError` where the disk is full or gone.
  package func finish() throws(InputError) {
    try flush()
    let status = close(descriptor)
    descriptor = -1
    guard status == 0, isDirect || rename(part, AtomicFile.target(of: path)) == 0 else {
      let error = AtomicFile.unwritable(path)
      if !isDirect { unlink(part) }
      throw error
    }
  }

  private func flush() throws(InputError) {
    try AtomicFile.put(waiting, to: descriptor, shown: path)
    waiting.removeAll(keepingCapacity: true)
  }
}

/// A folder that is filled file by file, beside its place, and renamed at the end.
package final class AtomicFolder {
  private let path: String
  private let part: String
  private var files: Set<String> = []
  private var folders: [String] = []
  private var isFinished = false

  /// - Throws: `InputError` where there is something of that name already, or the place cannot be written.
  package init(_ path: String) throws(InputError) {
    var status = stat()
    guard stat(path, &status) != 0 else {
      throw InputError("cannot write: it is there already", file: path, remedy: "remove it or choose another name")
    }
    self.path = path
    part = AtomicFile.place(beside: path)
    guard mkdir(part, 0o777) == 0 else { throw AtomicFile.unwritable(path) }
  }

  deinit {
    if isFinished { return }
    for file in files { unlink(part + "/" + file) }
    for folder in folders.reversed() { rmdir(part + "/" + folder) }
    rmdir(part)
  }

  /// Adds bytes to the end of a file (`set.000/coord.npy`), which is made where there is none.
  /// - Throws: `InputError` where the disk is full or gone.
  package func append(_ bytes: [UInt8], to name: String) throws(InputError) {
    if files.insert(name).inserted { try makeFolders(of: name) }
    try write(bytes, name, flags: O_WRONLY | O_CREAT | O_APPEND)
  }

  /// Puts bytes over the beginning of a file.
  /// - Throws: `InputError` where the disk is gone.
  package func replaceBeginning(of name: String, by bytes: [UInt8]) throws(InputError) {
    try write(bytes, name, flags: O_WRONLY)
  }

  /// Puts the folder into its place; with a name, only that folder of it, which holds all files.
  /// - Throws: `InputError` where the disk is gone.
  package func finish(raising name: String? = nil) throws(InputError) {
    guard rename(name.map { part + "/" + $0 } ?? part, path) == 0 else { throw AtomicFile.unwritable(path) }
    if name != nil { rmdir(part) }
    isFinished = true
  }

  private func makeFolders(of name: String) throws(InputError) {
    for folder in AtomicFile.subfolders([name]) where !folders.contains(folder) {
      guard mkdir(part + "/" + folder, 0o777) == 0 else { throw AtomicFile.unwritable(path) }
      folders.append(folder)
    }
  }

  private func write(_ bytes: [UInt8], _ name: String, flags: Int32) throws(InputError) {
    let descriptor = open(part + "/" + name, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw AtomicFile.unwritable(path) }
    defer { close(descriptor) }
    try AtomicFile.put(bytes, to: descriptor, shown: path)
  }
}

/// A place beside a file's own for a program that opens files by name, and the way from there.
package final class AtomicPart {
  package let path: String
  private let target: String
  private var isFinished = false

  /// - Throws: `InputError` where the place cannot be written.
  package init(_ path: String) throws(InputError) {
    target = path
    // Another name than that of an `AtomicFileWriter` of the same target, which packs what is made here.
    self.path = AtomicFile.place(beside: path) + ".raw"
    unlink(self.path)
    let descriptor = open(self.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw AtomicFile.unwritable(path) }
    close(descriptor)
  }

  deinit { if !isFinished { unlink(path) } }

  /// Puts the file into its place.
  /// - Throws: `InputError` where the disk is gone.
  package func finish() throws(InputError) {
    guard rename(path, AtomicFile.target(of: target)) == 0 else { throw AtomicFile.unwritable(target) }
    isFinished = true
  }
}
