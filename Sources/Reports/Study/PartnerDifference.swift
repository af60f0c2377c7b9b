import Potentials
import Structures

/// The energy that a host takes up with its lithium, label and prediction: what an average voltage is made of.
///
///     d = [E(lithiated) − E(delithiated)] / (N₁ − N₂)      (eV for each Li; V = E_Li/e − d)
///
/// An error of d is an error of the voltage of the opposite sign, whatever the energy of lithium metal is.
public struct PartnerDifference: Codable, Sendable, Equatable {
  /// What both frames name as their host.
  public var host: String
  public var lithiated: String
  public var delithiated: String
  /// `train` or `test` where both frames are of that part, `all` where they are of different ones.
  public var part: DataPart
  /// N₁ − N₂.
  public var lithium: Int
  /// eV for each Li.
  public var label: Double
  public var predicted: Double
  /// What the composition alone says, eV for each Li; nil where no such model was fitted.
  public var composition: Double?

  enum CodingKeys: String, CodingKey {
    case host, lithiated, delithiated, part, lithium, label, predicted, composition
  }
}

/// Two frames of one host that differ in their lithium alone.
public struct LithiumPartners: Sendable, Equatable {
  public var host: String
  /// Places in the data set; the first has more lithium.
  public var frames: (lithiated: Int, delithiated: Int)
  /// Li atoms that the first has more.
  public var lithium: Int

  public static func == (a: LithiumPartners, b: LithiumPartners) -> Bool {
    a.host == b.host && a.frames == b.frames && a.lithium == b.lithium
  }

  /// All partners of a data set: frames with the same value of a key, or whose value is the other's id (as `halite
  /// generate delithiate` writes it), and the same atoms besides lithium. The frame of most lithium is paired with
  /// each one that has less.
  public static func all(in data: Dataset, key: String) -> [LithiumPartners] {
    var groups: [String: [Int]] = [:]
    for (place, frame) in data.enumerated() where frame.labels.energy != nil {
      if let host = frame.value(ofKey: key) { groups[host, default: []].append(place) }
    }
    guard !groups.isEmpty else { return [] }
    for (place, frame) in data.enumerated() where frame.labels.energy != nil {
      if groups[frame.id] != nil, frame.value(ofKey: key) != frame.id { groups[frame.id]?.append(place) }
    }
    return groups.sorted { $0.key < $1.key }.flatMap { host, places in partners(host, places.sorted(), data) }
  }

  private static func partners(_ host: String, _ places: [Int], _ data: Dataset) -> [LithiumPartners] {
    let contents = places.map { content(data[$0].structure) }
    guard let most = contents.indices.max(by: { (contents[$0].lithium, -$0) < (contents[$1].lithium, -$1) }) else {
      return []
    }
    return contents.indices.compactMap { k in
      let removed = contents[most].lithium - contents[k].lithium
      guard removed > 0, contents[k].rest == contents[most].rest else { return nil }
      return LithiumPartners(host: host, frames: (places[most], places[k]), lithium: removed)
    }
  }

  private static func content(_ structure: Structure) -> (lithium: Int, rest: [ChemicalElement: Int]) {
    var rest = structure.composition
    var lithium = 0
    for element in rest.keys where element.atomicNumber == 3 { lithium = rest.removeValue(forKey: element) ?? 0 }
    return (lithium, rest)
  }
}

extension PartnerDifference {
  /// - Parameters:
  ///   - predictions: energies by id, eV, with the part of each frame.
  /// - Returns: nil where a frame has no prediction.
  init?(
    _ partners: LithiumPartners, in data: Dataset, predictions: [String: (part: DataPart, energy: Double)],
    baseline: EnergyBaseline?
  ) {
    let (first, second) = (data[partners.frames.lithiated], data[partners.frames.delithiated])
    guard let a = predictions[first.id], let b = predictions[second.id], let e1 = first.labels.energy,
      let e2 = second.labels.energy
    else { return nil }
    let count = Double(partners.lithium)
    host = partners.host
    lithiated = first.structure.formula
    delithiated = second.structure.formula
    // What was looked at to end a training was not unseen.
    let parts = [a.part, b.part].map { $0 == .validation ? DataPart.train : $0 }
    part = parts[0] == parts[1] ? parts[0] : .all
    lithium = partners.lithium
    label = (e1 - e2) / count
    predicted = (a.energy - b.energy) / count
    if let x = baseline?.compositionEnergy(of: first.structure),
      let y = baseline?.compositionEnergy(of: second.structure)
    {
      composition = (x - y) / count
    }
  }
}

/// Errors of differences, meV for each Li: as many mV of the voltage.
public struct DifferenceErrors: Codable, Sendable, Equatable {
  public var pairs: Int
  public var rmse: Double
  public var mae: Double
  /// Mean of predicted − label.
  public var bias: Double
  /// Of the composition alone.
  public var compositionRMSE: Double?

  enum CodingKeys: String, CodingKey {
    case pairs, rmse, mae, bias
    case compositionRMSE = "composition_rmse"
  }

  /// nil for no differences.
  init?(_ differences: [PartnerDifference]) {
    guard !differences.isEmpty else { return nil }
    let count = Double(differences.count)
    pairs = differences.count
    let errors = differences.map { 1000 * ($0.predicted - $0.label) }
    rmse = (errors.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
    mae = errors.reduce(0) { $0 + abs($1) } / count
    bias = errors.reduce(0, +) / count
    let others = differences.compactMap { d in d.composition.map { 1000 * ($0 - d.label) } }
    if others.count == differences.count {
      compositionRMSE = (others.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
    }
  }
}
