import Testing

@testable import halite

@Suite struct ConsoleTests {
  @Test(arguments: [
    (0.4, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599.9, "1 h 0 min"), (200, "3 min 20 s"),
    (7500, "2 h 5 min"),
    (-3, "0 s"),
    (1e300, "277777 h 46 min"),
  ])
  func durationsAreRead(seconds: Double, expected: String) { #expect(durationText(seconds) == expected) }

  @Test(
    arguments: [
      (nil, "reading 1/2  a/b.xyz"), (80, "reading 1/2  a/b.xyz"), (21, "reading 1/2  a/b.xyz"),
      (20, "reading 1/2  a/b.x…"), (12, "reading 1/…"), (1, ""), (0, ""),
    ] as [(Int?, String)])
  func theProgressLineStaysInsideOfTheTerminal(width: Int?, expected: String) {
    #expect(fitted("reading 1/2", detail: "a/b.xyz", width: width) == expected)
    #expect(fitted("a", detail: "b\nc", width: nil) == "a  b c")
  }

  @Test(arguments: [(16_400_000_000, "16.4 GB"), (312_000_000, "312 MB"), (0, "0 MB")] as [(UInt64, String)])
  func bytesAreRead(bytes: UInt64, expected: String) { #expect(bytesText(bytes) == expected) }
}
