import COpenBLAS
import Glibc

/// OpenBLAS takes some processors with AVX-512 for older ones and then runs at half its speed (0.3.21 takes Zen 5 for
/// Haswell). The kernels are chosen while the library is loaded, so the program starts itself again with
/// `OPENBLAS_CORETYPE` set, once.
enum OpenBLASCore {
  private static let marker = "HALITE_OPENBLAS_CORETYPE_SET"

  /// The kernels in use: "SkylakeX", "Haswell".
  static var name: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }

  static var threads: Int { Int(openblas_get_num_threads()) }

  /// True where `OPENBLAS_CORETYPE` was set by Halite.
  static var isCorrected: Bool { getenv(marker) != nil }

  /// Starts the program again with the right kernels where OpenBLAS has guessed wrong; else returns, with OpenBLAS
  /// kept to one thread: the parallel loops are Halite's own.
  static func settle(arguments: [String] = CommandLine.arguments) {
    if getenv("OPENBLAS_CORETYPE") == nil, getenv(marker) == nil, isGuessedTooLow {
      setenv("OPENBLAS_CORETYPE", "SkylakeX", 1)
      setenv(marker, "1", 1)
      var pointers = arguments.map { strdup($0) } + [nil]
      execv("/proc/self/exe", &pointers)
      for pointer in pointers { free(pointer) }  // only reached where the system refused: go on as it is
    }
    openblas_set_num_threads(1)
  }

  private static var isGuessedTooLow: Bool {
    ["Haswell", "Zen"].contains(name) && Processor.current.isSuperset(of: Processor.skylakeFlags)
  }
}

/// What the processor can do.
enum Processor {
  /// What OpenBLAS' SkylakeX kernels use.
  static let skylakeFlags: Set<String> = ["avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"]

  /// The flags that Linux lists for the first processor ("avx2", "fma"); empty where it lists none.
  static let current: Set<String> = Set(field("flags").split(separator: " ").map(String.init))

  static let modelName = field("model name")

  /// The level of the x86-64 instruction set that kernels are chosen by.
  static var level: String {
    #if arch(x86_64)
      if current.isSuperset(of: skylakeFlags) { return "x86-64-v4 (AVX-512)" }
      if current.isSuperset(of: ["avx2", "fma", "bmi2"]) { return "x86-64-v3 (AVX2)" }
      return "x86-64 (SSE2)"
    #elseif arch(arm64)
      return "arm64 (NEON)"
    #else
      return "unknown"
    #endif
  }

  private static func field(_ name: String) -> String {
    guard let file = fopen("/proc/cpuinfo", "r") else { return "" }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
      let parts = text.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].split(whereSeparator: \.isWhitespace).joined(separator: " ") == name {
        return parts[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
    }
    return ""
  }
}
