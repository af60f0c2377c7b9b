import Structures

/// Limits outside of which a frame is suspicious. Frames of isolated atoms are judged by nothing but being readable.
public struct DataLimits: Codable, Sendable, Equatable {
  /// Å; two atoms closer than this, unless one of them is hydrogen.
  public var minimumDistance = 1.0
  /// Å; pairs with hydrogen.
  public var minimumHydrogenDistance = 0.5
  /// Å³/atom.
  public var minimumVolume = 4.0
  /// Å³/atom.
  public var maximumVolume = 100.0
  /// |F| of an atom, eV/Å.
  public var maximumForce = 50.0
  /// |ΣF| of a frame over its atoms, eV/Å.
  public var maximumNetForce = 0.1
  /// Robust deviation (0.6745 |e − median|/MAD) of the energy per atom after reference energies.
  public var maximumEnergyDeviation = 10.0

  private enum CodingKeys: String, CodingKey {
    case minimumDistance = "minimum_distance"
    case minimumHydrogenDistance = "minimum_hydrogen_distance"
    case minimumVolume = "minimum_volume"
    case maximumVolume = "maximum_volume"
    case maximumForce = "maximum_force"
    case maximumNetForce = "maximum_net_force"
    case maximumEnergyDeviation = "maximum_energy_deviation"
  }

  public init() {}
}

/// The frames of a data set that lie outside of limits, each with every reason.
public struct DataCheck: Codable, Sendable {
  public struct Finding: Codable, Sendable, Equatable {
    /// Place in the data set.
    public var index: Int
    public var frame: String
    public var id: String
    public var reasons: [String]
  }

  public var frames: Int
  public var limits: DataLimits
  /// In the order of the data set.
  public var findings: [Finding]
  /// What could not be judged, and why.
  public var notes: [String]

  /// Judges every frame.
  /// - Parameter fit: makes reference energies of a data set; outliers that it finds are left out of the next fit.
  /// - Throws: `InputError` where the reference energies cannot be made or a cell has no volume.
  public init(
    _ dataset: Dataset, limits: DataLimits = DataLimits(), threads: Int = 1,
    fit: (Dataset) throws -> ReferenceSummary
  ) throws {
    self.limits = limits
    frames = dataset.count
    notes = []
    var reasons = try parallelMap(chunks: dataset.count, threads: threads) { index in
      try frameReasons(dataset[index], limits)
    }
    let energies = try EnergyOutliers(dataset, suspects: reasons.map { !$0.isEmpty }, limits: limits, fit: fit)
    notes += energies.notes
    for (index, reason) in energies.reasons { reasons[index].append(reason) }
    findings = reasons.enumerated().filter { !$0.element.isEmpty }.map { index, reasons in
      Finding(index: index, frame: dataset[index].name, id: dataset[index].id, reasons: reasons)
    }
  }

  /// The data set without the findings, and the findings with the key `quarantine_reason`; together all frames.
  public func divide(_ dataset: Dataset) -> (kept: Dataset, quarantined: Dataset) {
    let reasons = Dictionary(uniqueKeysWithValues: findings.map { ($0.index, $0.reasons) })
    var kept: [LabeledStructure] = []
    var quarantined: [LabeledStructure] = []
    for (index, frame) in dataset.enumerated() {
      guard let found = reasons[index] else {
        kept.append(frame)
        continue
      }
      var frame = frame
      frame.info.removeAll { $0.key == "quarantine_reason" }
      frame.info.append(InfoItem(key: "quarantine_reason", value: found.joined(separator: "; ")))
      quarantined.append(frame)
    }
    return (Dataset(kept), Dataset(quarantined))
  }

  /// The findings as text, one frame a line, and the count.
  public var text: String {
    let lines = findings.map { "\($0.frame): " + $0.reasons.joined(separator: "; ") }
    let verdict =
      findings.isEmpty
      ? "all \(frames) frames are inside of the limits"
      : "\(findings.count) of \(frames) frames are outside of the limits"
    return (lines + [verdict]).joined(separator: "\n")
  }
}
