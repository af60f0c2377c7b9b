import Formats
import Structures

/// Which frames of an accepted run are exported.
public enum ExportedSteps: String, CaseIterable, Sendable {
  /// The one that was accepted: the end of a relaxation.
  case last
  /// Every ionic step whose electronic steps converged, also of the runs that a relaxation went on from.
  case all
}

/// What an export found.
public struct ExportReport: Encodable, Sendable {
  public var frames = 0
  /// Ionic steps that were left out, by verdict: "scf-unconverged".
  public var left_out: [String: Int] = [:]
  /// Runs whose output is gone or is another one by now, so that only what the database holds of them is there.
  public var without_output = 0
}

extension Campaign {
  /// Hands over the accepted frames with what is known of them, in the order of the entries and of their ionic steps.
  ///
  /// The last step of an accepted run comes from the database; the ones before it are read from the run folders.
  /// - Throws: `InputError` where an output cannot be read, and what `body` throws.
  public func forEachAccepted(
    _ steps: ExportedSteps, progress: (Int, Int) -> Void = { _, _ in }, _ body: (LabeledStructure) throws -> Void
  ) throws -> ExportReport {
    var report = ExportReport()
    let database = try open()
    let entries = try database.entries([.accepted])
    let potentials = try fixedPotentials(database)
    func hand(_ frame: LabeledStructure) throws {
      var frame = frame
      frame.setPotentials(potentials)
      try body(frame)
    }
    for (place, entry) in entries.enumerated() {
      progress(place, entries.count)
      let last = try database.frames(.result, [entry.id])[0]
      if steps == .all {
        let planned = try database.frames(.planned, [entry.id])[0]
        for attempt in relaxation(try database.attempts(of: entry.id)) {
          let before = try frames(
            of: attempt, entry, planned, endingIn: attempt.number == entry.attempt ? last : nil, &report)
          for frame in before { try hand(frame) }
          report.frames += before.count
        }
      }
      try hand(last)
      report.frames += 1
    }
    progress(entries.count, entries.count)
    return report
  }

  /// The last attempt and those that it went on from.
  private func relaxation(_ attempts: [CampaignAttempt]) -> [CampaignAttempt] {
    var kept: [CampaignAttempt] = []
    for attempt in attempts.reversed() {
      kept.append(attempt)
      let rung = attempt.fixes.split(separator: ";").last?.split(separator: " ").first
      guard let rung, ladder.rung(named: String(rung))?.continue == true else { break }
    }
    return kept.reversed()
  }

  /// The good steps of a run, without the accepted one.
  /// - Parameter accepted: the accepted step, where it is of this run.
  private func frames(
    of attempt: CampaignAttempt, _ entry: CampaignEntry, _ planned: LabeledStructure,
    endingIn accepted: LabeledStructure?, _ report: inout ExportReport
  ) throws -> [LabeledStructure] {
    let folder = path(entry.folder(attempt: attempt.number))
    // A single point has one step, which the database holds.
    if let accepted, accepted.value(ofKey: "ionic_step") ?? "1" == "1" { return [] }
    guard strangeness(folder, attempt, entry) == nil, var steps = try labeller.steps(of: folder) else {
      report.without_output += 1
      return []
    }
    if let accepted {
      guard let end = steps.popLast(), end.value(ofKey: "ionic_step") == accepted.value(ofKey: "ionic_step"),
        end.labels.energy == accepted.labels.energy
      else {
        report.without_output += 1
        return []
      }
    }
    var good: [LabeledStructure] = []
    for var step in steps {
      let verdict = step.verdict ?? .ok
      // A relaxation that went on later: its last step is a good single point.
      guard verdict == .ok || verdict == .ionicUnconverged else {
        report.left_out[verdict.rawValue, default: 0] += 1
        continue
      }
      step.set(FrameVerdict.key, FrameVerdict.ok.rawValue)
      step.set(FrameVerdict.reasonKey, nil)
      good.append(result(step, planned, entry, attempt))
    }
    return good
  }
}
