/// The names under which users' files hold labels, best first.
///
/// Of several energies in a frame the first of the list is taken; the others stay uninterpreted, and a note says so.
enum LabelKeys {
  static let energy = [
    "REF_energy", "free_energy", "energy", "dft_energy", "DFT_energy", "Energy", "total_energy",
  ]
  static let forces = ["REF_forces", "forces", "force", "dft_forces", "dft_force", "DFT_forces", "DFT_force"]
  static let moments = ["REF_magmoms", "magmoms", "moments", "magnetic_moments"]
  /// What a calculation started from is no label: it stays a column.
  static let initialMoments = "initial_magmoms"
  static let magneticForces = ["REF_magnetic_forces", "magnetic_forces", "force_mag"]

  /// A virial says the same as a stress, without a volume. REF_virial goes first because it is only written where
  /// REF_stress cannot give the same bits.
  static let virial = [
    "REF_virial", "REF_virials", "REF_stress", "stress", "virial", "virials", "dft_stress", "dft_virial",
    "DFT_stress", "DFT_virial",
  ]

  /// True for a key without "virial" in it, in letters of either case.
  static func isStress(_ key: String) -> Bool {
    var key = key
    return key.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return true }
      return TextSlice(start: start, end: start + bytes.count).offset(behind: "virial") == nil
    }
  }

  static let energyWithoutSmearing = "energy_sigma0"
  static let energyWithoutEntropy = "energy_no_entropy"
}

/// What is said where a file has only the moments that a calculation started from.
let initialMomentsNote =
  "initial_magmoms are what a calculation started from, not what it found: kept as a column, no moments (REF_magmoms are)"
