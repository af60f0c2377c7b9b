import Structures

/// The compositions that are linear combinations of those of some frames.
///
/// Reference energies fitted to frames of LiTMO₂ and TMO₂ alone leave one direction open: they say nothing of Li
/// metal. Energies of compositions outside of the span have a zero that the training data did not decide.
public struct CompositionSpan: Sendable, Equatable {
  private let elements: [ChemicalElement]
  /// Orthonormal, over the elements.
  private var basis: [[Double]] = []

  /// By the Gram-Schmidt process over the fractions of the elements, the largest remainder first.
  public init(of structures: some Sequence<Structure>) {
    let compositions = Set(structures.filter { $0.count > 0 }.map(\.composition))
    elements = Set(compositions.flatMap(\.keys)).sorted()
    var remainders = compositions.map(fractions).sorted { $0.lexicographicallyPrecedes($1) }
    while basis.count < elements.count {
      let lengths = remainders.map(Self.length)
      guard let largest = lengths.indices.max(by: { lengths[$0] < lengths[$1] }),
        lengths[largest] > Self.tolerance
      else { break }
      let direction = remainders[largest].map { $0 / lengths[largest] }
      basis.append(direction)
      for index in remainders.indices { Self.subtract(direction, from: &remainders[index]) }
    }
  }

  /// Whether every composition of the elements lies in the span.
  public var isWhole: Bool { basis.count == elements.count }

  public func contains(_ structure: Structure) -> Bool {
    let composition = structure.composition
    guard composition.keys.allSatisfy(elements.contains) else { return false }
    guard !isWhole else { return true }
    var remainder = fractions(composition)
    for direction in basis { Self.subtract(direction, from: &remainder) }
    return Self.length(remainder) < Self.tolerance
  }

  /// Of fractions of atoms: far above rounding, far below one atom in a cell.
  private static let tolerance = 1e-6

  private func fractions(_ composition: [ChemicalElement: Int]) -> [Double] {
    let atoms = Double(composition.values.reduce(0, +))
    return elements.map { Double(composition[$0] ?? 0) / atoms }
  }

  private static func subtract(_ direction: [Double], from vector: inout [Double]) {
    let overlap = zip(direction, vector).reduce(0) { $0 + $1.0 * $1.1 }
    for index in vector.indices { vector[index] -= overlap * direction[index] }
  }

  private static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
