import Formats
import Foundation
import Structures

/// Files of labelled structures that are read frame by frame, as often as a command needs: a set may be larger than memory.
struct FrameFiles {
  let paths: [String]
  let options: ReadOptions
  let console: Console

  /// - Throws: `InputError` (usage) where two of the paths lead to the same file.
  init(_ paths: [String], options: ReadOptions, console: Console) throws {
    try requireDifferent(paths)
    self.paths = paths
    self.options = options
    self.console = console
  }

  /// The first time through: hands over all frames in the order of the command line, then says what was read and lost.
  /// - Throws: `InputError` where a file cannot be read or there is no frame at all, and what `body` throws.
  func forEach(_ body: (LabeledStructure) throws -> Void) throws {
    var survey = ReadingSurvey(options.keys)
    for (index, path) in paths.enumerated() {
      if paths.count > 1 { console.progress("reading", index, of: paths.count, detail: path) }
      let summary = try forEachFrame(of: path, options: options) { frame in
        survey.add(frame)
        try body(frame)
      }
      survey.add(summary.tally)
    }
    console.endProgress()
    for note in survey.notes { console.note(note) }
    guard survey.count > 0 else { throw InputError("no frames in \(paths.joined(separator: ", "))") }
    try survey.requireKeys()
    for warning in survey.warnings { console.warn(warning) }
  }

  /// The same in batches that fit into memory whatever the size of the files, for work on several threads.
  func forEachBatch(_ body: ([LabeledStructure]) throws -> Void) throws {
    var batch: [LabeledStructure] = []
    var atoms = 0
    try forEach { frame in
      batch.append(frame)
      atoms += frame.structure.count
      guard batch.count >= 512 || atoms >= 50_000 else { return }
      try body(batch)
      batch.removeAll(keepingCapacity: true)
      atoms = 0
    }
    if !batch.isEmpty { try body(batch) }
  }

  /// Every further time: frames with their places, and not a word.
  /// - Throws: `InputError` where a file is a pipe, which is gone once it was read.
  func forEachAgain(_ body: (Int, LabeledStructure) throws -> Void) throws {
    var place = 0
    for path in paths {
      guard FileIdentity(path) != nil else {
        throw InputError(
          "can be read only once, and this needs it twice", file: path, remedy: "save it to a file first")
      }
      _ = try forEachFrame(of: path, options: options) { frame in
        try body(place, frame)
        place += 1
      }
    }
  }
}

/// What is to be said of frames that were read, counted frame by frame.
struct ReadingSurvey {
  private let keys: KeyChoice
  private(set) var count = 0
  private var labelKeys: [[String: Int]] = [[:], [:], [:]]
  private var tally = NoteTally()
  private var lookalikes = LookalikeCount()
  private var verdicts: [FrameVerdict: Int] = [:]
  /// Names that a misspelled key may have meant; kept only where a key was given.
  private var names: Set<String> = []

  private static let labels: [(name: String, read: KeyPath<Provenance, String?> & Sendable)] = [
    ("energy", \.energyKey), ("forces", \.forcesKey), ("stress", \.stressKey),
  ]

  init(_ keys: KeyChoice) { self.keys = keys }

  mutating func add(_ frame: LabeledStructure) {
    count += 1
    for (place, label) in Self.labels.enumerated() {
      if let key = frame.provenance[keyPath: label.read] { labelKeys[place][key, default: 0] += 1 }
    }
    lookalikes.add(frame)
    if let verdict = frame.verdict, verdict != .ok { verdicts[verdict, default: 0] += 1 }
    if keys != KeyChoice() { names.formUnion(frame.info.map(\.key) + frame.columns.map(\.name)) }
  }

  mutating func add(_ notes: NoteTally) { tally.add(notes) }

  /// "energy read from key REF_energy (284 frames)", and what the readers noted.
  var notes: [String] {
    var all = NoteTally()
    for (label, keys) in zip(Self.labels, labelKeys) {
      for (key, count) in keys.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        all.add("\(label.name) read from key \(key)", count: count)
      }
    }
    all.add(tally)
    return all.sentences
  }

  /// - Throws: `InputError` where the user names a key that no frame has.
  func requireKeys() throws {
    for (place, key) in [keys.energy, keys.forces, keys.stress].enumerated() {
      guard let key, labelKeys[place][key] == nil else { continue }
      let label = Self.labels[place].name
      throw InputError(
        "no frame has a label \(label) under `\(key)` (--\(label)-key)",
        remedy: nearestName(to: key, among: names.sorted()).map { "did you mean `\($0)`?" })
    }
  }

  /// What may be wrong with how the labels were read.
  var warnings: [String] {
    var warnings = lookalikes.keys.map {
      "`\($0.key)` (\(counted($0.frames, "frame"))) was not read and looks like \($0.label): \($0.remedy)"
    }
    if !verdicts.isEmpty {
      let named = verdicts.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value)" }
      warnings.append("verdicts that are not ok: " + named.joined(separator: ", "))
    }
    if labelKeys[0].count > 1 {
      let keys = labelKeys[0].sorted { $0.key < $1.key }.map { "`\($0.key)` (\(counted($0.value, "frame")))" }
      warnings.append(
        "energies come from different keys: \(keys.joined(separator: ", ")); they may not be the same energy")
    }
    return warnings
  }
}
