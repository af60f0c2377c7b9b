import Structures

/// Everything that decides what a fit is, whatever the kind of potential; the kind's own keys stand beside these.
public struct TrainingSettings: Codable, Sendable, Equatable {
  /// Seed of the initial parameters and of the validation part.
  public var seed: UInt64 = 1
  /// Part of the training frames that is kept aside to judge epochs by.
  public var validFraction = 0.1
  /// "least_squares", "isolated_atoms", "none", or energies by element, eV.
  public var referenceEnergies = ReferenceChoice.leastSquares
  /// Screened nuclear repulsion, Å; null for none.
  public var zbl: ZBL?
  /// Frames above it, after the reference energies are taken off, are left out, eV/atom; nil for none.
  public var maxEnergy: Double?
  /// Epochs between checkpoints.
  public var checkpointInterval = 100
  /// Share of the replayed training frames that joins the new ones.
  public var replayFraction = 0.2

  enum CodingKeys: String, CodingKey {
    case seed
    case validFraction = "valid_fraction"
    case referenceEnergies = "reference_energies"
    case zbl
    case maxEnergy = "max_energy"
    case checkpointInterval = "checkpoint_interval"
    case replayFraction = "replay_fraction"
  }

  public init() {}

  /// Writes absent values as null, so that every key is there to be seen and checked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seed, forKey: .seed)
    try container.encode(validFraction, forKey: .validFraction)
    try container.encode(referenceEnergies, forKey: .referenceEnergies)
    try container.encode(zbl, forKey: .zbl)
    try container.encode(maxEnergy, forKey: .maxEnergy)
    try container.encode(checkpointInterval, forKey: .checkpointInterval)
    try container.encode(replayFraction, forKey: .replayFraction)
  }

  /// - Throws: `InputError` for a number out of its range.
  public func validate() throws {
    guard (0..<1).contains(validFraction) else {
      throw InputError("valid_fraction must be 0 or more and below 1, found \(validFraction)")
    }
    guard checkpointInterval >= 1 else { throw InputError("checkpoint_interval must be 1 or more epochs") }
    guard (0...1).contains(replayFraction) else {
      throw InputError("replay_fraction must be 0 to 1, found \(replayFraction)")
    }
    if let zbl { _ = try ZBL(inner: zbl.inner, outer: zbl.outer) }
  }

  public static let explanations: [HyperparameterExplanation] = [
    .init("seed", "seed of the initial parameters and of the validation part"),
    .init("valid_fraction", "part of the training frames kept aside to judge epochs by"),
    .init(
      "reference_energies", unit: "eV",
      "least_squares, isolated_atoms, none, or energies by element; start with --start"),
    .init("zbl", unit: "Å", "screened nuclear repulsion, {inner: 0.8, outer: 1.6}; null for none"),
    .init(
      "max_energy", unit: "eV/atom",
      "frames above it, after the reference energies are taken off, are left out; null for none"),
    .init("checkpoint_interval", "epochs between checkpoints"),
    .init("replay_fraction", "share of the training frames of --replay that joins the new ones"),
  ]
}

/// Where reference energies come from.
public enum ReferenceChoice: Sendable, Equatable, Codable {
  case leastSquares, isolatedAtoms, none
  /// Those of the potential that the training begins from.
  case start
  case given([ChemicalElement: Double])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let name = try? container.decode(String.self) {
      switch name {
      case "least_squares": self = .leastSquares
      case "isolated_atoms": self = .isolatedAtoms
      case "none": self = .none
      case "start": self = .start
      default:
        let hint = nearestName(to: name, among: ["least_squares", "isolated_atoms", "none", "start"])
        throw DecodingError.dataCorruptedError(
          in: container,
          debugDescription: "found '\(name)', expected least_squares, isolated_atoms, none or energies by element"
            + (hint.map { "; did you mean '\($0)'?" } ?? ""))
      }
      return
    }
    var energies: [ChemicalElement: Double] = [:]
    for (symbol, energy) in try container.decode([String: Double].self) {
      guard let element = ChemicalElement(symbol) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "'\(symbol)' is no element symbol, expected one as Li")
      }
      energies[element] = energy
    }
    self = .given(energies)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .leastSquares: try container.encode("least_squares")
    case .isolatedAtoms: try container.encode("isolated_atoms")
    case .none: try container.encode("none")
    case .start: try container.encode("start")
    case .given(let energies):
      try container.encode(Dictionary(uniqueKeysWithValues: energies.map { ($0.key.symbol, $0.value) }))
    }
  }

  /// - Throws: `InputError` where energies are missing for an element of the data.
  func energies(for data: Dataset) throws -> ReferenceEnergies {
    switch self {
    case .leastSquares: return try ReferenceEnergies.fit(data)
    case .isolatedAtoms: return try ReferenceEnergies.isolatedAtoms(data)
    case .none: return ReferenceEnergies(given: [:])
    case .start:
      throw InputError(
        "reference_energies is start, but there is no potential to start from", remedy: "give --start FILE")
    case .given(let energies):
      let missing = data.elements.filter { energies[$0] == nil }
      guard missing.isEmpty else {
        throw InputError(
          "reference_energies has no energy for " + missing.map(\.symbol).joined(separator: ", "),
          remedy: "give one for every element of the data, or use least_squares")
      }
      return ReferenceEnergies(given: energies)
    }
  }
}
