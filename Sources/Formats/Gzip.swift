import CZlib
import Structures

/// gzip files (RFC 1952) by zlib.
package enum Gzip {
  /// True where the bytes begin as a gzip file does.
  package static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The contents of a gzip file, members one after the other.
  ///
  /// - Throws: `InputError` where the data are damaged or end early.
  package static func decompress(_ bytes: [UInt8], file: String) throws(InputError) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw InputError("zlib cannot start", file: file)
    }
    defer { inflateEnd(&stream) }
    var input = Input(bytes)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count * 4)
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let (status, produced) = step(&stream, &input, &chunk) { inflate($0, Z_NO_FLUSH) }
      output += chunk[..<produced]
      if status == Z_STREAM_END {
        // Zeros may pad the last member; anything else behind it must be another one.
        if input.rest.allSatisfy({ $0 == 0 }) { return output }
        inflateReset(&stream)
      } else if status == Z_BUF_ERROR || (status == Z_OK && produced == 0 && input.isEmpty) {
        throw InputError("the gzip data end early", file: file, remedy: "copy or download the file again")
      } else if status != Z_OK {
        throw InputError("the gzip data are damaged", file: file, remedy: "copy or download the file again")
      }
    }
  }

  /// A gzip file of one member, without time stamp: equal contents give equal files.
  package static func compress(_ bytes: [UInt8]) throws(InputError) -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw InputError("zlib cannot start") }
    defer { deflateEnd(&stream) }
    var input = Input(bytes)
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let finishes = input.isLast
      let (status, produced) = step(&stream, &input, &chunk) { deflate($0, finishes ? Z_FINISH : Z_NO_FLUSH) }
      output += chunk[..<produced]
      if status == Z_STREAM_END { return output }
      guard status == Z_OK || status == Z_BUF_ERROR else { throw InputError("zlib cannot compress") }
    }
  }

  /// The same file as of `compress`, made piece by piece.
  package final class Compressor {
    private var stream = z_stream()
    private var chunk = [UInt8](repeating: 0, count: 1 << 18)

    package init() throws(InputError) {
      let started = deflateInit2_(
        &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard started == Z_OK else { throw InputError("zlib cannot start") }
    }

    deinit { deflateEnd(&stream) }

    package func add(_ bytes: [UInt8], to file: AtomicFileWriter) throws(InputError) {
      var input = Input(bytes)
      while !input.isEmpty {
        let (status, produced) = Gzip.step(&stream, &input, &chunk) { deflate($0, Z_NO_FLUSH) }
        guard status == Z_OK || status == Z_BUF_ERROR else { throw InputError("zlib cannot compress") }
        if produced > 0 { try file.append(chunk[..<produced]) }
      }
    }

    package func finish(to file: AtomicFileWriter) throws(InputError) {
      var input = Input([])
      while true {
        let (status, produced) = Gzip.step(&stream, &input, &chunk) { deflate($0, Z_FINISH) }
        try file.append(chunk[..<produced])
        if status == Z_STREAM_END { return }
        guard status == Z_OK || status == Z_BUF_ERROR else { throw InputError("zlib cannot compress") }
      }
    }
  }

  /// Input in pieces that zlib's 32-bit counts hold.
  private struct Input {
    private static let piece = 1 << 30
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var available: Int { min(bytes.count - offset, Self.piece) }
    var isEmpty: Bool { offset == bytes.count }
    var isLast: Bool { bytes.count - offset <= Self.piece }
    var rest: ArraySlice<UInt8> { bytes[offset...] }
  }

  /// One call of zlib: takes from the input, fills the chunk; the status and the number of bytes filled.
  private static func step(
    _ stream: inout z_stream, _ input: inout Input, _ chunk: inout [UInt8],
    _ call: (UnsafeMutablePointer<z_stream>) -> Int32
  ) -> (status: Int32, produced: Int) {
    let offered = input.available
    let room = chunk.count
    let status = input.bytes.withUnsafeBufferPointer { source in
      chunk.withUnsafeMutableBufferPointer { target in
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress.map { $0 + input.offset })
        stream.avail_in = UInt32(offered)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(room)
        return call(&stream)
      }
    }
    input.offset += offered - Int(stream.avail_in)
    return (status, room - Int(stream.avail_out))
  }
}
