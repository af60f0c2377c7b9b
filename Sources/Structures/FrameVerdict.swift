/// What an import thinks of a frame: only `ok` frames enter a data set unless the user says otherwise.
public enum FrameVerdict: String, CaseIterable, Codable, Sendable, Comparable {
  case ok
  /// The run was cut off inside of the frame's ionic step.
  case truncated
  /// A force field that VASP learned on the way made the labels, not DFT.
  case machineLearned = "machine-learned"
  case symbolMissing = "symbol-missing"
  case energyMissing = "energy-missing"
  case forcesMissing = "forces-missing"
  case momentsMissing = "moments-missing"
  /// The electronic steps ended at NELM, not at EDIFF.
  case scfUnconverged = "scf-unconverged"
  /// The last frame of a relaxation that did not reach EDIFFG.
  case ionicUnconverged = "ionic-unconverged"
  case geometrySuspect = "geometry-suspect"
  case settingsDiffer = "settings-differ"
  case duplicate

  /// Keys of extxyz that carry a verdict and the reason for it.
  public static let key = "verdict"
  public static let reasonKey = "quarantine_reason"
  /// The key that marks a frame whose energy is far from the others' of its import; its verdict stays ok.
  public static let outlierKey = "energy_outlier"

  /// The order of the cases: where several apply, the first one that is not `ok` is the verdict.
  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension LabeledStructure {
  /// The verdict that the frame carries; nil where it carries none, or a word that is no verdict.
  public var verdict: FrameVerdict? { value(ofKey: FrameVerdict.key).flatMap(FrameVerdict.init) }

  /// Marks the frame; of two verdicts the earlier one in the order of the cases stays, and the reasons are joined.
  public mutating func judge(_ verdict: FrameVerdict, reason: String) {
    let earlier = self.verdict ?? .ok
    let kept = earlier == .ok ? verdict : min(earlier, verdict)
    let reasons = [value(ofKey: FrameVerdict.reasonKey), reason].compactMap { $0 }.filter { !$0.isEmpty }
    set(FrameVerdict.key, kept.rawValue)
    if kept != .ok { set(FrameVerdict.reasonKey, reasons.joined(separator: "; ")) }
  }

  /// Sets a key that Halite does not interpret; nil takes it away.
  public mutating func set(_ key: String, _ value: String?) {
    let place = info.firstIndex { $0.key == key }
    switch (place, value) {
    case (let place?, let value?): info[place].value = value
    case (let place?, nil): info.remove(at: place)
    case (nil, let value?): info.append(InfoItem(key: key, value: value))
    case (nil, nil): break
    }
  }
}
