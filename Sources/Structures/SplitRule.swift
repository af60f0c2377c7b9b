/// What stays together when a data set is split.
public enum SplitRule: Hashable, Sendable, CustomStringConvertible {
  /// Every frame by itself.
  case frame
  /// All frames of one composition (Li2Mn2O4 and Li4Mn4O8 are the same one).
  case composition
  /// All frames with the same value of a key ("host", "config_type").
  case group(key: String)

  /// "frame", "composition" or "group KEY"; nil for anything else.
  public init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 1)
    switch (words.first, words.count) {
    case ("frame", 1): self = .frame
    case ("composition", 1): self = .composition
    case ("group", 2): self = .group(key: String(words[1]))
    default: return nil
    }
  }

  public var description: String {
    switch self {
    case .frame: "frame"
    case .composition: "composition"
    case .group(let key): "group \(key)"
    }
  }

  /// The name of the group that a frame belongs to; nil where it lacks the key.
  func group(of frame: LabeledStructure) -> String? {
    switch self {
    case .frame: frame.id
    case .composition: frame.structure.reducedFormula
    case .group(let key): frame.value(ofKey: key)
    }
  }
}

extension Structure {
  /// The formula with the counts divided by their greatest common divisor: "LiMnO2" of Li16Mn16O32.
  public var reducedFormula: String {
    let divisor = composition.values.reduce(0, greatestCommonDivisor)
    guard divisor > 1 else { return formula }
    return composition.sorted { $0.key.symbol < $1.key.symbol }
      .map { $0.key.symbol + ($0.value == divisor ? "" : String($0.value / divisor)) }.joined()
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
