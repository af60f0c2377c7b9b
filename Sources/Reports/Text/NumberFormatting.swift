import Foundation

/// Numbers as the reports write them; never in the manner of a locale.
enum NumberFormatting {
  /// `decimals` places, with a true minus sign and no "−0.00".
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    let text = String(format: "%.\(decimals)f", value)
    guard text.hasPrefix("-") else { return text }
    let isZero = text.allSatisfy { "-0.".contains($0) }
    return isZero ? String(text.dropFirst()) : "−" + text.dropFirst()
  }

  /// As many places as the value needs for `digits` significant ones, at most 6.
  static func significant(_ value: Double, _ digits: Int = 3) -> String {
    fixedOrPower(value, decimals(for: [value], significant: digits))
  }

  /// The places that give the lower median of some values, zero apart, `digits` significant ones; at most 6.
  ///
  /// Values below a thousandth of the largest take no part: they must not fill a column with decimals.
  static func decimals(for values: some Sequence<Double>, significant digits: Int) -> Int {
    let finite = values.map(abs).filter { $0 > 0 && $0.isFinite }
    let largest = finite.max() ?? 0
    let sizes = finite.filter { $0 >= largest / 1000 }
    guard !sizes.isEmpty else { return digits - 1 }
    let median = sizes.sorted()[(sizes.count - 1) / 2]
    return min(6, max(0, digits - 1 - Int(floor(log10(median)))))
  }

  /// `fixed`, or "3.1e-07" where that would leave nothing of the value; 0 for what is rounding alone.
  static func fixedOrPower(_ value: Double, _ decimals: Int) -> String {
    let size = abs(value)
    guard value.isFinite, size > 1e-12, size < 0.5 * pow(10, -Double(decimals)) else {
      return fixed(value, decimals)
    }
    return (value < 0 ? "−" : "") + String(format: "%.1e", size)
  }

  /// "18 176": groups of three, parted by a narrow space that does not break.
  static func count(_ value: Int) -> String {
    let digits = String(abs(value))
    var groups: [Substring] = []
    var end = digits.endIndex
    while end > digits.startIndex {
      let start = digits.index(end, offsetBy: -3, limitedBy: digits.startIndex) ?? digits.startIndex
      groups.insert(digits[start..<end], at: 0)
      end = start
    }
    return (value < 0 ? "−" : "") + groups.joined(separator: "\u{202F}")
  }

  /// "1 frame", "18176 frames": for what a terminal or a file shows, too.
  static func plainCount(_ value: Int, _ noun: String) -> String { "\(value) \(noun)" + (value == 1 ? "" : "s") }

  /// Text of a page for a terminal, where programs read numbers: without narrow spaces, minus signs as in code.
  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.compactMap { $0 == "\u{202F}" ? nil : $0 == "−" ? "-" : $0 }))
  }

  /// "1 frame", "18 176 frames".
  static func count(_ value: Int, _ noun: String) -> String { count(value) + " " + noun + (value == 1 ? "" : "s") }

  /// "1.24 GB", powers of 1000.
  static func bytes(_ value: Int) -> String {
    var size = Double(value)
    for unit in ["bytes", "kB", "MB", "GB"] {
      if size < 1000 { return (unit == "bytes" ? String(value) : significant(size)) + " " + unit }
      size /= 1000
    }
    return significant(size) + " TB"
  }

  /// "0.42 s", "12.3 s", "4 min 07 s", "2 h 05 min".
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "–" }
    if seconds < 60 { return fixed(seconds, seconds < 10 ? 2 : 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min " + String(format: "%02d", whole % 60) + " s" }
    let minutes = (whole + 30) / 60
    return "\(minutes / 60) h " + String(format: "%02d", minutes % 60) + " min"
  }
}
