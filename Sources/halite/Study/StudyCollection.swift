import Foundation
import Potentials
import Reports
import Settings
import Structures

/// Makes a study of what its runs have left: every error by the code that judges every potential of Halite.
struct StudyCollection {
  let plan: StudyPlan
  let queue: StudyQueue
  let command: String

  /// - Throws: `InputError` where a run's file cannot be read.
  func study(failures: [String: String], console: Console) throws -> Study {
    let settings = plan.settings
    var study = Study(
      title: title, command: command, dataHash: plan.data.hash, splitHash: plan.split.hash, split: plan.splitText,
      frames: plan.data.distinctCount, classes: try FrameClasses(plan.data, threads: plan.threads * plan.jobs),
      potentials: settings.potentials.map(\.name), sizes: plan.sizes, seeds: settings.seeds)
    study.lithiumEnergy = settings.lithiumEnergy
    study.settings = try StudyText(plan).text
    if let lithium = settings.lithiumEnergy {
      study.notes.append("Voltages are against lithium metal at \(lithium) eV/atom, as the study gives it.")
    }
    let partners = LithiumPartners.all(in: plan.data, key: settings.partners)
    for (place, run) in plan.runs.enumerated() {
      let folder = queue.folder(run)
      if folder.isDone(run.fingerprint) {
        console.progress("reading runs", place, of: plan.runs.count, detail: run.name)
        study.runs.append(try read(run, folder, partners))
      } else if let message = failures[run.name] ?? failure(of: run, folder) {
        study.failures.append(Study.Failure(key: run.key, message: message))
      } else {
        study.missing.append(run.key)
      }
    }
    console.endProgress()
    return study
  }

  /// What an earlier call said of it.
  private func failure(of run: PlannedRun, _ folder: StudyRunFolder) -> String? {
    folder.read().flatMap { $0.fingerprint == run.fingerprint ? $0.failure : nil }
  }

  private var title: String {
    let name = plan.folder.split(separator: "/").last.map(String.init) ?? plan.folder
    return "Study: " + name
  }

  private func read(_ run: PlannedRun, _ folder: StudyRunFolder, _ partners: [LithiumPartners]) throws -> StudyRun {
    let report = try readJSON(ReportFile.self, path: folder.report)
    let file = try PredictionFile(folder.predictions)
    var result = StudyRun(run.key, trainingFrames: run.count)
    result.fittedLabels = report.fittedLabels
    result.bestEpoch = report.epochs == nil ? nil : report.bestEpoch
    let learned = run.trainingFrames.map { plan.training.nestedSubset($0, seed: plan.split.seed) } ?? plan.training
    let baseline = try EnergyBaseline(fitting: learned, part: .train)
    let judged = Set(plan.testFrames(of: run.key).map(\.id))
    var energies: [String: (part: DataPart, energy: Double)] = [:]
    for part in file.parts {
      guard let name = DataPart(rawValue: part.name) else { continue }
      let predictions = Dictionary(zip(part.ids, part.predictions)) { first, _ in first }
      for (id, prediction) in predictions { energies[id] = (name, prediction.energy) }
      // In the order of the data set, whatever the order of the file.
      let frames = plan.data.filter { predictions[$0.id] != nil && (name != .test || judged.contains($0.id)) }
      try result.add(
        name, frames: frames, predictions: frames.compactMap { predictions[$0.id] }, baseline: baseline)
    }
    result.add(partners, in: plan.data, predictions: energies, baseline: baseline)
    let log = try RunLog(folder.log)
    result.epochs = log.epochs(at: plan.settings.potentials.first { $0.name == run.key.potential }?.epochs ?? [])
    let training = report.stages.first { $0.name == "training" }?.seconds ?? report.seconds
    result.effort = StudyRun.Effort(
      trainingSeconds: training + log.earlierSeconds, seconds: report.seconds + log.earlierSeconds,
      peakBytes: report.peakBytes, threads: report.threads, starts: folder.read()?.starts ?? 1)
    return result
  }
}

/// `log.csv` of a run, with one clock for all of its starts.
struct RunLog {
  private var rows: [StudyRun.Epoch] = []
  /// Of starts before the last one that left epochs, s.
  private(set) var earlierSeconds = 0.0

  /// - Throws: `InputError` where the file cannot be read.
  init(_ path: String) throws {
    let text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
    var last = 0.0
    for line in text.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count == 7, let epoch = Int(cells[0]), let seconds = Double(cells[6]) else { continue }
      // The clock of a run that goes on begins again.
      if seconds < last { earlierSeconds += last }
      last = seconds
      var row = StudyRun.Epoch(epoch: epoch, seconds: earlierSeconds + seconds)
      row.trainEnergyRMSE = Double(cells[2])
      row.validationEnergyRMSE = Double(cells[3])
      row.trainForceRMSE = Double(cells[4])
      row.validationForceRMSE = Double(cells[5])
      rows.append(row)
    }
  }

  /// The rows at some epochs, the last row among them; without epochs, at 1, 2, 5, 10, 20, …; none of a log without
  /// errors, as that of a linear fit.
  func epochs(at wanted: [Int]) -> [StudyRun.Epoch] {
    guard let last = rows.last, rows.count > 1 else { return [] }
    var steps = wanted
    var power = 1
    while steps.isEmpty || (wanted.isEmpty && power <= last.epoch) {
      steps += [power, 2 * power, 5 * power]
      power *= 10
    }
    let chosen = Set(steps + [last.epoch])
    return rows.filter { chosen.contains($0.epoch) && $0.epoch > 0 }
  }
}

/// The expanded study: every setting that it has, written beside the results.
struct StudyText {
  let text: String

  init(_ plan: StudyPlan) throws {
    let settings = plan.settings
    func map(_ entries: [(String, SettingsValue?)]) -> SettingsValue {
      SettingsValue(.map(entries.map { .init($0.0, $0.1 ?? SettingsValue(.null)) }))
    }
    func list(_ values: [some Encodable]) throws -> SettingsValue {
      SettingsValue(.list(try values.map { try SettingsValue(encoding: $0) }))
    }
    func number(_ value: Int?) -> SettingsValue? { value.map { SettingsValue(.integer(Int128($0))) } }
    func word(_ text: String?) -> SettingsValue? { text.map { SettingsValue(.text($0)) } }
    let made = map([
      ("train", SettingsValue(.real(settings.split.train))),
      ("seed", SettingsValue(.integer(Int128(settings.split.seed)))), ("by", word(settings.split.by.description)),
    ])
    let head = map([
      ("data", try list(settings.data)), ("reading", settings.reading.settings), ("output", word(settings.output)),
      ("split", word(settings.split.file) ?? made),
      ("test", word(settings.test.rawValue)),
      ("sizes", Self.sizes(settings.sizes)),
      ("seeds", try list(settings.seeds)), ("threads", number(settings.threads)), ("jobs", number(settings.jobs)),
      ("checkpoint_interval", number(settings.checkpointInterval)), ("partners", word(settings.partners)),
      ("lithium_energy", settings.lithiumEnergy.map { SettingsValue(.real($0)) }),
    ])
    var text = writeYAML(head) + "potentials:\n"
    for potential in settings.potentials {
      var own: [(String, SettingsValue?)] = [
        ("kind", word(potential.kind)), ("name", word(potential.name)), ("preset", word(potential.preset)),
      ]
      if !potential.epochs.isEmpty { own.append(("epochs", try list(potential.epochs))) }
      if let sizes = potential.sizes { own.append(("sizes", Self.sizes(sizes))) }
      let kind = try StudyKind(potential, seed: settings.seeds[0], file: settings.file)
      let lines = kind.configuration.split(separator: "\n").filter {
        !$0.hasPrefix("seed:") && !$0.hasPrefix("checkpoint_interval:")
      }
      let ownLines = writeYAML(map(own)).split(separator: "\n").map(String.init) + ["settings:"]
      for (place, line) in ownLines.enumerated() { text += (place == 0 ? "  - " : "    ") + line + "\n" }
      text += lines.map { "      \($0)\n" }.joined()
    }
    self.text = text
  }

  private static func sizes(_ sizes: [Int?]) -> SettingsValue {
    SettingsValue(.list(sizes.map { SettingsValue($0.map { .integer(Int128($0)) } ?? .text("all")) }))
  }
}
