import Structures

/// VASP's POSCAR and CONTCAR: one structure, no labels.
///
/// Read: scale factor (a negative one is the volume, Å³; three are factors of x, y, z), VASP 5 and 6 symbols (`Li`,
/// `Li_sv`, `Fe/1a2b`), VASP 4 files whose comment line names the symbols, selective dynamics (kept as the column
/// `move_mask`), Direct and Cartesian. Velocities and what follows them are left out, and a note says so. Atoms are
/// never reordered: the counts are of runs of equal symbols. The id stands in the comment line, `id=…`, and so
/// does how a generated structure was made.
public enum POSCAR: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "poscar", suffixes: [".poscar", ".vasp", ".contcar"], fileNames: ["POSCAR", "CONTCAR"],
    description: "VASP structure, without labels", carries: [.id], holdsManyFrames: false)

  /// Column of the selective dynamics flags: T where an atom may move along a, b, c (ASE's name).
  static let moveMask = "move_mask"

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = POSCARReader(lines: try TextLines(bytes, file: file))
    let (frames, tally) = try reader.read()
    for frame in frames { try take(frame) }
    return tally
  }

  /// - Throws: `InputError` for more than one frame, a frame without a lattice, or a number that is not finite.
  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    guard let frame = frames.first, frames.count == 1 else {
      throw InputError(
        "a poscar file holds one frame, not \(frames.count)", remedy: "write to a folder, NAME.poscar.d")
    }
    let structure = frame.structure
    guard let lattice = structure.lattice, structure.periodic == .all else {
      throw InputError("VASP needs a lattice that repeats in three directions", remedy: "write extxyz")
    }
    try frame.requireFinite()
    var text = TextBuffer()
    text.append("\(title(frame)) id=\(frame.id)\n1.0\n")
    for vector in [lattice.a, lattice.b, lattice.c] { text.append("\(vector.x) \(vector.y) \(vector.z)\n") }
    let runs = runs(structure.elements)
    text.append(runs.map(\.element.symbol).joined(separator: " ") + "\n")
    text.append(runs.map { String($0.count) }.joined(separator: " ") + "\n")
    let flags = frame.columns.first { $0.name == moveMask && $0.width == 3 }
    text.append(flags == nil ? "Cartesian\n" : "Selective dynamics\nCartesian\n")
    for (atom, p) in structure.positions.enumerated() {
      text.append("\(p.x) \(p.y) \(p.z)")
      if let flags { text.append(" " + flags.values[3 * atom..<3 * atom + 3].joined(separator: " ")) }
      text.append("\n")
    }
    return text.bytes
  }

  private static func title(_ frame: LabeledStructure) -> String {
    let comment = frame.value(ofKey: "comment") ?? ""
    let words = comment.split(whereSeparator: \.isWhitespace)
    if !words.isEmpty { return words.joined(separator: " ") }
    return [frame.structure.formula, frame.origin].compactMap { $0 }.joined(separator: " ")
  }

  private static func runs(_ elements: [ChemicalElement]) -> [(element: ChemicalElement, count: Int)] {
    var runs: [(element: ChemicalElement, count: Int)] = []
    for element in elements {
      if runs.last?.element == element {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((element, 1))
      }
    }
    return runs
  }
}
