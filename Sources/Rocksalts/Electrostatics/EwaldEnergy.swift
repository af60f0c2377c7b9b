import Glibc
import Structures

/// Electrostatic energy of point charges in a periodic cell, by Ewald's sum.
///
///     E = k/2 Σ' q_i q_j erfc(α r)/r + k 2π/V Σ_{g≠0} exp(−g²/4α²)/g² |S(g)|² − k α/√π Σ q_i² − k π/(2Vα²) (Σ q_i)²
///
/// with k = e²/(4πε₀) and S(g) = Σ q_i exp(i g·r_i); conducting surroundings, and a uniform background where the
/// charges do not add up to zero. α and both radii follow from the wanted accuracy and the size of the cell, so that
/// both sums cost about the same (Perram, Petersen, De Leeuw 1988, doi:10.1080/00268978800101751).
public struct EwaldEnergy: Sendable {
  /// Å³.
  public let volume: Double
  /// Width of the split, 1/Å.
  public let alpha: Double
  /// Radius of the sum in space, Å.
  public let realCutoff: Double
  /// Radius of the sum in reciprocal space, with 2π, 1/Å.
  public let reciprocalCutoff: Double
  let positions: [SIMD3<Double>]
  let pairs: NeighborList
  /// Half of the reciprocal vectors, with 2π, 1/Å: of g and −g one, and its weight 4π/V exp(−g²/4α²)/g².
  let waves: [(vector: SIMD3<Double>, weight: Double)]

  /// - Parameters:
  ///   - structure: periodic in three directions.
  ///   - accuracy: largest relative error of what either sum leaves out, from 1e-15 to 0.1.
  /// - Throws: `InputError` for a cell without volume, one that does not repeat, or atoms within 0.1 Å.
  public init(_ structure: Structure, accuracy: Double = 1e-13) throws {
    guard let lattice = structure.lattice, structure.periodic == .all else {
      throw InputError("an Ewald sum needs a structure that repeats in three directions")
    }
    guard accuracy >= 1e-15, accuracy <= 0.1 else {
      throw InputError("the accuracy of an Ewald sum lies between 1e-15 and 0.1, found \(accuracy)")
    }
    // Any lattice has short vectors; with them the images that reach into the sphere are few.
    let cell = lattice.isRegular ? lattice.changed(by: lattice.minkowskiReduction()) : lattice
    volume = cell.volume
    positions = structure.positions
    let reach = (-log(accuracy)).squareRoot()
    alpha = Double.pi.squareRoot() * pow(Double(structure.count) / (volume * volume), 1.0 / 6)
    realCutoff = reach / alpha
    reciprocalCutoff = 2 * alpha * reach
    var reduced = structure
    reduced.lattice = cell
    let search = try NeighborSearch(
      frames: [reduced], elements: Array(Set(structure.elements)).sorted(), cutoff: realCutoff, floor: 0.1)
    pairs = try search.list(of: 0..<structure.count)
    waves = Self.waves(of: cell, within: reciprocalCutoff, alpha: alpha)
  }

  private static func waves(
    of lattice: Lattice, within radius: Double, alpha: Double
  ) -> [(vector: SIMD3<Double>, weight: Double)] {
    let r = lattice.reciprocal
    let (a, b, c) = (2 * Double.pi * r.a, 2 * Double.pi * r.b, 2 * Double.pi * r.c)
    // The planes of g = x a* + … lie 2π/|a| apart.
    func steps(_ edge: SIMD3<Double>) -> Int { Int(radius * length(edge) / (2 * .pi)) }
    let (nx, ny, nz) = (steps(lattice.a), steps(lattice.b), steps(lattice.c))
    var waves: [(vector: SIMD3<Double>, weight: Double)] = []
    for x in 0...nx {
      for y in (x == 0 ? 0 : -ny)...ny {
        for z in (x == 0 && y == 0 ? 1 : -nz)...max(nz, 1) {
          let g = Double(x) * a + Double(y) * b + Double(z) * c
          let square = dot(g, g)
          guard square <= radius * radius else { continue }
          waves.append((g, 4 * .pi / lattice.volume * exp(-square / (4 * alpha * alpha)) / square))
        }
      }
    }
    return waves
  }

  /// eV, of one cell.
  /// - Parameter charges: in units of e, one for each atom.
  public func energy(charges: [Double]) -> Double {
    precondition(charges.count == positions.count, "one charge for each atom")
    var real = 0.0
    for i in charges.indices {
      var potential = 0.0
      for p in pairs.pairs(of: i) {
        let r = length(pairs.vectors[p])
        potential += charges[pairs.indices[p]] * erfc(alpha * r) / r
      }
      real += charges[i] * potential / 2
    }
    var reciprocal = 0.0
    for wave in waves {
      var (cosine, sine) = (0.0, 0.0)
      for (charge, position) in zip(charges, positions) {
        let phase = dot(wave.vector, position)
        cosine += charge * cos(phase)
        sine += charge * sin(phase)
      }
      reciprocal += wave.weight * (cosine * cosine + sine * sine)
    }
    let total = charges.reduce(0, +)
    let squares = charges.reduce(0) { $0 + $1 * $1 }
    let own = alpha / Double.pi.squareRoot() * squares + .pi / (2 * volume * alpha * alpha) * total * total
    return Units.coulomb * (real + reciprocal - own)
  }
}
