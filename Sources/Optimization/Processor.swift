import Glibc

/// What the processor can do.
public enum Processor {
  /// What OpenBLAS' SkylakeX kernels use.
  public static let skylakeFlags: Set<String> = ["avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"]

  /// What its Haswell kernels use.
  public static let haswellFlags: Set<String> = ["avx2", "fma"]

  /// The flags that Linux lists for the first processor ("avx2", "fma"); empty where it lists none.
  public static let current: Set<String> = Set(field("flags").split(separator: " ").map(String.init))

  public static let modelName = field("model name")

  /// The level of the x86-64 instruction set that kernels are chosen by.
  public static var level: String {
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
