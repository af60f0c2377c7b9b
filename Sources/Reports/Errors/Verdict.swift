/// What the numbers come to, in words: is the potential better than knowing nothing, and what speaks against it.
public struct Verdict: Sendable, Equatable {
  public let sentence: String
  public let warnings: [String]

  public init(_ parts: [PartReport]) {
    guard let judge = Self.judge(parts) else {
      sentence = "There are no frames, so nothing can be said."
      warnings = []
      return
    }
    let findings = Finding.all(judge)
    let numbers = findings.map(\.clause).joined(separator: "; ")
    sentence = Self.summary(findings, frames: Self.frames(judge)) + (numbers.isEmpty ? "." : ": \(numbers).")
    warnings =
      findings.compactMap(\.warning) + Self.overfitting(parts, judge) + Self.thinEvidence(judge)
      + Self.leftOut(parts)
  }

  /// The part that says most about frames never seen.
  static func judge(_ parts: [PartReport]) -> PartReport? {
    for part in [DataPart.test, .all, .validation, .train] {
      if let found = parts.first(where: { $0.part == part && !$0.rows.isEmpty }) { return found }
    }
    return nil
  }

  /// "29 test frames".
  static func frames(_ report: PartReport) -> String {
    NumberFormatting.count(report.errors.frames, (report.part == .all ? "" : report.part.rawValue + " ") + "frame")
  }

  private static func summary(_ findings: [Finding], frames: String) -> String {
    let failed = findings.filter(\.isWorse).map(\.plural)
    if findings.isEmpty { return "On \(frames) there is no label to compare with" }
    if failed.isEmpty { return "On \(frames) this potential is better than every baseline" }
    return "On \(frames) this potential is worse than knowing nothing in " + failed.joined(separator: " and ")
  }

  private static func overfitting(_ parts: [PartReport], _ judge: PartReport) -> [String] {
    guard judge.part == .test || judge.part == .validation,
      let train = parts.first(where: { $0.part == .train })
    else { return [] }
    let pairs = [
      ("energy", train.errors.energy?.rmse, judge.errors.energy?.rmse),
      ("force", train.errors.forces?.rmse, judge.errors.forces?.rmse),
    ]
    return pairs.compactMap { name, trained, judged in
      guard let trained, let judged, judged > 2 * trained else { return nil }
      let ratio = trained > 0 ? NumberFormatting.significant(judged / trained, 2) + " times" : "far above"
      return "Overfitting: the \(judge.part.rawValue) \(name) error is \(ratio) the training error. More frames, "
        + "fewer parameters or an earlier stop bring the two together."
    }
  }

  private static func thinEvidence(_ judge: PartReport) -> [String] {
    switch judge.part {
    case .train:
      ["There is no test part: these errors say how well frames were fitted, not how new ones will fare."]
    case .validation: ["There is no test part: the validation part, which decided when to stop, stands in for it."]
    case .test where judge.errors.frames < 20: ["The test part has \(frames(judge)) only: its errors are rough."]
    case .test, .all: []
    }
  }

  private static func leftOut(_ parts: [PartReport]) -> [String] {
    var warnings: [String] = []
    let virials = parts.reduce(0) { $0 + $1.labels.virialWithoutVolume }
    if virials > 0 {
      warnings.append(
        "\(NumberFormatting.count(virials, "frame")) with a virial label not periodic in three directions: "
          + "there is no stress to compare.")
    }
    for part in parts where part.baseline?.elementEnergies != nil {
      guard part.errors.energy != nil, part.errors.baselines?.compositionRMSE == nil else { continue }
      warnings.append(
        "The \(part.part.rawValue) part has elements that the composition model was not fitted to: "
          + "it has no such baseline.")
    }
    return warnings
  }
}

/// One quantity of the judged part against its baseline.
private struct Finding {
  /// "energy", "forces", "stress".
  var plural: String
  var error: Double
  var unit: String
  var baseline: Double?
  var baselineName: String

  static func all(_ report: PartReport) -> [Finding] {
    let errors = report.errors
    let composition = errors.baselines?.compositionRMSE
    return [
      errors.energy.map {
        Finding(
          plural: "energy", error: $0.rmse, unit: "meV/atom", baseline: errors.bestEnergyBaseline,
          baselineName: composition == nil ? "the mean energy" : "the composition alone")
      },
      errors.forces.map {
        Finding(
          plural: "forces", error: $0.rmse, unit: "eV/Å", baseline: errors.baselines?.zeroForceRMSE,
          baselineName: "zero forces")
      },
      errors.stress.map {
        Finding(
          plural: "stress", error: $0.rmse, unit: "GPa", baseline: report.zeroStressRMSE,
          baselineName: "zero stress")
      },
    ].compactMap { $0 }
  }

  var isWorse: Bool { baseline.map { error > $0 } ?? false }

  /// "energy 7.64 meV/atom RMSE, 17 times better than the composition alone".
  var clause: String {
    let start = "\(plural) \(NumberFormatting.significant(error)) \(unit) RMSE"
    guard let baseline, error > 0 else { return start }
    let ratio = baseline / error
    if ratio < 1 { return start + ", worse than \(baselineName) (\(NumberFormatting.significant(baseline)))" }
    if ratio < 1.1 { return start + ", hardly better than \(baselineName)" }
    return start + ", \(NumberFormatting.significant(ratio, 2)) times better than \(baselineName)"
  }

  var warning: String? {
    guard let baseline, isWorse else { return nil }
    let values = [error, baseline].map { "\(NumberFormatting.significant($0)) \(unit)" }
    let use = ["energy": "energies", "stress": "stresses"][plural] ?? plural
    return
      "Worse than a baseline: \(plural) \(values[0]) RMSE against \(values[1]) for \(baselineName), which looks at "
      + "no atom's place. Do not use this potential for \(use)."
  }
}
