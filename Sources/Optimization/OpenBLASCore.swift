import COpenBLAS
import Glibc

/// OpenBLAS takes processors newer than itself for older ones and then runs at a half to a fifth of its speed (0.3.21
/// takes Zen 5 for Haswell, Sapphire Rapids for Prescott). The kernels are chosen while the library is loaded, so the
/// program starts itself again with `OPENBLAS_CORETYPE` set, once.
public enum OpenBLASCore {
  private static let marker = "HALITE_OPENBLAS_CORETYPE_SET"

  /// The kernels in use: "SkylakeX", "Haswell".
  public static var name: String { openblas_get_corename().map { String(cString: $0) } ?? "unknown" }

  public static var threads: Int { Int(openblas_get_num_threads()) }

  /// True where `OPENBLAS_CORETYPE` was set by Halite.
  public static var isCorrected: Bool { getenv(marker) != nil }

  /// Starts the program again with the right kernels where OpenBLAS has guessed wrong; else returns, with OpenBLAS
  /// kept to one thread: the parallel loops are Halite's own.
  public static func settle(arguments: [String] = CommandLine.arguments) {
    if getenv("OPENBLAS_CORETYPE") == nil, getenv(marker) == nil,
      let core = better(than: name, on: Processor.current)
    {
      setenv("OPENBLAS_CORETYPE", core, 1)
      setenv(marker, "1", 1)
      var pointers = arguments.map { strdup($0) } + [nil]
      execv("/proc/self/exe", &pointers)
      for pointer in pointers { free(pointer) }  // only reached where the system refused: go on as it is
    }
    useOneThread()
  }

  /// Keeps OpenBLAS to one thread: the parallel loops are Halite's own, and its threads do not always sum in the same
  /// order, so that the last bits of a training would change from run to run.
  public static func useOneThread() { _ = oneThread }

  private static let oneThread: Void = openblas_set_num_threads(1)

  /// The kernels that suit a processor where OpenBLAS chose worse ones; nil where its choice is as good.
  public static func better(than chosen: String, on flags: Set<String>) -> String? {
    #if arch(x86_64)
      if flags.isSuperset(of: Processor.skylakeFlags) {
        return ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(chosen) ? nil : "SkylakeX"
      }
      if flags.isSuperset(of: Processor.haswellFlags) {
        return ["Haswell", "Zen", "Excavator"].contains(chosen) ? nil : "Haswell"
      }
    #endif
    return nil
  }
}
