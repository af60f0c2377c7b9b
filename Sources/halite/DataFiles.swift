import Formats
import Structures

/// Files of labelled structures as commands read and write them: what was read and lost is said.
enum DataFiles {
  static let positional = Positional(
    "FILES", .many, help: "labelled structures; files or folders of any format (halite formats)")

  /// All frames of all files, in the order of the command line.
  /// - Throws: `InputError` where a file cannot be read or there is no frame at all.
  static func read(_ paths: [String], options: ReadOptions = ReadOptions(), console: Console) throws -> Dataset {
    try requireDifferent(paths)
    var frames: [LabeledStructure] = []
    var tally = NoteTally()
    for (index, path) in paths.enumerated() {
      if paths.count > 1 { console.progress("reading", index, of: paths.count, detail: path) }
      let file = try readFrames(path, options: options)
      frames += file.frames
      tally.add(file.tally)
    }
    console.endProgress()
    for note in tally.sentences { console.note(note) }
    guard !frames.isEmpty else { throw InputError("no frames in \(paths.joined(separator: ", "))") }
    try requireKeys(options.keys, in: frames)
    for warning in warnings(of: frames) { console.warn(warning) }
    return Dataset(frames)
  }

  /// - Throws: `InputError` where the user names a key that no frame has.
  private static func requireKeys(_ keys: KeyChoice, in frames: [LabeledStructure]) throws {
    let wanted: [(label: String, key: String?, read: KeyPath<Provenance, String?>)] = [
      ("energy", keys.energy, \.energyKey), ("forces", keys.forces, \.forcesKey),
      ("stress", keys.stress, \.stressKey),
    ]
    for (label, key, read) in wanted {
      guard let key, !frames.contains(where: { $0.provenance[keyPath: read] == key }) else { continue }
      let names = Set(frames.flatMap { $0.info.map(\.key) + $0.columns.map(\.name) })
      throw InputError(
        "no frame has a label \(label) under `\(key)` (--\(label)-key)",
        remedy: nearestName(to: key, among: names.sorted()).map { "did you mean `\($0)`?" })
    }
  }

  /// What may be wrong with how the labels were read.
  static func warnings(of frames: [LabeledStructure]) -> [String] {
    var warnings = lookalikeKeys(in: frames).map {
      "`\($0.key)` (\(counted($0.frames, "frame"))) was not read and looks like \($0.label): \($0.remedy)"
    }
    let failed = frames.reduce(into: [FrameVerdict: Int]()) { counts, frame in
      if let verdict = frame.verdict, verdict != .ok { counts[verdict, default: 0] += 1 }
    }
    if !failed.isEmpty {
      let named = failed.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value)" }
      warnings.append("verdicts that are not ok: " + named.joined(separator: ", "))
    }
    let counts = frames.reduce(into: [String: Int]()) { counts, frame in
      if let key = frame.provenance.energyKey { counts[key, default: 0] += 1 }
    }
    if counts.count > 1 {
      let keys = counts.sorted { $0.key < $1.key }.map { "`\($0.key)` (\(counted($0.value, "frame")))" }
      warnings.append(
        "energies come from different keys: \(keys.joined(separator: ", ")); they may not be the same energy")
    }
    return warnings
  }

  /// Refuses, before any work, files to write that would destroy an input or cannot be written.
  /// - Throws: `InputError`.
  static func requireWritable(
    _ outputs: [String?], format: String? = nil, inputs: [String]
  ) throws {
    let paths = outputs.compactMap { $0 }
    try halite.requireWritable(paths, inputs: inputs)
    for path in paths { _ = try formatToWrite(path, named: format) }
  }

  /// Writes frames, and warns of what the format cannot hold.
  /// - Parameter format: its name; nil goes by the path.
  /// - Throws: `InputError` where the format cannot hold the frames or the place cannot be written.
  static func write(
    _ dataset: Dataset, to path: String, format: String? = nil, options: WriteOptions = WriteOptions(),
    console: Console
  ) throws {
    let target = try formatToWrite(path, named: format)
    try writeFrames(dataset.frames, to: path, format: format, options: options)
    for remark in target.remarks(writing: dataset.frames) { console.warn("\(path): \(remark)") }
    let lost = losses(writing: dataset.frames, as: target)
    if !lost.isEmpty {
      console.warn("\(path): \(target.metadata.name) does not hold " + lost.joined(separator: ", "))
    }
  }
}
