/// A tree of settings as a file holds it: scalars, lists and maps, each with the line it stands on.
public struct SettingsValue: Hashable, Sendable {
  /// One key of a map.
  public struct Entry: Hashable, Sendable {
    public var key: String
    public var value: SettingsValue
    /// Line of the key, counted from 1; nil where the tree was not read from a file.
    public var line: Int?

    public init(_ key: String, _ value: SettingsValue, line: Int? = nil) {
      self.key = key
      self.value = value
      self.line = line
    }
  }

  public indirect enum Content: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Wide enough for every `Int` and every `UInt64` (a seed).
    case integer(Int128)
    case real(Double)
    case text(String)
    case list([SettingsValue])
    /// In the order of the file.
    case map([Entry])
  }

  public var content: Content
  /// Line counted from 1; nil where the tree was not read from a file.
  public var line: Int?

  public init(_ content: Content, line: Int? = nil) {
    self.content = content
    self.line = line
  }

  /// The value of a key of a map; nil where there is none, or this is no map.
  public subscript(key: String) -> SettingsValue? {
    guard case .map(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The node that a path of keys and list positions leads to, or the deepest one there is on the way.
  func deepest(along path: [any CodingKey]) -> SettingsValue {
    var node = self
    for key in path {
      switch node.content {
      case .list(let values):
        guard let index = key.intValue, values.indices.contains(index) else { return node }
        node = values[index]
      case .map:
        guard let next = node[key.stringValue] else { return node }
        node = next
      default: return node
      }
    }
    return node
  }

  /// What it is, for messages: "the text `abc`", "the number 3", "a list".
  public var summary: String {
    switch content {
    case .null: "nothing"
    case .bool(let value): "\(value)"
    case .integer(let value): "the number \(value)"
    case .real(let value): "the number \(value)"
    case .text(let value): "the text `\(value.prefix(60))`"
    case .list: "a list"
    case .map: "a map of keys"
    }
  }
}

extension SettingsValue {
  /// The scalar that a plain (unquoted) word of YAML means, by the core schema of YAML 1.2: `no` and `N` are text.
  static func plainScalar(_ word: String, line: Int?) -> SettingsValue {
    switch word {
    case "", "~", "null", "Null", "NULL": return SettingsValue(.null, line: line)
    case "true", "True", "TRUE": return SettingsValue(.bool(true), line: line)
    case "false", "False", "FALSE": return SettingsValue(.bool(false), line: line)
    case ".inf", ".Inf", ".INF", "+.inf": return SettingsValue(.real(.infinity), line: line)
    case "-.inf", "-.Inf", "-.INF": return SettingsValue(.real(-.infinity), line: line)
    case ".nan", ".NaN", ".NAN": return SettingsValue(.real(.nan), line: line)
    default: break
    }
    guard looksNumeric(word) else { return SettingsValue(.text(word), line: line) }
    if let integer = Int128(word) { return SettingsValue(.integer(integer), line: line) }
    if let real = Double(word), real.isFinite { return SettingsValue(.real(real), line: line) }
    return SettingsValue(.text(word), line: line)
  }

  /// Digits, sign, point and exponent only: keeps `Double("nan")` and hexadecimal floats texts.
  private static func looksNumeric(_ word: String) -> Bool {
    var digits = 0
    for byte in word.utf8 {
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x2B, 0x2D, 0x2E, 0x45, 0x65: continue
      default: return false
      }
    }
    return digits > 0
  }
}
