import Structures

/// What a special quasirandom structure is to be, and when to stop looking for it.
public struct QuasirandomSettings: Hashable, Sendable {
  /// Correlations of pairs up to this distance count, Å.
  public var pairCutoff: Double
  /// Correlations of triplets all of whose sides are up to this, Å.
  public var tripletCutoff: Double
  public var pairWeight = 1.0
  public var tripletWeight = 1.0
  /// What a nearest-neighbour distance of perfectly matched pairs is worth in the objective.
  public var lengthWeight = 1.0
  /// A correlation is matched where it is off by less than this.
  public var tolerance = 1e-5
  public var seed: UInt64 = 1
  /// Exchanges tried in all.
  public var steps = 4_000_000
  /// Stops after this time, s; nil never. How far the search came then depends on the machine.
  public var seconds: Double?
  /// Stops where the objective is at most this; nil never.
  public var target: Double?
  public var threads = 1

  /// - Parameters: Å.
  public init(pairCutoff: Double, tripletCutoff: Double) {
    self.pairCutoff = pairCutoff
    self.tripletCutoff = tripletCutoff
  }

  /// - Throws: `InputError` (usage) for a value that makes no sense.
  func check() throws {
    let reasons: [(Bool, String)] = [
      (pairCutoff > 0, "a pair cutoff above 0 Å is needed, found \(pairCutoff)"),
      (tripletCutoff >= 0, "the triplet cutoff is 0 Å (no triplets) or above, found \(tripletCutoff)"),
      (steps > 0, "at least one step is needed, found \(steps)"),
      (seconds.map { $0 > 0 } ?? true, "the time limit must be above 0 s"),
      (pairWeight >= 0 && tripletWeight >= 0 && lengthWeight >= 0, "weights are 0 or above"),
      (tolerance > 0, "the tolerance must be above 0"),
    ]
    for (holds, reason) in reasons where !holds { throw InputError(reason, isUsage: true) }
  }
}

/// Which supercells a search visits.
public enum QuasirandomSupercells: Hashable, Sendable {
  /// This one; the columns are its vectors in units of the parent's.
  case given(IntegerMatrix)
  /// All shapes of `index` parent cells whose longest reduced vector is at most `aspect` times the shortest.
  case searched(index: Int, aspect: Double)
}

/// The correlations of one orbit of clusters.
public struct ShellCorrelations: Hashable, Sendable, Encodable {
  /// 1, 2 or 3 sites.
  public var order: Int
  /// Names of the sites' sublattices.
  public var sublattices: [String]
  /// Between the sites, ascending, Å.
  public var distances: [Double]
  /// Clusters in one parent cell.
  public var multiplicity: Int
  /// Numbers of the point functions, from 1, of each correlation.
  public var functions: [[Int]]
  public var values: [Double]
  /// Of the random mixture.
  public var targets: [Double]
  /// Σ |value − target|: the shell's part of the objective, before its weight.
  public var deviation: Double
}

/// The best structure found so far.
public struct QuasirandomResult: Sendable {
  public var structure: Structure
  /// Weighted deviations minus the reward of the matched distance.
  public var objective: Double
  /// Σ weight Σ |value − target|.
  public var deviation: Double
  /// Up to this distance all pairs match, in nearest-neighbour distances of the mixed sites.
  public var matchedDistance: Double
  public var shells: [ShellCorrelations]
  /// The supercell's vectors as rows, in units of the parent's.
  public var supercell: [[Int]]
  /// Exchanges tried so far, by all walks.
  public var steps: Int
  /// Shapes among which was searched.
  public var shapes: Int
  public var stop: QuasirandomStop
}

/// Why a search ended.
public enum QuasirandomStop: String, Sendable, Encodable {
  case running, steps, time, target, perfect, interrupted
}
