import Formats
import Foundation
import Reports
import Structures

/// How an import was asked for.
struct ImportCall: Sendable {
  var paths: [String]
  var output: String
  var quarantine: String
  var demands: ImportDemands
  /// Verdicts that enter besides ok.
  var accepted: Set<FrameVerdict>
  var allowsMixedSettings: Bool
  /// Read everything again.
  var startsAnew: Bool
  var threads: Int
}

/// What an import did.
struct ImportReport: Encodable {
  var output: String?
  /// Frames in the output.
  var frames: Int
  /// Frames of each verdict, those of earlier imports included.
  var verdicts: [String: Int]
  var quarantine: String?
  /// Runs and files read now, and those known from before.
  var runs_read: Int
  var runs_known: Int
  var without_output: [String]
  var other_files: Int
  /// Ionic steps that could be no frames, by verdict.
  var lost_steps: [String: Int]
  var unreadable: [ImportFailure]
  var mixed_settings: [String]
  var stress_test: StressSense
}

/// An import from a tree to two files: frames that enter, and the rest with their reasons.
struct ImportJob {
  let call: ImportCall
  /// Units of more bytes than this are read alone and never held as a whole.
  private static let largeUnit = 1 << 25
  private static let unitsAtOnce = 64

  func run(console: Console) throws -> ImportReport {
    let recordPath = ImportRecord.path(of: call.output)
    let tree = try ImportTree(call.paths, leavingOut: [call.output, call.quarantine, recordPath])
    guard !tree.units.isEmpty else {
      throw InputError(
        "no OUTCAR, vasprun.xml or file of labelled frames in \(call.paths.joined(separator: ", "))"
          + (tree.withoutOutput.isEmpty
            ? "" : " (\(counted(tree.withoutOutput.count, "structure")) without output)"))
    }
    var record = call.startsAnew ? ImportRecord() : try ImportRecord.read(recordPath, call)
    let fresh = tree.units.filter { !record.knows($0) }
    let known = tree.units.count - fresh.count
    let spool = try ImportSpool(beside: call.output)
    try recall(record, replacing: fresh, into: spool)
    var notes = NoteTally()
    try read(fresh, spool, &record, &notes, console)
    let verdicts = lastJudgement(spool.records)
    var report = self.report(spool, verdicts, record: record, tree: tree)
    report.runs_read = fresh.count
    report.runs_known = known
    for note in notes.sentences { console.note(note) }
    let enters: (Int) -> Bool = { verdicts[$0].verdict == .ok || call.accepted.contains(verdicts[$0].verdict) }
    let aside = try spool.write(to: call.quarantine, verdicts) { !enters($0) }
    if aside == 0, known > 0 { unlink(call.quarantine) }
    report.quarantine = aside > 0 ? call.quarantine : nil
    report.frames = try spool.write(to: call.output, verdicts, where: enters)
    guard report.frames > 0 else {
      let reason = report.unreadable.first.map { "; \($0.reason)" } ?? ""
      throw InputError(
        "no frame to keep of \(counted(spool.records.count, "frame"))"
          + (aside > 0 ? ": all are in \(call.quarantine), each with its reason" : reason))
    }
    report.output = call.output
    try record.write(to: recordPath)
    return report
  }

  /// The frames of earlier imports, but for those of files that have changed.
  private func recall(_ record: ImportRecord, replacing units: [ImportUnit], into spool: ImportSpool) throws {
    guard !record.files.isEmpty else { return }
    let replaced = Set(units.flatMap(\.files))
    for path in [call.output, call.quarantine] where FileManager.default.fileExists(atPath: path) {
      var options = ReadOptions()
      options.format = "extxyz"
      _ = try forEachFrame(of: path, options: options) { frame in
        let source = (frame.value(ofKey: "source") ?? "").split(separator: "#").dropLast().joined(separator: "#")
        guard !replaced.contains(source) else { return }
        var frame = frame
        if frame.verdict == .duplicate || frame.verdict == .settingsDiffer {
          frame.set(FrameVerdict.key, FrameVerdict.ok.rawValue)
          frame.set(FrameVerdict.reasonKey, nil)
        }
        try spool.append(SpooledFrame(frame))
      }
    }
  }

  // MARK: Reading

  /// What one thread hands over of a unit.
  private struct Batch: Sendable {
    var frames: [SpooledFrame] = []
    var outcome = ImportOutcome()
  }

  private func read(
    _ units: [ImportUnit], _ spool: ImportSpool, _ record: inout ImportRecord, _ notes: inout NoteTally,
    _ console: Console
  ) throws {
    var next = 0
    while next < units.count {
      console.progress("reading", next, of: units.count, detail: units[next].name)
      if units[next].size > Self.largeUnit {
        var reader = ImportReader(call.demands)
        try reader.read(units[next]) { try spool.append(SpooledFrame($0)) }
        settle(units[next], reader.outcome, &record, &notes)
        next += 1
        continue
      }
      let end = units[next...].prefix(Self.unitsAtOnce).prefix { $0.size <= Self.largeUnit }.endIndex
      let part = Array(units[next..<end])
      let demands = call.demands
      let batches = try parallelMap(chunks: part.count, threads: call.threads) { index in
        var batch = Batch()
        var reader = ImportReader(demands)
        try reader.read(part[index]) { batch.frames.append(try SpooledFrame($0)) }
        batch.outcome = reader.outcome
        return batch
      }
      for (unit, batch) in zip(part, batches) {
        for frame in batch.frames { try spool.append(frame) }
        settle(unit, batch.outcome, &record, &notes)
      }
      next = end
    }
    console.endProgress()
  }

  private func settle(
    _ unit: ImportUnit, _ outcome: ImportOutcome, _ record: inout ImportRecord, _ notes: inout NoteTally
  ) {
    notes.add(outcome.notes)
    record.settle(unit, lost: outcome.lost, failures: outcome.failures)
  }

  // MARK: The last judgement

  /// What only the whole set can tell: other settings than most frames have, and duplicates.
  private func lastJudgement(_ records: [FrameRecord]) -> [(verdict: FrameVerdict, reason: String)] {
    var verdicts = records.map { (verdict: $0.verdict, reason: "") }
    let enters: (FrameVerdict) -> Bool = { $0 == .ok || call.accepted.contains($0) }
    if !call.allowsMixedSettings {
      var survey = SettingsSurvey()
      for record in records where enters(record.verdict) {
        survey.add(record.settings, isIsolatedAtom: record.isIsolatedAtom)
      }
      for (place, record) in records.enumerated() where record.verdict == .ok {
        let found = survey.deviations(of: record.settings, isIsolatedAtom: record.isIsolatedAtom)
        if !found.isEmpty { verdicts[place] = (.settingsDiffer, found.joined(separator: "; ")) }
      }
    }
    halite.markDuplicates(records, &verdicts)
    return verdicts
  }

  private func report(
    _ spool: ImportSpool, _ verdicts: [(verdict: FrameVerdict, reason: String)], record: ImportRecord,
    tree: ImportTree
  ) -> ImportReport {
    var survey = SettingsSurvey()
    for (place, frame) in spool.records.enumerated()
    where verdicts[place].verdict == .ok || call.accepted.contains(verdicts[place].verdict) {
      survey.add(frame.settings, isIsolatedAtom: frame.isIsolatedAtom)
    }
    return ImportReport(
      output: nil, frames: 0,
      verdicts: verdicts.reduce(into: [:]) { $0[$1.verdict.rawValue, default: 0] += 1 }, quarantine: nil,
      runs_read: 0,
      runs_known: 0, without_output: tree.withoutOutput, other_files: tree.otherFiles,
      lost_steps: record.lostSteps, unreadable: record.failures, mixed_settings: survey.mixtures,
      stress_test: StressSense(spool.records.compactMap(\.pressure)))
  }
}
