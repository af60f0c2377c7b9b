import Structures

/// VASP's vasprun.xml: every `calculation` as a frame with its verdict; read only.
///
/// Read: lattice and positions with eight decimals, forces, stress (kB), F, the energy without entropy and that of sigma → 0 (of the
/// last electronic step, for VASP writes another number into the calculation's own), electronic steps, time, and the settings that
/// `SettingsFingerprint` keeps. VASP writes no moments of the atoms here: they are in the OUTCAR. A file that was cut off gives the
/// calculations that are whole, and the rest is counted.
public enum VasprunXML: StreamedFormat {
  public static let metadata = FormatMetadata(
    name: "vasprun", suffixes: [".vasprun", "vasprun.xml"], fileNames: ["vasprun", "vasprun.xml"],
    description: "VASP output in XML, every ionic step with its verdict",
    carries: [.energy, .forces, .stress, .otherEnergies], holdsManyFrames: true, canWrite: false)

  static func read(
    _ window: ByteWindow, options: ReadOptions, _ body: (LabeledStructure) throws -> Void
  ) throws -> StreamSummary {
    var reader = VasprunReader(window, salvages: options.salvages)
    return try reader.read(body)
  }
}
