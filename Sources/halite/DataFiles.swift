import Formats
import Structures

/// Files of labelled structures as commands read and write them: what was read and lost is said.
enum DataFiles {
  static let positional = Positional(
    "FILES", .many, help: "labelled structures; files or folders of any format (halite formats)")

  /// All frames of all files, in the order of the command line.
  /// - Throws: `InputError` where a file cannot be read or there is no frame at all.
  static func read(_ paths: [String], options: ReadOptions = ReadOptions(), console: Console) throws -> Dataset {
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
    return Dataset(frames)
  }

  /// Writes frames, and warns of what the format cannot hold.
  /// - Parameter format: its name; nil goes by the path.
  /// - Throws: `InputError` where the format cannot hold the frames or the place cannot be written.
  static func write(_ dataset: Dataset, to path: String, format: String? = nil, console: Console) throws {
    let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    let named = folder.lowercased().hasSuffix(".d") ? String(folder.dropLast(2)) : path
    let target = try Formats.format(named: format, for: named)
    try writeFrames(dataset.frames, to: path, format: format)
    let lost = losses(writing: dataset.frames, as: target)
    if !lost.isEmpty {
      console.warn("\(path): \(target.metadata.name) does not hold " + lost.joined(separator: ", "))
    }
  }
}
