import Structures

/// A trained model with what was taken off its labels: the energy that users mean.
///
///     E_i = E_ref[t_i] + E_prior,i + E_model,i
public struct FittedPotential: Potential {
  public var model: any TrainablePotential
  /// eV.
  public var referenceEnergies: ReferenceEnergies
  /// Screened repulsion, where chosen.
  public var prior: ZBL?
  public var card: PotentialCard
  /// The frames that it was given to learn from, by their ids.
  public var members = TrainingMembers([])
  /// What extrapolation grades are taken by; nil where it was left out.
  public var activeSet: ActiveSet?
  /// The other members of a committee, of the same kind, elements and cutoff: energies are means over all.
  public internal(set) var companions: [FittedPotential] = []

  public init(
    model: any TrainablePotential, referenceEnergies: ReferenceEnergies, prior: ZBL? = nil,
    card: PotentialCard = PotentialCard()
  ) {
    self.model = model
    self.referenceEnergies = referenceEnergies
    self.prior = prior
    self.card = card
  }

  public var elements: [ChemicalElement] { model.elements }
  public var cutoff: Double { ([ownCutoff] + companions.map(\.ownCutoff)).max() ?? ownCutoff }
  private var ownCutoff: Double { max(model.cutoff, prior?.outer ?? 0) }
  public var influenceDistance: Double { max(model.influenceDistance, cutoff) }
  public var kind: String { type(of: model).name }

  public func neighborSearch(of frames: [Structure]) throws -> NeighborSearch {
    try model.neighborSearch(of: frames)
  }

  public func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    guard companions.isEmpty else { return meanSiteEnergies(list, gradient: &gradient) }
    var energies = model.siteEnergies(list, gradient: &gradient)
    prior?.add(list, elements: elements, to: &energies, &gradient)
    let references = elements.map { referenceEnergies.energies[$0] ?? 0 }
    for site in list.centers { energies[site - list.centers.lowerBound] += references[list.types[site]] }
    return energies
  }
}

/// Where a potential comes from: stored in its file, printed by reports.
public struct PotentialCard: Sendable, Equatable, Codable {
  /// Hash of the frames that it was given to learn from, the validation part included.
  public var dataHash: String?
  public var splitHash: String?
  public var trainingFrames: Int?
  public var seed: UInt64?
  /// "energy", "energy forces", …: the labels that were fitted.
  public var labels: String?
  /// Which energy of the calculation was fitted.
  public var energyKey: String?
  /// The epoch whose parameters these are.
  public var epoch: Int?
  /// SHA-256 of the potential file that the training began from.
  public var startHash: String?

  enum CodingKeys: String, CodingKey {
    case dataHash = "data_hash"
    case splitHash = "split_hash"
    case trainingFrames = "training_frames"
    case seed, labels
    case energyKey = "energy_key"
    case epoch
    case startHash = "start_hash"
  }

  public init() {}
}

/// The frames that a potential was given to learn from, as 48 bits of each id: enough to find them again among
/// millions, small enough to store.
public struct TrainingMembers: Sendable, Equatable {
  /// Ascending; whole numbers that a double holds exactly.
  var numbers: [Double]

  public init(_ frames: [LabeledStructure]) { numbers = Set(frames.map { Self.number($0.id) }).sorted() }

  init(numbers: [Double]) { self.numbers = numbers }

  public var isEmpty: Bool { numbers.isEmpty }

  func union(_ other: TrainingMembers) -> TrainingMembers {
    TrainingMembers(numbers: Set(numbers + other.numbers).sorted())
  }

  /// How many of the frames are among them.
  public func count(in frames: some Sequence<LabeledStructure>) -> Int {
    let known = Set(numbers)
    return frames.reduce(0) { $0 + (known.contains(Self.number($1.id)) ? 1 : 0) }
  }

  /// The frames that are among them, and the others.
  func parts(of frames: [LabeledStructure]) -> (known: [LabeledStructure], others: [LabeledStructure]) {
    let known = Set(numbers)
    let isKnown = frames.map { known.contains(Self.number($0.id)) }
    return (zip(frames, isKnown).filter(\.1).map(\.0), zip(frames, isKnown).filter { !$0.1 }.map(\.0))
  }

  private static func number(_ id: String) -> Double { Double(key(id)) }

  /// The first 48 bits of a frame's id.
  static func key(_ id: String) -> UInt64 { UInt64(id.prefix(12), radix: 16) ?? 0 }
}
