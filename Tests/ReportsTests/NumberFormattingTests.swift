import Testing

@testable import Reports

@Test func numbersAsReportsWriteThem() {
  #expect(NumberFormatting.fixed(-0.004, 2) == "0.00")
  #expect(NumberFormatting.fixed(-1.005, 1) == "−1.0")
  #expect(NumberFormatting.fixed(.nan, 1) == "–")
  #expect(NumberFormatting.significant(0.21456) == "0.215")
  #expect(NumberFormatting.significant(4321.4) == "4321")
  #expect(NumberFormatting.significant(0) == "0.00")
  #expect(NumberFormatting.count(-1_234_567) == "−1\u{202F}234\u{202F}567")
  #expect(NumberFormatting.count(999) == "999")
  #expect(NumberFormatting.count(1, "frame") == "1 frame")
  #expect(NumberFormatting.count(0, "frame") == "0 frames")
  #expect(NumberFormatting.bytes(999) == "999 bytes")
  #expect(NumberFormatting.bytes(212_400_000) == "212 MB")
  #expect(NumberFormatting.duration(0.417) == "0.42 s")
  #expect(NumberFormatting.duration(247.4) == "4 min 07 s")
  #expect(NumberFormatting.duration(7500) == "2 h 05 min")
  #expect(NumberFormatting.plainCount(18_176, "frame") == "18176 frames")
  #expect(NumberFormatting.plain("−1\u{202F}234 Å") == "-1234 Å")
  #expect(NumberFormatting.significant(4.2e-8) == "4.2e-08")
  #expect(NumberFormatting.fixedOrPower(-0.0004, 2) == "−4.0e-04")
  #expect(NumberFormatting.decimals(for: [1e-8, 120], significant: 3) == 0)
  #expect(NumberFormatting.decimals(for: [0.05, 8, 9], significant: 3) == 2)
}
