/// Where an entry of a campaign stands.
public enum EntryState: String, CaseIterable, Codable, Sendable {
  /// Known, without inputs.
  case planned
  /// Its run folder holds the inputs.
  case prepared
  /// Handed to a queue, not begun.
  case submitted
  case running
  /// The output is there and good.
  case finished
  /// The output is missing or bad; the reason says why.
  case failed
  /// Finished, and taken into the data set.
  case accepted
}

/// One structure of a campaign, in one magnetic order.
public struct CampaignEntry: Sendable {
  public var id: Int
  /// SHA-256 of structure and magnetic order: who the entry is.
  public var hash: String
  public var state: EntryState
  /// Of a failed entry: "scf-unconverged", "brmix", …
  public var reason: String?
  /// Number of the last attempt, from 1; 0 where there is none.
  public var attempt: Int
  public var formula: String
  public var order: MagneticOrder
  /// μB.
  public var nupdown: Double?
  /// NUPDOWN, μB, as exports, the ASE database and lists show it: "4", "0.5".
  public var nupdownText: String? { nupdown.map { moment in Int(exactly: moment).map { "\($0)" } ?? "\(moment)" } }

  /// The run folder of an attempt, as seen from the campaign's folder: "runs/000012/2".
  public func folder(attempt: Int? = nil) -> String { Self.folder(id, attempt ?? self.attempt) }

  static func folder(_ id: Int, _ attempt: Int) -> String {
    let digits = String(id)
    return "runs/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "/\(attempt)"
  }
}

/// One calculation of an entry.
public struct CampaignAttempt: Sendable {
  public var entry: Int
  public var number: Int
  /// Rungs of the repair ladder that apply to it, "kerker-mixing;more-bands NBANDS=132".
  public var fixes: String
  /// SHA-256 of its input files.
  public var inputs: String
  /// "local" or "slurm"; nil where it was not handed to a queue.
  public var queue: String?
  public var batch: Int?
  /// Of the batch's job array, from 1.
  public var task: Int?
  public var outcome: EntryState
  public var reason: String?
  public var detail: String?
  /// Sizes and times of the outputs when they were read last.
  public var stamp: String?
  public var seconds: Double?
}
