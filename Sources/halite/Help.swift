/// Help texts, made from the declarations alone.
enum Help {
  static let width = 100

  /// Help of one command.
  static func text(of command: any Command.Type) -> String {
    let words = command.positionals.map { usageWord($0) }
    let needed = command.options.filter(\.isNeeded).map { "\(names($0, padded: false)) \($0.placeholder)" }
    var text = "halite \(command.name): \(command.summary)\n\n"
    text += "usage: " + (["halite", command.name] + words + needed + ["[options]"]).joined(separator: " ") + "\n"
    if !command.positionals.isEmpty {
      text += "\n" + table(command.positionals.map { ("  " + $0.name, $0.help) })
    }
    text += "\noptions:\n" + table(command.allOptions.map { ("  " + heading($0), explanation($0)) })
    if !command.discussion.isEmpty { text += "\n" + command.discussion + "\n" }
    return text
  }

  /// Help of the program, or of a group of commands (`halite data`).
  static func text(of commands: [any Command.Type], group: String?) -> String {
    var text =
      group.map { "halite \($0): a group of commands\n\nusage: halite \($0) COMMAND …\n\n" }
        ?? """
        halite: from DFT data of disordered-rocksalt cathodes to a machine-learned potential

        usage: halite COMMAND …


        """
    text += "commands:\n" + table(commands.map { ("  " + $0.name, $0.summary) })
    text += "\nhalite COMMAND --help tells the options of a command, with units and defaults.\n"
    if group == nil { text += "halite --version prints the version.\n" }
    return text
  }

  private static func usageWord(_ positional: Positional) -> String {
    switch positional.count {
    case .one: positional.name
    case .optional: "[\(positional.name)]"
    case .many: positional.name + "…"
    case .any: "[\(positional.name)…]"
    }
  }

  private static func names(_ option: any OptionDeclaration, padded: Bool) -> String {
    let short = option.short.map { "-\($0), " } ?? (padded ? "    " : "")
    return short + "--\(option.name)"
  }

  private static func heading(_ option: any OptionDeclaration) -> String {
    names(option, padded: true) + (option.isFlag ? "" : " " + option.placeholder)
  }

  /// "smallest distance (Å, default 1)".
  private static func explanation(_ option: any OptionDeclaration) -> String {
    var facts: [String] = option.unit.isEmpty ? [] : [option.unit]
    if let value = option.shownDefault { facts.append("default \(value)") }
    if option.isNeeded { facts.append("needed") }
    if option.repeats { facts.append("may be repeated") }
    return option.help + (facts.isEmpty ? "" : " (" + facts.joined(separator: ", ") + ")")
  }

  /// Two columns; a long right one is wrapped, a long left one stands on a line of its own.
  private static func table(_ rows: [(left: String, right: String)]) -> String {
    let column = min(34, (rows.map(\.left.count).max() ?? 0) + 2)
    return rows.map { row in
      let lines = wrapped(row.right, width: width - column)
      let isLong = row.left.count + 2 > column
      let first = isLong ? row.left + "\n" + blanks(column) : row.left + blanks(column - row.left.count)
      return first + lines.joined(separator: "\n" + blanks(column)) + "\n"
    }.joined()
  }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
