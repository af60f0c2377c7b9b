import CSample

/// The data set that Halite ships for `halite demo`, the examples and its own tests.
public enum SampleData {
  /// The bytes of a gzipped extxyz file: 120 disordered-rocksalt frames of nine transition metals, 64 sites each.
  ///
  /// Labels: energy (eV), forces (eV/Å), stress (eV/Å³, tensile positive). They are GFN1-xTB, a semi-empirical
  /// method, **not DFT**; `Sources/CSample/data/README.md` says how they were made.
  public static func disorderedRocksalts() -> [UInt8] {
    Array(UnsafeBufferPointer(start: halite_sample(), count: halite_sample_size()))
  }
}
