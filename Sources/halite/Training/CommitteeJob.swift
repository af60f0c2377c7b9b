import Foundation
import Potentials
import Reports
import Structures

/// A committee: the same training with seeds s, s + 1, … in folders member-1, member-2, …, then one potential of all.
///
/// A member that is finished already with the very same settings and data is kept, so that the same command goes on behind a
/// kill; an unfinished one goes on from its checkpoint.
struct CommitteeJob<Model: TrainablePotential> {
  let job: TrainingJob<Model>
  let members: Int
  /// Members learn from draws with replacement rather than all of the training part.
  let bootstraps: Bool

  func run(console: Console) throws {
    let folder = try RunFolder(job.output, overwrite: job.call.overwrite)
    let begin = ContinuousClock.now
    var potentials: [FittedPotential] = []
    do {
      for number in 0..<members {
        let member = member(number)
        console.say("member \(number + 1) of \(members), seed \(member.configuration.settings.seed)")
        if try member.isFinished() {
          console.note("\(member.output) is finished with these settings: kept")
        } else {
          try member.run(console: console)
        }
        potentials.append(try PotentialFile.read(member.output + "/potential.safetensors"))
      }
    } catch {
      folder.abandon()
      throw error
    }
    let committee = try FittedPotential(committee: potentials)
    try PotentialFile.write(committee, to: folder.potential)
    let parts = try job.parts()
    let shown: [(DataPart, Dataset)] = [
      (.train, Dataset(parts.training.filter { !$0.isIsolatedAtom })), (.test, parts.test),
    ]
    let reports = try Judgement.parts(
      committee, shown,
      baseline: try Judgement.baseline(for: committee, training: parts.training, judged: parts.training),
      threads: job.call.threads, console: console)
    let deviations = try Judgement.deviations(of: committee, shown, threads: job.call.threads, console: console)
    var run = RunReport.Run(
      potential: committee.title, potentialFile: "potential.safetensors", command: job.call.command,
      version: HaliteVersion.current, dataHash: job.data.hash, splitHash: job.split?.hash)
    run.fittedLabels = Judgement.fittedLabels(of: committee)
    run.threads = job.call.threads
    run.seconds = (ContinuousClock.now - begin) / .seconds(1)
    run.peakBytes = peakMemory()
    let census = try census(of: job.data, files: job.files, threads: job.call.threads)
    let seeds =
      "members: seeds \(job.configuration.settings.seed) to \(job.configuration.settings.seed + UInt64(members) - 1)"
      + (bootstraps
        ? ", each on a draw with replacement from the training part" : ", each with its own validation part")
    let report = RunReport(
      run, parts: reports, census: RunReport.Fact.all(of: census), settings: try job.configuration.text(),
      notes: job.call.notes + [seeds] + deviations.map(\.sentence))
    try AtomicFile.write(DeviationReport.csv(deviations).utf8, to: folder.path + "/deviation.csv")
    try report.write(to: folder.path)
    console.endProgress()
    if job.call.json { return try console.write(ReportFile(report).json.trimmingCharacters(in: .newlines)) }
    let lines = deviations.map(\.sentence).joined(separator: "\n")
    try console.write(
      "\n\(committee.title)\n\n\(report.table.text)\n\(lines)\n\n\(folder.potential)\n\(folder.path)/report.html")
    for warning in report.verdict.warnings { console.warn(warning) }
  }

  private func member(_ number: Int) -> TrainingJob<Model> {
    var member = job
    member.configuration.settings.seed += UInt64(number)
    member.output = job.output + "/member-\(number + 1)"
    member.call.json = false
    member.call.isQuiet = true
    if bootstraps { member.call.bootstrapSeed = member.configuration.settings.seed }
    return member
  }
}
