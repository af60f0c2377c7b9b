import Structures

/// LAMMPS data files (`read_data`): one structure, units metal or real (both Å).
///
/// Elements come from `ReadOptions.species`, type labels, comments behind masses, or masses. Cells are taken as they
/// are, restricted or general triclinic, and never turned; positions are not shifted by the origin. Atom styles
/// atomic, charge, molecular, bond, angle, full, sphere and spin; of spin the moments (μB) are read, of charge and
/// full the column `charge`. Bonds, velocities and coefficients are passed over with a note. Written is style atomic.
public enum LAMMPSData: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "lammps-data", suffixes: [".lmp", ".lmpdat"], description: "LAMMPS data file (read_data), one structure",
    carries: [.id], holdsManyFrames: false)

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = LAMMPSDataReader(lines: try TextLines(bytes, file: file), species: options.species)
    let (frames, tally) = try reader.read()
    for frame in frames { try take(frame) }
    return tally
  }

  /// - Throws: `InputError` for more than one frame, a frame without three periodic directions, a left-handed cell
  ///   that is not restricted, or a number that is not finite.
  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    try write(frames, options: WriteOptions())
  }

  public static func write(_ frames: [LabeledStructure], options: WriteOptions) throws -> [UInt8] {
    guard let frame = frames.first, frames.count == 1 else {
      throw InputError(
        "a lammps-data file holds one frame, not \(frames.count)", remedy: "write to a folder, NAME.lmp.d")
    }
    try frame.requireFinite()
    try requireThreePeriodic(frame, clusters: false)
    guard let lattice = frame.structure.lattice else { return [] }
    let cell = LAMMPSCell(lattice)
    try cell.requireRightHanded(frame)
    let types = try TypeTable(writing: frames, species: options.species)
    var text = TextBuffer()
    text.append("LAMMPS data file of \(frame.structure.formula), units = metal, id=\(frame.id)")
    text.append((frame.origin.map { " " + $0 } ?? "") + "\n\n")
    text.append("\(frame.structure.count) atoms\n\(types.elements.count) atom types\n\n")
    text.append(box(cell))
    text.append("\nMasses\n\n")
    for (number, element) in types.elements.enumerated() {
      text.append("\(number + 1) \(element.mass) # \(element.symbol)\n")
    }
    text.append("\nAtoms # atomic\n\n")
    for (atom, element) in frame.structure.elements.enumerated() {
      text.append("\(atom + 1) \(types.number(of: element) + 1)")
      text.append(fields: frame.structure.positions[atom])
      text.append("\n")
    }
    return text.bytes
  }

  private static func box(_ cell: LAMMPSCell) -> String {
    let l = cell.lattice
    guard cell.isRestricted else {
      let rows = [(l.a, "avec"), (l.b, "bvec"), (l.c, "cvec"), (.zero, "abc origin")]
      return rows.map { "\($0.x) \($0.y) \($0.z) \($1)\n" }.joined()
    }
    let bounds = "0.0 \(l.a.x) xlo xhi\n0.0 \(l.b.y) ylo yhi\n0.0 \(l.c.z) zlo zhi\n"
    return cell.isOrthogonal ? bounds : bounds + "\(l.b.x) \(l.c.x) \(l.c.y) xy xz yz\n"
  }

  public static func remark(writing frame: LabeledStructure) -> String? { LAMMPSCell.remark(frame) }
}
