import Foundation
import Potentials
import Reports
import Settings
import Structures

/// One choice of settings in a search.
struct TuneTrial: Sendable {
  /// From 1.
  var number: Int
  /// Over the settings that the search begins with.
  var settings: SettingsValue
  /// Training frames of its longest run.
  var frames = 0
  /// Mean over the quantities of error/baseline; nil where it failed.
  var score: Double?
  var errors: ErrorReport?
  var seconds = 0.0
  var failure: String?
}

/// What a search chooses for.
struct TuneChoices: Sendable {
  let kind: String
  let preset: String?
  /// What every trial has.
  let base: SettingsValue?
  /// That names the choices, for errors.
  let file: String

  /// A trial's settings, checked.
  /// - Throws: `InputError` with file and line.
  func kind(of trial: TuneTrial, seed: UInt64) throws -> StudyKind {
    let settings = base.map { $0.overlaid(with: trial.settings) } ?? trial.settings
    let potential = StudySettings.Potential(
      kind: kind, name: "trial", preset: preset, settings: settings, epochs: [], sizes: nil, line: nil)
    return try StudyKind(potential, seed: seed, file: file)
  }
}

/// Searches settings on a validation part that is cut from the training part; the test part is not even read.
struct TuneSearch {
  enum Method: String, ArgumentChoice {
    case halving, random, grid
  }

  enum Objective: String, ArgumentChoice {
    case all, energy, forces, stress
  }

  let choices: TuneChoices
  let method: Method
  let objective: Objective
  let seed: UInt64
  let queue: StudyQueue
  /// Of the frames that the search may look at: to learn from, and to judge by.
  let split: DataSplit
  let training: Dataset
  /// Replace runs of other settings.
  let overwrites: Bool
  let console: Console

  /// Of the trials, the third that go on to three times the frames.
  static let factor = 3
  /// Fewer frames say nothing.
  static let fewest = 20

  /// The frames of each round: the last has all, each one before a third.
  static func rounds(_ trials: Int, frames: Int, method: Method) -> [Int] {
    var rounds = [frames]
    var left = trials
    while method == .halving, left >= factor, rounds[0] / factor >= fewest {
      rounds.insert(rounds[0] / factor, at: 0)
      left /= factor
    }
    return rounds
  }

  /// - Returns: the trials, best first.
  func run(_ points: [SettingsValue]) throws -> [TuneTrial] {
    var trials = points.enumerated().map { TuneTrial(number: $0 + 1, settings: $1) }
    let whole = training.distinctCount
    let rounds = Self.rounds(trials.count, frames: whole, method: method)
    var alive = Array(trials.indices)
    for (round, frames) in rounds.enumerated() {
      if rounds.count > 1 {
        console.say(
          "round \(round + 1) of \(rounds.count): \(counted(alive.count, "trial")), \(frames) frames to learn from")
      }
      let part = frames < whole ? training.nestedSubset(frames, seed: split.seed) : training
      let runs = try alive.map { try plan(trials[$0], frames: frames < whole ? frames : nil, part) }
      try queue.clear(runs, overwrite: overwrites)
      let failures = try queue.run(runs)
      for (trial, run) in zip(alive, runs) { read(run, failures[run.name], into: &trials[trial]) }
      let ranked = alive.sorted { order(trials[$0]) < order(trials[$1]) }
      guard round + 1 < rounds.count else { break }
      alive = Array(ranked.prefix(max(1, ranked.count / Self.factor)))
    }
    return trials.sorted { order($0) < order($1) }
  }

  /// Longer runs before shorter ones, then by score, failures last.
  private func order(_ trial: TuneTrial) -> (Int, Double, Int) {
    trial.score.map { (-trial.frames, $0, trial.number) } ?? (1, .infinity, trial.number)
  }

  func plan(_ trial: TuneTrial, frames: Int?, _ part: Dataset) throws -> PlannedRun {
    let name = String(format: "t%03d", trial.number)
    return PlannedRun(
      StudyRun.Key(potential: name, kind: choices.kind, size: part.distinctCount, seed: seed),
      try choices.kind(of: trial, seed: seed), name: "\(name)-\(part.distinctCount)", trainingFrames: frames,
      frames: part, split: split, threads: queue.place.threads)
  }

  private func read(_ run: PlannedRun, _ failure: String?, into trial: inout TuneTrial) {
    trial.frames = run.count
    let folder = queue.folder(run)
    guard failure == nil, let report = try? readJSON(ReportFile.self, path: folder.report), let errors = report.test
    else {
      trial.failure = failure ?? "no report"
      trial.score = nil
      return
    }
    trial.errors = errors
    trial.seconds = report.seconds
    trial.score = score(errors, fitted: report.fittedLabels)
  }

  /// Errors as parts of what knowing nothing gives, so that energies and forces can be added.
  func score(_ errors: ErrorReport, fitted: [String]?) -> Double? {
    let baselines = errors.baselines
    let terms: [(String, Double?, Double?)] = [
      ("energy", errors.energy?.rmse, baselines?.compositionRMSE ?? baselines?.meanEnergyRMSE),
      ("forces", errors.forces?.rmse, baselines?.zeroForceRMSE),
      ("stress", errors.stress?.rmse, baselines?.zeroStressRMSE),
    ]
    let ratios = terms.compactMap { name, error, baseline -> Double? in
      guard objective == .all ? fitted?.contains(name) ?? true : objective.rawValue == name else { return nil }
      guard let error, let baseline, baseline > 0 else { return nil }
      return error / baseline
    }
    return ratios.isEmpty ? nil : ratios.reduce(0, +) / Double(ratios.count)
  }
}
