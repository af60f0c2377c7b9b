import Foundation

/// One thing that is timed.
protocol Benchmark: Sendable {
  static var name: String { get }
  static var summary: String { get }
  /// Seconds of `runs` repeats, the size of the work, and further numbers worth knowing.
  static func run(runs: Int, threads: Int) throws -> Measurement
}

/// What a benchmark prints.
struct Measurement {
  /// Wall time of each repeat, s.
  var seconds: [Double]
  /// Atoms, pairs or bytes: what `unit` says.
  var size: Int
  var unit: String
  /// Named rates and sizes.
  var extras: [String: Double] = [:]

  func json(name: String, threads: Int) -> [String: Any] {
    let sorted = seconds.sorted()
    var result: [String: Any] = [
      "name": name, "runs": seconds.count, "threads": threads, "size": size, "unit": unit,
      "minimum_seconds": sorted.first ?? 0, "median_seconds": sorted.isEmpty ? 0 : sorted[sorted.count / 2],
      "load": load(),
    ]
    for (key, value) in extras { result[key] = value }
    return result
  }

  private func load() -> Double {
    var loads = [0.0]
    getloadavg(&loads, 1)
    return loads[0]
  }
}

/// Seconds of one call.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try clock.measure(body) / .seconds(1)
}

/// Largest resident memory of this process so far, bytes.
func peakBytes() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) * 1024
}
