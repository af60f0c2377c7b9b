import Structures

/// XCrySDen structure files as aenet writes them: one frame with `# total energy = E eV`, CRYSTAL, PRIMVEC, PRIMCOORD
/// and rows of symbol, position (Å) and, where there are forces, force (eV/Å); ATOMS for free clusters; ANIMSTEPS for
/// trajectories (read only). The id stands in a comment, `# id = …`.
///
/// A row with numbers but no symbol is an error; with `ReadOptions.repair` it is an oxygen atom, and a note says how
/// many there were.
public enum XSF: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "xsf", suffixes: [".xsf", ".axsf"], description: "XCrySDen structure with aenet's energy comment",
    carries: [.energy, .forces, .id, .clusters], holdsManyFrames: false)

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = XSFReader(lines: try TextLines(bytes, file: file), repairs: options.repair)
    let (frames, tally) = try reader.read()
    for frame in frames { try take(frame) }
    return tally
  }

  /// - Throws: `InputError` for more than one frame, a number that is not finite, or a periodicity that XSF has no
  ///   word for.
  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    guard let frame = frames.first, frames.count == 1 else {
      throw InputError("an xsf file holds one frame, not \(frames.count)", remedy: "write to a folder, NAME.xsf.d")
    }
    try frame.requireFinite()
    var text = TextBuffer()
    if let energy = frame.labels.energy { text.append("# total energy = \(energy) eV\n") }
    text.append("# id = \(frame.id)\n")
    if let origin = frame.origin { text.append("# \(origin)\n") }
    text.append("\n")
    text.append(try heading(frame.structure))
    for atom in 0..<frame.structure.count {
      text.append(frame.structure.elements[atom].symbol)
      text.append(fields: frame.structure.positions[atom])
      if let forces = frame.labels.forces { text.append(fields: forces[atom]) }
      text.append("\n")
    }
    return text.bytes
  }

  private static func heading(_ structure: Structure) throws(InputError) -> String {
    guard let lattice = structure.lattice else { return "ATOMS\n" }
    let rows = [lattice.a, lattice.b, lattice.c].map { "\($0.x) \($0.y) \($0.z)\n" }.joined()
    let keyword: String
    switch structure.periodic {
    case .all: keyword = "CRYSTAL"
    case Periodicity(true, true, false): keyword = "SLAB"
    case Periodicity(true, false, false): keyword = "POLYMER"
    case .none: keyword = "MOLECULE"
    default: throw InputError("xsf knows slabs along a and b and polymers along a only", remedy: "write extxyz")
    }
    return "\(keyword)\nPRIMVEC\n\(rows)PRIMCOORD\n\(structure.count) 1\n"
  }
}
