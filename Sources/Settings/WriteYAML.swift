/// A tree as YAML text that reads back as the same tree: maps in block style, lists of scalars on one line.
public func writeYAML(_ value: SettingsValue) -> String {
  var text = ""
  switch value.content {
  case .map(let entries) where !entries.isEmpty: writeBlock(entries, indent: 0, into: &text)
  default: text = inlineYAML(value) + "\n"
  }
  return text
}

private func writeBlock(_ entries: [SettingsValue.Entry], indent: Int, into text: inout String) {
  for entry in entries {
    text += String(repeating: " ", count: indent) + scalarText(entry.key) + ":"
    switch entry.value.content {
    case .map(let inner) where !inner.isEmpty:
      text += "\n"
      writeBlock(inner, indent: indent + 2, into: &text)
    default: text += " " + inlineYAML(entry.value) + "\n"
    }
  }
}

/// The value in flow style, on one line.
private func inlineYAML(_ value: SettingsValue) -> String {
  switch value.content {
  case .null: return "null"
  case .bool(let flag): return flag ? "true" : "false"
  case .integer(let number): return String(number)
  case .real(let number): return realText(number)
  case .text(let text): return scalarText(text)
  case .list(let values): return "[" + values.map(inlineYAML).joined(separator: ", ") + "]"
  case .map(let entries):
    return "{" + entries.map { scalarText($0.key) + ": " + inlineYAML($0.value) }.joined(separator: ", ") + "}"
  }
}

private func realText(_ number: Double) -> String {
  if number.isNaN { return ".nan" }
  if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
  return "\(number)"
}

/// Plain where that reads back as the same text, else in double quotes with JSON's escapes.
private func scalarText(_ text: String) -> String {
  let isWord =
    text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D, 0x2F: true
      default: false
      }
    } && text.utf8.first.map { $0 != 0x2D && $0 != 0x2E } == true
  if isWord, case .text = SettingsValue.plainScalar(text, line: nil).content { return text }
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case "\n": quoted += "\\n"
    case "\t": quoted += "\\t"
    case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0xFEFF:
      quoted += "\\u" + hexadecimal(scalar.value)
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}

private func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 4 - digits.count) + digits
}
