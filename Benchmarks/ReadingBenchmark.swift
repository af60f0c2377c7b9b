import Formats
import Foundation
import Structures

/// Extended XYZ read from a file of some 100 MB: the shipped sample, again and again, as its first import.
enum ReadingBenchmark: Benchmark {
  static let name = "reading"
  static let summary = "extxyz of about 100 MB from a file to frames with ids, one core"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let sample = try Gzip.decompress(SampleData.disorderedRocksalts(), file: "sample")
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("reading-\(getpid()).extxyz")
    defer { try? FileManager.default.removeItem(at: url) }
    let copies = 100_000_000 / sample.count
    try Data((0..<copies).flatMap { _ in sample }).write(to: url)
    let size = sample.count * copies
    var frames = 0
    var times: [Double] = []
    var processorTimes: [Double] = []
    for _ in 0..<runs {
      let start = clock()
      frames = 0
      times.append(try seconds { _ = try forEachFrame(of: url.path) { _ in frames += 1 } })
      processorTimes.append(Double(clock() - start) / Double(CLOCKS_PER_SEC))
    }
    return Measurement(
      seconds: times, size: size, unit: "bytes",
      extras: [
        "megabytes_per_second": Double(size) / (times.min() ?? .infinity) / 1e6,
        "megabytes_per_processor_second": Double(size) / (processorTimes.min() ?? .infinity) / 1e6,
        "frames": Double(frames),
      ])
  }
}
