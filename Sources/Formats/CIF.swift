import Structures

/// Crystallographic information files: one structure for each data block with atoms. Read only.
///
/// The cell stands with a along x and b in the xy plane. Symmetry operations are applied, and copies of an atom nearer
/// than 0.01 Å count as one. Uncertainties in parentheses are left out. An occupancy other than 1 is refused, and so
/// is a space group whose operations are not listed. Labels such as Fe1, O2- or D are read by their letters.
public enum CIF: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "cif", suffixes: [".cif"], description: "crystal structures, symmetry expanded; without labels",
    carries: [],
    holdsManyFrames: true, canWrite: false)

  /// Å; copies of one atom that are nearer than this are the same.
  static let sameSite = 0.01

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    let lines = try TextLines(bytes, file: file)
    var tally = NoteTally()
    var index = 0
    for block in try CIFBlock.blocks(lines) {
      guard
        block.columns.keys.contains(where: { $0.hasPrefix("_atom_site_fract") || $0.hasPrefix("_atom_site_cartn") })
      else {
        tally.add("data block without atoms passed over", of: "block")
        continue
      }
      let reader = CIFReader(block: block, lines: lines)
      let structure = try reader.structure()
      if block.columns.keys.contains(where: { $0.hasPrefix("_atom_site_moment") }) {
        tally.add("not read: moments of the block")
      }
      try take(
        LabeledStructure(
          structure: structure, labels: Labels(),
          provenance: Provenance(file: file, index: index, line: block.line),
          info: block.name.isEmpty ? [] : [InfoItem(key: "cif_block", value: block.name)]))
      index += 1
    }
    guard index > 0 else {
      throw InputError(
        "no data block with atoms (_atom_site_fract_x)", file: file, remedy: "is this a CIF of a crystal?")
    }
    return tally
  }

  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    throw InputError("the format cif cannot be written")
  }
}
