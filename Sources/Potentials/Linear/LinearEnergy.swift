import Structures

/// A potential whose energy is linear in some of its coefficients, whatever the others are: E = Σ_k θ_k D_k.
public protocol LinearEnergy: Potential {
  /// How many such coefficients it has: columns of the design matrix.
  var columnCount: Int { get }
  /// The columns that a frame with atoms of these types can touch, ascending.
  func columns(of types: Set<Int>) -> [Int]
  /// Adds D of the centres of a list, and its derivatives where they are wanted, to the rows of their frame.
  /// - Parameter list: of one frame; large frames come in several lists.
  func addDesignRows(_ list: NeighborList, to rows: inout DesignRows)
}
