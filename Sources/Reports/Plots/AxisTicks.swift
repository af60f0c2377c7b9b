import Foundation

/// Where an axis has its numbers.
struct AxisTicks: Equatable {
  var values: [Double]
  var labels: [String]
  /// Lines without a number, on logarithmic axes.
  var minor: [Double] = []

  /// Multiples of 1, 2 or 5 times a power of ten within [lower, upper]: at most `count` intervals, but three ticks.
  static func linear(from lower: Double, to upper: Double, count: Int = 6) -> AxisTicks {
    guard lower.isFinite, upper.isFinite, upper > lower else { return AxisTicks(values: [], labels: []) }
    var intervals = max(1, count)
    var (step, multiples) = multiples(from: lower, to: upper, intervals)
    while multiples.count < 3, intervals < 12 {
      intervals += 1
      (step, multiples) = Self.multiples(from: lower, to: upper, intervals)
    }
    // k/(1/step) rather than k × step where the step is a fraction: 3 × 0.1 is not 0.3.
    let inverse = (1 / step).rounded()
    let values = multiples.map { step < 1 && inverse < 1e15 ? Double($0) / inverse : Double($0) * step }
    return AxisTicks(values: values, labels: values.map { label($0, step: step) })
  }

  private static func multiples(from lower: Double, to upper: Double, _ intervals: Int) -> (Double, Range<Int>) {
    let step = niceStep(atLeast: (upper - lower) / Double(intervals))
    let slack = 1e-9 * (upper - lower)
    let first = ((lower - slack) / step).rounded(.up)
    let last = ((upper + slack) / step).rounded(.down)
    // A range far from zero and narrower than a double can count in steps has no ticks.
    guard abs(first) < 1e15, abs(last) < 1e15, last >= first else { return (step, 0..<0) }
    return (step, Int(first)..<Int(last) + 1)
  }

  /// Powers of ten within [lower, upper], with 2 and 5 of each decade where there are few; minor ticks 2 … 9.
  static func logarithmic(from lower: Double, to upper: Double, count: Int = 7) -> AxisTicks {
    guard lower > 0, upper.isFinite, upper > lower else { return AxisTicks(values: [], labels: []) }
    let decades = Int(floor(log10(lower)))...Int(ceil(log10(upper)))
    func within(_ value: Double) -> Bool { value >= lower * (1 - 1e-9) && value <= upper * (1 + 1e-9) }
    let powers = decades.filter { within(power($0)) }
    let stride = max(1, (powers.count + count - 1) / count)
    var values = powers.filter { $0 % stride == 0 }.map(power)
    if powers.count < 3 {
      values = decades.flatMap { k in [1, 2, 5].map { $0 * power(k) } }.filter(within)
    }
    if values.count < 2 { return linear(from: lower, to: upper, count: 4) }
    let minor = stride > 1 ? [] : decades.flatMap { k in (2...9).map { Double($0) * power(k) } }.filter(within)
    return AxisTicks(values: values, labels: values.map { label(ofLogarithmic: $0) }, minor: minor)
  }

  /// The smallest of 1, 2, 5 × 10ᵏ that is not below a size.
  static func niceStep(atLeast size: Double) -> Double {
    guard size > 0, size.isFinite else { return 1 }
    let exponent = Int(floor(log10(size)))
    for factor in [1.0, 2, 5, 10] where factor * power(exponent) >= size * (1 - 1e-9) {
      return factor * power(exponent)
    }
    return power(exponent + 1)
  }

  private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  private static func label(_ value: Double, step: Double) -> String {
    guard value != 0 else { return "0" }
    if step >= 1e5 || step < 1e-5 { return scientific(value) }
    return NumberFormatting.fixed(value, max(0, -Int(floor(log10(step) + 1e-9))))
  }

  private static func label(ofLogarithmic value: Double) -> String {
    if value >= 1e5 || value < 1e-3 { return scientific(value) }
    return NumberFormatting.fixed(value, max(0, -Int(floor(log10(value) + 1e-9))))
  }

  /// "2×10⁻⁶", "10⁵".
  private static func scientific(_ value: Double) -> String {
    let exponent = Int(floor(log10(abs(value)) + 1e-9))
    let mantissa = value / power(exponent)
    let digits = NumberFormatting.significant(mantissa, 2)
    let factor = digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
    let tail = "10" + String(exponent).map { superscripts[$0] ?? $0 }
    return factor == "1" ? tail : factor == "−1" ? "−" + tail : factor + "×" + tail
  }

  private static let superscripts: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
  ]
}
