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
  /// Settings as VASP's output prints them, word for word: "ISMEAR": "-5"; "KPOINTS": "7 3 2", the mesh.
  public var echo: [String: String] = [:]
  /// What ended the reading early, where `ReadOptions.salvages` asked for what is whole.
  public var damage: FileDamage?

  public init(tally: NoteTally = NoteTally(), lost: [LostStep] = [], damage: FileDamage? = nil) {
    self.tally = tally
    self.lost = lost
    self.damage = damage
  }
}

/// Why a file could be read only in part.
public struct FileDamage: Sendable {
  public var error: InputError
  /// The packing contradicts itself: what was read before may be wrong, too. False for a file that only ends early.
  public var mayBeWrong: Bool
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

  private static func frameFile(_ window: ByteWindow, options: ReadOptions) throws -> FrameFile {
    var frames: [LabeledStructure] = []
    let summary = try read(window, options: options) { frames.append($0) }
    return FrameFile(frames: frames, tally: summary.tally)
  }
}
