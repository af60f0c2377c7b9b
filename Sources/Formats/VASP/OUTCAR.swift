import Structures

/// VASP's OUTCAR: every ionic step as a frame with its verdict; read only.
///
/// Read: the lattice from its fixed columns (entries of −100 and below run into each other), positions and forces, F (TOTEN),
/// the energy without entropy and that of sigma → 0, the stress (`in kB`, compressive positive, XX YY ZZ XY YZ ZX), moments of the
/// atoms and of the cell, electronic steps, time, and the settings that `SettingsFingerprint` keeps. Steps of a learned force
/// field are frames of their own. A step of which the file prints no positions (NWRITE 0, a run cut off) is counted in a note.
public enum OUTCAR: StreamedFormat {
  public static let metadata = FormatMetadata(
    name: "outcar", suffixes: [".outcar"], fileNames: ["OUTCAR"],
    description: "VASP output, every ionic step with its verdict",
    carries: [.energy, .forces, .stress, .moments, .otherEnergies], holdsManyFrames: true, canWrite: false)

  static func read(
    _ window: ByteWindow, options: ReadOptions, _ body: (LabeledStructure) throws -> Void
  ) throws -> StreamSummary {
    var reader = OUTCARReader(window, salvages: options.salvages)
    return try reader.read(body)
  }
}
