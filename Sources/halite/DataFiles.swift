import Formats
import Structures

/// Reads labelled structures for commands: what was read is said, nothing is dropped.
enum DataFiles {
  static let positional = Positional("FILES", .many, help: "labelled structures: extxyz (also .gz), XSF, POSCAR")

  /// All frames of all files, in the order of the command line.
  /// - Throws: `InputError` where a file cannot be read or there is no frame at all.
  static func read(_ paths: [String], options: ReadOptions = ReadOptions(), console: Console) throws -> Dataset {
    var frames: [LabeledStructure] = []
    for (index, path) in paths.enumerated() {
      if paths.count > 1 { console.progress("reading", index, of: paths.count, detail: path) }
      let file = try readFrames(path, options: options)
      frames += file.frames
      for note in file.notes { console.note("\(path): \(note)") }
    }
    console.endProgress()
    guard !frames.isEmpty else { throw InputError("no frames in \(paths.joined(separator: ", "))") }
    return Dataset(frames)
  }
}
