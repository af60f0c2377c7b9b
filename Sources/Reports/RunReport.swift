import Foundation
import Potentials
import Structures

/// What a training or an evaluation leaves behind: `report.html`, `report.json` and `predictions.csv`.
public struct RunReport: Sendable {
  /// What was run, on what, with what effort.
  public struct Run: Sendable {
    /// Kind of the potential: "aenet".
    public var potential: String
    public var potentialFile: String?
    /// Labels that the potential was fitted to: "energy", "forces", "stress"; nil where that is not known.
    public var fittedLabels: [String]?
    /// The command line that gives this report again.
    public var command: String
    /// Of Halite.
    public var version: String
    public var dataHash: String
    public var splitHash: String?
    /// Wall time, s.
    public var seconds: Double
    public var peakBytes: Int
    public var threads: Int

    public init(
      potential: String, potentialFile: String? = nil, command: String, version: String, dataHash: String,
      splitHash: String? = nil
    ) {
      self.potential = potential
      self.potentialFile = potentialFile
      self.command = command
      self.version = version
      self.dataHash = dataHash
      self.splitHash = splitHash
      seconds = 0
      peakBytes = 0
      threads = 1
    }
  }

  /// How the training went; nil for an evaluation.
  public struct Training: Sendable {
    public var log: [EpochRecord]
    public var bestEpoch: Int?
    public var stopReason: StopReason?

    public init(log: [EpochRecord], bestEpoch: Int? = nil, stopReason: StopReason? = nil) {
      self.log = log
      self.bestEpoch = bestEpoch
      self.stopReason = stopReason
    }
  }

  /// A name and what is to be said of it, as the census gives them.
  public struct Fact: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A step of the run and its wall time, s.
  public struct Stage: Codable, Sendable, Equatable {
    public var name: String
    public var seconds: Double

    public init(_ name: String, seconds: Double) {
      self.name = name
      self.seconds = seconds
    }
  }

  public var run: Run
  /// In the order in which tables and legends list them.
  public var parts: [PartReport]
  public var training: Training?
  /// Against the potential that the training began from.
  public var change: ChangeReport?
  /// What the data are, label by label.
  public var census: [Fact]
  public var stages: [Stage]
  /// Every setting, as YAML.
  public var settings: String
  /// What a reader must know beside the numbers: "labels are GFN1-xTB, not DFT".
  public var notes: [String]

  public init(
    _ run: Run, parts: [PartReport], training: Training? = nil, census: [Fact] = [], stages: [Stage] = [],
    settings: String = "", notes: [String] = []
  ) {
    self.run = run
    self.parts = parts
    self.training = training
    self.census = census
    self.stages = stages
    self.settings = settings
    self.notes = notes
  }
}

extension RunReport {
  /// Errors and baselines of every part, for the terminal.
  public var table: ErrorTable { ErrorTable(parts, fittedLabels: run.fittedLabels) }

  public var verdict: Verdict {
    Verdict(parts, fittedLabels: run.fittedLabels, log: training?.log ?? [], change: change)
  }

  /// Writes the three files into a folder, which is made where it is missing; they appear together or not at all.
  /// - Throws: `InputError` where the folder cannot be written or the disk is full.
  public func write(to folder: String) throws {
    let files = [
      ("predictions.csv", PredictionTable(parts).text), ("report.json", try ReportFile(self).json),
      ("report.html", HTMLReport(self).text),
    ]
    let base = URL(fileURLWithPath: folder.isEmpty ? "." : folder, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
    } catch {
      throw InputError(
        "cannot make the folder: \(error.localizedDescription)", file: folder,
        remedy: "name a folder that can be written")
    }
    let home = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    try AtomicFile.write(files.map { (home + $0.0, Array($0.1.utf8)) })
  }
}
