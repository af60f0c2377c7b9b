import Glibc
import Structures

/// The bytes of a file for as long as the object lives: in memory, or, of a large file, mapped, so that pages that
/// were read can be given back.
final class FileBytes {
  /// From this size on a file is mapped rather than read. A mapped file must not be cut short meanwhile.
  static let mappedSize = 16 << 20

  let buffer: UnsafeRawBufferPointer
  private let isMapped: Bool

  init(_ bytes: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    copy.copyBytes(from: bytes)
    buffer = UnsafeRawBufferPointer(copy)
    isMapped = false
  }

  private init(mapped: UnsafeRawBufferPointer) {
    buffer = mapped
    isMapped = true
  }

  /// A file, unpacked if it is compressed; what is unpacked to more than `mappedSize` goes through a file without a name.
  /// - Throws: `InputError` where it cannot be read.
  static func open(_ path: String) throws -> FileBytes {
    if let mapped = map(path) { return FileBytes(mapped: mapped) }
    if isPacked(path) { return try unpacked(path) }
    let bytes = try AtomicFile.read(path)
    return FileBytes(Gzip.isCompressed(bytes) ? try Gzip.decompress(bytes, file: path) : bytes)
  }

  /// Gives back the memory of what was read of a mapped file: the system fetches it again where it is wanted.
  func giveBack() {
    guard isMapped else { return }
    madvise(UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count, MADV_DONTNEED)
  }

  private static func unpacked(_ path: String) throws -> FileBytes {
    let source = try ByteSource(path)
    var bytes: [UInt8] = []
    while bytes.count < mappedSize {
      let count = try source.refill(keeping: 0, from: 0)
      if count == 0 { return FileBytes(bytes) }
      bytes += UnsafeBufferPointer(start: source.buffer, count: count)
    }
    let spill = try NamelessFile(for: path)
    try spill.append(bytes)
    bytes = []
    while true {
      let count = try source.refill(keeping: 0, from: 0)
      if count == 0 { break }
      try spill.append(Array(UnsafeBufferPointer(start: source.buffer, count: count)))
    }
    guard let mapped = map(spill.descriptor, size: spill.count) else {
      throw InputError("cannot read back what was unpacked", file: path)
    }
    return FileBytes(mapped: mapped)
  }

  private static func isPacked(_ path: String) -> Bool {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    var magic: [UInt8] = [0, 0, 0, 0]
    // The first bytes of a pipe would be lost.
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && pread(descriptor, &magic, 4, 0) >= 2 && isPacked(magic)
  }

  /// A large file that is not compressed; nil for all others.
  private static func map(_ path: String) -> UnsafeRawBufferPointer? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size >= mappedSize else {
      return nil
    }
    var magic: [UInt8] = [0, 0, 0, 0]
    guard pread(descriptor, &magic, 4, 0) == 4, !isPacked(magic) else { return nil }
    return map(descriptor, size: Int(status.st_size))
  }

  private static func map(_ descriptor: Int32, size: Int) -> UnsafeRawBufferPointer? {
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      return nil
    }
    madvise(start, size, MADV_SEQUENTIAL)
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  /// True for the first bytes of gzip and bzip2 files.
  private static func isPacked(_ magic: [UInt8]) -> Bool {
    magic.starts(with: [0x1F, 0x8B]) || magic.starts(with: Array("BZh".utf8))
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count)
    } else {
      buffer.deallocate()
    }
  }
}

/// A file without a name, which is gone with the object: room on the disk for what memory should not hold.
package final class NamelessFile {
  package let descriptor: Int32
  package private(set) var count = 0
  private let folder: String

  /// In the folder TMPDIR, else /var/tmp, which is on a disk.
  /// - Parameter path: of the file that needs it, for messages.
  /// - Throws: `InputError` where nothing can be written there.
  package init(for path: String) throws(InputError) {
    folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    var name = Array("\(folder)/halite-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else {
      throw InputError(
        "cannot unpack into \(folder): \(String(cString: strerror(errno)))", file: path,
        remedy: "name a folder on a disk with room in TMPDIR")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(name)
  }

  deinit { close(descriptor) }

  package func append(_ bytes: [UInt8]) throws(InputError) {
    try AtomicFile.put(bytes, to: descriptor, shown: folder)
    count += bytes.count
  }
}
