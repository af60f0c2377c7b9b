import Campaigns
import Foundation
import Structures

/// A job array of Slurm that does the runs of a study: `array.sh` and the names of the runs, `tasks.txt`.
struct SlurmArray {
  private let plan: StudyPlan
  private let runs: [PlannedRun]

  init(_ plan: StudyPlan, _ queue: StudyQueue) {
    self.plan = plan
    runs = plan.runs.filter { !queue.folder($0).isDone($0.fingerprint) }
  }

  private struct Result: Encodable {
    var output: String
    var tasks: Int
    var command: String
  }

  func write(_ arguments: ParsedArguments, _ console: Console) throws {
    let path = plan.folder + "/array.sh"
    try AtomicFile.write([
      (path, Array(script.utf8)),
      (plan.folder + "/tasks.txt", Array(runs.map { $0.name + "\n" }.joined().utf8)),
    ])
    let command = "sbatch \(path)"
    try console.result(
      Result(output: path, tasks: runs.count, command: command),
      text: runs.isEmpty
        ? "all runs are done"
        : "\(counted(runs.count, "task")): \(path)\n\(command), and the same command without --submit when they are done",
      json: arguments.json)
  }

  /// Each task asks for what the largest run is forecast to need, with room to spare.
  var script: String {
    let memory = (runs.map(\.forecast.bytes).max() ?? 0) * 3 / 2 + 500_000_000
    let seconds = 2 * (runs.map(\.forecast.seconds).max() ?? 0) + 600
    let minutes = Int((seconds / 60).rounded(.up))
    func whole(_ path: String) -> String {
      path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
    return """
      #!/bin/bash
      #SBATCH --job-name=halite-study
      #SBATCH --array=1-\(max(1, runs.count))
      #SBATCH --cpus-per-task=\(plan.threads)
      #SBATCH --mem=\(memory / 1_000_000)M
      #SBATCH --time=\(minutes)
      #SBATCH --output=/dev/null
      # Runs of \(plan.settings.file); the time and memory above are forecasts: change them where they are too small.
      # A task that was stopped goes on from its checkpoint when it is submitted again.
      set -euo pipefail
      cd \(shellQuoted(FileManager.default.currentDirectoryPath))
      run=$(sed -n "${SLURM_ARRAY_TASK_ID}p" \(shellQuoted(whole(plan.folder) + "/tasks.txt")))
      exec "${HALITE:-halite}" compare \(shellQuoted(plan.settings.file)) -o \(shellQuoted(plan.folder)) \\
        --run "$run" --threads "${SLURM_CPUS_PER_TASK:-\(plan.threads)}" --jobs 1

      """
  }
}
