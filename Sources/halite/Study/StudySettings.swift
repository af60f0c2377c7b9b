import Foundation
import Potentials
import Settings
import Structures

/// STUDY.yaml: what `halite compare` compares, as its writer gave it.
struct StudySettings: Sendable {
  /// One potential of a study.
  struct Potential: Sendable {
    var kind: String
    /// In folders, tables and figures; the kind where it is not given.
    var name: String
    var preset: String?
    /// Keys of the kind.
    var settings: SettingsValue?
    /// Epochs at which time and errors are read from the log of one run.
    var epochs: [Int]
    /// Sizes of this potential; nil: those of the study. nil in the list stands for all frames.
    var sizes: [Int?]?
    var line: Int?
  }

  /// How the one split is made, or where it is.
  struct Split: Sendable {
    var file: String?
    var train = 0.9
    var seed: UInt64 = 1
    var by = SplitRule.frame
  }

  /// Which test frames judge a run of a smaller size.
  enum TestPart: String, Codable, CaseIterable {
    /// All of them, whatever the size: errors of all sizes can be compared.
    case whole
    /// As many as the size leaves, a part of those of each larger size, as in the paper.
    case nested
  }

  var file: String
  var data: [String]
  var reading = StudyReading()
  var output: String?
  var split = Split()
  var test = TestPart.whole
  /// nil in the list stands for all frames.
  var sizes: [Int?] = [nil]
  var seeds: [UInt64] = [1]
  var potentials: [Potential]
  /// Of each run.
  var threads: Int?
  /// Runs at once.
  var jobs: Int?
  /// Epochs between checkpoints of runs.
  var checkpointInterval = 20
  /// Key that lithiated and delithiated frames of one host have in common.
  var partners = "host"
  /// eV for each atom of lithium metal, for voltages.
  var lithiumEnergy: Double?

  /// - Throws: `InputError` with file and line: an unknown key with the nearest right one, a value that cannot be.
  init(_ file: String) throws {
    let tree = try readYAML(file)
    let raw = try tree.decoded(as: RawStudy.self, file: file)
    self.file = file
    func fail(_ message: String, at node: SettingsValue?, remedy: String? = nil) -> InputError {
      InputError(message, file: file, line: node?.line ?? tree.line, remedy: remedy)
    }
    let reader = StudyReader(file: file)
    data = try reader.texts(raw.data, "data")
    guard !data.isEmpty else { throw fail("`data` names no file", at: raw.data) }
    if let node = raw.reading { reading = try StudyReading(node, file: file) }
    output = raw.output
    split = try reader.split(raw.split)
    test = raw.test ?? .whole
    if let node = raw.sizes { sizes = try reader.sizes(node, "sizes") }
    seeds = try reader.seeds(raw, tree)
    potentials = try reader.potentials(raw.potentials)
    (threads, jobs) = (raw.threads, raw.jobs)
    if let interval = raw.checkpoint_interval { checkpointInterval = interval }
    if let key = raw.partners { partners = key }
    lithiumEnergy = raw.lithium_energy
    for (key, value) in [("threads", threads), ("jobs", jobs), ("checkpoint_interval", checkpointInterval)] {
      guard value ?? 1 >= 1 else { throw fail("`\(key)` must be 1 or more, found \(value ?? 0)", at: tree[key]) }
    }
  }
}

/// The keys of the file.
private struct RawStudy: Decodable {
  var data: SettingsValue
  var reading: SettingsValue?
  var output: String?
  var split: SettingsValue?
  var test: StudySettings.TestPart?
  var sizes: SettingsValue?
  var seeds: SettingsValue?
  var seed: UInt64?
  var repeats: Int?
  var potentials: SettingsValue
  var threads: Int?
  var jobs: Int?
  var checkpoint_interval: Int?
  var partners: String?
  var lithium_energy: Double?
}

/// Reads the values that may be written in several ways.
private struct StudyReader {
  let file: String

  private func fail(_ message: String, _ node: SettingsValue, remedy: String? = nil) -> InputError {
    InputError(message, file: file, line: node.line, remedy: remedy)
  }

  private func items(_ node: SettingsValue) -> [SettingsValue] {
    if case .list(let values) = node.content { return values }
    return [node]
  }

  func texts(_ node: SettingsValue, _ key: String) throws -> [String] {
    try items(node).map { item in
      guard case .text(let text) = item.content else {
        throw fail("`\(key)`: expected files, found \(item.summary)", item)
      }
      return text
    }
  }

  func sizes(_ node: SettingsValue, _ key: String) throws -> [Int?] {
    let found = try items(node).map { item -> Int? in
      switch item.content {
      case .text("all"): return nil
      case .integer(let number) where number >= 2 && number < 1 << 40: return Int(number)
      default: throw fail("`\(key)`: expected whole numbers from 2 on, or all, found \(item.summary)", item)
      }
    }
    guard !found.isEmpty, Set(found).count == found.count else {
      throw fail("`\(key)`: expected different sizes", node)
    }
    return found
  }

  func seeds(_ raw: RawStudy, _ tree: SettingsValue) throws -> [UInt64] {
    guard let node = raw.seeds else {
      let count = raw.repeats ?? 1
      guard (1...1000).contains(count) else {
        throw InputError("`repeats` must be 1 to 1000, found \(count)", file: file, line: tree["repeats"]?.line)
      }
      let first = raw.seed ?? 1
      return (0..<UInt64(count)).map { first &+ $0 }
    }
    guard raw.seed == nil, raw.repeats == nil else {
      throw fail("`seeds` stands in the place of `seed` and `repeats`", node, remedy: "give one of the two")
    }
    let found = try items(node).map { try $0.decoded(as: UInt64.self, file: file) }
    guard !found.isEmpty, Set(found).count == found.count else {
      throw fail("`seeds`: expected different seeds", node)
    }
    return found
  }

  func split(_ node: SettingsValue?) throws -> StudySettings.Split {
    struct Raw: Decodable {
      var train: Double?
      var seed: UInt64?
      var by: String?
    }
    var split = StudySettings.Split()
    guard let node else { return split }
    switch node.content {
    case .text(let path): split.file = path
    case .real(let fraction): split.train = fraction
    case .map:
      let raw = try node.decoded(as: Raw.self, file: file)
      if let fraction = raw.train { split.train = fraction }
      if let seed = raw.seed { split.seed = seed }
      if let text = raw.by {
        guard let rule = SplitRule(text) else {
          let near = nearestName(to: text, among: ["frame", "composition", "group"])
          throw InputError(
            "`split.by`: expected frame, composition or group KEY, found `\(text)`", file: file,
            line: node["by"]?.line, remedy: near.map { "did you mean `\($0)`?" })
        }
        split.by = rule
      }
    default:
      throw fail("`split`: expected {train: 0.9, seed: 1, by: frame} or a split file, found \(node.summary)", node)
    }
    guard split.train > 0, split.train <= 1 else {
      throw fail("`split.train`: expected a number above 0 and at most 1, found \(split.train)", node)
    }
    return split
  }

  func potentials(_ node: SettingsValue) throws -> [StudySettings.Potential] {
    struct Raw: Decodable {
      var kind: String
      var name: String?
      var preset: String?
      var settings: SettingsValue?
      var epochs: SettingsValue?
      var sizes: SettingsValue?
    }
    let found = try items(node).map { item -> StudySettings.Potential in
      if case .text(let kind) = item.content {
        try requireKind(kind, item)
        return .init(kind: kind, name: kind, epochs: [], line: item.line)
      }
      let raw = try item.decoded(as: Raw.self, file: file)
      try requireKind(raw.kind, item["kind"] ?? item)
      let name = raw.name ?? raw.kind
      try requireName(name, item["name"] ?? item)
      return .init(
        kind: raw.kind, name: name, preset: raw.preset, settings: raw.settings,
        epochs: try raw.epochs.map(epochs) ?? [], sizes: try raw.sizes.map { try sizes($0, "sizes") },
        line: item.line)
    }
    var seen: Set<String> = []
    for (place, potential) in found.enumerated() where !seen.insert(potential.name).inserted {
      throw fail(
        "two potentials have the name `\(potential.name)`", items(node)[place], remedy: "give each its own `name`")
    }
    guard !found.isEmpty else { throw fail("`potentials` is empty", node) }
    return found
  }

  private func epochs(_ node: SettingsValue) throws -> [Int] {
    let found = try items(node).map { try $0.decoded(as: Int.self, file: file) }
    guard found.allSatisfy({ $0 >= 1 }), !found.isEmpty else {
      throw fail("`epochs`: expected whole numbers from 1 on", node)
    }
    return Set(found).sorted()
  }

  private func requireKind(_ kind: String, _ node: SettingsValue) throws {
    let known = potentialKinds.map { $0.name }
    guard !known.contains(kind) else { return }
    let near = nearestName(to: kind, among: known).map { "did you mean `\($0)`?" }
    throw fail(
      "there is no potential of kind `\(kind)`", node, remedy: near ?? "known are " + known.joined(separator: ", "))
  }

  /// Folders and files are named after it.
  private func requireName(_ name: String, _ node: SettingsValue) throws {
    let isGood = name.utf8.allSatisfy {
      $0 | 0x20 &- 97 < 26 || $0 &- 48 < 10
        || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+")].contains($0)
    }
    guard isGood, !name.isEmpty, name.count <= 40, !name.hasPrefix("-") else {
      throw fail("the name `\(name)`: expected up to 40 letters, digits, `-`, `_` and `+`", node)
    }
  }
}
