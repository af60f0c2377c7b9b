import Structures

/// Extended XYZ: any number of frames, each a count, a line of `key=value` pairs, and one row an atom.
///
/// Read: `REF_energy`, `free_energy`, `energy`, `dft_energy`, … (best first, see `LabelKeys`), and so for forces,
/// stress or virial, moments and magnetic forces; a stress has six numbers (xx yy zz yz xz xy) or nine, eV/Å³,
/// tensile positive. Keys and columns that Halite does not interpret are kept and written back.
///
/// Written: `Lattice`, `Properties=species:S:1:pos:R:3:REF_forces:R:3:REF_magmoms:R:1…`, `REF_energy` (eV),
/// `REF_stress` (nine numbers), `config_type`, `source`, `id`, `pbc`. Numbers are written so that they read back as
/// the same bits.
public enum ExtendedXYZ: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "extxyz", suffixes: [".extxyz", ".xyz"],
    description: "extended XYZ, any number of frames with all labels",
    carries: Set(FormatMetadata.Content.allCases), holdsManyFrames: true)

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = ExtendedXYZReader(lines: try TextLines(bytes, file: file), keys: options.keys)
    while let frame = try reader.next() { try take(frame) }
    return reader.tally
  }

  /// - Throws: `InputError` where a number of a frame is not finite, or where a column holds what would not stay one
  ///   word.
  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    var text = TextBuffer()
    for frame in frames {
      try frame.requireFinite()
      try requireWords(frame)
      text.append(extendedXYZ: frame)
    }
    return text.bytes
  }

  private static func requireWords(_ frame: LabeledStructure) throws(InputError) {
    for column in frame.columns {
      let isName = !column.name.isEmpty && !column.name.utf8.contains { $0 <= 32 || ":\"=".utf8.contains($0) }
      guard isName, column.values.allSatisfy({ !$0.isEmpty && !$0.utf8.contains { $0 <= 32 } }) else {
        throw InputError("the column \"\(column.name)\" of \(frame.name) holds blanks, which extxyz rows cannot")
      }
    }
  }
}
