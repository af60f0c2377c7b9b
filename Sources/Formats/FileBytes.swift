import Glibc
import Structures

/// The bytes of a file for as long as the object lives: in memory, or, of a large file, mapped, so that pages that
/// were read can be given back.
final class FileBytes {
  /// From this size on a file is mapped rather than read. A mapped file must not be cut short meanwhile.
  static let mappedSize = 256 << 20

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

  /// A file, unpacked if it is compressed.
  /// - Throws: `InputError` where it cannot be read.
  static func open(_ path: String) throws -> FileBytes {
    if let mapped = map(path) { return FileBytes(mapped: mapped) }
    return FileBytes(try InputFile.bytes(of: path))
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
    let size = Int(status.st_size)
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
