import Structures

/// What a potential says of one frame.
public struct Prediction: Sendable {
  /// eV.
  public var energy: Double
  /// eV/Å, one for each atom.
  public var forces: [SIMD3<Double>]
  /// W = −∂E/∂ε, eV; meaningful where the frame repeats.
  public var virial: Matrix3
  /// Site energies, eV.
  public var siteEnergies: [Double]

  public init(energy: Double, forces: [SIMD3<Double>], virial: Matrix3, siteEnergies: [Double]) {
    self.energy = energy
    self.forces = forces
    self.virial = virial
    self.siteEnergies = siteEnergies
  }
}
