import Potentials

/// What the numbers come to, in words: is the potential better than knowing nothing, and what speaks against it.
public struct Verdict: Sendable, Equatable {
  public let sentence: String
  public let warnings: [String]

  /// - Parameters:
  ///   - fittedLabels: what the potential was fitted to ("energy", "forces", "stress"); nil where unknown.
  ///   - log: the epochs of its training, where they are at hand.
  ///   - change: against the potential that the training began from.
  public init(
    _ parts: [PartReport], fittedLabels: [String]? = nil, log: [EpochRecord] = [], change: ChangeReport? = nil
  ) {
    guard let judge = Self.judge(parts) else {
      sentence = "There are no frames, so nothing can be said."
      warnings = []
      return
    }
    let findings = Finding.all(judge, fittedLabels: fittedLabels)
    let numbers = findings.map(\.clause).joined(separator: "; ")
    sentence = "On \(Self.frames(judge)) \(Self.summary(findings))" + (numbers.isEmpty ? "." : ": \(numbers).")
    warnings =
      findings.compactMap(\.warning) + Overfitting.warnings(parts, judge, log: log) + (change?.warnings ?? [])
      + Self.thinEvidence(judge)
      + Self.openZeros(parts) + Self.leftOut(parts)
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
    NumberFormatting.plainCount(
      report.errors.frames, (report.part == .all ? "" : report.part.rawValue + " ") + "frame")
  }

  /// "this potential is better than every baseline".
  private static func summary(_ findings: [Finding]) -> String {
    guard !findings.isEmpty else { return "there is no label to compare with" }
    let compared = findings.filter { $0.baseline != nil }
    guard !compared.isEmpty else { return "there is no baseline to compare this potential with" }
    let failed = compared.filter { $0.isWorse && $0.isFitted }
    let untaught = compared.filter { $0.isWorse && !$0.isFitted }
    let barely = compared.filter(\.isBarelyBetter)
    let rest = untaught.isEmpty ? "" : " in \(names(untaught)), to which it was not fitted"
    if !failed.isEmpty {
      return "this potential is worse than knowing nothing in \(names(failed))"
        + (rest.isEmpty ? "" : ", and" + rest)
    }
    if untaught.count == compared.count { return "this potential is worse than knowing nothing" + rest }
    let end = rest.isEmpty ? "" : ", but worse than knowing nothing" + rest
    if barely.count == compared.count - untaught.count {
      let place = untaught.isEmpty ? "" : " in \(names(barely))"
      return "this potential is barely better than the baselines" + place + end
    }
    if !untaught.isEmpty {
      let better = compared.filter { !$0.isWorse }
      return "this potential is better than the baselines in \(names(better))" + end
    }
    return barely.isEmpty
      ? "this potential is better than every baseline"
      : "this potential is better than the baselines, but barely so in \(names(barely))"
  }

  /// "energy, forces and stress".
  private static func names(_ findings: [Finding]) -> String {
    let names = findings.map(\.plural)
    guard names.count > 1, let last = names.last else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " and " + last
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

  private static func openZeros(_ parts: [PartReport]) -> [String] {
    parts.filter { $0.framesOutsideSpan > 0 }.map { part in
      let place = part.part == .all ? "" : part.part.rawValue + " "
      let count = NumberFormatting.plainCount(part.framesOutsideSpan, place + "frame")
      let (have, their) = part.framesOutsideSpan == 1 ? ("has", "its energy has") : ("have", "their energies have")
      return "\(count) of \(part.errors.frames) \(have) a composition that no combination of the training "
        + "compositions gives: \(their) an open zero, which the training energies do not decide."
    }
  }

  private static func leftOut(_ parts: [PartReport]) -> [String] {
    var warnings: [String] = []
    let virials = parts.reduce(0) { $0 + $1.labels.virialWithoutVolume }
    if virials > 0 {
      warnings.append(
        "\(NumberFormatting.plainCount(virials, "frame")) with a virial label not periodic in three directions: "
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
  /// Whether the potential was fitted to such labels, as far as is known.
  var isFitted: Bool

  static func all(_ report: PartReport, fittedLabels: [String]?) -> [Finding] {
    let errors = report.errors
    let baselines = errors.baselines
    func isFitted(_ label: String) -> Bool { fittedLabels?.contains(label) ?? true }
    return [
      errors.energy.map {
        Finding(
          plural: "energy", error: $0.rmse, unit: "meV/atom", baseline: errors.bestEnergyBaseline,
          baselineName: baselines?.compositionRMSE == nil ? "the mean energy" : "the composition alone",
          isFitted: isFitted("energy"))
      },
      errors.forces.map {
        Finding(
          plural: "forces", error: $0.rmse, unit: "eV/Å", baseline: baselines?.zeroForceRMSE,
          baselineName: "zero forces", isFitted: isFitted("forces"))
      },
      errors.stress.map {
        Finding(
          plural: "stress", error: $0.rmse, unit: "GPa", baseline: baselines?.zeroStressRMSE,
          baselineName: "zero stress", isFitted: isFitted("stress"))
      },
    ].compactMap { $0 }
  }

  var isWorse: Bool { baseline.map { error > $0 } ?? false }

  /// By less than a fifth.
  var isBarelyBetter: Bool { baseline.map { error <= $0 && $0 < 1.2 * error } ?? false }

  /// "energy 7.64 meV/atom RMSE, 17 times better than the composition alone".
  var clause: String {
    let start = "\(plural) \(NumberFormatting.significant(error)) \(unit) RMSE"
    guard let baseline, error > 0 else { return start }
    let limit = NumberFormatting.significant(baseline)
    if isWorse { return start + ", worse than \(baselineName) (\(limit))" }
    if isBarelyBetter { return start + ", barely better than \(baselineName) (\(limit))" }
    return start + ", \(NumberFormatting.significant(baseline / error, 2)) times better than \(baselineName)"
  }

  var warning: String? {
    guard let baseline, isWorse else { return nil }
    let values = [error, baseline].map { "\(NumberFormatting.significant($0)) \(unit)" }
    let use = ["energy": "energies", "stress": "stresses"][plural] ?? plural
    let comparison = "\(plural) \(values[0]) RMSE against \(values[1]) for \(baselineName)"
    if !isFitted {
      return "Not fitted and worse than a baseline: \(comparison). This potential was not fitted to \(use): "
        + "do not use it for them, or train it on them, too."
    }
    return "Worse than a baseline: \(comparison), which looks at no atom's place. "
      + "Do not use this potential for \(use)."
  }
}
