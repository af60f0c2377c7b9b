import Glibc
import Structures

/// Random displacements and strains, and scans of the volume.
public struct Perturbation: Sendable {
  /// Standard deviation of each Cartesian coordinate, Å.
  public var displacement: Double
  /// Largest absolute value of each component of a random symmetric strain.
  public var strain: Double
  /// Volumes relative to the host's.
  public var volumes: [Double]
  /// Random structures for each host and volume.
  public var count: Int
  public var seed: UInt64

  /// - Throws: `InputError` (usage) for values that are negative or would turn a cell inside out.
  public init(
    displacement: Double = 0, strain: Double = 0, volumes: [Double] = [1], count: Int = 1, seed: UInt64 = 1
  ) throws {
    guard displacement >= 0, strain >= 0, strain < 0.3, count >= 1 else {
      throw InputError(
        "displacement must be 0 or more, strain in 0 … 0.3, the number of structures 1 or more", isUsage: true)
    }
    guard !volumes.isEmpty, volumes.allSatisfy({ $0 > 0.1 && $0 < 10 }) else {
      throw InputError("relative volumes must lie in 0.1 … 10", isUsage: true)
    }
    self.displacement = displacement
    self.strain = strain
    self.volumes = volumes
    self.count = count
    self.seed = seed
  }

  /// Volume by volume, `count` structures each.
  /// - Parameter number: of the host, so that hosts have independent random numbers.
  public func results(_ host: Structure, number: Int = 0) -> [Structure] {
    var random = RandomSource(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    return volumes.flatMap { volume in
      (0..<count).map { _ in
        let stretch = cbrt(volume) - 1
        var result = host.strained(by: stretch * Matrix3.identity)
        if strain > 0 {
          result = result.strained(by: Matrix3(voigt: (0..<6).map { _ in strain * (2 * random.uniform() - 1) }))
        }
        if displacement > 0 {
          for atom in 0..<result.count {
            let step: SIMD3<Double> = [normal(&random), normal(&random), normal(&random)]
            result.positions[atom] += displacement * step
          }
        }
        return result
      }
    }
  }

  /// Box and Muller (1958).
  private func normal(_ random: inout RandomSource) -> Double {
    let u = 1 - random.uniform()
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * random.uniform())
  }
}
