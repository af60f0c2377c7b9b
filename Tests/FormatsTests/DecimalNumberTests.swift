import Foundation
import Structures
import Testing

@testable import Formats

/// The scanner's answer for a text that must be a number from end to end.
private func scanned(_ text: String, fortran: Bool = false) -> Double? {
  var bytes = Array(text.utf8)
  return bytes.withUnsafeMutableBufferPointer { buffer in
    var cursor = UnsafePointer(buffer.baseAddress!)
    let end = cursor + buffer.count
    let value = DecimalNumber.scan(&cursor, end: end, fortran: fortran)
    return cursor == end ? value : nil
  }
}

/// A million numbers, in the forms that programs write, must have the bits of strtod.
@Test func numbersHaveTheBitsOfStrtod() {
  var random = RandomSource(seed: 2)
  var wrong: [String] = []
  for round in 0..<1_000_000 {
    let text = randomNumber(&random, form: round % 11)
    let expected = strtod(text, nil)
    let value = scanned(text)
    let agrees = expected.isFinite ? value?.bitPattern == expected.bitPattern : value == nil
    if !agrees, wrong.count < 5 { wrong.append(text) }
  }
  #expect(wrong.isEmpty)
}

private func randomNumber(_ random: inout RandomSource, form: Int) -> String {
  let sign = random.below(2) == 0 ? "" : "-"
  func digits(_ count: Int) -> String { String((0..<count).map { _ in Character(String(random.below(10))) }) }
  switch form {
  case 0: return sign + digits(1 + random.below(3)) + "." + digits(8)
  case 1: return sign + digits(1 + random.below(4)) + "." + digits(1 + random.below(18))
  case 2: return sign + digits(1 + random.below(21))
  case 3: return sign + "." + digits(1 + random.below(25))
  case 4: return sign + digits(1) + "." + digits(random.below(18)) + "e-" + digits(1 + random.below(2))
  case 5: return sign + digits(1) + "." + digits(16) + "E+" + digits(1 + random.below(3))
  case 6, 7:
    let value = Double(bitPattern: random.next())
    return value.isFinite ? value.description : "0.5"
  case 8: return ((random.uniform() - 0.5) * 200).description
  case 9: return sign + "0." + String(repeating: "0", count: 1 + random.below(5)) + digits(16 + random.below(4))
  default: return sign + digits(19) + "e-" + String(random.below(20))
  }
}

/// Halfway cases decide between two doubles by their last digit.
@Test(arguments: [
  "9007199254740993", "9007199254740992.5", "9007199254740993.0", "9007199254740993e-5", "0.1", "1e22", "1e23",
  "1.7976931348623157e308", "4.9406564584124654e-324", "2.2250738585072014e-308", "1e-400", "-0.0", "+1.5",
  "123456789012345678901234567890", "0.000000000000000000000000000001", "18446744073709551615e-19", "5.", ".5",
])
func edgesHaveTheBitsOfStrtod(_ text: String) {
  #expect(scanned(text)?.bitPattern == strtod(text, nil).bitPattern)
}

@Test func fortranExponentsAreReadOnlyWhereAsked() {
  #expect(scanned("0.55d0", fortran: true) == 0.55)
  #expect(scanned("-1.25D-03", fortran: true) == -0.00125)
  #expect(scanned("1234567890.12345678901d+02", fortran: true) == 123_456_789_012.345678901)
  #expect(scanned("0.55d0") == nil)
}

@Test(arguments: [
  "", ".", "-", "+", "e5", "1e", "1e+", "nan", "inf", "1e999", "0x10", "1_0", "--1", "1.2.3", "1,5",
])
func whatIsNoFiniteNumberIsRefused(_ text: String) {
  #expect(scanned(text) == nil)
}
