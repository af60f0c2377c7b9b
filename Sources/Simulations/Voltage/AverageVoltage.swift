import Structures

/// The average voltage between two lithium contents of one host (doi:10.1103/PhysRevB.56.1354, equation 9;
/// doi:10.1021/acs.jctc.4c00039, equation 1).
///
///     V = −[E₁/n₁ − E₂/n₂ − (x₁ − x₂) E_Li] / (x₁ − x₂),  x = N_Li/n
///
/// with n formula units of the host in each cell. Energies in eV and one electron for each Li make volts. Left out
/// are pΔV (1e−5 eV), vibrations and entropy (0.05 V at 300 K).
public struct AverageVoltage: Hashable, Sendable {
  /// V against Li/Li+.
  public let volts: Double
  /// Li for each formula unit of the host.
  public let lithiated: Double
  public let delithiated: Double

  /// - Parameter lithium: energy of metallic lithium, eV/atom; total, in the frame of the two energies.
  /// - Throws: `InputError` where the hosts differ, the energies are of different frames, or the first does not hold
  ///   more lithium than the second.
  public init(lithiated: LithiationState, delithiated: LithiationState, lithium: Double) throws {
    try Self.requirePartners(lithiated, delithiated)
    let (rich, poor) = (lithiated.content, delithiated.content)
    guard rich > poor else {
      throw InputError(
        "the lithiated structure holds \(rich) Li for each formula unit, the delithiated one \(poor)",
        remedy: "exchange them, or choose structures of different content")
    }
    let difference =
      lithiated.energy / Double(lithiated.host.units) - delithiated.energy / Double(delithiated.host.units)
    volts = lithium - difference / (rich - poor)
    self.lithiated = rich
    self.delithiated = poor
  }

  /// Refuses to subtract energies that do not belong together.
  /// - Throws: `InputError` naming what differs.
  static func requirePartners(_ a: LithiationState, _ b: LithiationState) throws {
    guard a.host.isSame(as: b.host) else {
      throw InputError(
        "the hosts differ: \(a.host.text) and \(b.host.text)",
        remedy: "a voltage needs the same metals and anions on both sides, in the same proportion")
    }
    guard a.frame == b.frame, a.frame == .total else {
      throw InputError(
        "energies of different frames: \(a.frame.rawValue) and \(b.frame.rawValue), beside total energies of lithium",
        remedy: "add the energies of the free atoms back before a voltage is taken")
    }
    guard a.energy.isFinite, b.energy.isFinite else {
      throw InputError("an energy of \(a.host.text) is not a finite number")
    }
  }
}

/// What ions that move store.
public enum Capacity {
  /// F/3.6 in mAh/mol × (g/kg): 96485.33212 C/mol over 3.6 C/mAh.
  public static let milliampereHoursPerMole = 26_801.481

  /// Gravimetric capacity C = 26801.481 Δx/M, mAh/g.
  /// - Parameters:
  ///   - ions: Δx, ions that leave a formula unit.
  ///   - mass: of that lithiated formula unit, g/mol.
  public static func gravimetric(ions: Double, mass: Double) -> Double { milliampereHoursPerMole * ions / mass }

  /// Energy density V C, Wh/kg (V × mAh/g).
  public static func energyDensity(volts: Double, capacity: Double) -> Double { volts * capacity }
}
