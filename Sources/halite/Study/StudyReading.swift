import Formats
import Settings
import Structures

/// How a study reads its data: `reading` of STUDY.yaml, each key an option of `halite train`.
struct StudyReading: Sendable {
  var keys = KeyChoice()
  var species: SpeciesList?
  var stressOrder: StressOrder?
  /// Frames of different DFT settings are let in.
  var mixedSettings = false
  /// Frames whose verdict is not ok are let in.
  var anyVerdict = false

  init() {}

  /// - Throws: `InputError` with file and line: an unknown key with the nearest right one, a value that cannot be.
  init(_ node: SettingsValue, file: String) throws {
    let raw = try node.decoded(as: Raw.self, file: file)
    keys = KeyChoice(energy: raw.energy_key, forces: raw.forces_key, stress: raw.stress_key)
    species = try raw.species.map { try Self.value($0, "species", file) }
    stressOrder = try raw.stress_order.map { try Self.value($0, "stress_order", file) }
    mixedSettings = raw.mixed_settings ?? false
    anyVerdict = raw.any_verdict ?? false
  }

  private struct Raw: Decodable {
    var energy_key: String?
    var forces_key: String?
    var stress_key: String?
    var species: SettingsValue?
    var stress_order: SettingsValue?
    var mixed_settings: Bool?
    var any_verdict: Bool?
  }

  /// `Li,Mn,O` or a list.
  private static func value<Value: ArgumentValue>(
    _ node: SettingsValue, _ key: String, _ file: String
  ) throws -> Value {
    var items = [node]
    if case .list(let values) = node.content { items = values }
    let words = items.compactMap { item -> String? in
      if case .text(let text) = item.content { return text }
      return nil
    }
    let text = words.joined(separator: ",")
    guard words.count == items.count, let value = Value(argument: text) else {
      throw InputError(
        "`reading.\(key)`: expected \(Value.expectation), found \(node.summary)", file: file, line: node.line)
    }
    return value
  }

  var options: ReadOptions {
    var options = ReadOptions()
    options.keys = keys
    options.species = species?.elements ?? []
    options.stressOrder = stressOrder
    return options
  }

  /// The same for `halite train`.
  var arguments: [String] {
    let values: [(String, String?)] = [
      ("--energy-key", keys.energy), ("--forces-key", keys.forces), ("--stress-key", keys.stress),
      ("--species", species?.argument), ("--stress-order", stressOrder?.argument),
    ]
    return values.flatMap { flag, value in value.map { [flag, $0] } ?? [] }
      + (mixedSettings ? ["--mixed-settings"] : []) + (anyVerdict ? ["--any-verdict"] : [])
  }

  /// The same as it stands in a file; nil where all is as without it.
  var settings: SettingsValue? {
    guard !arguments.isEmpty else { return nil }
    func word(_ text: String?) -> SettingsValue? { text.map { SettingsValue(.text($0)) } }
    let values: [(String, SettingsValue?)] = [
      ("energy_key", word(keys.energy)), ("forces_key", word(keys.forces)), ("stress_key", word(keys.stress)),
      ("species", word(species?.argument)), ("stress_order", word(stressOrder?.argument)),
      ("mixed_settings", mixedSettings ? SettingsValue(.bool(true)) : nil),
      ("any_verdict", anyVerdict ? SettingsValue(.bool(true)) : nil),
    ]
    return SettingsValue(.map(values.compactMap { key, value in value.map { .init(key, $0) } }))
  }
}
