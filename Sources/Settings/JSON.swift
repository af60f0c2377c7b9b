import Foundation
import Structures

/// JSON text of any value, keys in the order of their declaration, absent (nil) ones left out, lists of scalars on
/// one line.
/// - Throws: `InputError` where a number is not finite, for which JSON has no word.
public func jsonText(_ value: some Encodable) throws -> String {
  try writeJSON(SettingsValue(encoding: value)) + "\n"
}

/// A tree as JSON. Entries that are null are left out of maps: absent is absent.
public func writeJSON(_ value: SettingsValue) throws -> String {
  var text = ""
  try append(value, indent: 0, to: &text)
  return text
}

/// A value from a JSON file.
/// - Throws: `InputError` naming file and key.
public func readJSON<T: Decodable>(_ type: T.Type, path: String) throws -> T {
  try readJSON(type, bytes: AtomicFile.read(path), file: path)
}

public func readJSON<T: Decodable>(_ type: T.Type, bytes: [UInt8], file: String?) throws -> T {
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch let error as DecodingError {
    throw explained(error, file: file)
  } catch let error as InputError {
    throw file.map(error.located(in:)) ?? error
  }
}

private func explained(_ error: DecodingError, file: String?) -> InputError {
  switch error {
  case .keyNotFound(let key, let context):
    return InputError("key `\(keyPath(context.codingPath + [key]))` is missing", file: file)
  case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
    return InputError("`\(keyPath(context.codingPath))`: expected \(type)", file: file)
  case .dataCorrupted(let context):
    let key = keyPath(context.codingPath)
    if key.isEmpty { return InputError("not valid JSON", file: file) }
    return InputError("`\(key)`: \(context.debugDescription)", file: file)
  @unknown default: return InputError("not valid JSON", file: file)
  }
}

private func keyPath(_ path: [any CodingKey]) -> String {
  path.reduce(into: "") { text, key in
    if let index = key.intValue {
      text += "[\(index)]"
    } else {
      text += (text.isEmpty ? "" : ".") + key.stringValue
    }
  }
}

private func append(_ value: SettingsValue, indent: Int, to text: inout String) throws {
  let blanks = String(repeating: " ", count: indent + 2)
  switch value.content {
  case .null: text += "null"
  case .bool(let flag): text += flag ? "true" : "false"
  case .integer(let number): text += String(number)
  case .real(let number):
    guard number.isFinite else { throw InputError("\(number) cannot be written as JSON") }
    text += "\(number)"
  case .text(let string): appendQuoted(string, to: &text)
  case .list(let values):
    let isFlat = values.allSatisfy(\.isScalar)
    text += "["
    for (index, item) in values.enumerated() {
      text += index == 0 ? "" : isFlat ? ", " : ","
      if !isFlat { text += "\n" + blanks }
      try append(item, indent: indent + 2, to: &text)
    }
    text += isFlat ? "]" : "\n" + blanks.dropLast(2) + "]"
  case .map(let entries):
    let present = entries.filter { $0.value.content != .null }
    text += "{"
    for (index, entry) in present.enumerated() {
      text += (index == 0 ? "\n" : ",\n") + blanks
      appendQuoted(entry.key, to: &text)
      text += ": "
      try append(entry.value, indent: indent + 2, to: &text)
    }
    text += present.isEmpty ? "}" : "\n" + blanks.dropLast(2) + "}"
  }
}

extension SettingsValue {
  fileprivate var isScalar: Bool {
    switch content {
    case .list, .map: false
    default: true
    }
  }
}

private func appendQuoted(_ string: String, to text: inout String) {
  text += "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
  text += "\""
}
