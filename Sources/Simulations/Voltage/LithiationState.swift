import Structures

/// What an energy is counted from. Energies of different frames must not be subtracted.
public enum EnergyFrame: String, Hashable, Sendable {
  /// As the calculation prints it.
  case total
  /// Less the energies of the free atoms.
  case cohesive
}

/// One lithium content of a host: what its cell holds, and its energy.
public struct LithiationState: Hashable, Sendable {
  static let lithium = ChemicalElement(atomicNumber: 3)!

  /// Atoms of each element in the cell.
  public var composition: [ChemicalElement: Int]
  /// eV, of the whole cell.
  public var energy: Double
  public var frame: EnergyFrame

  public init(composition: [ChemicalElement: Int], energy: Double, frame: EnergyFrame = .total) {
    self.composition = composition
    self.energy = energy
    self.frame = frame
  }

  public init(_ structure: Structure, energy: Double, frame: EnergyFrame = .total) {
    self.init(composition: structure.composition, energy: energy, frame: frame)
  }

  public var lithium: Int { composition[Self.lithium] ?? 0 }
  public var atoms: Int { composition.values.reduce(0, +) }
  /// amu.
  public var mass: Double {
    composition.sorted { $0.key < $1.key }.reduce(0) { $0 + Double($1.value) * $1.key.mass }
  }
  public var host: HostFormula { HostFormula(composition) }
  /// Li for each formula unit of the host.
  public var content: Double { Double(lithium) / Double(host.units) }

  /// The same state with the energies of its free atoms added, so that it stands beside total energies.
  /// - Parameter atoms: eV.
  /// - Throws: `InputError` where an element has no energy.
  public func asTotal(addingAtoms atoms: [ChemicalElement: Double]) throws -> LithiationState {
    guard frame == .cohesive else { return self }
    var result = self
    result.frame = .total
    for (element, count) in composition.sorted(by: { $0.key < $1.key }) {
      guard let energy = atoms[element] else {
        throw InputError("no energy of the free atom \(element) is given", remedy: "give one for each element")
      }
      result.energy += Double(count) * energy
    }
    return result
  }
}

/// What stays when the lithium leaves, reduced to a formula unit: one transition metal where the host's other counts
/// allow fractions, so that x of Li_xTMO2 is lithium for each transition metal.
public struct HostFormula: Hashable, Sendable {
  /// Atoms of each element of the whole cell, lithium left out.
  public let counts: [ChemicalElement: Int]
  /// Formula units of the cell: its transition metals, or the greatest common divisor of its counts where it has none.
  public let units: Int

  public init(_ composition: [ChemicalElement: Int]) {
    counts = composition.filter { $0.key != LithiationState.lithium && $0.value > 0 }
    let metals = counts.filter { $0.key.isTransitionMetal }.values.reduce(0, +)
    units = max(1, metals > 0 ? metals : counts.values.reduce(0, Self.divisor))
  }

  /// True where the cells hold the same host, the one perhaps several times.
  public func isSame(as other: HostFormula) -> Bool { reduced == other.reduced && !counts.isEmpty }

  /// Counts over their greatest common divisor.
  public var reduced: [ChemicalElement: Int] {
    let divisor = max(1, counts.values.reduce(0, Self.divisor))
    return counts.mapValues { $0 / divisor }
  }

  /// "Mn8O16": the metals as they are, by symbol.
  public var text: String { Self.text(counts) }
  /// "MnO2".
  public var reducedText: String { Self.text(reduced) }

  static func text(_ counts: [ChemicalElement: Int]) -> String {
    let anions: Set = [7, 8, 9, 16, 17]
    return counts.sorted {
      (anions.contains($0.key.atomicNumber) ? 1 : 0, $0.key.symbol)
        < (anions.contains($1.key.atomicNumber) ? 1 : 0, $1.key.symbol)
    }
    .map { $0.key.symbol + ($0.value == 1 ? "" : String($0.value)) }.joined()
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
}

/// The energy of lithium that voltages are measured against.
public struct LithiumReference: Hashable, Sendable {
  /// eV for each atom of the metal, by the calculation that made the labels.
  public var energy: Double
  /// Where the number comes from; printed with every voltage.
  public var source: String

  public init(energy: Double, source: String) {
    self.energy = energy
    self.source = source
  }
}
