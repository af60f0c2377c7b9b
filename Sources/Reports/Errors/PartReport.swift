import Potentials
import Structures

/// Everything that is reported of one part of a data set.
public struct PartReport: Sendable {
  public let part: DataPart
  public let errors: ErrorReport
  /// One for each frame, in their order.
  public let rows: [FrameErrors]
  /// By `config_type`, in alphabetical order; frames without one under "".
  public let groups: [GroupErrors]
  /// By atomic number; empty where there are no force labels.
  public let elements: [ElementErrors]
  /// (label, predicted) of every force component, eV/Å.
  public let forcePairs: [SIMD2<Double>]
  public let labels: LabelCounts
  /// The baseline that the errors stand beside.
  public let baseline: EnergyBaseline?
  /// Frames whose composition lies outside of the span of the training compositions, where that is known.
  public let framesOutsideSpan: Int

  public struct GroupErrors: Sendable, Equatable {
    public var name: String
    public var errors: ErrorReport
  }

  /// Force errors of the atoms of one element, per component, eV/Å.
  public struct ElementErrors: Sendable, Equatable {
    public var element: ChemicalElement
    public var atoms: Int
    public var rmse: Double
    public var mae: Double
    /// Root mean square of the force labels.
    public var zeroForceRMSE: Double
  }

  /// Frames that have each label.
  public struct LabelCounts: Codable, Sendable, Equatable {
    public var energy = 0
    public var forces = 0
    public var stress = 0
    /// Names under which the energies stood in their files, sorted; empty where the files have none.
    public var energyKeys: [String] = []
    /// Frames with a virial but no volume, for which there is no stress.
    public var virialWithoutVolume = 0

    enum CodingKeys: String, CodingKey {
      case energy, forces, stress
      case energyKeys = "energy_keys"
      case virialWithoutVolume = "virial_without_volume"
    }
  }

  /// - Parameters:
  ///   - predictions: one for each frame, in the same order.
  ///   - baseline: nil takes the mean energy of these very frames and no composition model.
  /// - Throws: `InputError` where the potential gives no finite number for a frame.
  public init(
    _ part: DataPart, frames: some Collection<LabeledStructure>, predictions: some Collection<Prediction>,
    baseline: EnergyBaseline? = nil
  ) throws {
    precondition(frames.count == predictions.count, "one prediction for each frame")
    let baseline = baseline ?? EnergyBaseline(of: frames, part: part)
    self.part = part
    self.baseline = baseline
    rows = try zip(frames, predictions).map { try FrameErrors($0, $1, baseline: baseline) }
    errors = ErrorReport(rows, meanEnergy: baseline?.meanPerAtom)
    groups = Dictionary(grouping: rows, by: { $0.group ?? "" }).sorted { $0.key < $1.key }
      .map { GroupErrors(name: $0.key, errors: ErrorReport($0.value, meanEnergy: baseline?.meanPerAtom)) }
    (elements, forcePairs) = Self.forces(frames, predictions)
    labels = LabelCounts(frames)
    let span = baseline?.span
    framesOutsideSpan = span == nil ? 0 : frames.count { span?.contains($0.structure) == false }
  }

  private static func forces(
    _ frames: some Collection<LabeledStructure>, _ predictions: some Collection<Prediction>
  ) -> ([ElementErrors], [SIMD2<Double>]) {
    var sums: [ChemicalElement: ComponentSums] = [:]
    var pairs: [SIMD2<Double>] = []
    for (frame, prediction) in zip(frames, predictions) {
      guard let labels = frame.labels.forces else { continue }
      for ((element, label), predicted) in zip(zip(frame.structure.elements, labels), prediction.forces) {
        sums[element, default: ComponentSums()].add(label: label, predicted: predicted)
        for k in 0..<3 { pairs.append([label[k], predicted[k]]) }
      }
    }
    let elements = sums.sorted { $0.key < $1.key }.compactMap { ElementErrors($0.key, $0.value) }
    return (elements, pairs)
  }
}

extension PartReport.ElementErrors {
  fileprivate init?(_ element: ChemicalElement, _ sums: ComponentSums) {
    guard let rmse = sums.rmse, let mae = sums.mae, let zero = sums.labelRMS else { return nil }
    self.init(element: element, atoms: sums.count / 3, rmse: rmse, mae: mae, zeroForceRMSE: zero)
  }
}

extension PartReport.LabelCounts {
  init(_ frames: some Collection<LabeledStructure>) {
    var keys: Set<String> = []
    for frame in frames {
      if frame.labels.energy != nil {
        energy += 1
        if let key = frame.provenance.energyKey { keys.insert(key) }
      }
      if frame.labels.forces != nil { forces += 1 }
      guard frame.labels.virial != nil else { continue }
      if frame.structure.volume == nil { virialWithoutVolume += 1 } else { stress += 1 }
    }
    energyKeys = keys.sorted()
  }
}
