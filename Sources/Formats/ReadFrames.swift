import Structures

/// The frames of a file or of a folder.
///
/// A folder (`NAME.xsf.d`, or any folder whose files are of one known format) is read file by file in natural order of
/// the names: structure2 before structure10. Any text format may be gzipped.
///
/// - Throws: `InputError` with file and line.
public func readFrames(_ path: String, options: ReadOptions = ReadOptions()) throws -> FrameFile {
  try InputFile.requireThere(path)
  if InputFile.isFolder(path) { return try readFolder(path, options: options) }
  let format = try Formats.readable(named: options.format, for: path)
  return try readFile(path, as: format, options: options)
}

private func readFile(
  _ path: String, as format: any StructureFormat.Type, options: ReadOptions
) throws -> FrameFile {
  guard format.metadata.canRead else {
    throw InputError("the format \(format.metadata.name) cannot be read", file: path)
  }
  if let streamed = format as? any StreamedFormat.Type {
    return try streamed.frameFile(ByteWindow(streaming: path), options: options)
  }
  let bytes = try InputFile.bytes(of: path)
  return try bytes.withUnsafeBytes { try format.read(bytes: $0, file: path, options: options) }
}

private func readFolder(_ path: String, options: ReadOptions) throws -> FrameFile {
  let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
  let names = try InputFile.names(inFolder: folder)
  let format = try folderFormat(folder, names: names, options: options)
  let members = names.filter { format.metadata.matches($0) }
  guard !members.isEmpty else {
    throw InputError("no \(format.metadata.name) file in the folder", file: path)
  }
  var frames: [LabeledStructure] = []
  var tally = NoteTally()
  for name in members {
    let file = try readFile(folder + "/" + name, as: format, options: options)
    frames += file.frames
    tally.add(file.tally)
  }
  if members.count < names.count {
    tally.add(
      "not read: of another format than \(format.metadata.name)", count: names.count - members.count, of: "file")
  }
  var result = FrameFile(frames: [], tally: tally)
  result.frames = frames
  return result
}

/// The format of a folder: the one asked for, the one its name says (`NAME.xsf.d`), or the only one inside.
private func folderFormat(
  _ folder: String, names: [String], options: ReadOptions
) throws -> any StructureFormat.Type {
  if options.format != nil { return try Formats.format(named: options.format, for: folder) }
  if folder.lowercased().hasSuffix(".d") { return try Formats.format(for: String(folder.dropLast(2))) }
  let inside = Formats.all.filter { format in names.contains { format.metadata.matches($0) } }
  if inside.count == 1 { return inside[0] }
  let found = inside.map { $0.metadata.name }.joined(separator: ", ")
  if inside.isEmpty, let unread = names.lazy.compactMap({ UnreadFormat.error(for: folder + "/" + $0) }).first {
    throw unread
  }
  throw InputError(
    inside.isEmpty ? "no file of a known format in the folder" : "files of several formats in the folder: \(found)",
    file: folder, remedy: inside.isEmpty ? nil : "name the format")
}
