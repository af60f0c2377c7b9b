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
    try FrameFiles(paths, options: options, console: console).forEach { frames.append($0) }
    return Dataset(frames)
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
    var survey = WriteSurvey()
    for frame in dataset { survey.add(frame) }
    let writer = try FrameWriter(path, format: format, options: options, survey: survey)
    for frame in dataset { try writer.append(frame) }
    try finish(writer, console: console)
  }

  /// Puts what was written into its place, and warns of what the format cannot hold.
  static func finish(_ writer: FrameWriter, console: Console) throws {
    let (losses, remarks) = try writer.finish()
    for remark in remarks { console.warn("\(writer.path): \(remark)") }
    if !losses.isEmpty {
      console.warn(
        "\(writer.path): \(writer.format.metadata.name) does not hold " + losses.joined(separator: ", "))
    }
  }
}
