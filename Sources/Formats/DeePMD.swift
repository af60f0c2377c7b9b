import Structures

/// DeePMD-kit's `deepmd/npy`: a folder for each system with type.raw, type_map.raw, and sets of frames `set.000/`
/// with box.npy, coord.npy (Å), energy.npy (eV), force.npy (eV/Å), virial.npy (−∂E/∂ε, eV, nine numbers),
/// spin.npy (μB), force_mag.npy (eV/μB); `nopbc` for free clusters.
///
/// Read: float32 and float64, mixed types (real_atom_types.npy, −1 for no atom). Spins that all lie along z are
/// collinear moments. Frames of equal atoms and labels share a system; a system is named by its formula. Ids stand in
/// `halite_ids.txt`, a file that other programs pass over.
public enum DeePMDArrays: FolderFormat {
  public static let metadata = FormatMetadata(
    name: "deepmd/npy", suffixes: [".npy"], description: "DeePMD systems of NumPy arrays, a folder (NAME.npy.d)",
    carries: DeePMD.carries, holdsManyFrames: true)

  public static func isSystem(_ names: [String]) -> Bool {
    names.contains("type.raw") && names.contains { $0.hasSuffix("/coord.npy") }
  }

  public static func scan(
    folder: FolderFiles, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    try DeePMD.scan(folder, suffix: ".npy", options: options, take: take)
  }

  public static func filler(species: [ChemicalElement]) throws -> DeePMDFiller {
    try DeePMDFiller(.arrays, species: species, format: Self.self)
  }
}

/// The older `deepmd/raw`: as `deepmd/npy`, in text files `coord.raw`, … beside type.raw, a line a frame.
public enum DeePMDText: FolderFormat {
  public static let metadata = FormatMetadata(
    name: "deepmd/raw", suffixes: [".raw"], description: "DeePMD systems of text files, a folder (NAME.raw.d)",
    carries: DeePMD.carries, holdsManyFrames: true)

  public static func isSystem(_ names: [String]) -> Bool {
    names.contains("type.raw") && names.contains("coord.raw") && !DeePMDArrays.isSystem(names)
  }

  public static func scan(
    folder: FolderFiles, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    try DeePMD.scan(folder, suffix: ".raw", options: options, take: take)
  }

  public static func filler(species: [ChemicalElement]) throws -> DeePMDFiller {
    try DeePMDFiller(.text, species: species, format: Self.self)
  }
}

/// `deepmd/npy/mixed`: frames of equally many atoms share a system, whatever their elements.
public enum DeePMDMixed: FolderFormat {
  public static let metadata = FormatMetadata(
    name: "deepmd/npy/mixed", suffixes: [".mixed"],
    description: "DeePMD systems of mixed types, a folder (NAME.mixed.d)", carries: DeePMD.carries,
    holdsManyFrames: true)

  public static func isSystem(_ names: [String]) -> Bool {
    DeePMDArrays.isSystem(names) && names.contains { $0.hasSuffix("/real_atom_types.npy") }
  }

  public static func scan(
    folder: FolderFiles, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    try DeePMD.scan(folder, suffix: ".npy", options: options, take: take)
  }

  public static func filler(species: [ChemicalElement]) throws -> DeePMDFiller {
    try DeePMDFiller(.mixed, species: species, format: Self.self)
  }
}

/// What the three layouts share.
enum DeePMD {
  static let carries: Set<FormatMetadata.Content> = [
    .energy, .forces, .stress, .moments, .magneticForces, .id, .clusters,
  ]

  enum Layout { case arrays, text, mixed }

  /// One line a frame.
  static let idFile = "halite_ids.txt"

  /// Quantities that are read; everything else is said.
  static let quantities = ["box", "coord", "energy", "force", "virial", "spin", "force_mag", "real_atom_types"]

  static func scan(
    _ folder: FolderFiles, suffix: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = try DeePMDReader(folder, suffix: suffix, options: options)
    try reader.scan(take)
    return reader.tally
  }
}
