/// A type that an option's text can be read as.
protocol ArgumentValue: Sendable {
  /// "a whole number": what is expected, for messages.
  static var expectation: String { get }
  /// What stands for the value in help where the option has no unit: "N".
  static var placeholder: String { get }
  init?(argument: String)
  /// As it would be written on the command line.
  var argument: String { get }
}

extension Int: ArgumentValue {
  static var expectation: String { "a whole number" }
  static var placeholder: String { "N" }
  init?(argument: String) { self.init(argument) }
  var argument: String { String(self) }
}

extension UInt64: ArgumentValue {
  static var expectation: String { "a whole number from 0" }
  static var placeholder: String { "N" }
  init?(argument: String) { self.init(argument) }
  var argument: String { String(self) }
}

extension Double: ArgumentValue {
  static var expectation: String { "a number" }
  static var placeholder: String { "X" }
  init?(argument: String) {
    guard let value = Double(argument), value.isFinite else { return nil }
    self = value
  }
  var argument: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}

extension String: ArgumentValue {
  static var expectation: String { "a text" }
  static var placeholder: String { "TEXT" }
  init?(argument: String) { self = argument }
  var argument: String { self }
}

/// One of a few words: an enumeration of texts.
protocol ArgumentChoice: ArgumentValue, CaseIterable, RawRepresentable where RawValue == String {}

extension ArgumentChoice {
  static var expectation: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
  static var placeholder: String { allCases.map(\.rawValue).joined(separator: "|") }
  init?(argument: String) { self.init(rawValue: argument) }
  var argument: String { rawValue }
}
