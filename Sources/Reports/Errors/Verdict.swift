/// What the numbers come to, in words: is the potential better than knowing nothing, and what speaks against it.
public struct Verdict: Sendable, Equatable {
  public let sentence: String
  public let warnings: [String]

  public init(_ parts: [PartReport]) {
    guard let judge = Self.judge(parts) else {
      sentence = "No frames, so nothing can be said."
      warnings = []
      return
    }
    let findings = Finding.all(judge)
    let place = "On \(Self.frames(judge)), "
    sentence =
      findings.isEmpty
      ? place + "there is no label to compare with." : place + findings.map(\.clause).joined(separator: "; ") + "."
    warnings =
      findings.compactMap(\.warning) + Self.overfitting(parts, judge) + Self.thinEvidence(parts, judge)
      + Self.leftOut(parts)
  }

  /// The part that says most about frames never seen.
  static func judge(_ parts: [PartReport]) -> PartReport? {
    for part in [DataPart.test, .all, .validation, .train] {
      if let found = parts.first(where: { $0.part == part && !$0.rows.isEmpty }) { return found }
    }
    return nil
  }

  static func frames(_ report: PartReport) -> String {
    let name = report.part == .all ? "" : report.part.rawValue + " "
    return "\(NumberFormatting.count(report.errors.frames)) \(name)\(report.errors.frames == 1 ? "frame" : "frames")"
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
        + "fewer parameters or an earlier stop would bring the two together."
    }
  }

  private static func thinEvidence(_ parts: [PartReport], _ judge: PartReport) -> [String] {
    if judge.part == .train {
      return ["There is no test part: these errors say how well frames were fitted, not how new ones will fare."]
    }
    if judge.part == .validation {
      return ["There is no test part: the validation part, which decided when to stop, stands in for it."]
    }
    if judge.part == .test, judge.errors.frames < 20 {
      return ["Only \(frames(judge)): the test errors are rough."]
    }
    return []
  }

  private static func leftOut(_ parts: [PartReport]) -> [String] {
    var warnings: [String] = []
    let virials = parts.reduce(0) { $0 + $1.labels.virialWithoutVolume }
    if virials > 0 {
      warnings.append(
        "\(virials) frames have a virial but do not repeat in three directions: they have no stress to compare.")
    }
    let fitted = parts.contains { $0.baseline?.elementEnergies != nil }
    let unknown = fitted ? parts.filter { $0.errors.energy != nil && $0.errors.baselines?.compositionRMSE == nil } : []
    warnings += unknown.map {
      "The \($0.part.rawValue) part has elements that the composition model was not fitted to; it has no such baseline."
    }
    return warnings
  }
}

/// One quantity of the judged part against its baseline.
private struct Finding {
  var name: String
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
          name: "energy", error: $0.rmse, unit: "meV/atom", baseline: errors.bestEnergyBaseline,
          baselineName: composition == nil ? "the mean energy" : "the composition alone")
      },
      errors.forces.map {
        Finding(
          name: "force", error: $0.rmse, unit: "eV/Å", baseline: errors.baselines?.zeroForceRMSE,
          baselineName: "zero forces")
      },
      errors.stress.map {
        Finding(
          name: "stress", error: $0.rmse, unit: "GPa", baseline: report.zeroStressRMSE, baselineName: "zero stress")
      },
    ].compactMap { $0 }
  }

  private var use: String { ["energy": "energies", "stress": "stresses"][name] ?? "forces" }

  var value: String { NumberFormatting.significant(error) + " " + unit }

  /// "the energy error is 4.55 meV/atom (RMSE), 7.7 times smaller than from the composition alone".
  var clause: String {
    let start = "the \(name) error is \(value) (RMSE)"
    guard let baseline, error > 0 else { return start }
    let ratio = baseline / error
    if ratio < 1 { return start + ", worse than from \(baselineName)" }
    if ratio < 1.1 { return start + ", hardly better than from \(baselineName)" }
    return start + ", \(NumberFormatting.significant(ratio, 2)) times smaller than from \(baselineName)"
  }

  var warning: String? {
    guard let baseline, error > baseline else { return nil }
    let limit = NumberFormatting.significant(baseline) + " " + unit
    return "Worse than a baseline: the \(name) error of \(value) is above the \(limit) of \(baselineName), which "
      + "looks at no atom's place. Do not use this potential for \(use)."
  }
}
