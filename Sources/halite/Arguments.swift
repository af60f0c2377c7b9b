import Glibc
import Structures

/// What a command was called with, checked against its declarations.
struct ParsedArguments: Sendable {
  private var values: [String: any Sendable] = [:]
  private var words: [String: [String]] = [:]
  /// Options that stand on the command line (the others have their defaults).
  private(set) var given: Set<String> = []
  private(set) var wantsHelp = false

  /// True where results are wanted as JSON on standard output.
  var json: Bool { given.contains("json") }

  /// The value of an option: what was given, or the default.
  subscript<Value>(option: Option<Value>) -> Value {
    guard let value = values[option.name] as? Value else {
      preconditionFailure("option --\(option.name) is not declared by this command")
    }
    return value
  }

  /// The words of a positional argument.
  subscript(positional: Positional) -> [String] { words[positional.name] ?? [] }

  /// The only word of a positional argument that is needed once.
  func one(_ positional: Positional) -> String { self[positional].first ?? "" }

  func isGiven(_ option: some OptionDeclaration) -> Bool { given.contains(option.name) }

  /// Reads the arguments behind a command's name.
  /// - Throws: `InputError` (usage): an unknown option with the nearest right one, a missing or wrong value.
  init(_ arguments: [String], of command: any Command.Type) throws {
    let options = command.allOptions
    var scan = ArgumentScan(options: options, command: command.name)
    try scan.run(arguments)
    given = Set(scan.texts.keys)
    wantsHelp = given.contains("help")
    if wantsHelp { return }
    try scan.explainWords(positionals: command.positionals)
    for option in options { values[option.name] = try option.value(of: scan.texts[option.name] ?? []) }
    words = try assign(scan.words, to: command.positionals, command: command.name)
  }
}

/// Deals the words out to the positional declarations, of which one may take many.
private func assign(_ words: [String], to positionals: [Positional], command: String) throws -> [String: [String]] {
  var result: [String: [String]] = [:]
  var rest = words[...]
  for (index, positional) in positionals.enumerated() {
    let later = positionals[(index + 1)...].filter { $0.count == .one }.count
    let take =
      switch positional.count {
      case .one: 1
      case .optional: rest.count > later ? 1 : 0
      case .many: max(1, rest.count - later)
      case .any: max(0, rest.count - later)
      }
    guard rest.count >= take else {
      throw usageError("\(positional.name) is missing: \(positional.help)", remedy: "see halite \(command) --help")
    }
    result[positional.name] = Array(rest.prefix(take))
    rest = rest.dropFirst(take)
  }
  if let extra = rest.first {
    throw usageError("`\(extra)` is one argument too many", remedy: "see halite \(command) --help")
  }
  return result
}

/// Sorts arguments into options with their texts and plain words.
private struct ArgumentScan {
  let options: [any OptionDeclaration]
  let command: String
  var texts: [String: [String]] = [:]
  var words: [String] = []

  mutating func run(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        words += rest
        return
      } else if argument.hasPrefix("--") {
        try long(argument, &rest)
      } else if argument.hasPrefix("-"), argument.count > 1, !isNegativeNumber(argument) {
        try short(argument, &rest)
      } else {
        words.append(argument)
      }
    }
  }

  /// `train aenet data.extxyz`: files where an option that takes files is needed.
  func explainWords(positionals: [Positional]) throws {
    guard let option = options.first(where: { $0.isNeeded && $0.takesAllWords && texts[$0.name] == nil }),
      !positionals.contains(where: { [.many, .any].contains($0.count) })
    else { return }
    let extra = words.dropFirst(positionals.count)
    guard !extra.isEmpty, extra.allSatisfy({ access($0, F_OK) == 0 }) else { return }
    throw usageError(
      "option --\(option.name) is needed",
      remedy: "did you mean --\(option.name) \(extra.joined(separator: " "))?")
  }

  private mutating func long(_ argument: String, _ rest: inout ArraySlice<String>) throws {
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.name == name }) else {
      let near = nearestName(to: name, among: options.map(\.name))
      throw usageError(
        "unknown option `--\(name)`",
        remedy: near.map { "did you mean `--\($0)`?" } ?? "see halite \(command) --help")
    }
    try store(option, attached: parts.count > 1 ? String(parts[1]) : nil, &rest)
  }

  private mutating func short(_ argument: String, _ rest: inout ArraySlice<String>) throws {
    let letters = argument.dropFirst()
    guard let letter = letters.first, let option = options.first(where: { $0.short == letter }) else {
      throw usageError("unknown option `\(argument)`", remedy: "see halite \(command) --help")
    }
    var attached = letters.count > 1 ? String(letters.dropFirst()) : nil
    if let text = attached, text.hasPrefix("=") { attached = String(text.dropFirst()) }
    try store(option, attached: attached, &rest)
  }

  private mutating func store(
    _ option: any OptionDeclaration, attached: String?, _ rest: inout ArraySlice<String>
  ) throws {
    if option.isFlag {
      guard attached == nil else { throw usageError("option --\(option.name) takes no value") }
      texts[option.name] = ["true"]
      return
    }
    guard var text = attached ?? next(&rest) else {
      throw usageError("option --\(option.name) needs a value (\(option.valueName))")
    }
    for _ in 0..<option.furtherWords(after: text) {
      guard let more = next(&rest) else {
        throw usageError("option --\(option.name) \(text) needs one more word (\(option.valueName))")
      }
      text += " " + more
    }
    if texts[option.name] != nil, !option.repeats { throw usageError("option --\(option.name) is given twice") }
    texts[option.name, default: []].append(text)
    guard option.takesAllWords else { return }
    while let more = next(&rest) { texts[option.name]?.append(more) }
  }

  /// The next word, unless it is an option itself.
  private func next(_ rest: inout ArraySlice<String>) -> String? {
    guard let word = rest.first else { return nil }
    if word.hasPrefix("-"), word.count > 1, !isNegativeNumber(word) { return nil }
    return rest.popFirst()
  }

  private func isNegativeNumber(_ word: String) -> Bool {
    guard let second = word.dropFirst().first else { return false }
    return second.isNumber || second == "."
  }
}

extension OptionDeclaration {
  /// "FILE", "N", "X in Å".
  var valueName: String { unit.isEmpty ? placeholder : "\(placeholder) in \(unit)" }
}
