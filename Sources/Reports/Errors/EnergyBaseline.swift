import Potentials
import Structures

/// What can be said of a frame's energy without looking at where its atoms are.
///
/// Two models that every potential must beat: the mean energy per atom, and E = Σ_X n_X e_X, linear in the
/// composition. Both come from the frames that the potential learned from, where these are at hand.
public struct EnergyBaseline: Sendable, Equatable {
  /// Mean over frames of E/N, eV/atom.
  public var meanPerAtom: Double
  /// e_X, eV for each atom of an element; nil where no such model was fitted.
  public var elementEnergies: [ChemicalElement: Double]?
  /// The frames that both were fitted to.
  public var part: DataPart

  public init(meanPerAtom: Double, elementEnergies: [ChemicalElement: Double]? = nil, part: DataPart) {
    self.meanPerAtom = meanPerAtom
    self.elementEnergies = elementEnergies
    self.part = part
  }

  /// The mean over the frames that have an energy; nil where none has.
  public init?(
    of frames: some Sequence<LabeledStructure>, elementEnergies: [ChemicalElement: Double]? = nil, part: DataPart
  ) {
    var sum = 0.0
    var count = 0
    for frame in frames {
      guard let energy = frame.labels.energy, frame.structure.count > 0 else { continue }
      sum += energy / Double(frame.structure.count)
      count += 1
    }
    guard count > 0 else { return nil }
    self.init(meanPerAtom: sum / Double(count), elementEnergies: elementEnergies, part: part)
  }

  /// The mean, and the composition model by least squares of minimum norm (`ReferenceEnergies.fit`); isolated atoms
  /// take no part. nil where no frame has an energy.
  /// - Throws: `InputError` where an energy is not a finite number.
  public init?(fitting data: Dataset, part: DataPart) throws {
    let frames = data.filter { !$0.isIsolatedAtom }
    self.init(of: frames, part: part)
    elementEnergies = try ReferenceEnergies.fit(Dataset(frames)).energies
  }

  /// Σ_X n_X e_X, eV; nil where an element is not part of the fit.
  public func compositionEnergy(of structure: Structure) -> Double? {
    guard let elementEnergies else { return nil }
    var sum = 0.0
    for (element, count) in structure.composition.sorted(by: { $0.key < $1.key }) {
      guard let energy = elementEnergies[element] else { return nil }
      sum += Double(count) * energy
    }
    return sum
  }
}
