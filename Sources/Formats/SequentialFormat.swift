import Structures

/// A format whose reader gives frames one after the other, so that a file larger than memory can be read.
public protocol SequentialFormat: StructureFormat {
  /// Gives each frame to `take` as soon as it is read; an error that `take` throws ends the reading.
  ///
  /// - Returns: what the reader noted, without the keys that labels were read from (`Provenance` holds those).
  /// - Throws: `InputError` with file and line, and what `take` throws.
  static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally
}

extension SequentialFormat {
  /// - Throws: `InputError` with file and line.
  public static func read(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions = ReadOptions()
  ) throws -> FrameFile {
    var frames: [LabeledStructure] = []
    let tally = try scan(bytes: bytes, file: file, options: options) { frames.append($0) }
    return FrameFile(frames: frames, tally: tally)
  }
}

/// How to write.
public struct WriteOptions: Hashable, Sendable {
  /// The elements of the types 0, 1, … (cfg, deepmd) or 1, 2, … (LAMMPS); empty takes those of the frames, by atomic
  /// number.
  public var species: [ChemicalElement]
  /// Frames that the file holds already: those to write come behind them.
  public var framesBefore = 0

  public init(species: [ChemicalElement] = []) { self.species = species }
}

extension StructureFormat {
  public static func write(_ frames: [LabeledStructure], options: WriteOptions) throws -> [UInt8] {
    try write(frames)
  }

  public static func recognizes(_ bytes: UnsafeRawBufferPointer) -> Bool { true }

  public static func remark(writing frame: LabeledStructure) -> String? { nil }

  /// - Throws: `InputError` where a format without columns for it is asked for a structure whose cell does not repeat
  ///   in three directions, or, where `clusters` is false, for one without a cell.
  static func requireThreePeriodic(_ frame: LabeledStructure, clusters: Bool) throws(InputError) {
    let structure = frame.structure
    if structure.lattice == nil, clusters { return }
    guard structure.lattice == nil || structure.periodic != .all else { return }
    let what =
      structure.lattice == nil ? "is a free cluster" : "has a cell that does not repeat in three directions"
    throw InputError("\(frame.name) \(what), which \(metadata.name) cannot hold", remedy: "write extxyz")
  }
}
