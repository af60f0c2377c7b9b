import Potentials
import Structures

/// What a potential gets wrong on one frame: a row of `predictions.csv`, a point of the parity plot, a summand of
/// every error table.
public struct FrameErrors: Sendable, Equatable {
  public var id: String
  /// File as named when the frame was read, and its place there, counted from 0.
  public var file: String?
  public var index: Int?
  /// `config_type`.
  public var group: String?
  public var formula: String
  public var atoms: Int
  /// eV; nil where the frame has no energy label.
  public var energyLabel: Double?
  /// eV.
  public var energyPredicted: Double
  /// What the composition alone says of the energy, eV; nil where no such model was fitted.
  public var compositionEnergy: Double?
  /// Over 3 components an atom, eV/Å; empty where the frame has no force labels.
  public var forces = ComponentSums()
  /// The atom with the largest |ΔF|, where there are force labels.
  public var worstAtom: WorstAtom?
  /// Over the six components of σ, eV/Å³; empty where the frame has no stress label.
  public var stress = ComponentSums()

  public struct WorstAtom: Sendable, Equatable {
    /// Counted from 0.
    public var index: Int
    public var element: ChemicalElement
    /// |ΔF|, eV/Å.
    public var error: Double
    /// |F| of the label, eV/Å.
    public var label: Double
  }

  /// - Throws: `InputError` where the potential gives no finite number, or the frame has no atoms.
  public init(_ frame: LabeledStructure, _ prediction: Prediction, baseline: EnergyBaseline?) throws {
    let structure = frame.structure
    guard structure.count > 0 else { throw Self.refusal("a frame without atoms", frame) }
    guard prediction.energy.isFinite else {
      throw Self.refusal("the potential gives an energy of \(prediction.energy) eV for \(structure.formula)", frame)
    }
    id = frame.id
    file = frame.provenance.file
    index = frame.provenance.index
    group = frame.configType
    formula = structure.formula
    atoms = structure.count
    energyLabel = frame.labels.energy
    energyPredicted = prediction.energy
    compositionEnergy = baseline?.compositionEnergy(of: structure)
    try compareForces(frame, prediction)
    try compareStress(frame, prediction)
  }

  private mutating func compareForces(_ frame: LabeledStructure, _ prediction: Prediction) throws {
    guard let labels = frame.labels.forces else { return }
    precondition(labels.count == atoms && prediction.forces.count == atoms, "one force for each atom")
    for (atom, (label, predicted)) in zip(labels, prediction.forces).enumerated() {
      let error = length(predicted - label)
      guard error.isFinite else {
        throw Self.refusal("the potential gives no finite force on atom \(atom) (counted from 0)", frame)
      }
      forces.add(label: label, predicted: predicted)
      if error > worstAtom?.error ?? -1 {
        worstAtom = WorstAtom(
          index: atom, element: frame.structure.elements[atom], error: error, label: length(label))
      }
    }
  }

  private mutating func compareStress(_ frame: LabeledStructure, _ prediction: Prediction) throws {
    guard let virial = frame.labels.virial, let volume = frame.structure.volume, volume > 0 else { return }
    for (label, predicted) in zip(virial.voigt, prediction.virial.voigt) {
      guard predicted.isFinite else { throw Self.refusal("the potential gives no finite virial", frame) }
      stress.add(label: -label / volume, predicted: -predicted / volume)
    }
  }

  private static func refusal(_ message: String, _ frame: LabeledStructure) -> InputError {
    let place = frame.provenance.index.map { "\(message) in frame \($0)" } ?? message
    return InputError(
      place, file: frame.provenance.file ?? "frame \(frame.id.prefix(12))", line: frame.provenance.line,
      remedy: "errors can be given for finite numbers only")
  }
}

extension FrameErrors {
  /// (E_predicted − E_label)/N, eV/atom.
  public var energyError: Double? { energyLabel.map { (energyPredicted - $0) / Double(atoms) } }

  /// "frames.extxyz frame 7".
  public var source: String { (file ?? "") + (index.map { (file == nil ? "" : " ") + "frame \($0)" } ?? "") }
}
