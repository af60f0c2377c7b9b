import Structures

/// A potential that gives the row of each site in its linear coefficients: what extrapolation grades are made of.
///
///     E_i = Σ_k θ_k D_ik
public protocol GradedPotential: TrainablePotential, LinearEnergy {
  /// Columns of a site's row.
  var siteRowWidth: Int { get }
  /// For each type, the group that its sites belong to: sites of one group share their columns, those of two have none
  /// in common.
  var siteRowGroups: [Int] { get }
  /// D of each centre in the columns of its group, one row after the other.
  func siteRows(_ list: NeighborList) -> [Double]
}

extension GradedPotential {
  var siteRowGroupCount: Int { (siteRowGroups.max() ?? -1) + 1 }
}

/// What the rows of an active set are.
public struct ActiveRule: Sendable, Hashable, Codable {
  public enum Rows: String, Sendable, Hashable, Codable, CaseIterable {
    /// ∂E_i/∂θ of each atom.
    case neighbourhoods
    /// w_E ∂E/∂θ/N of each frame, and w_F ∂F/∂θ, w_S ∂W/∂θ/N where they have a weight.
    case configurations
  }

  public var rows: Rows
  /// Of configurations' rows; one where they are neighbourhoods.
  public var weights: LabelWeights

  public init(_ rows: Rows = .neighbourhoods, weights: LabelWeights = LabelWeights(energy: 1, forces: 0, stress: 0))
  {
    self.rows = rows
    self.weights = weights
  }

  /// - Throws: `InputError` for a weight that is not 0 or more.
  func validate() throws {
    let values = [weights.energy, weights.forces, weights.stress]
    guard values.allSatisfy({ $0 >= 0 && $0.isFinite }), values.contains(where: { $0 > 0 }) else {
      throw InputError("weights of an active set must be 0 or more, one of them above 0")
    }
  }
}
