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
  /// Files of no use: how many, and their names.
  var other_files: Int
  var other_file_names: [String]
  /// Runs of earlier imports whose files are gone: their frames stay.
  var gone: [String]
  /// Ionic steps that could be no frames, by verdict.
  var lost_steps: [String: Int]
  /// Why, with file and line.
  var lost: [String]
  var unreadable: [ImportFailure]
  var mixed_settings: [String]
  var stress_test: StressSense
  /// Frames that entered with an energy far from the others', each with the figure.
  var energy_outliers: [EnergyOutlier]
  /// Why there is no output.
  var failure: String?
}

extension ImportReport {
  struct EnergyOutlier: Encodable {
    /// Identity of the frame.
    var frame: String
    var reason: String
  }

  /// "a, b, c", "a, b, c, d and 8 more".
  static func listed(_ names: [String]) -> String {
    let first = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? first + " and \(names.count - 4) more" : first
  }
}

/// An import from a tree to two files: frames that enter, and the rest with their reasons.
struct ImportJob {
  let call: ImportCall
  /// Units of more bytes than this are read alone and never held as a whole.
  private static let largeUnit = 1 << 24
  /// Bytes on the disk that are read at once: their frames are in memory together.
  private static let batchSize = 1 << 26
  private static let unitsAtOnce = 64

  func run(console: Console) throws -> ImportReport {
    let recordPath = ImportRecord.path(of: call.output)
    let tree = try ImportTree(call.paths, leavingOut: [call.output, call.quarantine, recordPath])
    guard !tree.units.isEmpty else {
      let beside = [
        tree.withoutOutput.isEmpty ? nil : "\(counted(tree.withoutOutput.count, "structure")) without output",
        tree.otherFiles.isEmpty ? nil : "of no use: " + ImportReport.listed(tree.otherFiles),
      ].compactMap { $0 }
      throw InputError(
        "no OUTCAR, vasprun.xml or file of labelled frames in \(call.paths.joined(separator: ", "))"
          + (beside.isEmpty ? "" : " (\(beside.joined(separator: "; ")))"))
    }
    var record = call.startsAnew ? ImportRecord() : try ImportRecord.read(recordPath, call)
    let isJudgedAnew = record.demands.map { $0 != call.demands } ?? false
    if isJudgedAnew {
      console.note("limits or needed labels are not those of the earlier import: everything here is read again")
    }
    record.demands = call.demands
    let fresh = tree.units.filter { isJudgedAnew || !record.knows($0) }
    let known = tree.units.count - fresh.count
    let spool = try ImportSpool(beside: call.output)
    try recall(record, replacing: fresh, into: spool)
    var notes = NoteTally()
    try read(fresh, spool, &record, &notes, console)
    var verdicts = lastJudgement(spool.records)
    var report = self.report(spool, verdicts, record: record, tree: tree)
    report.energy_outliers = try markOutliers(spool.records, &verdicts)
    report.runs_read = fresh.count
    report.runs_known = known
    for note in notes.sentences { console.note(note) }
    let enters: (Int) -> Bool = { verdicts[$0].verdict == .ok || call.accepted.contains(verdicts[$0].verdict) }
    let aside = try spool.write(to: call.quarantine, verdicts) { !enters($0) }
    // What an earlier import put aside may be ok by now: its file must not outlive it.
    if aside == 0 { unlink(call.quarantine) }
    report.quarantine = aside > 0 ? call.quarantine : nil
    report.frames = try spool.write(to: call.output, verdicts, where: enters)
    guard report.frames > 0 else {
      let reason = report.unreadable.first.map { "; \($0.reason)" } ?? ""
      report.failure =
        "no frame to keep of \(counted(spool.records.count, "frame"))"
        + (aside > 0 ? ": all are in \(call.quarantine), each with its reason" : reason)
        + (FileManager.default.fileExists(atPath: call.output) ? "; \(call.output) is as it was" : "")
      return report
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
        frame.set(FrameVerdict.outlierKey, nil)
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
        let before = spool.records.count
        try reader.read(units[next]) { try spool.append(SpooledFrame($0)) }
        if let doubt = reader.outcome.doubt { spool.doubt(from: before, doubt) }
        settle(units[next], reader.outcome, &record, &notes)
        next += 1
        continue
      }
      var size = 0
      let end = units[next...].prefix(Self.unitsAtOnce).prefix { unit in
        size += unit.size
        return size <= Self.batchSize || size == unit.size
      }.endIndex
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
        let before = spool.records.count
        for frame in batch.frames { try spool.append(frame) }
        if let doubt = batch.outcome.doubt { spool.doubt(from: before, doubt) }
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
    var verdicts = records.map { record in
      let isDoubtful = record.verdict == .ok && record.doubt != nil
      return (verdict: isDoubtful ? .geometrySuspect : record.verdict, reason: record.doubt ?? "")
    }
    let enters: (FrameVerdict) -> Bool = { $0 == .ok || call.accepted.contains($0) }
    if !call.allowsMixedSettings {
      var survey = SettingsSurvey()
      for (record, verdict) in zip(records, verdicts) where enters(verdict.verdict) {
        survey.add(record.settings, isIsolatedAtom: record.isIsolatedAtom)
      }
      for (place, record) in records.enumerated() where verdicts[place].verdict == .ok {
        let found = survey.deviations(of: record.settings, isIsolatedAtom: record.isIsolatedAtom)
        if !found.isEmpty { verdicts[place] = (.settingsDiffer, found.joined(separator: "; ")) }
      }
    }
    halite.markDuplicates(records, &verdicts)
    return verdicts
  }

  /// Marks frames that are ok and whose energy is far from the others'. They enter all the same: far frames of an honest set (a
  /// compressed cell, another polymorph) are told from a wrong electronic state by nothing but a look.
  private func markOutliers(_ records: [FrameRecord], _ verdicts: inout [(verdict: FrameVerdict, reason: String)])
    throws -> [ImportReport.EnergyOutlier]
  {
    let places = records.indices.filter { verdicts[$0].verdict == .ok && records[$0].energy != nil }
    let found = try EnergyOutliers(
      places.compactMap { records[$0].energy }, suspects: [], limits: call.demands.limits, fit: fitReferences)
    return found.reasons.map { index, reason in
      verdicts[places[index]].reason = reason
      return ImportReport.EnergyOutlier(frame: records[places[index]].id.text, reason: reason)
    }
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
      runs_known: 0, without_output: tree.withoutOutput, other_files: tree.otherFiles.count,
      other_file_names: tree.otherFiles, gone: record.gone(from: tree.units),
      lost_steps: record.lostSteps, lost: record.lost, unreadable: record.failures, mixed_settings: survey.mixtures,
      stress_test: StressSense(spool.records.compactMap(\.pressure)), energy_outliers: [])
  }
}
