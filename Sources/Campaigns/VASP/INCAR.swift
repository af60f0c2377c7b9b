import Settings
import Structures

/// VASP's INCAR: tags and values in their order.
public struct INCAR: Hashable, Sendable {
  public enum Value: Hashable, Sendable {
    case flag(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    case list([Double])
  }

  public private(set) var tags: [(name: String, value: Value)] = []

  public init() {}

  /// The tags of a map of settings.
  /// - Throws: `InputError` with the line where a value is a map, or a list holds something else than numbers.
  public init(_ settings: SettingsValue, file: String?) throws(InputError) {
    guard case .map(let entries) = settings.content else {
      throw InputError("incar: expected a map of tags, found \(settings.summary)", file: file, line: settings.line)
    }
    for entry in entries {
      guard let value = Value(entry.value) else {
        throw InputError(
          "`\(entry.key)`: expected a number, a word, true or false, or a list of numbers, found \(entry.value.summary)",
          file: file, line: entry.line)
      }
      self[entry.key] = value
    }
  }

  /// The value of a tag, in capitals.
  public subscript(name: String) -> Value? {
    get { tags.first { $0.name == name.uppercased() }?.value }
    set {
      let name = name.uppercased()
      let place = tags.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let value?): tags[place].value = value
      case (let place?, nil): tags.remove(at: place)
      case (nil, let value?): tags.append((name, value))
      case (nil, nil): break
      }
    }
  }

  /// The number that a tag has, also where it stands in quotes.
  public func number(_ name: String) -> Double? { self[name]?.number }

  /// The file: a line a tag.
  public var text: String { tags.map { "\($0.name) = \($0.value.text)\n" }.joined() }

  public static func == (a: INCAR, b: INCAR) -> Bool {
    a.tags.elementsEqual(b.tags) { $0.name == $1.name && $0.value == $1.value }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension INCAR.Value {
  /// nil for a map, nothing, or a list of something else than numbers.
  public init?(_ setting: SettingsValue) {
    switch setting.content {
    case .bool(let flag): self = .flag(flag)
    case .integer(let number):
      guard let number = Int(exactly: number) else { return nil }
      self = .integer(number)
    case .real(let number):
      guard number.isFinite else { return nil }
      self = .real(number)
    case .text(let text):
      guard !text.contains(where: \.isNewline) else { return nil }
      self = .text(text)
    case .list(let items):
      let numbers = items.compactMap { item -> Double? in
        switch item.content {
        case .integer(let number): Double(number)
        case .real(let number): number
        default: nil
        }
      }
      guard numbers.count == items.count, !numbers.isEmpty else { return nil }
      self = .list(numbers)
    case .null, .map: return nil
    }
  }

  /// As VASP reads it; runs of equal numbers in a list as "6*0.6".
  public var text: String {
    switch self {
    case .flag(let flag): return flag ? ".TRUE." : ".FALSE."
    case .integer(let number): return String(number)
    case .real(let number): return Self.short(number)
    case .text(let text): return text
    case .list(let numbers):
      var runs: [(count: Int, value: Double)] = []
      for number in numbers {
        if runs.last?.value == number { runs[runs.count - 1].count += 1 } else { runs.append((1, number)) }
      }
      return runs.map {
        $0.count > 2
          ? "\($0.count)*\(Self.short($0.value))"
          : Array(repeating: Self.short($0.value), count: $0.count).joined(separator: " ")
      }
      .joined(separator: " ")
    }
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
  }
}
