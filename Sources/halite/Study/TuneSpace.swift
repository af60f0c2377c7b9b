import Foundation
import Potentials
import Settings
import Structures

/// The settings that a search may choose from: for each key a list of values, or a range of numbers.
struct TuneSpace: Sendable {
  enum Choice: Sendable {
    case values([SettingsValue])
    /// Whole numbers where both ends are.
    case range(from: Double, to: Double, isLogarithmic: Bool, isWhole: Bool)
  }

  /// In the order of the file.
  var keys: [(key: String, line: Int?, choice: Choice)]

  /// - Throws: `InputError` with file and line.
  init(_ tree: SettingsValue, file: String?) throws {
    guard case .map(let entries) = tree.content, !entries.isEmpty else {
      throw InputError("expected keys with lists of values or ranges", file: file, line: tree.line)
    }
    keys = try entries.map { ($0.key, file == nil ? nil : $0.line, try Self.choice($0, file: file)) }
  }

  private static func choice(_ entry: SettingsValue.Entry, file: String?) throws -> Choice {
    struct Range: Decodable {
      var from: Double
      var to: Double
      var log: Bool?
    }
    switch entry.value.content {
    case .list(let values):
      guard !values.isEmpty else {
        throw InputError("`\(entry.key)` has no values", file: file, line: entry.line)
      }
      return .values(values)
    case .map:
      let range = try entry.value.decoded(as: Range.self, file: file)
      let isLogarithmic = range.log ?? false
      guard range.to > range.from, !isLogarithmic || range.from > 0 else {
        throw InputError(
          "`\(entry.key)`: expected from below to, and above 0 where log is true", file: file, line: entry.line)
      }
      func isWhole(_ key: String) -> Bool {
        if case .integer? = entry.value[key]?.content { return true }
        return false
      }
      return .range(
        from: range.from, to: range.to, isLogarithmic: isLogarithmic, isWhole: isWhole("from") && isWhole("to"))
    default:
      throw InputError(
        "`\(entry.key)`: expected a list of values or {from: …, to: …, log: true}, found \(entry.value.summary)",
        file: file, line: entry.line)
    }
  }

  /// What is tried where no space is given.
  static func standard(_ kind: String) throws -> TuneSpace {
    let texts = [
      "aenet": """
      radial_cutoff: [5.0, 6.5, 8.0]
      angular_cutoff: [3.5, 4.5]
      radial_order: [8, 12, 16]
      angular_order: [4, 6]
      network: [["10:tanh", "10:tanh"], ["15:tanh", "15:tanh"], ["25:tanh", "25:tanh"]]
      """,
      "snap": """
      rcutfac: [4.0, 5.0, 6.0]
      twojmax: [4, 6, 8]
      weight_rule: [equal, distinct]
      energy_weight: {from: 10, to: 1000, log: true}
      """,
      "qsnap": """
      rcutfac: [4.0, 5.0, 6.0]
      twojmax: [2, 4, 6]
      weight_rule: [equal, distinct]
      energy_weight: {from: 10, to: 1000, log: true}
      """,
      "gap": """
      cutoff: [4.0, 5.0]
      n_max: [4, 6, 8]
      l_max: [3, 4, 6]
      atom_sigma: [0.4, 0.5, 0.7]
      zeta: [2, 4]
      """,
      "mtp": """
      level: [8, 10, 12, 16]
      radial_size: [6, 8, 10]
      r_max: [4.5, 5.0, 6.0]
      """,
    ]
    guard let text = texts[kind] else {
      throw usageError("there is no standard space for \(kind)", remedy: "give --space FILE")
    }
    return try TuneSpace(readYAML(bytes: Array(text.utf8), file: nil), file: nil)
  }

  /// Every combination, ranges by three values.
  /// - Throws: `InputError` for more than `limit`.
  func grid(limit: Int) throws -> [SettingsValue] {
    let lists = keys.map { _, _, choice -> [SettingsValue] in
      switch choice {
      case .values(let values): values
      case .range: [0, 0.5, 1].map { Self.value(of: choice, at: $0) }
      }
    }
    let count = lists.reduce(1.0) { $0 * Double($1.count) }
    guard count <= Double(limit) else {
      throw InputError(
        "the grid has \(Int(min(count, 1e15))) points, --trials allows \(limit)",
        remedy: "raise --trials, take values out of the space, or use --method random or halving")
    }
    var result: [[SettingsValue.Entry]] = [[]]
    for (place, list) in lists.enumerated() {
      result = result.flatMap { entries in
        list.map { entries + [.init(keys[place].key, $0, line: keys[place].line)] }
      }
    }
    return result.map { SettingsValue(.map($0)) }
  }

  /// Different points at random; fewer where the space has no more.
  func random(_ count: Int, seed: UInt64) -> [SettingsValue] {
    var source = RandomSource(seed: seed)
    var seen: Set<String> = []
    var result: [SettingsValue] = []
    for _ in 0..<50 * count where result.count < count {
      let entries = keys.map { key, line, choice -> SettingsValue.Entry in
        switch choice {
        case .values(let values): .init(key, values[source.below(values.count)], line: line)
        case .range: .init(key, Self.value(of: choice, at: source.uniform()), line: line)
        }
      }
      let point = SettingsValue(.map(entries))
      if seen.insert(writeYAML(point)).inserted { result.append(point) }
    }
    return result
  }

  /// A number of a range, 0 at its lower end and 1 at its upper one, with three digits that count.
  private static func value(of choice: Choice, at place: Double) -> SettingsValue {
    guard case .range(let from, let to, let isLogarithmic, let isWhole) = choice else {
      return SettingsValue(.null)
    }
    let number = isLogarithmic ? from * pow(to / from, place) : from + place * (to - from)
    if isWhole { return SettingsValue(.integer(Int128(number.rounded()))) }
    return SettingsValue(.real(Double(String(format: "%.3g", number)) ?? number))
  }
}
