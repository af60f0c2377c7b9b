import Testing

@testable import Optimization

struct OpenBLASCoreTests {
  private let new: Set<String> = Processor.skylakeFlags.union(Processor.haswellFlags)

  /// OpenBLAS 0.3.21 takes Zen 5 for Haswell and Sapphire Rapids for Prescott.
  @Test(arguments: ["Prescott", "Core2", "Nehalem", "Sandybridge", "Haswell", "Zen", "unknown"])
  func processorsWithAVX512(chosen: String) {
    #if arch(x86_64)
      #expect(OpenBLASCore.better(than: chosen, on: new) == "SkylakeX")
    #else
      #expect(OpenBLASCore.better(than: chosen, on: new) == nil)
    #endif
  }

  @Test(arguments: ["SkylakeX", "Cooperlake", "SapphireRapids"])
  func goodChoicesStay(chosen: String) { #expect(OpenBLASCore.better(than: chosen, on: new) == nil) }

  @Test func olderProcessors() {
    #if arch(x86_64)
      #expect(OpenBLASCore.better(than: "Prescott", on: Processor.haswellFlags) == "Haswell")
    #endif
    #expect(OpenBLASCore.better(than: "Haswell", on: Processor.haswellFlags) == nil)
    #expect(OpenBLASCore.better(than: "Prescott", on: ["sse3"]) == nil)
  }
}
