import Structures

/// A potential that is linear in its parameters: E = Σ_k θ_k D_k. It gives the rows, the fit does the rest.
public protocol LinearPotential: TrainablePotential, LinearEnergy {
  /// θ, one a column of the design matrix.
  var coefficients: [Double] { get set }
  /// How hyperparameters want the rows weighted and solved.
  static func fitSettings(_ hyperparameters: Hyperparameters) -> LinearFitSettings
}

extension LinearPotential {
  public var columnCount: Int { coefficients.count }
}

/// The rows of one frame, unweighted: energy (eV), forces x y z of each atom (eV/Å), and virial xx yy zz yz xz xy (eV).
public struct DesignRows {
  public let atoms: Int
  /// False leaves energies only.
  public let hasDerivatives: Bool
  /// Rows of the frame: 1, or 7 + 3 × atoms.
  public let count: Int
  /// For each column of the model, its place here; −1 where the frame cannot touch it.
  public let slots: [Int]
  /// By columns.
  public var values: [Double]

  /// - Parameter columns: those that the frame touches, ascending.
  public init(atoms: Int, columns: [Int], of total: Int, hasDerivatives: Bool) {
    self.atoms = atoms
    self.hasDerivatives = hasDerivatives
    count = hasDerivatives ? 7 + 3 * atoms : 1
    var slots = [Int](repeating: -1, count: total)
    for (slot, column) in columns.enumerated() { slots[column] = slot }
    self.slots = slots
    values = [Double](repeating: 0, count: count * columns.count)
  }
}
