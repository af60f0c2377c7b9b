extension DataSplit {
  /// The two parts of a data set, each in the order of the data set.
  ///
  /// Frames are found by id; those whose id the split does not know by a tolerant comparison, nearest first, each
  /// with one frame of the split. Copies of a frame go where the frame goes.
  /// - Throws: `InputError` where the data set is not the one that was split: how many frames are missing, how many
  ///   are too many, and the first of each.
  public func parts(of dataset: Dataset, threads: Int = 1) throws -> (training: Dataset, test: Dataset) {
    let isTraining = try membership(of: dataset, threads: threads)
    var training: [LabeledStructure] = []
    var test: [LabeledStructure] = []
    for (frame, flag) in zip(dataset, isTraining) {
      if flag { training.append(frame) } else { test.append(frame) }
    }
    return (Dataset(training), Dataset(test))
  }

  /// For each frame, true where it belongs to the training part.
  private func membership(of dataset: Dataset, threads: Int) throws -> [Bool] {
    let members = training + test
    var places: [String: Int] = [:]
    for (index, member) in members.enumerated() { places[member.id] = index }
    var member = dataset.map { places[$0.id] }
    var found = [Bool](repeating: false, count: members.count)
    for case let place? in member { found[place] = true }
    let lost = member.indices.filter { member[$0] == nil }
    if !lost.isEmpty {
      let matches = try tolerantMatches(of: lost.map { dataset[$0] }, in: members, found: found, threads: threads)
      for (frame, place) in zip(lost, matches) {
        member[frame] = place
        if let place { found[place] = true }
      }
    }
    try refuseMismatch(dataset, member, found, members)
    return member.map { ($0 ?? 0) < training.count }
  }

  private func refuseMismatch(_ dataset: Dataset, _ member: [Int?], _ found: [Bool], _ members: [Member]) throws {
    let missing = found.indices.filter { !found[$0] }
    let extra = member.indices.filter { member[$0] == nil }
    if missing.isEmpty && extra.isEmpty { return }
    var parts: [String] = []
    if let first = missing.first {
      let member = members[first]
      parts.append(
        "\(missing.count) of its \(members.count) frames missing"
          + " (first: \(member.source), \(member.signature.formula))")
    }
    if let first = extra.first {
      let frame = dataset[first]
      parts.append(
        "\(extra.count) frame\(extra.count == 1 ? "" : "s") that it does not know"
          + " (first: \(frame.name), \(frame.structure.formula))")
    }
    throw InputError(
      "the split belongs to other data: " + parts.joined(separator: ", "),
      remedy: "give the files that were split, or split these (halite data split)")
  }
}

/// For each frame the place of the member that it is, or nil.
///
/// All pairs within tolerance are taken in the order of their deviation; first every member is given once, then the
/// frames that are left join the nearest (they are copies).
private func tolerantMatches(
  of frames: [LabeledStructure], in members: [DataSplit.Member], found: [Bool], threads: Int
) throws -> [Int?] {
  let index = SignatureIndex(members.map(\.signature))
  let pairs = try parallelMap(chunks: frames.count, threads: threads) { chunk -> [Match] in
    let frame = frames[chunk]
    let atoms = frame.structure.count
    let signature = try FrameSignature(of: frame)
    return index.matches(of: signature, atoms: atoms).map { place in
      Match(
        frame: chunk, member: place, deviation: signature.deviation(from: members[place].signature, atoms: atoms))
    }
  }
  var result = [Int?](repeating: nil, count: frames.count)
  var taken = found
  let ranked = pairs.flatMap { $0 }.sorted {
    ($0.deviation, $0.frame, $0.member) < ($1.deviation, $1.frame, $1.member)
  }
  for match in ranked where result[match.frame] == nil && !taken[match.member] {
    result[match.frame] = match.member
    taken[match.member] = true
  }
  for match in ranked where result[match.frame] == nil { result[match.frame] = match.member }
  return result
}

private struct Match: Sendable {
  var frame: Int
  var member: Int
  var deviation: Double
}
