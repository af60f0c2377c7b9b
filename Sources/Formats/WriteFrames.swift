import Structures

/// Writes frames to a file, or, for `NAME.xsf.d` and the like, one file a frame to a new folder; formats that are
/// folders themselves (DeePMD) to a new folder of any name.
///
/// The file is written beside its place and renamed, so that it is there whole or not at all; a name that ends in
/// `.gz` is compressed.
///
/// - Returns: what the frames hold and the format cannot, and what it holds in another way, for the user:
///   "poscar does not hold energy (284 frames)".
/// - Throws: `InputError` where the place cannot be written, or where the format cannot hold the frames at all.
@discardableResult
public func writeFrames(
  _ frames: [LabeledStructure], to path: String, format: String? = nil, options: WriteOptions = WriteOptions()
) throws -> [String] {
  guard !frames.isEmpty else { throw InputError("no frames to write", file: path) }
  let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
  let isFolder = folder.lowercased().hasSuffix(".d")
  let format = try formatToWrite(path, named: format)
  do {
    if let format = format as? any FolderFormat.Type {
      try AtomicFile.writeFolder(format.files(of: frames, options: options), to: folder)
    } else if isFolder {
      try AtomicFile.writeFolder(members(frames, as: format, options), to: folder)
    } else {
      try requireOneFrame(frames, format.metadata)
      let text = try format.write(frames, options: options)
      try AtomicFile.write(path.lowercased().hasSuffix(".gz") ? Gzip.compress(text) : text, to: path)
    }
  } catch let error as InputError {
    throw error.located(in: path)
  }
  return losses(writing: frames, as: format).map { "\(format.metadata.name) does not hold \($0)" }
    + format.remarks(writing: frames)
}

/// The format in which `writeFrames` would write to a path.
///
/// - Throws: `InputError` where the name tells no format, the format cannot be written, or a folder is in the way.
public func formatToWrite(_ path: String, named name: String? = nil) throws -> any StructureFormat.Type {
  let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
  let isFolder = folder.lowercased().hasSuffix(".d")
  let format = try Formats.format(named: name, for: isFolder ? String(folder.dropLast(2)) : path)
  guard format.metadata.canWrite else {
    throw InputError("the format \(format.metadata.name) cannot be written", file: path)
  }
  if format is any FolderFormat.Type, path.lowercased().hasSuffix(".gz") {
    throw InputError("\(format.metadata.name) is a folder, which cannot be compressed", file: path)
  }
  if InputFile.isFolder(path) {
    let isOurs = isFolder || format is any FolderFormat.Type
    throw InputError(
      isOurs ? "cannot write: it is there already" : "cannot write: there is a folder of that name", file: path,
      remedy: "remove it or choose another name")
  }
  return format
}

/// What frames hold and a format cannot: "stress (284 frames)", "moments (12 frames)".
public func losses(writing frames: [LabeledStructure], as format: any StructureFormat.Type) -> [String] {
  FormatMetadata.Content.allCases.compactMap { content in
    let count = format.metadata.carries.contains(content) ? 0 : frames.count { $0.holds(content) }
    return count == 0 ? nil : "\(content.rawValue) (\(count) frame\(count == 1 ? "" : "s"))"
  }
}

private func requireOneFrame(_ frames: [LabeledStructure], _ metadata: FormatMetadata) throws(InputError) {
  guard frames.count > 1, !metadata.holdsManyFrames else { return }
  throw InputError(
    "a \(metadata.name) file holds one frame, not \(frames.count)",
    remedy: "write to a folder, NAME\(metadata.suffixes[0]).d")
}

private func members(
  _ frames: [LabeledStructure], as format: any StructureFormat.Type, _ options: WriteOptions
) throws -> [(name: String, bytes: [UInt8])] {
  // The types of all files are of one table.
  let species = options.species.isEmpty ? Set(frames.flatMap(\.structure.elements)).sorted() : options.species
  let width = String(frames.count).count
  return try frames.enumerated().map { index, frame in
    let number = String(index + 1)
    let padded = String(repeating: "0", count: width - number.count) + number
    return (
      "structure" + padded + format.metadata.suffixes[0],
      try format.write([frame], options: WriteOptions(species: species))
    )
  }
}

extension LabeledStructure {
  fileprivate func holds(_ content: FormatMetadata.Content) -> Bool {
    switch content {
    case .energy: labels.energy != nil
    case .forces: labels.forces != nil
    case .stress: labels.virial != nil
    case .moments: structure.moments != nil
    case .magneticForces: labels.magneticForces != nil
    case .otherEnergies: labels.energyWithoutSmearing != nil || labels.energyWithoutEntropy != nil
    case .id: true
    case .configType: configType != nil
    case .uninterpreted: !info.isEmpty
    case .columns: !columns.isEmpty
    case .clusters: structure.lattice == nil
    }
  }
}
