import Structures

/// What a file format is called and what it can hold.
public struct FormatMetadata: Hashable, Sendable {
  /// A part of a frame that a format may or may not carry.
  public enum Content: String, CaseIterable, Sendable {
    case energy, forces, stress, moments
    case magneticForces = "magnetic forces"
    case otherEnergies = "energies without smearing or entropy"
    case id
    case configType = "config_type"
    /// Keys that Halite does not interpret.
    case uninterpreted = "other keys"
    /// Columns that Halite does not interpret.
    case columns = "other columns"
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
    holdsManyFrames: Bool, canRead: Bool = true, canWrite: Bool = true
  ) {
    self.name = name
    self.suffixes = suffixes
    self.fileNames = fileNames
    self.description = description
    self.carries = carries
    self.holdsManyFrames = holdsManyFrames
    self.canRead = canRead
    self.canWrite = canWrite
  }
}

extension FormatMetadata {
  /// True where a file's name, but for `.gz` or `.bz2`, has one of the suffixes or is one of the names.
  package func matches(_ path: String) -> Bool {
    let name = uncompressed(lastComponent(path))
    return suffixes.contains { name.lowercased().hasSuffix($0) }
      || fileNames.contains { name == $0 || name.hasPrefix($0 + ".") || name.hasPrefix($0 + "_") }
  }
}

/// The part of a path behind its last slash.
package func lastComponent(_ path: String) -> String {
  let parts = path.split(separator: "/")
  return parts.last.map(String.init) ?? path
}

/// A file's name without `.gz` or `.bz2`.
package func uncompressed(_ name: String) -> String {
  let lower = name.lowercased()
  return lower.hasSuffix(".gz")
    ? String(name.dropLast(3)) : lower.hasSuffix(".bz2") ? String(name.dropLast(4)) : name
}
