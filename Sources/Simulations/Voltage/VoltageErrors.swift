/// How errors of the two energies become an error of the voltage.
///
///     ΔV = −(n₁ δ₁ − n₂ δ₂)/Δx,   var V = (n₁² var₁ + n₂² var₂ − 2 n₁ n₂ cov₁₂)/Δx²
///
/// δ are errors per atom, n the atoms of each partner for one formula unit of the host (4 and 3 for LiTMO2 and TMO2).
/// The lithium reference is common to model and label and drops out.
public struct VoltageErrors: Hashable, Sendable {
  /// Atoms of the lithiated partner for each formula unit.
  public var lithiatedAtoms: Double
  public var delithiatedAtoms: Double
  /// Li that leave a formula unit.
  public var ions: Double

  public init(lithiatedAtoms: Double = 4, delithiatedAtoms: Double = 3, ions: Double = 1) {
    self.lithiatedAtoms = lithiatedAtoms
    self.delithiatedAtoms = delithiatedAtoms
    self.ions = ions
  }

  /// Of two partners.
  public init(lithiated: LithiationState, delithiated: LithiationState) {
    let (a, b) = (Double(lithiated.host.units), Double(delithiated.host.units))
    self.init(
      lithiatedAtoms: Double(lithiated.atoms) / a, delithiatedAtoms: Double(delithiated.atoms) / b,
      ions: lithiated.content - delithiated.content)
  }

  /// ΔV of errors per atom, eV.
  public func error(lithiated: Double, delithiated: Double) -> Double {
    -(lithiatedAtoms * lithiated - delithiatedAtoms * delithiated) / ions
  }

  /// Standard deviation of V from those of the energies per atom (eV) and their correlation, V.
  public func deviation(lithiated: Double, delithiated: Double, correlation: Double = 0) -> Double {
    let (a, b) = (lithiatedAtoms * lithiated, delithiatedAtoms * delithiated)
    return max(0, a * a + b * b - 2 * correlation * a * b).squareRoot() / abs(ions)
  }
}

/// Errors of both partners over a table: how far they cancel.
public struct PartnerErrors: Hashable, Sendable {
  /// Root mean square error of the lithiated partners, eV/atom.
  public let lithiated: Double
  public let delithiated: Double
  /// ⟨δ₁ δ₂⟩/√(⟨δ₁²⟩⟨δ₂²⟩): 1 where both err alike.
  public let correlation: Double
  /// Root mean square error of the voltage that independent errors would make, V.
  public let independent: Double
  /// Root mean square error of the voltage as it is, V.
  public let observed: Double

  /// nil without systems.
  /// - Parameter systems: what the partners are, and their errors per atom, eV.
  public init?(_ systems: [(partners: VoltageErrors, lithiated: Double, delithiated: Double)]) {
    guard !systems.isEmpty else { return nil }
    let rows = systems.map { partners, rich, poor -> SIMD4<Double> in
      let spread = partners.deviation(lithiated: rich, delithiated: poor)
      let error = partners.error(lithiated: rich, delithiated: poor)
      return [rich * rich, poor * poor, spread * spread, error * error]
    }
    let means = (0..<4).map { k in AgreementStatistics.mean(rows.map { $0[k] }) }
    lithiated = means[0].squareRoot()
    delithiated = means[1].squareRoot()
    let product = AgreementStatistics.mean(systems.map { $0.lithiated * $0.delithiated })
    correlation = means[0] > 0 && means[1] > 0 ? product / (means[0] * means[1]).squareRoot() : 0
    independent = means[2].squareRoot()
    observed = means[3].squareRoot()
  }
}
