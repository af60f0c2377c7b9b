import Testing

@testable import Reports

@Test func linearTicksAreNiceAndExact() {
  #expect(AxisTicks.linear(from: -0.31, to: 0.42, count: 6).labels == ["−0.2", "0", "0.2", "0.4"])
  #expect(AxisTicks.linear(from: 0, to: 0.6, count: 6).values == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
  #expect(AxisTicks.linear(from: 0, to: 2300, count: 5).labels == ["0", "500", "1000", "1500", "2000"])
  #expect(AxisTicks.linear(from: -2e-7, to: 2e-7, count: 4).labels == ["−2×10⁻⁷", "−10⁻⁷", "0", "10⁻⁷", "2×10⁻⁷"])
  #expect(AxisTicks.linear(from: 0, to: 3e6, count: 3).labels == ["0", "10⁶", "2×10⁶", "3×10⁶"])
}

@Test(arguments: [(-345.0, 451.0, 3), (0.0, 1.0, 1), (9.9, 10.1, 4), (-1e9, 1e9, 5), (1e-9, 3e-9, 3)])
func atLeastThreeTicksWithinTheRange(lower: Double, upper: Double, count: Int) {
  let ticks = AxisTicks.linear(from: lower, to: upper, count: count)
  #expect(ticks.values.count >= 3 && ticks.values.count <= 13)
  #expect(ticks.values.allSatisfy { $0 >= lower - 1e-9 * abs(lower) && $0 <= upper + 1e-9 * abs(upper) })
  #expect(Set(ticks.labels).count == ticks.labels.count)
}

@Test func noTicksWhereThereIsNoRange() {
  #expect(AxisTicks.linear(from: 1, to: 1).values.isEmpty)
  #expect(AxisTicks.linear(from: .nan, to: 1).values.isEmpty)
  #expect(AxisTicks.linear(from: 1e300, to: 1e300.nextUp).values.isEmpty)
  #expect(AxisTicks.logarithmic(from: 0, to: 1).values.isEmpty)
}

@Test func logarithmicTicks() {
  let wide = AxisTicks.logarithmic(from: 0.5, to: 2000)
  #expect(wide.labels == ["1", "10", "100", "1000"])
  #expect(wide.minor.contains(20) && !wide.minor.contains(0.4))
  #expect(AxisTicks.logarithmic(from: 3, to: 140).labels == ["5", "10", "20", "50", "100"])
  #expect(AxisTicks.logarithmic(from: 1e-12, to: 1e6).values.count <= 7)
  #expect(AxisTicks.logarithmic(from: 1e-5, to: 1e-2).labels == ["10⁻⁵", "10⁻⁴", "0.001", "0.01"])
  #expect(AxisTicks.logarithmic(from: 6.1, to: 6.9).values.count >= 2)
}
