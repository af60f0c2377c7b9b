/// Decimal text to the nearest double: the bits of C's `strtod`.
///
/// A number is m · 10ᵉ. With m ≤ 2⁵³ and |e| ≤ 22 both factors are doubles, and one multiplication or division rounds
/// once (Clinger 1990, doi:10.1145/93542.93557). Up to 19 digits with −22 ≤ e < 0, which is what shortest round-trip
/// text has, is a 128-bit division whose remainder decides the rounding. All else goes to the standard library.
enum DecimalNumber {
  /// Reads a number at the cursor and moves the cursor behind it; nil, with the cursor unmoved, where no finite
  /// number begins. What follows the number is the caller's to judge.
  ///
  /// - Parameter fortran: takes `d` and `D` for the exponent's `e`.
  @inline(__always)
  static func scan(
    _ cursor: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>, fortran: Bool = false
  ) -> Double? {
    let start = cursor
    var p = cursor
    guard p < end else { return nil }
    let isNegative = p.pointee == UInt8(ascii: "-")
    if isNegative || p.pointee == UInt8(ascii: "+") { p += 1 }
    var mantissa: UInt64 = 0
    let whole = scanDigits(&p, end, into: &mantissa)
    var fraction = 0
    if p < end, p.pointee == UInt8(ascii: ".") {
      p += 1
      fraction = scanDigits(&p, end, into: &mantissa)
    }
    guard whole + fraction > 0 else { return nil }
    var exponent = -fraction
    if p < end, isExponentMark(p.pointee, fortran: fortran) {
      guard let written = scanExponent(&p, end) else { return nil }
      exponent += written
    }
    let isExact = whole + fraction <= 19 || significantDigits(start, p) <= 19
    guard
      let magnitude = (isExact ? value(mantissa, exponent) : nil)
        ?? valueByLibrary(UnsafeBufferPointer(start: start, count: p - start))
    else { return nil }
    cursor = p
    return isNegative ? -magnitude : magnitude
  }

  /// Digits into the mantissa; their count. The mantissa is wrong, but harmless, beyond 19 significant digits.
  ///
  /// Eight bytes at a time as one integer (little-endian, so that the first digit is its lowest byte).
  @inline(__always)
  private static func scanDigits(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into mantissa: inout UInt64
  ) -> Int {
    let start = p
    while end - p >= 8 {
      let word = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self).littleEndian ^ 0x3030_3030_3030_3030
      // The top bit of the first byte that is above 9, and perhaps of some behind it.
      let others = ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
      if others == 0 {
        mantissa = mantissa &* 100_000_000 &+ eightDigits(word)
        p += 8
        continue
      }
      let count = others.trailingZeroBitCount >> 3
      if count > 0 {
        mantissa = mantissa &* integerPowers[count] &+ eightDigits(word << UInt64(64 - 8 * count))
        p += count
      }
      return p - start
    }
    while p < end {
      let digit = p.pointee &- UInt8(ascii: "0")
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      p += 1
    }
    return p - start
  }

  /// The number of eight digits, the first in the lowest byte: neighbours are joined to pairs, pairs to fours, fours
  /// to eight.
  @inline(__always)
  private static func eightDigits(_ digits: UInt64) -> UInt64 {
    let pairs = digits &* 10 &+ (digits >> 8)
    let even = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
    let odd = ((pairs >> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
    return (even &+ odd) >> 32
  }

  private static func isExponentMark(_ byte: UInt8, fortran: Bool) -> Bool {
    let lower = byte | 0x20
    return lower == UInt8(ascii: "e") || (fortran && lower == UInt8(ascii: "d"))
  }

  /// The exponent behind its mark, at most 99999 in size; nil without a digit.
  private static func scanExponent(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int? {
    p += 1
    guard p < end else { return nil }
    let isNegative = p.pointee == UInt8(ascii: "-")
    if isNegative || p.pointee == UInt8(ascii: "+") { p += 1 }
    let start = p
    var value = 0
    while p < end {
      let digit = p.pointee &- UInt8(ascii: "0")
      if digit > 9 { break }
      value = min(value * 10 + Int(digit), 99_999)
      p += 1
    }
    return p == start ? nil : isNegative ? -value : value
  }

  @inline(__always)
  private static func value(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if mantissa == 0 { return 0 }
    if mantissa <= 1 << 53 {
      if exponent <= 0, exponent >= -22 { return Double(mantissa) / powers[-exponent] }
      if exponent > 0, exponent <= 22 { return Double(mantissa) * powers[exponent] }
    } else if exponent < 0, exponent >= -19 {
      return quotient(mantissa, by: integerPowers[-exponent])
    } else if exponent < 0, exponent >= -22 {
      return quotient(mantissa, byLarge: UInt128(integerPowers[19]) * UInt128(integerPowers[-exponent - 19]))
    }
    return nil
  }

  /// Digits of a number from its first that is not 0, its exponent counted in.
  @inline(never)
  private static func significantDigits(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
    var count = 0
    for byte in UnsafeBufferPointer(start: start, count: end - start) {
      let digit = byte &- UInt8(ascii: "0")
      if digit <= 9, count > 0 || digit > 0 { count += 1 }
    }
    return count
  }

  /// m/d as below, for 2⁵³ < m < 2⁶⁴ ≤ d < 2⁷⁴: of a dividend of 128 bits the quotient has 54 to 62.
  @inline(never)
  private static func quotient(_ m: UInt64, byLarge d: UInt128) -> Double {
    let shift = 64 + m.leadingZeroBitCount
    let (q, remainder) = (UInt128(m) << UInt128(shift)).quotientAndRemainder(dividingBy: d)
    let scale = Double(bitPattern: UInt64(1023 - shift - 1) << 52)
    return Double(UInt64(q) << 1 | (remainder == 0 ? 0 : 1)) * scale
  }

  /// m/d, rounded once to nearest, ties to even.
  ///
  /// m and d are shifted until their top bits are set and divided to a quotient of exactly 64 bits; a remainder sets
  /// its last bit, 11 bits below a double's last one, so that the rounding of the conversion is that of m/d.
  private static func quotient(_ m: UInt64, by d: UInt64) -> Double {
    let shiftM = m.leadingZeroBitCount
    let shiftD = d.leadingZeroBitCount
    let numerator = m << UInt64(shiftM)
    let divisor = d << UInt64(shiftD)
    let overflows = numerator >= divisor
    let dividend = overflows ? (numerator >> 1, (numerator & 1) << 63) : (numerator, 0)
    let (q, remainder) = divisor.dividingFullWidth(dividend)
    let exponent = shiftD - shiftM - (overflows ? 63 : 64)
    return Double(q | (remainder == 0 ? 0 : 1)) * Double(bitPattern: UInt64(1023 + exponent) << 52)
  }

  /// The standard library's parser on a number whose grammar has been checked, sign left out; nil where it overflows.
  @inline(never)
  private static func valueByLibrary(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    let unsigned = bytes.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    let text = String(
      decoding: unsigned.map { $0 | 0x20 == UInt8(ascii: "d") ? UInt8(ascii: "e") : $0 }, as: UTF8.self)
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22,
  ]

  private static let integerPowers: [UInt64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
    100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
}
