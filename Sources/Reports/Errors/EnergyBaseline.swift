import Potentials
import Structures

/// What can be said of a frame's energy without looking at where its atoms are.
///
/// Two models that every potential must beat: the mean energy per atom, and E = Σ_X n_X e_X, linear in the
/// composition. Both come from the frames that the potential learned from, where these are at hand.
public struct EnergyBaseline: Sendable, Equatable {
  /// Mean over frames of E/N, eV/atom; nil where it is not known.
  public var meanPerAtom: Double?
  /// e_X, eV for each atom of an element; nil where no such model was fitted.
  public var elementEnergies: [ChemicalElement: Double]?
  /// The frames that both were fitted to; nil for the reference energies that a potential brings along.
  public var part: DataPart?
  /// Labelled frames that both were fitted to, where known.
  public var frames: Int?
  /// Why there is no composition model: "6 labelled frames are too few for 4 elements".
  public var omission: String?
  /// Compositions whose energies have no open zero; nil where that is not known or no question.
  public var span: CompositionSpan?

  public init(meanPerAtom: Double?, elementEnergies: [ChemicalElement: Double]? = nil, part: DataPart?) {
    self.meanPerAtom = meanPerAtom
    self.elementEnergies = elementEnergies
    self.part = part
  }

  /// The mean over the frames that have an energy; nil where fewer than two have, as one is its own mean.
  public init?(of frames: some Sequence<LabeledStructure>, part: DataPart) {
    var sum = 0.0
    var count = 0
    for frame in frames {
      guard let energy = frame.labels.energy, frame.structure.count > 0 else { continue }
      sum += energy / Double(frame.structure.count)
      count += 1
    }
    guard count > 1 else { return nil }
    self.init(meanPerAtom: sum / Double(count), part: part)
    self.frames = count
  }

  /// The mean, and the composition model by least squares of minimum norm (`ReferenceEnergies.fit`); isolated atoms
  /// take no part. nil where fewer than two frames have an energy.
  ///
  /// The composition model is left out where it has fewer than two frames for each element, or where it goes
  /// through every energy: what fits anything is no baseline.
  /// - Throws: `InputError` where an energy is not a finite number.
  public init?(fitting data: Dataset, part: DataPart) throws {
    let labelled = Dataset(
      data.filter { !$0.isIsolatedAtom && $0.labels.energy != nil && $0.structure.count > 0 })
    self.init(of: labelled, part: part)
    span = CompositionSpan(of: labelled.map(\.structure))
    adopt(try ReferenceEnergies.fit(labelled), frames: labelled.count)
  }

  /// The reference energies of a potential, where they were fitted to its training frames: what is left where
  /// those frames are not at hand. nil where the references come from elsewhere, or fit too few frames.
  public init?(referencesOf potential: FittedPotential) {
    guard potential.referenceEnergies.source == .leastSquares else { return nil }
    self.init(meanPerAtom: nil, part: nil)
    frames = potential.card.trainingFrames
    adopt(potential.referenceEnergies, frames: frames ?? .max)
    guard elementEnergies != nil else { return nil }
  }

  private mutating func adopt(_ references: ReferenceEnergies, frames: Int) {
    let elements = references.energies.count
    if frames < 2 * elements {
      omission =
        "\(NumberFormatting.plainCount(frames, "labelled frame")) are too few for "
        + NumberFormatting.plainCount(elements, "element")
    } else if references.residual < Self.rounding {
      omission = "it goes through every energy that it is fitted to"
    } else {
      elementEnergies = references.energies
    }
  }

  /// eV/atom: a fit this good has no frame left that could contradict it.
  private static let rounding = 1e-8

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

  /// "the whole training part, validation frames included (1085 labelled frames)".
  var origin: String {
    let count = frames.map { " (" + NumberFormatting.plainCount($0, "labelled frame") + ")" } ?? ""
    return switch part {
    case .train: "the whole training part, validation frames included" + count
    case .all: "these very frames" + count
    case .some(let part): "the \(part.rawValue) part" + count
    case nil: "the frames that the potential learned from, as its file has it"
    }
  }
}
