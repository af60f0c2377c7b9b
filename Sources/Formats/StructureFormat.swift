import Structures

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
  /// Of extxyz: the keys that labels stand under, where they are not the known ones.
  public var keys = KeyChoice()

  public init(format: String? = nil, repair: Bool = false) {
    self.format = format
    self.repair = repair
  }
}

/// Keys of extxyz from which alone a label is read; nil goes by the known names.
public struct KeyChoice: Hashable, Sendable {
  /// eV.
  public var energy: String?
  /// A column, eV/Å.
  public var forces: String?
  /// Six or nine numbers: a stress, eV/Å³, tensile positive; a virial, eV, where "virial" is in the name.
  public var stress: String?

  public init(energy: String? = nil, forces: String? = nil, stress: String? = nil) {
    self.energy = energy
    self.forces = forces
    self.stress = stress
  }
}
