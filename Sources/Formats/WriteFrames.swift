import Structures

/// Writes frames to a file, or, for `NAME.xsf.d` and the like, one file a frame to a new folder; formats that are
/// folders themselves (DeePMD) to a new folder of any name.
///
/// The file is written beside its place and renamed, so that it is there whole or not at all; a name that ends in
/// `.gz` is compressed. `FrameWriter` does the same frame by frame.
///
/// - Returns: what the frames hold and the format cannot, and what it holds in another way, for the user:
///   "poscar does not hold energy (284 frames)".
/// - Throws: `InputError` where the place cannot be written, or where the format cannot hold the frames at all.
@discardableResult
public func writeFrames(
  _ frames: [LabeledStructure], to path: String, format: String? = nil, options: WriteOptions = WriteOptions()
) throws -> [String] {
  guard !frames.isEmpty else { throw InputError("no frames to write", file: path) }
  var survey = WriteSurvey()
  for frame in frames { survey.add(frame) }
  let writer = try FrameWriter(path, format: format, options: options, survey: survey)
  for frame in frames { try writer.append(frame) }
  let (losses, remarks) = try writer.finish()
  return losses.map { "\(writer.format.metadata.name) does not hold \($0)" } + remarks
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
  var losses = LossCount()
  for frame in frames { losses.add(frame) }
  return losses.sentences(format.metadata)
}

extension LabeledStructure {
  func holds(_ content: FormatMetadata.Content) -> Bool {
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
