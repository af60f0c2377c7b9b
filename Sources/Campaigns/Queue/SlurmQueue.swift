import Foundation
import Structures

/// Slurm as its own programs tell of it: sbatch, squeue, sacct.
struct SlurmQueue {
  private let campaign: Campaign
  /// Jobs of this campaign by batch: number of the job array, state of each task.
  private var tasks: [Int: [Int: String]] = [:]
  private var jobs: [Int: String] = [:]
  private(set) var isSilent = false
  /// Batches without the number of a job: sbatch is at work, or was killed and `submit` will look for them. Not lost.
  private var unsent: Set<Int> = []

  init(_ campaign: Campaign) { self.campaign = campaign }

  /// "halite-CAMPAIGN-7".
  static func jobName(_ campaign: String, _ batch: Int) -> String { "halite-\(campaign)-\(batch)" }

  /// The queue with what it says of some attempts; asks only where one of them was submitted to Slurm.
  func states(of attempts: [CampaignAttempt]) throws -> SlurmQueue {
    let open = attempts.filter { $0.queue == "slurm" && [.submitted, .running].contains($0.outcome) }
    guard !open.isEmpty else { return self }
    var queue = self
    // Before squeue is asked: what has a number by now is in its answer.
    queue.unsent = Set(try campaign.open().batches().filter { $0.job == nil }.map(\.id))
    queue.ask(batches: Set(open.compactMap(\.batch)))
    return queue
  }

  private func scratch(_ name: String) -> String {
    campaign.path(".\(name).\(getpid()).\(UInt64.random(in: 0...UInt64.max)).out")
  }

  /// Asks squeue, which knows what waits, runs and has ended a short while ago, and sacct, which knows the rest where it is set up.
  mutating func ask(batches: Set<Int>) {
    let names = Dictionary(uniqueKeysWithValues: batches.map { (Self.jobName(campaign.settings.name, $0), $0) })
    let list = names.keys.sorted().joined(separator: ",")
    guard
      let answer = ChildProcess.run(
        ["squeue", "-h", "-r", "-t", "all", "--name", list, "-o", "%i|%T|%j|%Z"], scratch: scratch("squeue")),
      answer.status == 0
    else {
      isSilent = true
      return
    }
    if let told = ChildProcess.run(
      ["sacct", "-X", "-n", "-P", "-S", "2000-01-01", "--name", list, "-o", "JobID,State,JobName,WorkDir"],
      scratch: scratch("sacct")), told.status == 0
    {
      take(told.text, names)
    }
    take(answer.text, names)
  }

  /// Lines "12_3|RUNNING|halite-drx-7|/folder"; later ones replace earlier ones.
  private mutating func take(_ text: String, _ names: [String: Int]) {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 4, let batch = names[fields[2]], fields[3] == campaign.root else { continue }
      let id = fields[0].split(separator: "_").map(String.init)
      jobs[batch] = id[0]
      // A pending array that squeue did not take apart: "12_[1-40%4]".
      guard id.count == 2, let task = Int(id[1]) else { continue }
      tasks[batch, default: [:]][task] = fields[1].split(separator: " ").first.map(String.init) ?? fields[1]
    }
  }

  /// The number of a batch's job array, where Slurm knows it.
  func job(ofBatch batch: Int) -> String? { jobs[batch] }

  func state(_ attempt: CampaignAttempt) -> QueueState {
    guard attempt.queue == "slurm", let batch = attempt.batch, let task = attempt.task else { return .none }
    if isSilent { return .silent }
    guard let word = tasks[batch]?[task] else { return unsent.contains(batch) ? .silent : .none }
    switch word {
    case "PENDING", "CONFIGURING", "REQUEUED", "SUSPENDED", "RESIZING", "REQUEUE_HOLD", "SPECIAL_EXIT":
      return .waiting
    case "RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "STOPPED": return .running
    case "COMPLETED", "FAILED": return .ended(nil)
    case "TIMEOUT", "DEADLINE": return .ended("walltime")
    case "OUT_OF_MEMORY": return .ended("out-of-memory")
    case "NODE_FAIL", "BOOT_FAIL": return .ended("node-failed")
    case "PREEMPTED": return .ended("interrupted")
    default: return .ended(word.hasPrefix("CANCELLED") || word == "REVOKED" ? "cancelled" : nil)
    }
  }
}

extension Campaign {
  /// Hands prepared entries to Slurm as job arrays named `halite-CAMPAIGN-ATTEMPT`.
  ///
  /// A batch is written into the database before `sbatch` runs and its job's number behind it; a batch without a number is looked for
  /// by name in squeue and sacct before anything is submitted. `sbatch` itself holds the lock slurm.lock, so that where halite was
  /// killed the search waits until it has ended.
  /// - Throws: `InputError` where Slurm refuses; what was submitted before stays.
  public func submitToSlurm(limit: Int? = nil) throws -> SubmissionReport {
    try writeScripts()
    try requireRunnable()
    var report = SubmissionReport()
    let lock = try FileLock(path("slurm.lock"), waiting: true)
    defer { withExtendedLifetime(lock) {} }
    if let descriptor = lock?.descriptor { try recover(descriptor, &report) }
    if mkdir(path("batches"), 0o777) != 0, errno != EEXIST {
      throw InputError("cannot make the folder: \(String(cString: strerror(errno)))", file: path("batches"))
    }
    var left = limit ?? .max
    while left > 0, let batch = try claimBatch(most: min(left, settings.slurm.array_size)) {
      left -= batch.tasks
      report.submitted += batch.tasks
      guard let descriptor = lock?.descriptor else { break }
      try send(batch, lock: descriptor, &report)
    }
    if try isPaused() { report.remark = "the campaign is paused" }
    return report
  }

  /// Batches of a killed `submit`: found again in Slurm, or submitted now.
  private func recover(_ lock: Int32, _ report: inout SubmissionReport) throws {
    let open = try self.open().batches().filter { $0.job == nil }
    guard !open.isEmpty else { return }
    var queue = SlurmQueue(self)
    queue.ask(batches: Set(open.map(\.id)))
    guard !queue.isSilent else {
      throw InputError("Slurm does not answer (squeue)", remedy: "try again when it does: nothing was submitted")
    }
    for batch in open {
      if let job = queue.job(ofBatch: batch.id) {
        try locked { database in try database.transaction { try database.set(job: job, ofBatch: batch.id) } }
        report.arrays[SlurmQueue.jobName(settings.name, batch.id)] = job
      } else {
        try send(batch, lock: lock, &report)
      }
    }
  }

  private func claimBatch(most: Int) throws -> CampaignDatabase.Batch? {
    try locked { database in
      guard try database.fact("paused") != "yes" else { return nil }
      let attempts = try database.lastAttempts([.prepared]).filter {
        access(path(CampaignEntry.folder($0.entry, $0.number)) + "/run.done", F_OK) != 0
      }.prefix(most)
      guard !attempts.isEmpty else { return nil }
      let batch = CampaignDatabase.Batch(id: try database.nextBatch(), job: nil, tasks: attempts.count)
      let lines = attempts.map { CampaignEntry.folder($0.entry, $0.number) + "\n" }.joined()
      try AtomicFile.write(Array(lines.utf8), to: path("batches/\(batch.id).tasks"))
      try database.transaction {
        try database.insert(batch)
        for (index, attempt) in attempts.enumerated() {
          try database.assign(attempt, queue: "slurm", batch: batch.id, task: index + 1)
          guard var entry = try database.entry(attempt.entry) else { continue }
          entry.state = .submitted
          try database.move(entry)
        }
      }
      return batch
    }
  }

  private func send(_ batch: CampaignDatabase.Batch, lock: Int32, _ report: inout SubmissionReport) throws {
    let name = SlurmQueue.jobName(settings.name, batch.id)
    let range = "1-\(batch.tasks)" + (settings.slurm.at_once.map { "%\($0)" } ?? "")
    let words =
      [
        "sbatch", "--parsable", "--job-name=\(name)", "--array=\(range)", "--chdir=\(root)", "--output=/dev/null",
        "--error=/dev/null",
      ]
      + settings.slurm.options + [path("array.sh"), String(batch.id)]
    let answer = ChildProcess.run(words, lock: lock, scratch: path(".sbatch.\(getpid()).out"))
    let number = answer?.text.split(whereSeparator: \.isNewline).last?.split(separator: ";").first.map(String.init)
    guard let answer, answer.status == 0, let number, Int(number) != nil else {
      try takeBack(batch)
      let said = answer?.text.split(separator: "\n").last.map(String.init) ?? "there is no program sbatch"
      throw InputError(
        "Slurm refuses the job array \(name): \(said)",
        remedy: "correct `slurm:` of campaign.yaml; the runs are prepared still")
    }
    try locked { database in try database.transaction { try database.set(job: number, ofBatch: batch.id) } }
    report.arrays[name] = number
  }

  /// A batch that Slurm refused: its runs are prepared again.
  private func takeBack(_ batch: CampaignDatabase.Batch) throws {
    try locked { database in
      try database.transaction {
        try database.set(job: "refused", ofBatch: batch.id)
        for attempt in try database.lastAttempts([.submitted])
        where attempt.queue == "slurm" && attempt.batch == batch.id {
          try database.assign(attempt, queue: nil)
          guard var entry = try database.entry(attempt.entry) else { continue }
          entry.state = .prepared
          try database.move(entry)
        }
      }
    }
  }
}
