import Structures

/// ASE's database (`.db`, SQLite, version 9 of its layout): a row a frame, as `ase db` lists it.
///
/// Written: `energy` and `free_energy` (eV, both the energy that the forces belong to), `forces`, `stress` (Voigt
/// order, eV/Å³, tensile positive), `magmoms` (collinear, μB), and key–value pairs (`halite_id`, `config_type`,
/// `source`, and every key that ASE allows). What ASE has no column for stands in `data["halite"]`: vectors of
/// moments, magnetic forces, other energies, other columns. Times are written as 0, so that equal frames give equal
/// files.
///
/// Read: versions 5 to 9; `free_energy` before `energy`, `magmoms` before `initial_magmoms`.
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
