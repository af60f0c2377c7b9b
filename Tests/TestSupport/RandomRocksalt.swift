import Structures

/// Frames made up from a seed, for tests and benchmarks.
public enum RandomRocksalt {
  /// A rocksalt cell of n × n × n cubes (8 n³ atoms) with random cations and rattled positions.
  /// - Parameters:
  ///   - edge: cube edge, Å.
  ///   - rattle: largest displacement along each axis, Å.
  public static func cell(
    cubes n: Int, cations: [String], edge: Double = 4.2, rattle: Double = 0.1, seed: UInt64
  ) -> Structure {
    var random = RandomSource(seed: seed)
    let metals = cations.compactMap { ChemicalElement($0) }
    let oxygen = ChemicalElement(atomicNumber: 8)!
    var elements: [ChemicalElement] = []
    var positions: [SIMD3<Double>] = []
    let sites: [SIMD3<Double>] = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    func shake() -> Double { rattle * (2 * random.uniform() - 1) }
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n {
          let corner: SIMD3<Double> = [Double(i), Double(j), Double(k)]
          for site in sites {
            elements += [metals[random.below(metals.count)], oxygen]
            let jitter: SIMD3<Double> = [shake(), shake(), shake()]
            positions.append(edge * (corner + site) + jitter)
            let other: SIMD3<Double> = [shake(), shake(), shake()]
            positions.append(edge * (corner + site + [0.5, 0, 0]) + other)
          }
        }
      }
    }
    let size = edge * Double(n)
    return Structure(
      lattice: Lattice(a: [size, 0, 0], b: [0, size, 0], c: [0, 0, size]), elements: elements, positions: positions)
  }
}
