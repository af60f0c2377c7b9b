import Structures

/// Default settings with the user's own laid over them.
///
/// Maps are laid over each other key by key; everything else of the user's replaces the default. Every key must be
/// one that the type of the defaults knows, also inside of what is nil by default.
/// - Parameter file: the file that the user's tree was read from, for errors.
/// - Throws: `InputError` with file and line: an unknown key with the nearest right one, a value of the wrong type.
public func merged<H: Codable>(defaults: H, with user: SettingsValue, file: String?) throws -> H {
  let tree = try SettingsValue(encoding: defaults)
  if case .null = user.content { return defaults }
  return try tree.overlaid(with: user).decoded(as: H.self, file: file)
}

extension SettingsValue {
  /// This tree with another one laid over it, map by map.
  public func overlaid(with other: SettingsValue) -> SettingsValue {
    guard case .map(var entries) = content, case .map(let others) = other.content else { return other }
    for entry in others {
      if let place = entries.firstIndex(where: { $0.key == entry.key }) {
        entries[place].value = entries[place].value.overlaid(with: entry.value)
        entries[place].line = entry.line
      } else {
        entries.append(entry)
      }
    }
    return SettingsValue(.map(entries), line: other.line)
  }

  /// The tree that `key.sub=value` means, the value being YAML: `training.max_epochs=50`, `layers=[15, 15]`.
  /// - Throws: `InputError` where the text has no `=`, an empty key, or a value that is not YAML.
  public init(override text: String) throws {
    guard let sign = text.firstIndex(of: "=") else {
      throw InputError("`\(text)` has no `=`", remedy: "write key=value or key.sub=value", isUsage: true)
    }
    let keys = text[..<sign].split(separator: ".", omittingEmptySubsequences: false).map {
      $0.trimmingBlanks
    }
    guard !keys.contains("") else {
      throw InputError("`\(text)` has an empty key", remedy: "write key=value or key.sub=value", isUsage: true)
    }
    let value = try readYAML(bytes: Array(text[text.index(after: sign)...].utf8), file: "`\(text)`")
    self = keys.reversed().reduce(value.withoutLines) { inner, key in SettingsValue(.map([Entry(key, inner)])) }
  }

  private var withoutLines: SettingsValue {
    switch content {
    case .list(let values): SettingsValue(.list(values.map(\.withoutLines)))
    case .map(let entries): SettingsValue(.map(entries.map { Entry($0.key, $0.value.withoutLines) }))
    default: SettingsValue(content)
    }
  }
}

extension Substring {
  fileprivate var trimmingBlanks: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
