import Structures

/// Limits outside of which a frame is suspicious. Frames of isolated atoms are judged by nothing but being readable.
public struct DataLimits: Codable, Sendable, Equatable {
  /// Two atoms may come as near as this times the sum of their covalent radii, unless one of them is hydrogen.
  public var covalentFraction = 0.6
  /// Å; two atoms of oxygen and fluorine, whose radii say too little: the shortest real distance of them is that of the
  /// O2 molecule, 1.21 Å, while 0.6 times the sum of radii is 0.79 Å.
  public var minimumAnionDistance = 1.1
  /// Å; instead of both of them, for all pairs without hydrogen, where it is given.
  public var minimumDistance: Double?
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
    case covalentFraction = "covalent_fraction"
    case minimumAnionDistance = "minimum_anion_distance"
    case minimumDistance = "minimum_distance"
    case minimumHydrogenDistance = "minimum_hydrogen_distance"
    case minimumVolume = "minimum_volume"
    case maximumVolume = "maximum_volume"
    case maximumForce = "maximum_force"
    case maximumNetForce = "maximum_net_force"
    case maximumEnergyDeviation = "maximum_energy_deviation"
  }

  public init() {}

  /// Limits for VASP runs of lithium transition-metal oxides, whose good frames have 8.5–9.2 Å³/atom and no atoms closer than 1.8 Å.
  public static var oxideRuns: DataLimits {
    var limits = DataLimits()
    limits.minimumDistance = 1.5
    limits.minimumVolume = 7.5
    limits.maximumVolume = 13
    limits.maximumForce = 25
    limits.maximumNetForce = 0.01
    // 6 MAD.
    limits.maximumEnergyDeviation = 6 * 0.6745
    return limits
  }

  /// Å; atoms of two elements that are closer are suspicious. Elements without a known radius (beyond Cm): 1 Å.
  public func minimumDistance(_ first: ChemicalElement, _ second: ChemicalElement) -> Double {
    if min(first, second).atomicNumber == 1 { return minimumHydrogenDistance }
    if let minimumDistance { return minimumDistance }
    if [8, 9].contains(first.atomicNumber), [8, 9].contains(second.atomicNumber) { return minimumAnionDistance }
    guard let a = first.covalentRadius, let b = second.covalentRadius else { return 1 }
    return covalentFraction * (a + b)
  }
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
  /// - Parameter fit: makes reference energies of rows; outliers that it finds are left out of the next fit.
  /// - Throws: `InputError` where the reference energies cannot be made or a cell has no volume.
  public init(
    _ dataset: Dataset, limits: DataLimits = DataLimits(), threads: Int = 1,
    fit: ([EnergyRow]) throws -> ReferenceSummary
  ) throws {
    var counter = Counter(limits: limits)
    try counter.add(dataset.frames, threads: threads)
    self = try counter.check(fit: fit)
  }

  /// Judges a data set of any size batch by batch.
  public struct Counter: Sendable {
    private let limits: DataLimits
    private var rows: [EnergyRow] = []
    private var compositions = Interned<[ChemicalElement: Int]>()
    private var names = FrameNames()
    private var ids: [FrameID] = []
    private var reasons: [Int: [String]] = [:]

    public init(limits: DataLimits) { self.limits = limits }

    /// - Throws: `InputError` where a cell has no volume.
    public mutating func add(_ batch: [LabeledStructure], threads: Int = 1) throws {
      let limits = limits
      let found = try parallelMap(chunks: batch.count, threads: threads) { try frameReasons(batch[$0], limits) }
      for (frame, found) in zip(batch, found) {
        if !found.isEmpty { reasons[rows.count] = found }
        var row = EnergyRow(frame)
        row.composition = compositions(row.composition)
        rows.append(row)
        names.append(frame)
        ids.append(FrameID(frame.id))
      }
    }

    /// - Throws: `InputError` where the reference energies cannot be made.
    public func check(fit: ([EnergyRow]) throws -> ReferenceSummary) throws -> DataCheck {
      var reasons = reasons
      let energies = try EnergyOutliers(rows, suspects: Set(reasons.keys), limits: limits, fit: fit)
      for (index, reason) in energies.reasons { reasons[index, default: []].append(reason) }
      let findings = reasons.sorted { $0.key < $1.key }.map { index, reasons in
        Finding(index: index, frame: names[index], id: ids[index].text, reasons: reasons)
      }
      return DataCheck(frames: rows.count, limits: limits, findings: findings, notes: energies.notes)
    }
  }

  private init(frames: Int, limits: DataLimits, findings: [Finding], notes: [String]) {
    self.frames = frames
    self.limits = limits
    self.findings = findings
    self.notes = notes
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
      quarantined.append(Self.quarantined(frame, found))
    }
    return (Dataset(kept), Dataset(quarantined))
  }

  /// A frame with the reasons against it as the key `quarantine_reason`.
  public static func quarantined(_ frame: LabeledStructure, _ reasons: [String]) -> LabeledStructure {
    var frame = frame
    frame.info.removeAll { $0.key == FrameVerdict.reasonKey }
    frame.info.append(InfoItem(key: FrameVerdict.reasonKey, value: reasons.joined(separator: "; ")))
    return frame
  }

  /// The findings as text, one frame a line, and the count.
  public var text: String {
    let lines = findings.map { "\($0.frame): " + $0.reasons.joined(separator: "; ") }
    return (lines + [verdict]).joined(separator: "\n")
  }

  /// "2 of 40 frames are outside of the limits".
  public var verdict: String {
    let all = "\(frames) frame\(frames == 1 ? "" : "s")"
    switch findings.count {
    case 0: return frames == 1 ? "the frame is inside of the limits" : "all \(all) are inside of the limits"
    case 1: return "1 of \(all) is outside of the limits"
    default: return "\(findings.count) of \(all) are outside of the limits"
    }
  }
}
