import Structures

/// A format whose unit is a folder of files rather than a file, as DeePMD's systems are.
public protocol FolderFormat: SequentialFormat {
  /// True for the file names (relative, with `/`) of a folder of this format.
  static func isSystem(_ names: [String]) -> Bool

  /// Gives each frame of a folder to `take`.
  /// - Throws: `InputError` with file, and what `take` throws.
  static func scan(
    folder: FolderFiles, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally

  /// Makes the files of a folder, frame by frame.
  /// - Throws: `InputError`.
  static func filler(species: [ChemicalElement]) throws -> DeePMDFiller
}

extension FolderFormat {
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    throw InputError(
      "a file, but \(metadata.name) is a folder with type.raw in it", file: file, remedy: "name the folder")
  }

  /// The files of a folder of frames, by relative name.
  /// - Throws: `InputError` where the format cannot hold the frames.
  public static func files(
    of frames: [LabeledStructure], options: WriteOptions
  ) throws -> [(name: String, bytes: [UInt8])] {
    let occurring = Set(frames.flatMap(\.structure.elements)).sorted()
    var filler = try filler(species: options.species.isEmpty ? occurring : options.species)
    for frame in frames { try filler.append(frame) }
    let parts = filler.take()
    let heads = Dictionary(uniqueKeysWithValues: filler.heads().map { ($0.name, $0.bytes) })
    let folder = filler.onlySystem.map { $0.utf8.count + 1 } ?? 0
    return parts.map { name, bytes in
      (String(name.dropFirst(folder)), heads[name].map { $0 + bytes.dropFirst($0.count) } ?? bytes)
    }
  }

  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    throw InputError("\(metadata.name) is a folder", remedy: "write to NAME\(metadata.suffixes[0]).d")
  }
}

/// The files of a folder, down to its subfolders, each read when it is asked for.
public struct FolderFiles {
  /// For messages and provenance.
  public var path: String
  /// Relative names in natural order, "set.000/coord.npy" among them.
  public var names: [String]
  let open: (String) throws -> FileBytes

  /// A folder on the disk, and its subfolders `set.*`.
  /// - Throws: `InputError` where it cannot be listed.
  init(path: String) throws(InputError) {
    let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    var names: [String] = []
    for name in try InputFile.names(inFolder: folder) {
      let isFolder = InputFile.isFolder(folder + "/" + name)
      if !isFolder { names.append(name) }
      guard isFolder, name.hasPrefix("set.") else { continue }
      names += try InputFile.names(inFolder: folder + "/" + name).map { name + "/" + $0 }
    }
    self.path = folder
    self.names = names
    open = { try FileBytes.open(folder + "/" + $0) }
  }

  /// Files in memory.
  public init(path: String, contents: [String: [UInt8]]) {
    self.path = path
    names = contents.keys.sorted(by: naturallyPrecedes)
    open = { FileBytes(contents[$0] ?? []) }
  }

  /// The file of a name, nil where there is none.
  func file(_ name: String) throws -> FileBytes? { names.contains(name) ? try open(name) : nil }
}

extension Formats {
  /// Systems in a folder and its subfolders, each with its format; empty where there is none.
  /// - Parameter named: the only format to look for.
  static func systems(in path: String, named name: String?) throws -> [(
    folder: FolderFiles, format: any FolderFormat.Type
  )] {
    let wanted = try name.map { try format(named: $0, for: path) }
    let candidates = all.compactMap { $0 as? any FolderFormat.Type }
      .filter { wanted == nil || $0.metadata.name == wanted?.metadata.name }
    guard !candidates.isEmpty else { return [] }
    return try systems(in: path, candidates, depth: 0)
  }

  /// The files of a folder that is a system, by relative name, and those that lie beside them and are no part of it; nil where it is none.
  package static func system(at path: String) throws -> (parts: [String], others: [String])? {
    let folder = try FolderFiles(path: path)
    let candidates = all.compactMap { $0 as? any FolderFormat.Type }
    guard candidates.contains(where: { $0.isSystem(folder.names) }) else { return nil }
    let isPart = { (name: String) in
      [".npy", ".raw"].contains(where: name.hasSuffix) || ["nopbc", DeePMD.idFile].contains(name)
    }
    return (folder.names.filter(isPart), folder.names.filter { !isPart($0) && !$0.contains("/") })
  }

  private static func systems(
    in path: String, _ candidates: [any FolderFormat.Type], depth: Int
  ) throws -> [(folder: FolderFiles, format: any FolderFormat.Type)] {
    let folder = try FolderFiles(path: path)
    if let format = candidates.first(where: { $0.isSystem(folder.names) }) { return [(folder, format)] }
    guard depth < 8 else { return [] }
    return try InputFile.names(inFolder: folder.path).map { folder.path + "/" + $0 }.filter(InputFile.isFolder)
      .flatMap { try systems(in: $0, candidates, depth: depth + 1) }
  }
}
