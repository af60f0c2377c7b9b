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
  /// - Throws: `InputError` for an empty data set, a fraction out of range, frames that all lack the key to group by.
  public init(
    _ dataset: Dataset, trainingFraction: Double, seed: UInt64, by rule: SplitRule = .frame, threads: Int = 1
  ) throws {
    var candidates = Candidates(by: rule)
    try candidates.add(dataset.frames, threads: threads)
    self = try candidates.split(trainingFraction: trainingFraction, seed: seed)
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
}

extension DataSplit {
  /// What a split needs to know of a data set of any size, collected batch by batch.
  public struct Candidates: Sendable {
    private let rule: SplitRule
    private var ids: [FrameID] = []
    /// Place of the first frame of each id in the arrays below.
    private var first: [FrameID: Int32] = [:]
    private var names = FrameNames()
    private var signatures: [FrameSignature] = []
    private var groups: [String] = []
    private var areIsolated: [Bool] = []
    private var interned = Interned<String>()

    public init(by rule: SplitRule) { self.rule = rule }

    /// Frames so far, copies included.
    public var count: Int { ids.count }
    /// Different frames without the key to group by: each makes a group, with those whose key is its id.
    public private(set) var countWithoutKey = 0

    /// - Parameter threads: of the search for neighbours.
    /// - Throws: `InputError` for a frame that is in two groups.
    public mutating func add(_ batch: [LabeledStructure], threads: Int = 1) throws {
      let found = try parallelMap(chunks: batch.count, threads: threads) { place in
        do {
          return try FrameSignature(of: batch[place]).rounded
        } catch let error as InputError {
          throw error.located(in: batch[place].name)
        }
      }
      for (frame, signature) in zip(batch, found) { try add(frame, signature) }
    }

    private mutating func add(_ frame: LabeledStructure, _ signature: FrameSignature) throws {
      let id = FrameID(frame.id)
      // By frame the group is the frame itself.
      let named = frame.isIsolatedAtom || rule == .frame ? "" : rule.group(of: frame)
      // Delithiated frames name the id of the frame that they come from, which itself need not have the key.
      let group = named ?? frame.id
      ids.append(id)
      if let earlier = first[id].map({ Int($0) }) {
        guard groups[earlier] != group, !areIsolated[earlier], !frame.isIsolatedAtom else { return }
        throw InputError(
          "\(frame.name) occurs twice, in the groups `\(groups[earlier])` and `\(group)`",
          remedy: "take one of the two out, or split by frame")
      }
      if named == nil { countWithoutKey += 1 }
      first[id] = Int32(groups.count)
      names.append(frame)
      var signature = signature
      signature.formula = interned(signature.formula)
      signatures.append(signature)
      groups.append(interned(group))
      areIsolated.append(frame.isIsolatedAtom)
    }

    /// The split of all that was added.
    /// - Throws: `InputError` for no frames at all, none with the key to group by, or a fraction out of range.
    public func split(trainingFraction: Double, seed: UInt64) throws -> DataSplit {
      guard trainingFraction > 0, trainingFraction <= 1 else {
        throw InputError(
          "the training fraction is \(trainingFraction), expected above 0 and at most 1", isUsage: true)
      }
      guard !ids.isEmpty else { throw InputError("there are no frames to split") }
      if case .group(let key) = rule, countWithoutKey > 0, countWithoutKey == areIsolated.count(where: { !$0 }) {
        throw InputError(
          "no frame has the key `\(key)` to be grouped by",
          remedy: "choose a key that frames have (halite data census lists them)")
      }
      let order = first.sorted { $0.key < $1.key }
      let chosen = try divide(order, trainingFraction, seed)
      var parts: (training: [Member], test: [Member]) = ([], [])
      for (id, place) in order {
        let place = Int(place)
        let member = Member(id: id.text, source: names[place], signature: signatures[place])
        if chosen[place] { parts.training.append(member) } else { parts.test.append(member) }
      }
      return DataSplit(
        rule: rule, trainingFraction: trainingFraction, seed: seed, dataHash: FrameIdentity.hash(of: ids),
        training: parts.training, test: parts.test)
    }

    /// For each place, whether it is for training.
    private func divide(
      _ order: [(key: FrameID, value: Int32)], _ fraction: Double, _ seed: UInt64
    ) throws -> [Bool] {
      var chosen = areIsolated
      let counted = order.map { Int($0.value) }.filter { !areIsolated[$0] }
      // In the order of the groups' names; by frame these are the ids.
      var members: [[Int]] = counted.map { [$0] }
      if rule != .frame {
        let grouped = Dictionary(grouping: counted) { groups[$0] }
        members = grouped.sorted { $0.key < $1.key }.map(\.value)
      }
      let target = Int((fraction * Double(counted.count) - 1e-9).rounded(.up))
      if rule != .frame, members.count == 1, fraction < 1 {
        throw InputError(
          "all frames are of one group by \(rule) (`\(groups[members[0][0]])`), which cannot be divided",
          remedy: "split by frame")
      }
      var random = RandomSource(seed: seed)
      var count = 0
      for place in random.permutation(of: members.count) {
        let group = members[place]
        guard abs(count + group.count - target) < abs(count - target) else { continue }
        count += group.count
        for member in group { chosen[member] = true }
      }
      if count == 0, target > 0 {
        throw InputError(
          "every group by \(rule) is larger than twice the training part of \(target) frames",
          remedy: "raise the training fraction, or split by frame")
      }
      return chosen
    }
  }
}

extension FrameSignature {
  /// With the digits that a tolerant comparison can use, so that files stay small.
  fileprivate var rounded: FrameSignature {
    FrameSignature(
      formula: formula, volume: volume, energy: energy,
      distances: distances.map { ($0 * 1e5).rounded() / 1e5 })
  }
}
