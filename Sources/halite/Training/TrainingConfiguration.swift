import Foundation
import Potentials
import Settings
import Structures

/// The settings that a run begins with, before the user's own are laid over them.
struct TrainingStart<Model: TrainablePotential> {
  var settings = TrainingSettings()
  var hyperparameters: Model.Hyperparameters

  init(settings: TrainingSettings, hyperparameters: Model.Hyperparameters) {
    self.settings = settings
    self.hyperparameters = hyperparameters
  }

  /// A preset, or the defaults.
  /// - Throws: `InputError` (usage) for a preset that there is not.
  init(preset name: String?) throws {
    guard let name else {
      hyperparameters = Model.defaults
      return
    }
    guard let preset = Model.presets[name] else {
      let known = Model.presets.keys.sorted()
      let near = nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
      throw usageError(
        "\(Model.name) has no preset `\(name)`", remedy: near ?? "known are " + known.joined(separator: ", "))
    }
    hyperparameters = preset
  }
}

/// All settings of a training run: the keys of every potential and those of one kind, side by side in one file.
struct TrainingConfiguration<Model: TrainablePotential> {
  var settings: TrainingSettings
  var hyperparameters: Model.Hyperparameters

  /// Settings to begin with, with the user's file and `--set KEY=VALUE` laid over them.
  /// - Parameter potential: to go on from: its settings take the place of those of `start`, but for the descent, and
  ///   must stay.
  /// - Throws: `InputError` with file and line for an unknown key (and the nearest right one) or a wrong value.
  init(
    start: TrainingStart<Model>, file: String?, overrides: [String], goingOn potential: WarmStart? = nil
  ) throws {
    settings = start.settings
    hyperparameters = start.hyperparameters
    if let potential {
      settings.referenceEnergies = .start
      settings.zbl = potential.potential.prior
      hyperparameters = try Self.settings(of: potential, descent: hyperparameters)
    }
    if let file { try lay(readYAML(file), file: file) }
    // All at once, so that zbl.inner and zbl.outer make one zbl.
    let trees = try overrides.map { try SettingsValue(override: $0) }
    if let first = trees.first {
      try lay(trees.dropFirst().reduce(first) { $0.overlaid(with: $1) }, file: nil)
    }
    try settings.validate()
    if let potential { try requireShape(of: potential) }
  }

  /// Settings to begin with, with the keys of a part of a file laid over them.
  /// - Throws: `InputError` with file and line.
  init(start: TrainingStart<Model>, tree: SettingsValue?, file: String) throws {
    settings = start.settings
    hyperparameters = start.hyperparameters
    if let tree { try lay(tree, file: file) }
    try settings.validate()
  }

  /// The settings of a potential with the descent of other ones, its steps a tenth as long: what is learned already
  /// would be lost to the first long steps.
  private static func settings(
    of start: WarmStart, descent: Model.Hyperparameters
  ) throws -> Model.Hyperparameters {
    guard let model = start.potential.model as? Model else {
      throw InputError(
        "is a potential of kind \(start.potential.kind), expected \(Model.name)", file: start.path,
        remedy: "halite train \(start.potential.kind) goes on from it")
    }
    guard var result = model.hyperparameters as? any DescendingHyperparameters,
      let other = descent as? any DescendingHyperparameters
    else { throw InputError("\(Model.name) is not trained step by step: there is nothing to go on from") }
    result.descent = other.descent
    result.descent.learningRate /= 10
    guard let settings = result as? Model.Hyperparameters else { return descent }
    return settings
  }

  /// - Throws: `InputError` naming a key that a potential to go on from does not let change.
  private func requireShape(of start: WarmStart) throws {
    var wanted = TrainingSettings()
    wanted.referenceEnergies = .start
    wanted.zbl = start.potential.prior
    try requireSame(settings, wanted, ["reference_energies", "zbl"], start)
    let old = try Self.settings(of: start, descent: hyperparameters)
    let descent = Set(DescentSettings.explanations.map(\.key))
    try requireSame(hyperparameters, old, try keys(of: old).filter { !descent.contains($0) }, start)
  }

  private func requireSame<Value: Encodable>(
    _ now: Value, _ old: Value, _ keys: [String], _ start: WarmStart
  ) throws {
    let (now, old) = (try SettingsValue(encoding: now), try SettingsValue(encoding: old))
    for key in keys where now[key] != old[key] {
      func text(_ tree: SettingsValue) -> String {
        tree[key].map { writeYAML(SettingsValue(.map([.init(key, $0)]))).trimmingCharacters(in: .newlines) } ?? ""
      }
      throw InputError(
        "`\(text(now))` cannot be set with --start, where it is `\(text(old))`", file: start.path,
        remedy: "leave \(key) out, or train without --start")
    }
  }

  private mutating func lay(_ tree: SettingsValue, file: String?) throws {
    guard case .map(let entries) = tree.content else {
      if case .null = tree.content { return }
      throw InputError("found \(tree.summary), expected keys and values", file: file, line: tree.line)
    }
    let general = try keys(of: settings)
    let own = try keys(of: hyperparameters)
    for entry in entries where !general.contains(entry.key) && !own.contains(entry.key) {
      let near = nearestName(to: entry.key, among: general + own).map { "did you mean `\($0)`?" }
      throw InputError(
        "unknown key `\(entry.key)`", file: file, line: entry.line,
        remedy: near ?? "known are " + (general + own).joined(separator: ", "))
    }
    func part(_ keys: [String]) -> SettingsValue {
      SettingsValue(.map(entries.filter { keys.contains($0.key) }), line: tree.line)
    }
    settings = try merged(defaults: settings, with: part(general), file: file)
    hyperparameters = try merged(defaults: hyperparameters, with: part(own), file: file)
  }

  private func keys(of value: some Encodable) throws -> [String] {
    guard case .map(let entries) = try SettingsValue(encoding: value).content else { return [] }
    return entries.map(\.key)
  }

  /// Every setting with its value, as YAML.
  func text() throws -> String {
    try writeYAML(SettingsValue(encoding: settings)) + writeYAML(SettingsValue(encoding: hyperparameters))
  }

  /// The keys with units, defaults and meanings, for `--help`.
  static var explanation: String {
    let defaults = (try? SettingsValue(encoding: TrainingSettings())).map(Self.values) ?? [:]
    let own = (try? SettingsValue(encoding: Model.defaults)).map(Self.values) ?? [:]
    let rows = (TrainingSettings.explanations + Model.explanations).map { row in
      let unit = row.unit.isEmpty ? "" : " (\(row.unit))"
      return (row.key, "\(row.meaning)\(unit)  [\(defaults[row.key] ?? own[row.key] ?? "")]")
    }
    let width = rows.map(\.0.count).max() ?? 0
    let padded = rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }
    return "Keys of --config and --set, with their defaults:\n" + padded.joined(separator: "\n")
  }

  private static func values(_ tree: SettingsValue) -> [String: String] {
    guard case .map(let entries) = tree.content else { return [:] }
    return Dictionary(
      entries.map { entry in
        let line = writeYAML(SettingsValue(.map([entry])))
        let text = line.dropFirst(entry.key.count + 1).split(whereSeparator: \.isNewline).joined(separator: " ")
        return (entry.key, text.trimmingPrefix { $0 == " " }.description)
      }, uniquingKeysWith: { first, _ in first })
  }
}
