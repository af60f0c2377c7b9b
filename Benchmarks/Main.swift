import Foundation
import Optimization
import Structures

/// The register of benchmarks.
private let benchmarks: [any Benchmark.Type] = [
  NeighborBenchmark.self, FingerprintBenchmark.self, PredictionBenchmark.self,
  SNAPBenchmark.self, SmallSNAPBenchmark.self, GAPBenchmark.self, MTPBenchmark.self, MTPTrainingBenchmark.self,
  EpochBenchmark.self, TrainingEpochBenchmark.self, ScalingBenchmark.self, ReadingBenchmark.self,
  OUTCARBenchmark.self, VasprunBenchmark.self, EnumerationBenchmark.self,
]

/// `halite-benchmarks NAME|all [--runs N] [--threads N] [--json]`
@main
struct Main {
  static func main() {
    OpenBLASCore.settle()
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("halite-benchmarks: \(error)\n".utf8))
      exit((error as? InputError)?.isUsage == true ? 2 : 1)
    }
  }

  private static func run(_ arguments: [String]) throws {
    let names = arguments.filter { !$0.hasPrefix("--") && Int($0) == nil }
    let runs = try number("--runs", in: arguments) ?? 5
    let threads = try number("--threads", in: arguments) ?? ProcessInfo.processInfo.activeProcessorCount
    let known = benchmarks.map { $0.name }
    guard let wanted = names.first, wanted == "all" || known.contains(wanted) else {
      let hint = names.first.flatMap { nearestName(to: $0, among: known) }.map { "did you mean \($0)?" }
      throw InputError(
        "expected the name of a benchmark: all, " + known.joined(separator: ", "), remedy: hint, isUsage: true)
    }
    for benchmark in benchmarks where wanted == "all" || benchmark.name == wanted {
      let measurement = try benchmark.run(runs: runs, threads: threads)
      let object = measurement.json(name: benchmark.name, threads: threads)
      if arguments.contains("--json") {
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        print(String(decoding: data, as: UTF8.self))
      } else {
        print("\(benchmark.name): \(benchmark.summary)")
        for key in object.keys.sorted() where key != "name" { print("  \(key): \(object[key] ?? "")") }
      }
    }
  }

  private static func number(_ option: String, in arguments: [String]) throws -> Int? {
    guard let at = arguments.firstIndex(of: option) else { return nil }
    guard at + 1 < arguments.count, let value = Int(arguments[at + 1]), value > 0 else {
      throw InputError("\(option) needs a positive number", isUsage: true)
    }
    return value
  }
}
