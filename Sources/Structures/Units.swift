/// Factors to Halite's units: Å, eV, eV/Å, eV/Å³, μB, K, fs, amu. Conversions happen in `Formats` only.
public enum Units {
  /// 1 eV/Å³ in GPa (CODATA 2014, the value VASP's users divide by): 160.21766208.
  public static let gigapascalsPerEVPerCubicAngstrom = 160.21766208
  /// VASP prints kB, compressive positive: σ = −kB × 0.1/160.21766208, eV/Å³.
  public static let evPerCubicAngstromPerKilobar = 0.1 / gigapascalsPerEVPerCubicAngstrom
  /// Boltzmann's constant, eV/K (exact in the SI of 2019: 1.380649e−23 / 1.602176634e−19).
  public static let boltzmann = 8.617333262145179e-5
  /// e²/(4πε₀) in eV Å (CODATA 2018).
  public static let coulomb = 14.399645478425668
  /// Bohr radius in Å (CODATA 2018).
  public static let bohr = 0.529177210903
}
