import Structures

/// ASE's database (`.db`, SQLite, version 9 of its layout): a row a frame, as `ase db` lists it.
///
/// Written: `energy` and `free_energy` (eV, both the energy that the forces belong to), `forces`, `stress` (Voigt
/// order, eV/Å³, tensile positive), `magmoms` (collinear, μB), and key–value pairs (`halite_id`, `config_type`,
/// `source`, and every key that ASE allows), and the columns `initial_magmoms`, `initial_charges`, `charges`, `masses`, `tags` and `momenta`
/// where frames have them. What ASE has no column for stands in `data["halite"]`: vectors of moments, magnetic forces, other energies, other
/// columns, keys that ASE refuses. Rows of a file carry the time of writing, or that of SOURCE_DATE_EPOCH.
///
/// Read: versions 5 to 9; `free_energy` before `energy`; moments from `magmoms` alone, for those of `initial_magmoms` are a guess.
public enum ASEDatabase: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "ase-db", suffixes: [".db"], description: "ASE's SQLite database",
    carries: Set(FormatMetadata.Content.allCases), holdsManyFrames: true)

  /// - Throws: `InputError` with file and row.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = try ASEDatabaseReader(bytes, file: file)
    while let frame = try reader.next() { try take(frame) }
    return reader.tally
  }

  /// - Throws: `InputError` where a number is not finite.
  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    let writer = try ASEDatabaseWriter(file: "the database")
    for frame in frames { try writer.append(frame) }
    try writer.finish()
    return try writer.database.serialized()
  }

  public static func remark(writing frame: LabeledStructure) -> String? {
    var remarks: [String] = []
    let refused = ASEKeyValuePair.refused(of: frame)
    if !refused.isEmpty {
      remarks.append(
        "ASE takes no key-value pair of these names or with texts that look like numbers, so only Halite reads them back: "
          + refused.joined(separator: ", "))
    }
    if let virial = frame.labels.virial, !virial.isSymmetric {
      remarks.append("the stress is not symmetric: ASE's column holds the mean of both halves")
    }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }

  /// Columns of `systems` that are columns of a frame by the same name: numbers an atom.
  static let atomColumns: [(name: String, widths: [Int])] = [
    ("initial_magmoms", [1, 3]), ("initial_charges", [1]), ("masses", [1]), ("tags", [1]), ("momenta", [3]),
    ("charges", [1]),
  ]

  /// Key of `data` under which Halite keeps what ASE has no place for.
  static let dataKey = "halite"

  /// Names that ASE keeps for itself: not to be used for key–value pairs.
  static let reservedKeys: Set<String> = [
    "energy", "free_energy", "energies", "forces", "stress", "stresses", "dipole", "charges", "magmom", "magmoms",
    "dielectric_tensor", "born_effective_charges", "polarization", "positions", "numbers", "cell", "pbc",
    "initial_charges", "initial_magmoms", "id", "unique_id", "ctime", "mtime", "user", "username", "fmax", "smax",
    "momenta", "constraints", "natoms", "formula", "age", "calculator", "calculator_parameters",
    "key_value_pairs", "data", "mass", "masses", "tags", "volume", "charge", "symbols", "external_tables",
    "constrained_forces", "count_atoms", "toatoms", "get", "pop",
  ]
}
