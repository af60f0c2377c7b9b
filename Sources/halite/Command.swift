/// One command of the program: one file in `Commands`, one line in `Halite.commands`.
protocol Command: Sendable {
  /// As typed behind `halite`; a group's command has two words: "data census".
  static var name: String { get }
  /// One line for the list of commands; lower case, no full stop.
  static var summary: String { get }
  /// What `--help` says below the summary: examples, what the output means.
  static var discussion: String { get }
  static var positionals: [Positional] { get }
  static var options: [any OptionDeclaration] { get }
  /// - Throws: `InputError` for what the user can mend; anything else is reported in one line too.
  static func run(_ arguments: ParsedArguments, console: Console) throws
}

extension Command {
  static var discussion: String { "" }
  static var positionals: [Positional] { [] }
  static var options: [any OptionDeclaration] { [] }

  /// The command's own options, and those that every command has.
  static var allOptions: [any OptionDeclaration] { options + standardOptions }
}

/// What every command understands.
let standardOptions: [any OptionDeclaration] = [
  Option(flag: "json", help: "results as JSON on standard output"),
  Option(flag: "help", short: "h", help: "this text"),
]
