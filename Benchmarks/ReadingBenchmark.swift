import Formats
import Foundation
import Structures

/// Extended XYZ read from a file of some 100 MB on one core.
enum ReadingBenchmark: Benchmark {
  static let name = "reading"
  static let summary = "extxyz of about 100 MB from disk to frames, one core"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    let path = "/tmp/fscratch/big.xyz"
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    var frames = 0
    var times: [Double] = []
    for _ in 0..<runs {
      times.append(try seconds { frames = try readFrames(path).frames.count })
    }
    let best = times.min() ?? .infinity
    return Measurement(
      seconds: times, size: size, unit: "bytes",
      extras: ["megabytes_per_second": Double(size) / best / 1e6, "frames": Double(frames)])
  }
}
