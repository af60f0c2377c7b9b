import Foundation
import Testing

@testable import Formats

private let xyz = "1\nProperties=species:S:1:pos:R:3 energy=-1\nLi 0 0 0\n"

@Test func gzippedFilesAreReadAndDamagedOnesRefused() throws {
  try withTemporaryFolder { folder in
    let packed = try Gzip.compress(Array(xyz.utf8))
    #expect(try Gzip.decompress(packed + packed, file: "a") == Array((xyz + xyz).utf8))
    #expect(
      message { _ = try Gzip.decompress(packed.dropLast(9), file: "a.gz") }.hasPrefix(
        "a.gz: the gzip data end early"))
    var damaged = packed
    damaged[20] ^= 0xFF
    #expect(message { _ = try Gzip.decompress(damaged, file: "a.gz") }.hasPrefix("a.gz: the gzip data are damaged"))
    try Data(packed).write(to: URL(fileURLWithPath: folder + "/a.xyz.gz"))
    #expect(try readFrames(folder + "/a.xyz.gz").frames[0].labels.energy == -1)
  }
}
