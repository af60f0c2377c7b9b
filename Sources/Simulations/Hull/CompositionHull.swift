import Structures

/// The lower convex hull of energies over compositions of any number of elements.
///
/// The energy of the hull at a composition is that of the cheapest mixture of the phases, a linear program for each
/// composition (as Ong et al. 2008, doi:10.1021/cm702327g, with the phases of the set alone):
///
///     E_hull(x) = min Σ λ_j e_j,   Σ λ_j x_j = x,  λ_j ≥ 0,   Σ_k x_k = 1
///
/// A structure above it has a mixture of lower energy among the set; one on it may have one outside of the set.
public struct CompositionHull: Sendable {
  /// A composition with the energy of its lowest structure.
  private struct Phase: Sendable {
    var fractions: [Double]
    /// eV/atom.
    var energy: Double
    var index: Int
  }

  private let elements: [ChemicalElement]
  private let phases: [Phase]

  /// - Parameter structures: atoms of each element and energy of the whole cell, eV.
  public init(_ structures: [(composition: [ChemicalElement: Int], energy: Double)]) {
    let elements = Set(structures.flatMap { $0.composition.keys }).sorted()
    var lowest: [[Double]: Phase] = [:]
    for (index, structure) in structures.enumerated() where structure.energy.isFinite {
      let fractions = Self.fractions(structure.composition, elements)
      let atoms = Double(structure.composition.values.reduce(0, +))
      let phase = Phase(fractions: fractions, energy: structure.energy / atoms, index: index)
      if let known = lowest[fractions], known.energy <= phase.energy { continue }
      lowest[fractions] = phase
    }
    self.elements = elements
    phases = lowest.values.sorted { $0.index < $1.index }
  }

  private static func fractions(_ composition: [ChemicalElement: Int], _ elements: [ChemicalElement]) -> [Double] {
    let atoms = Double(composition.values.reduce(0, +))
    return elements.map { Double(composition[$0] ?? 0) / atoms }
  }

  /// eV/atom above the hull of the set; 0 on it, nil for a composition that no mixture of the set has.
  public func aboveHull(composition: [ChemicalElement: Int], energy: Double) -> Double? {
    guard composition.keys.allSatisfy(elements.contains), let hull = mixture(of: composition) else { return nil }
    let above = energy / Double(composition.values.reduce(0, +)) - hull.energy
    return abs(above) < 1e-9 ? 0 : above
  }

  /// The cheapest mixture: energy per atom (eV), and the structures with their part of the atoms; nil where there is none.
  public func mixture(
    of composition: [ChemicalElement: Int]
  ) -> (energy: Double, parts: [(index: Int, part: Double)])? {
    var program = Simplex(columns: phases.map(\.fractions), costs: phases.map(\.energy))
    guard let basis = program.solve(Self.fractions(composition, elements)) else { return nil }
    let parts = basis.filter { $0.amount > 1e-9 }.map { (index: phases[$0.column].index, part: $0.amount) }
    return (basis.reduce(0) { $0 + phases[$1.column].energy * $1.amount }, parts.sorted { $0.index < $1.index })
  }
}

/// min cᵀλ with A λ = b, λ ≥ 0: the revised simplex method from a basis of one artificial column for each row.
private struct Simplex {
  private static let tolerance = 1e-11

  let columns: [[Double]]
  let costs: [Double]
  /// Dearer than every phase: leaves a basis wherever it can.
  private let artificial: Double
  private var inverse: [[Double]] = []
  private var basis: [Int] = []
  private var amounts: [Double] = []

  init(columns: [[Double]], costs: [Double]) {
    self.columns = columns
    self.costs = costs
    let size = costs.map(abs).max() ?? 0
    artificial = 1e4 * (1 + size)
  }

  private func cost(_ column: Int) -> Double { column < 0 ? artificial : costs[column] }

  /// The columns of the best basis with their amounts; nil where no mixture has that composition.
  mutating func solve(_ target: [Double]) -> [(column: Int, amount: Double)]? {
    let rows = target.count
    inverse = (0..<rows).map { row in (0..<rows).map { $0 == row ? 1 : 0 } }
    basis = (0..<rows).map { -1 - $0 }
    amounts = target
    // Bland's rule ends every run; the steepest price is faster, and cycles at most in degenerate ones.
    for iteration in 0..<(200 + 50 * rows) {
      guard let entering = entering(usesBland: iteration > 100 + 10 * rows) else { break }
      guard pivot(entering) else { break }
    }
    let rest = zip(basis, amounts).reduce(0) { $0 + ($1.0 < 0 ? $1.1 : 0) }
    guard rest < 1e-7 else { return nil }
    return zip(basis, amounts).filter { $0.0 >= 0 }.map { (column: $0, amount: $1) }
  }

  private func entering(usesBland: Bool) -> Int? {
    let rows = basis.indices
    let prices = rows.map { k in rows.reduce(0) { $0 + cost(basis[$1]) * inverse[$1][k] } }
    var best: (column: Int, gain: Double)?
    for (column, fractions) in columns.enumerated() {
      var reduced = costs[column]
      for k in rows { reduced -= prices[k] * fractions[k] }
      guard reduced < -Self.tolerance * artificial, reduced < (best?.gain ?? 0) else { continue }
      best = (column, reduced)
      if usesBland { break }
    }
    return best?.column
  }

  /// Brings a column into the basis; false where nothing bounds it.
  private mutating func pivot(_ column: Int) -> Bool {
    let rows = basis.indices
    let direction = rows.map { row in zip(inverse[row], columns[column]).reduce(0) { $0 + $1.0 * $1.1 } }
    var leaving: (row: Int, ratio: Double)?
    for row in rows where direction[row] > 1e-10 {
      let ratio = amounts[row] / direction[row]
      let isBetter =
        leaving.map { ratio < $0.ratio - 1e-13 || (ratio <= $0.ratio + 1e-13 && basis[row] < basis[$0.row]) }
        ?? true
      if isBetter { leaving = (row, ratio) }
    }
    guard let (row, ratio) = leaving else { return false }
    for other in rows where other != row {
      amounts[other] = max(0, amounts[other] - ratio * direction[other])
      let factor = direction[other] / direction[row]
      for k in rows { inverse[other][k] -= factor * inverse[row][k] }
    }
    for k in rows { inverse[row][k] /= direction[row] }
    amounts[row] = ratio
    basis[row] = column
    return true
  }
}
