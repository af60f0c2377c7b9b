import Structures

/// What a file format is called and what it can hold.
public struct FormatMetadata: Hashable, Sendable {
  /// A part of a frame that a format may or may not carry.
  public enum Content: String, CaseIterable, Sendable {
    case energy, forces, stress, moments
    case magneticForces = "magnetic forces"
    case id
    case configType = "config_type"
    /// Keys and columns that Halite does not interpret.
    case uninterpreted = "other keys and columns"
    /// Structures without a lattice.
    case clusters = "free clusters"
  }

  /// The name on the command line ("extxyz").
  public var name: String
  /// In lower case, with the dot.
  public var suffixes: [String]
  /// File names without suffix that mean this format ("POSCAR"); such a name may be followed by `.` or `_` and more.
  public var fileNames: [String]
  /// One line.
  public var description: String
  public var carries: Set<Content>
  /// A file written may hold more than one frame.
  public var holdsManyFrames: Bool
  public var canRead: Bool
  public var canWrite: Bool

  public init(
    name: String, suffixes: [String], fileNames: [String] = [], description: String, carries: Set<Content>,
    holdsManyFrames: Bool
  ) {
    self.name = name
    self.suffixes = suffixes
    self.fileNames = fileNames
    self.description = description
    self.carries = carries
    self.holdsManyFrames = holdsManyFrames
    canRead = true
    canWrite = true
  }
}

/// A file format of structures: pure functions between bytes and frames, and what they can carry.
public protocol StructureFormat: Sendable {
  static var metadata: FormatMetadata { get }

  /// The frames of a file.
  ///
  /// - Parameter file: the file's name, for messages and provenance; nothing is opened.
  /// - Throws: `InputError` with file and line, and nothing else, whatever the bytes are.
  static func read(bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions) throws -> FrameFile

  /// The text of a file of frames.
  ///
  /// - Throws: `InputError` where the format cannot hold the frames.
  static func write(_ frames: [LabeledStructure]) throws -> [UInt8]
}

/// How to read.
public struct ReadOptions: Hashable, Sendable {
  /// Name of the format; nil goes by the file's name.
  public var format: String?
  /// Mend what can be mended without guessing, and say so in the notes: XSF rows without a symbol become O.
  public var repair: Bool

  public init(format: String? = nil, repair: Bool = false) {
    self.format = format
    self.repair = repair
  }
}

/// The formats that Halite knows, and how a file's name picks one of them.
public enum Formats {
  /// The register: a new format is a line here.
  public static let all: [any StructureFormat.Type] = [ExtendedXYZ.self, XSF.self, POSCAR.self]

  /// The format of a name ("extxyz", also "xyz" or "vasp" by suffix), or, where that is nil, of a file's name.
  ///
  /// - Throws: `InputError` with the nearest right name.
  public static func format(named name: String? = nil, for path: String) throws -> any StructureFormat.Type {
    if let name { return try format(named: name) }
    for format in all where format.metadata.matches(path) { return format }
    let suffix = uncompressed(lastComponent(path)).lowercased().drop { $0 != "." }
    let near = nearestName(to: String(suffix), among: all.flatMap { $0.metadata.suffixes })
    throw InputError(
      suffix.isEmpty ? "a name without suffix does not tell the format" : "unknown suffix \(suffix)", file: path,
      remedy: (near.map { "did you mean \($0)? " } ?? "") + "known formats: \(names)")
  }

  private static func format(named name: String) throws -> any StructureFormat.Type {
    let wanted = name.lowercased()
    for format in all where format.metadata.name == wanted { return format }
    for format in all where format.metadata.suffixes.contains("." + wanted) { return format }
    let known = all.flatMap { [$0.metadata.name] + $0.metadata.suffixes.map { String($0.dropFirst()) } }
    let near = nearestName(to: name, among: known)
    throw InputError(
      "unknown format \"\(name)\"",
      remedy: (near.map { "did you mean \($0)? " } ?? "") + "known formats: \(names)", isUsage: true)
  }

  private static var names: String { all.map { $0.metadata.name }.joined(separator: ", ") }
}

extension FormatMetadata {
  /// True where a file's name, but for `.gz`, has one of the suffixes or is one of the names.
  func matches(_ path: String) -> Bool {
    let name = uncompressed(lastComponent(path))
    return suffixes.contains { name.lowercased().hasSuffix($0) }
      || fileNames.contains { name == $0 || name.hasPrefix($0 + ".") || name.hasPrefix($0 + "_") }
  }
}

/// The part of a path behind its last slash.
func lastComponent(_ path: String) -> String {
  let parts = path.split(separator: "/")
  return parts.last.map(String.init) ?? path
}

/// A file's name without `.gz`.
func uncompressed(_ name: String) -> String {
  name.lowercased().hasSuffix(".gz") ? String(name.dropLast(3)) : name
}
