import Glibc
import Structures

/// The frames of a file or of a folder.
///
/// A folder (`NAME.xsf.d`, or any folder whose files are of one known format) is read file by file in natural order of
/// the names: structure2 before structure10; DeePMD systems are found in all subfolders. Any text format may be packed.
///
/// - Throws: `InputError` with file and line.
public func readFrames(_ path: String, options: ReadOptions = ReadOptions()) throws -> FrameFile {
  var frames: [LabeledStructure] = []
  let summary = try forEachFrame(of: path, options: options) { frames.append($0) }
  return FrameFile(frames: frames, tally: summary.tally)
}

/// Hands over the frames of a file or folder one by one: a set larger than memory can be read.
///
/// - Returns: what is to be said, but for the keys that labels were read from, which `Provenance` holds.
/// - Throws: `InputError` with file and line, and what `body` throws.
public func forEachFrame(
  of path: String, options: ReadOptions = ReadOptions(), _ body: (LabeledStructure) throws -> Void
) throws -> StreamSummary {
  try InputFile.requireThere(path)
  if InputFile.isFolder(path) { return try readFolder(path, options: options, body) }
  return try readFile(path, as: Formats.readable(named: options.format, for: path), options: options, body)
}

private func readFile(
  _ path: String, as format: any StructureFormat.Type, options: ReadOptions,
  _ body: (LabeledStructure) throws -> Void
) throws -> StreamSummary {
  guard format.metadata.canRead else {
    throw InputError("the format \(format.metadata.name) cannot be read", file: path)
  }
  if let streamed = format as? any StreamedFormat.Type {
    return try streamed.read(ByteWindow(streaming: path), options: options, body)
  }
  if format == ExtendedXYZ.self, isLargeOrPacked(path) {
    var stream = ExtendedXYZStream(try ByteWindow(streaming: path), keys: options.keys)
    return try stream.read(body)
  }
  let bytes = try FileBytes.open(path)
  return try withExtendedLifetime(bytes) {
    let format = options.format == nil ? Formats.recognized(bytes.buffer, format, for: path) : format
    if let format = format as? any SequentialFormat.Type {
      var atoms = 0
      let tally = try format.scan(bytes: bytes.buffer, file: path, options: options) { frame in
        try body(frame)
        atoms += frame.structure.count
        guard atoms > 100_000 else { return }
        bytes.giveBack()
        atoms = 0
      }
      return StreamSummary(tally: tally)
    }
    let file = try format.read(bytes: bytes.buffer, file: path, options: options)
    for frame in file.frames { try body(frame) }
    return StreamSummary(tally: file.tally)
  }
}

/// True for what should not be held in memory as a whole.
private func isLargeOrPacked(_ path: String) -> Bool {
  if [".gz", ".bz2"].contains(where: path.lowercased().hasSuffix) { return true }
  var status = stat()
  return stat(path, &status) == 0 && status.st_size >= FileBytes.mappedSize
}

private func readFolder(
  _ path: String, options: ReadOptions, _ body: (LabeledStructure) throws -> Void
) throws -> StreamSummary {
  var summary = StreamSummary()
  let systems = try Formats.systems(in: path, named: options.format)
  for (folder, format) in systems {
    summary.tally.add(try format.scan(folder: folder, options: options, take: body))
  }
  if !systems.isEmpty { return summary }
  let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
  let names = try InputFile.names(inFolder: folder)
  let format = try folderFormat(folder, names: names, options: options)
  let members = names.filter { format.metadata.matches($0) }
  guard !members.isEmpty else {
    throw InputError("no \(format.metadata.name) file in the folder", file: path)
  }
  for name in members {
    let file = try readFile(folder + "/" + name, as: format, options: options, body)
    summary.tally.add(file.tally)
    summary.lost += file.lost
  }
  if members.count < names.count {
    summary.tally.add(
      "not read: of another format than \(format.metadata.name)", count: names.count - members.count, of: "file")
  }
  return summary
}

/// The format of a folder: the one asked for, the one its name says (`NAME.xsf.d`), or the only one inside.
private func folderFormat(
  _ folder: String, names: [String], options: ReadOptions
) throws -> any StructureFormat.Type {
  if options.format != nil { return try Formats.format(named: options.format, for: folder) }
  if folder.lowercased().hasSuffix(".d") { return try Formats.format(for: String(folder.dropLast(2))) }
  // Of several formats with one suffix the first stands for all: each file is looked into when it is read.
  var inside: [any StructureFormat.Type] = []
  for format in Formats.all where names.contains(where: format.metadata.matches) {
    if !inside.contains(where: { $0.metadata.suffixes == format.metadata.suffixes }) { inside.append(format) }
  }
  if inside.count == 1 { return inside[0] }
  let found = inside.map { $0.metadata.name }.joined(separator: ", ")
  if inside.isEmpty, let unread = names.lazy.compactMap({ UnreadFormat.error(for: folder + "/" + $0) }).first {
    throw unread
  }
  throw InputError(
    inside.isEmpty ? "no file of a known format in the folder" : "files of several formats in the folder: \(found)",
    file: folder, remedy: inside.isEmpty ? nil : "name the format")
}

extension Formats {
  /// Of the formats that a file's name fits, the one that its contents are of.
  fileprivate static func recognized(
    _ bytes: UnsafeRawBufferPointer, _ first: any StructureFormat.Type, for path: String
  ) -> any StructureFormat.Type {
    let fitting = all.filter { $0.metadata.suffixes == first.metadata.suffixes }
    guard fitting.count > 1 else { return first }
    return fitting.first { $0.recognizes(bytes) } ?? first
  }
}
