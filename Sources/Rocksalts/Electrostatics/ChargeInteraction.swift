import Glibc
import Structures

/// The electrostatic energy of one cell as a quadratic form of its charges, for orderings on fixed sites:
///
///     E = ½ Σ_ij q_i J_ij q_j, eV
///
/// A whole energy costs N², a charge changed or two exchanged cost N; Ewald's sum is done once.
public struct ChargeInteraction: Sendable {
  public let count: Int
  /// J_ij row by row, eV/e²; J_ii is the interaction with the own images and the background.
  public let values: [Double]

  /// - Parameter threads: the rows are shared out; the numbers do not depend on it.
  public init(_ ewald: EwaldEnergy, threads: Int = 1) throws {
    let count = ewald.positions.count
    let own = -2 * ewald.alpha / Double.pi.squareRoot()
    let background = -Double.pi / (ewald.volume * ewald.alpha * ewald.alpha)
    let rows = try parallelMap(chunks: count, threads: threads) { i in
      var row = [Double](repeating: background, count: count)
      row[i] += own
      for p in ewald.pairs.pairs(of: i) {
        let r = length(ewald.pairs.vectors[p])
        row[ewald.pairs.indices[p]] += erfc(ewald.alpha * r) / r
      }
      for wave in ewald.waves {
        for j in 0..<count {
          row[j] += 2 * wave.weight * cos(dot(wave.vector, ewald.positions[j] - ewald.positions[i]))
        }
      }
      return row.map { Units.coulomb * $0 }
    }
    self.count = count
    values = rows.flatMap { $0 }
  }

  /// eV, of one cell.
  public func energy(charges: [Double]) -> Double {
    precondition(charges.count == count, "one charge for each atom")
    return (0..<count).reduce(0) { $0 + charges[$1] * potential(at: $1, charges: charges) } / 2
  }

  /// Σ_j J_ij q_j, eV/e.
  public func potential(at site: Int, charges: [Double]) -> Double {
    var sum = 0.0
    let start = site * count
    for j in 0..<count { sum += values[start + j] * charges[j] }
    return sum
  }

  /// The change of energy when two sites exchange their charges, eV.
  ///
  /// With d = q_j − q_i: d (V_i − V_j) + d²/2 (J_ii + J_jj − 2 J_ij).
  public func changeOnExchange(of i: Int, and j: Int, charges: [Double]) -> Double {
    let d = charges[j] - charges[i]
    guard d != 0 else { return 0 }
    let difference = potential(at: i, charges: charges) - potential(at: j, charges: charges)
    let curvature = values[i * count + i] + values[j * count + j] - 2 * values[i * count + j]
    return d * difference + d * d * curvature / 2
  }

  /// The change of energy when a site's charge becomes another one, eV.
  public func changeOnSetting(_ site: Int, to charge: Double, charges: [Double]) -> Double {
    let d = charge - charges[site]
    return d * potential(at: site, charges: charges) + d * d * values[site * count + site] / 2
  }
}
