import Structures

/// A format whose files are read frame by frame, whatever their size.
protocol StreamedFormat: StructureFormat {
  /// Reads a file and hands over its frames in their order.
  /// - Throws: `InputError`, and what `body` throws.
  static func read(
    _ window: ByteWindow, options: ReadOptions, _ body: (LabeledStructure) throws -> Void
  ) throws -> StreamSummary
}

/// What is to be said of a file that was read frame by frame.
public struct StreamSummary: Sendable {
  public var tally = NoteTally()
  /// Steps that could be no frames.
  public var lost: [LostStep] = []

  public init(tally: NoteTally = NoteTally(), lost: [LostStep] = []) {
    self.tally = tally
    self.lost = lost
  }
}

extension StreamedFormat {
  public static func read(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions = ReadOptions()
  ) throws -> FrameFile {
    try frameFile(try ByteWindow(bytes, file: file), options: options)
  }

  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    throw InputError("the format \(metadata.name) cannot be written")
  }

  static func frameFile(_ window: ByteWindow, options: ReadOptions) throws -> FrameFile {
    var frames: [LabeledStructure] = []
    let summary = try read(window, options: options) { frames.append($0) }
    return FrameFile(frames: frames, tally: summary.tally)
  }
}

/// Hands over the frames of a file one by one; files of VASP and extxyz files are never held in memory as a whole.
/// - Throws: `InputError`, and what `body` throws.
public func forEachFrame(
  of path: String, options: ReadOptions = ReadOptions(), _ body: (LabeledStructure) throws -> Void
) throws -> StreamSummary {
  try InputFile.requireThere(path)
  if !InputFile.isFolder(path),
    let format = try Formats.readable(named: options.format, for: path) as? any StreamedFormat.Type
  {
    return try format.read(ByteWindow(streaming: path), options: options, body)
  }
  if !InputFile.isFolder(path), try Formats.readable(named: options.format, for: path) == ExtendedXYZ.self {
    var stream = ExtendedXYZStream(try ByteWindow(streaming: path), keys: options.keys)
    return try stream.read(body)
  }
  let file = try readFrames(path, options: options)
  for frame in file.frames { try body(frame) }
  return StreamSummary(tally: file.tally)
}
