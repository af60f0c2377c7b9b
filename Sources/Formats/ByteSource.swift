import CBzip
import CZlib
import Glibc
import Structures

/// The bytes of a file in pieces, unpacked on the way where it is a gzip or bzip2 file: a file of any size takes no more
/// memory than its longest line.
final class ByteSource {
  let file: String
  private let descriptor: Int32
  private var packing = Packing.none
  private var gzip = z_stream()
  private var bzip = bz_stream()
  /// Packed bytes that are still to be unpacked.
  private let packed: UnsafeMutablePointer<UInt8>
  private var packedStart = 0
  private var packedEnd = 0
  private var isAtEnd = false
  /// True where the last member of a packed file was complete.
  private var isBetweenMembers = false
  /// What was found when bytes before it were still to be handed over.
  private var failure: InputError?
  /// True once the packing contradicts itself: bytes unpacked before that may be wrong, too.
  private(set) var isCorrupt = false
  /// What a window looks at.
  private(set) var buffer: UnsafeMutablePointer<UInt8>
  private var capacity = 1 << 20

  private static let packedCapacity = 1 << 18
  /// No line and no tag of a VASP file comes near this many bytes.
  static let longestStretch = 1 << 26

  private enum Packing { case none, gzip, bzip }

  /// - Throws: `InputError` where the file cannot be opened.
  init(_ path: String) throws(InputError) {
    file = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw InputError("cannot open: \(String(cString: strerror(errno)))", file: path)
    }
    packed = .allocate(capacity: Self.packedCapacity)
    buffer = .allocate(capacity: capacity)
    try fillPacked()
    try detectPacking()
  }

  deinit {
    if packing == .gzip { inflateEnd(&gzip) }
    if packing == .bzip { BZ2_bzDecompressEnd(&bzip) }
    close(descriptor)
    packed.deallocate()
    buffer.deallocate()
  }

  /// Keeps `kept` bytes that begin at an offset of the buffer, moves them to its beginning and fills up behind them.
  /// - Returns: the number of bytes that are new; 0 at the end of the file.
  /// - Throws: `InputError` where the file cannot be read, is damaged, or `limit` bytes do not hold what is kept.
  func refill(
    keeping kept: Int, from offset: Int, limit: Int = longestStretch
  ) throws(InputError) -> Int {
    if kept > 0, offset > 0 { memmove(buffer, buffer + offset, kept) }
    if kept == capacity {
      guard capacity <= limit / 2 else {
        throw InputError("a line of more than \(capacity) bytes", file: file, remedy: "is this a VASP file?")
      }
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * capacity)
      memcpy(larger, buffer, kept)
      buffer.deallocate()
      buffer = larger
      capacity *= 2
    }
    return try read(into: buffer + kept, room: capacity - kept)
  }

  /// - Returns: 0 only at the end.
  private func read(into target: UnsafeMutablePointer<UInt8>, room: Int) throws(InputError) -> Int {
    switch packing {
    case .none: return try readPlain(into: target, room: room)
    case .gzip, .bzip:
      if let failure { throw failure }
      while true {
        let produced = try packing == .gzip ? inflateSome(target, room) : unbzipSome(target, room)
        if produced != 0 || (isBetweenMembers && isAtEnd && packedStart == packedEnd) { return produced }
      }
    }
  }

  private func readPlain(into target: UnsafeMutablePointer<UInt8>, room: Int) throws(InputError) -> Int {
    if packedStart < packedEnd {
      let count = min(room, packedEnd - packedStart)
      memcpy(target, packed + packedStart, count)
      packedStart += count
      return count
    }
    return try system(target, room)
  }

  private func system(_ target: UnsafeMutablePointer<UInt8>, _ room: Int) throws(InputError) -> Int {
    while true {
      let count = Glibc.read(descriptor, target, room)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw InputError(
          errno == EISDIR ? "is a folder, expected a file" : "cannot read: \(String(cString: strerror(errno)))",
          file: file)
      }
      return count
    }
  }

  private func fillPacked() throws(InputError) {
    packedStart = 0
    packedEnd = 0
    while packedEnd < Self.packedCapacity {
      let count = try system(packed + packedEnd, Self.packedCapacity - packedEnd)
      if count == 0 {
        isAtEnd = true
        return
      }
      packedEnd += count
    }
  }

  private func detectPacking() throws(InputError) {
    if packedEnd >= 2, packed[0] == 0x1F, packed[1] == 0x8B {
      let status = inflateInit2_(&gzip, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard status == Z_OK else { throw InputError("zlib cannot start", file: file) }
      packing = .gzip
    } else if packedEnd >= 4, packed[0] == 0x42, packed[1] == 0x5A, packed[2] == 0x68, packed[3] &- 0x31 < 9 {
      guard BZ2_bzDecompressInit(&bzip, 0, 0) == BZ_OK else { throw InputError("bzip2 cannot start", file: file) }
      packing = .bzip
    }
  }

  /// Makes sure that there are packed bytes; false at the end of the file.
  private func hasPacked(_ name: String) throws(InputError) -> Bool {
    if packedStart == packedEnd, !isAtEnd { try fillPacked() }
    if packedStart < packedEnd { return true }
    guard isBetweenMembers else {
      throw InputError("the \(name) data end early", file: file, remedy: "copy or download the file again")
    }
    return false
  }

  private func inflateSome(_ target: UnsafeMutablePointer<UInt8>, _ room: Int) throws(InputError) -> Int {
    guard try hasPacked("gzip") else { return 0 }
    if isBetweenMembers {
      // Zeros may pad the last member.
      while packedStart < packedEnd, packed[packedStart] == 0 { packedStart += 1 }
      if packedStart == packedEnd { return 0 }
      inflateReset(&gzip)
      isBetweenMembers = false
    }
    gzip.next_in = packed + packedStart
    gzip.avail_in = UInt32(packedEnd - packedStart)
    gzip.next_out = target
    gzip.avail_out = UInt32(room)
    let status = inflate(&gzip, Z_NO_FLUSH)
    packedStart = packedEnd - Int(gzip.avail_in)
    isBetweenMembers = status == Z_STREAM_END
    let produced = room - Int(gzip.avail_out)
    guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else { return try corrupt("gzip", produced) }
    return produced
  }

  private func unbzipSome(_ target: UnsafeMutablePointer<UInt8>, _ room: Int) throws(InputError) -> Int {
    guard try hasPacked("bzip2") else { return 0 }
    if isBetweenMembers {
      BZ2_bzDecompressEnd(&bzip)
      bzip = bz_stream()
      guard BZ2_bzDecompressInit(&bzip, 0, 0) == BZ_OK else { throw InputError("bzip2 cannot start", file: file) }
      isBetweenMembers = false
    }
    bzip.next_in = UnsafeMutableRawPointer(packed + packedStart).assumingMemoryBound(to: CChar.self)
    bzip.avail_in = UInt32(packedEnd - packedStart)
    bzip.next_out = UnsafeMutableRawPointer(target).assumingMemoryBound(to: CChar.self)
    bzip.avail_out = UInt32(room)
    let status = BZ2_bzDecompress(&bzip)
    packedStart = packedEnd - Int(bzip.avail_in)
    isBetweenMembers = status == BZ_STREAM_END
    let produced = room - Int(bzip.avail_out)
    guard status == BZ_OK || status == BZ_STREAM_END else { return try corrupt("bzip2", produced) }
    return produced
  }

  /// What was unpacked before the damage is handed over first.
  private func corrupt(_ name: String, _ produced: Int) throws(InputError) -> Int {
    isCorrupt = true
    let error = InputError("the \(name) data are damaged", file: file, remedy: "copy or download the file again")
    guard produced > 0 else { throw error }
    failure = error
    return produced
  }
}
