/// Which frames are for training and which for testing: written once, obeyed by every potential.
///
/// Membership depends on the ids, the rule, the fraction and the seed, not on the order of files and frames. Frames of
/// isolated atoms give reference energies: they are always in the training part and do not count.
public struct DataSplit: Hashable, Sendable {
  /// One frame as the split knows it.
  public struct Member: Hashable, Sendable {
    public var id: String
    /// File and frame where it was found when the split was made, for messages.
    public var source: String
    /// For finding it again in a file that has lost its id.
    public var signature: FrameSignature

    public init(id: String, source: String, signature: FrameSignature) {
      self.id = id
      self.source = source
      self.signature = signature
    }
  }

  /// What stayed together.
  public var rule: SplitRule
  /// The fraction asked for.
  public var trainingFraction: Double
  public var seed: UInt64
  /// `Dataset.hash` of the data that was split.
  public var dataHash: String
  /// Sorted by id; a frame that the data holds twice is there once.
  public var training: [Member]
  /// Sorted by id.
  public var test: [Member]

  /// SHA-256 over the ids of both parts: two splits with the same hash divide the same frames in the same way.
  public var hash: String {
    let lines = ["halite-split-1", "train"] + training.map(\.id).sorted() + ["test"] + test.map(\.id).sorted()
    return FrameIdentity.sha256(lines.flatMap { Array($0.utf8) + [10] })
  }

  /// Splits a data set.
  ///
  /// By frame the training part has ⌈f n⌉ of n different frames. By group, whole groups in random order go to the
  /// training part as long as that brings its size nearer to ⌈f n⌉.
  /// - Parameters:
  ///   - trainingFraction: above 0, at most 1.
  ///   - threads: of the search for neighbours.
  /// - Throws: `InputError` for an empty data set, a fraction out of range, a frame without the key to group by.
  public init(
    _ dataset: Dataset, trainingFraction: Double, seed: UInt64, by rule: SplitRule = .frame, threads: Int = 1
  ) throws {
    guard trainingFraction > 0, trainingFraction <= 1 else {
      throw InputError(
        "the training fraction is \(trainingFraction), expected above 0 and at most 1", isUsage: true)
    }
    guard !dataset.isEmpty else { throw InputError("there are no frames to split") }
    self.rule = rule
    self.trainingFraction = trainingFraction
    self.seed = seed
    dataHash = dataset.hash
    let parts = try divide(dataset, trainingFraction, seed, rule)
    let members = try Self.members(of: dataset, threads: threads)
    training = members.filter { parts.contains($0.id) }
    test = members.filter { !parts.contains($0.id) }
  }

  init(
    rule: SplitRule, trainingFraction: Double, seed: UInt64, dataHash: String, training: [Member], test: [Member]
  ) {
    self.rule = rule
    self.trainingFraction = trainingFraction
    self.seed = seed
    self.dataHash = dataHash
    self.training = training
    self.test = test
  }

  /// One member for each id, sorted by id.
  private static func members(of dataset: Dataset, threads: Int) throws -> [Member] {
    var first: [String: Int] = [:]
    for (index, frame) in dataset.enumerated() where first[frame.id] == nil { first[frame.id] = index }
    let order = first.sorted { $0.key < $1.key }.map(\.value)
    return try parallelMap(chunks: order.count, threads: threads) { chunk in
      let frame = dataset[order[chunk]]
      do {
        return Member(id: frame.id, source: frame.name, signature: try FrameSignature(of: frame).rounded)
      } catch let error as InputError {
        throw error.located(in: frame.name)
      }
    }
  }
}

/// The ids of the training part.
private func divide(
  _ dataset: Dataset, _ fraction: Double, _ seed: UInt64, _ rule: SplitRule
) throws -> Set<String> {
  var groupOfID: [String: String] = [:]
  var chosen: Set<String> = []
  for frame in dataset {
    if frame.isIsolatedAtom {
      chosen.insert(frame.id)
      continue
    }
    let group = try rule.group(of: frame)
    if let other = groupOfID.updateValue(group, forKey: frame.id), other != group {
      throw InputError(
        "\(frame.name) occurs twice, in the groups `\(other)` and `\(group)`",
        remedy: "take one of the two out, or split by frame")
    }
  }
  var groups: [String: [String]] = [:]
  for (id, group) in groupOfID { groups[group, default: []].append(id) }
  let names = groups.keys.sorted()
  let target = Int((fraction * Double(groupOfID.count) - 1e-9).rounded(.up))
  if rule != .frame, names.count == 1, fraction < 1 {
    throw InputError(
      "all frames are of one group by \(rule) (`\(names[0])`), which cannot be divided", remedy: "split by frame")
  }
  var random = RandomSource(seed: seed)
  var count = 0
  for place in random.permutation(of: names.count) {
    let ids = groups[names[place]] ?? []
    guard abs(count + ids.count - target) < abs(count - target) else { continue }
    count += ids.count
    chosen.formUnion(ids)
  }
  if count == 0, target > 0 {
    throw InputError(
      "every group by \(rule) is larger than twice the training part of \(target) frames",
      remedy: "raise the training fraction, or split by frame")
  }
  return chosen
}

extension FrameSignature {
  /// With the digits that a tolerant comparison can use, so that files stay small.
  fileprivate var rounded: FrameSignature {
    FrameSignature(
      formula: formula, volume: volume, energy: energy,
      distances: distances.map { ($0 * 1e5).rounded() / 1e5 })
  }
}
