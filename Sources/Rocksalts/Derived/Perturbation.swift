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
    let found = volumes.first { !($0 > 0.1 && $0 < 10) }
    let reasons: [(Bool, String)] = [
      (displacement >= 0, "a displacement is 0 Å or above, found \(displacement)"),
      (strain >= 0 && strain < 0.3, "a strain is 0 or above and below 0.3, found \(strain)"),
      (count >= 1, "one structure or more is needed, found \(count)"),
      (!volumes.isEmpty && found == nil, "relative volumes lie between 0.1 and 10, found \(found ?? 0)"),
    ]
    for (holds, reason) in reasons where !holds { throw InputError(reason, isUsage: true) }
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
