import Campaigns
import Structures

/// `halite campaign submit DIR`: prepared runs to a queue.
enum CampaignSubmitCommand: Command {
  static let name = "campaign submit"
  static let summary = "run what is prepared, here with some workers or by job arrays of Slurm"
  static let discussion = """
    halite campaign submit drx --slurm
    halite campaign submit small --workers 2

    --workers runs the command of campaign.yaml in the run folders until none is left, reads each result, and may be stopped (Ctrl-C:
    runs go on and are read by the next scan), killed and started again, also several times at once: no run is started twice.
    --slurm submits job arrays named halite-CAMPAIGN-ATTEMPT with the options of campaign.yaml, and returns; scan follows them.
    """
  private static let workers = Option<Int?>("workers", placeholder: "N", help: "run here, this many at once")
  private static let slurm = Option(flag: "slurm", help: "submit to Slurm with sbatch")
  private static let limit = Option<Int?>("limit", placeholder: "N", help: "at most this many runs")
  static let positionals = [CampaignArguments.folder]
  static let options: [any OptionDeclaration] = [workers, slurm, limit]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    guard arguments[slurm] != (arguments[workers] != nil) else {
      throw usageError("give either --workers N or --slurm")
    }
    if let count = arguments[workers], count < 1 { throw usageError("option --workers: expected 1 or more") }
    if let count = arguments[limit], count < 1 { throw usageError("option --limit: expected 1 or more") }
    let campaign = try Campaign(arguments.one(CampaignArguments.folder))
    let report: SubmissionReport
    if let count = arguments[workers] {
      Interruption.install()
      report = try campaign.runLocally(
        workers: count, limit: arguments[limit], isStopped: { Interruption.requested },
        progress: { console.progress("running", $0, of: $1) })
      console.endProgress()
      if Interruption.requested {
        console.note("stopped: what was running goes on; the same command takes up the rest")
      }
    } else {
      report = try campaign.submitToSlurm(limit: arguments[limit])
    }
    if let remark = report.remark { console.note(remark) }
    var text = "\(counted(report.submitted, "run")) submitted"
    if arguments[workers] != nil { text += ", \(report.finished) finished, \(report.failed) failed" }
    for (name, job) in report.arrays.sorted(by: { $0.key < $1.key }) { text += "\n  \(name): job \(job)" }
    try console.result(report, text: text, json: arguments.json)
  }
}
