/// The split file: JSON with the keys below; `hash` guards the members against edits.
extension DataSplit: Codable {
  private enum CodingKeys: String, CodingKey {
    case format, version, by, seed, counts, hash, train, test
    case trainingFraction = "train_fraction"
    case dataHash = "data_hash"
  }

  public struct Counts: Hashable, Sendable, Codable {
    public var train: Int
    public var test: Int
  }

  /// Different frames of each part.
  public var counts: Counts { Counts(train: training.count, test: test.count) }

  private static let format = "halite-split-1"

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try encodeHead(into: &container)
    try container.encode(training, forKey: .train)
    try container.encode(test, forKey: .test)
  }

  private func encodeHead(into container: inout KeyedEncodingContainer<CodingKeys>) throws {
    try container.encode(Self.format, forKey: .format)
    try container.encode(HaliteVersion.current, forKey: .version)
    try container.encode(rule.description, forKey: .by)
    try container.encode(trainingFraction, forKey: .trainingFraction)
    try container.encode(seed, forKey: .seed)
    try container.encode(counts, forKey: .counts)
    try container.encode(dataHash, forKey: .dataHash)
    try container.encode(hash, forKey: .hash)
  }

  /// Everything but the members, for a file that is written member by member.
  public struct Head: Encodable, Sendable {
    fileprivate let split: DataSplit

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try split.encodeHead(into: &container)
    }
  }

  public var head: Head { Head(split: self) }

  /// - Throws: `InputError` where the file is another kind or its members do not give its hash.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let format = try container.decodeIfPresent(String.self, forKey: .format)
    guard format == Self.format else {
      throw InputError("not a split file: expected `format` \(Self.format), found \(format ?? "none")")
    }
    let by = try container.decode(String.self, forKey: .by)
    guard let rule = SplitRule(by) else {
      throw InputError("`by` is `\(by)`, expected frame, composition or group KEY")
    }
    self.init(
      rule: rule, trainingFraction: try container.decode(Double.self, forKey: .trainingFraction),
      seed: try container.decode(UInt64.self, forKey: .seed),
      dataHash: try container.decode(String.self, forKey: .dataHash),
      training: try container.decode([Member].self, forKey: .train),
      test: try container.decode([Member].self, forKey: .test))
    _ = try container.decodeIfPresent(String.self, forKey: .version)
    let stated = try container.decodeIfPresent(Counts.self, forKey: .counts)
    if let stated, stated != counts {
      throw InputError(
        "`counts` says \(stated.train) + \(stated.test) frames, found \(training.count) + \(test.count)")
    }
    if let stated = try container.decodeIfPresent(String.self, forKey: .hash), stated != hash {
      throw InputError(
        "the members do not give the file's `hash`", remedy: "take `hash` out if the change is meant")
    }
  }
}

extension DataSplit.Member: Codable {
  private enum CodingKeys: String, CodingKey { case id, source, formula, volume, energy, distances }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(source, forKey: .source)
    try container.encode(signature.formula, forKey: .formula)
    try container.encodeIfPresent(signature.volume, forKey: .volume)
    try container.encodeIfPresent(signature.energy, forKey: .energy)
    try container.encode(signature.distances, forKey: .distances)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try container.decode(String.self, forKey: .id),
      source: try container.decode(String.self, forKey: .source),
      signature: FrameSignature(
        formula: try container.decode(String.self, forKey: .formula),
        volume: try container.decodeIfPresent(Double.self, forKey: .volume),
        energy: try container.decodeIfPresent(Double.self, forKey: .energy),
        distances: try container.decode([Double].self, forKey: .distances)))
  }
}
