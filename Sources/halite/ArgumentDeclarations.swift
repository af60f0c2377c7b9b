import Structures

/// What the parser and `--help` need to know of an option, whatever its type.
protocol OptionDeclaration: Sendable {
  /// Long name without dashes: "max-epochs".
  var name: String { get }
  /// One letter without the dash.
  var short: Character? { get }
  /// "Å", "eV/atom", or a word for the value where it has no unit ("FILE"); "" for a flag.
  var placeholder: String { get }
  /// True where the unit of a number belongs behind its value in help.
  var unit: String { get }
  var help: String { get }
  /// The default as written on the command line; nil where there is none.
  var shownDefault: String? { get }
  var isFlag: Bool { get }
  var isNeeded: Bool { get }
  var repeats: Bool { get }
  /// True where every word up to the next option is a value: `--data a.xyz b.xyz`.
  var takesAllWords: Bool { get }
  /// Words that may complete a value, for the nearest right one; empty where any value is possible.
  var choices: [String] { get }
  /// How many more words belong to a value: 1 for the `KEY` of `--by group KEY`.
  func furtherWords(after value: String) -> Int
  /// Reads all texts that were given for the option.
  /// - Throws: `InputError`, a usage error that names the option, what was found and what is expected.
  func value(of texts: [String]) throws -> any Sendable
}

/// An option with a value of a type; declared once, it makes the parser, the help text and the typed access.
///
///     static let seed = Option<UInt64>("seed", default: 1, help: "seed of the permutation")
///     … arguments[seed] …
struct Option<Value: Sendable>: OptionDeclaration {
  var name: String
  var short: Character?
  var placeholder: String
  var unit = ""
  var help: String
  var shownDefault: String?
  var isFlag = false
  var isNeeded = false
  var repeats = false
  var takesAllWords = false
  var choices: [String] = []
  var wordsAfter: @Sendable (String) -> Int = { _ in 0 }
  var read: @Sendable ([String]) throws -> Value

  func furtherWords(after value: String) -> Int { wordsAfter(value) }
  func value(of texts: [String]) throws -> any Sendable { try read(texts) }
}

extension Option where Value: ArgumentValue {
  /// An option with a default.
  /// - Parameters:
  ///   - unit: "Å"; "" where the number has none.
  ///   - range: the values allowed, for numbers.
  init(
    _ name: String, short: Character? = nil, unit: String = "", placeholder: String? = nil, default value: Value,
    help: String
  ) {
    self.init(name: name, short: short, placeholder: placeholder ?? Value.placeholder, help: help) { texts in
      try texts.last.map { try parse($0, name) } ?? value
    }
    self.unit = unit
    shownDefault = value.argument
    choices = choiceNames(Value.self)
  }

  /// An option that must be given.
  init(needed name: String, short: Character? = nil, unit: String = "", placeholder: String? = nil, help: String) {
    self.init(name: name, short: short, placeholder: placeholder ?? Value.placeholder, help: help) { texts in
      guard let text = texts.last else { throw usageError("option --\(name) is needed") }
      return try parse(text, name)
    }
    self.unit = unit
    isNeeded = true
    choices = choiceNames(Value.self)
  }
}

extension Option {
  /// An option without a default: nil where it is not given.
  init<Wrapped: ArgumentValue>(
    _ name: String, short: Character? = nil, unit: String = "", placeholder: String? = nil, help: String
  ) where Value == Wrapped? {
    self.init(name: name, short: short, placeholder: placeholder ?? Wrapped.placeholder, help: help) { texts in
      try texts.last.map { try parse($0, name) }
    }
    self.unit = unit
    choices = choiceNames(Wrapped.self)
  }

  /// An option that may be given several times, each time with one value or several with commas between.
  init<Item: ArgumentValue>(
    list name: String, short: Character? = nil, unit: String = "", placeholder: String? = nil,
    default values: [Item] = [], help: String
  ) where Value == [Item] {
    self.init(name: name, short: short, placeholder: (placeholder ?? Item.placeholder) + ",…", help: help) {
      texts in
      if texts.isEmpty { return values }
      return try texts.flatMap { $0.split(separator: ",") }.map { try parse(String($0), name) }
    }
    self.unit = unit
    repeats = true
    shownDefault = values.isEmpty ? nil : values.map(\.argument).joined(separator: ",")
    choices = choiceNames(Item.self)
  }

  /// An option that may be given several times; commas are a part of the value (`--set layers=[15,15]`).
  init(repeated name: String, short: Character? = nil, placeholder: String, help: String) where Value == [String] {
    self.init(name: name, short: short, placeholder: placeholder, help: help) { $0 }
    repeats = true
  }

  /// An option that takes every word up to the next option, and may be given several times: files.
  init(words name: String, short: Character? = nil, placeholder: String, help: String) where Value == [String] {
    self.init(name: name, short: short, placeholder: placeholder, help: help) { texts in
      guard !texts.isEmpty else { throw usageError("option --\(name) is needed") }
      return texts
    }
    repeats = true
    isNeeded = true
    takesAllWords = true
  }

  /// The same without being needed.
  init(optionalWords name: String, placeholder: String, help: String) where Value == [String] {
    self.init(name: name, placeholder: placeholder, help: help) { $0 }
    repeats = true
    takesAllWords = true
  }

  /// An option without a value: true where it is given.
  init(flag name: String, short: Character? = nil, help: String) where Value == Bool {
    self.init(name: name, short: short, placeholder: "", help: help) { !$0.isEmpty }
    isFlag = true
  }
}

private func parse<Value: ArgumentValue>(_ text: String, _ name: String) throws -> Value {
  if let value = Value(argument: text) { return value }
  let near = nearestName(to: text, among: choiceNames(Value.self))
  throw InputError(
    "option --\(name): expected \(Value.expectation), found `\(text)`",
    remedy: near.map { "did you mean `\($0)`?" }, isUsage: true)
}

private func choiceNames<Value: ArgumentValue>(_ type: Value.Type) -> [String] {
  guard let choices = type as? any ArgumentChoice.Type else { return [] }
  return names(choices)
}

private func names<Choice: ArgumentChoice>(_ type: Choice.Type) -> [String] { Choice.allCases.map(\.rawValue) }

/// A wrong call of the program: exit status 2.
func usageError(_ message: String, remedy: String? = nil) -> InputError {
  InputError(message, remedy: remedy, isUsage: true)
}

/// Words without a dash: files, mostly.
struct Positional: Sendable {
  enum Count: Sendable { case one, optional, many, any }

  var name: String
  var count: Count
  var help: String

  init(_ name: String, _ count: Count = .one, help: String) {
    self.name = name
    self.count = count
    self.help = help
  }
}
