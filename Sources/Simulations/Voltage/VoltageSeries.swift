import Structures

/// A structure of a host, with what model and calculation say of it.
public struct PartnerStructure: Sendable {
  /// Of the frame that was read.
  public var id: String
  /// `FILE frame N`.
  public var name: String
  public var composition: [ChemicalElement: Int]
  /// Å³; nil where it does not repeat in three directions.
  public var volume: Double?
  /// eV, of the whole cell; nil where only labels are asked.
  public var energy: Double?
  /// eV, by each member of a committee.
  public var memberEnergies: [Double] = []
  /// eV.
  public var label: Double?
  /// How its relaxation ended ("converged", …); nil where it was taken as it is.
  public var relaxation: String?
  /// Of a committee, the largest about a force, eV/Å.
  public var forceDeviation: Double?
  /// Extrapolation grade by the active set of the potential, where it has one.
  public var extrapolation: Double?

  public init(
    id: String, name: String, composition: [ChemicalElement: Int], volume: Double? = nil, energy: Double? = nil,
    label: Double? = nil
  ) {
    self.id = id
    self.name = name
    self.composition = composition
    self.volume = volume
    self.energy = energy
    self.label = label
  }

  var leading: Double { energy ?? label ?? .nan }
  func state(_ energy: Double) -> LithiationState { LithiationState(composition: composition, energy: energy) }
  var host: HostFormula { HostFormula(composition) }
  public var content: Double { state(0).content }
}

/// The voltage between two contents of a host, by the model and by the labels of the very same structures.
public struct VoltageRow: Sendable {
  public var lithiated: PartnerStructure
  public var delithiated: PartnerStructure
  /// V by the model; nil where only labels are asked.
  public var volts: Double?
  /// Standard deviation over the members of a committee, V.
  public var deviation: Double?
  /// V by the labels; nil where a partner has none.
  public var label: Double?
  /// mAh/g of the lithiated structure, of the Li between the two contents.
  public var capacity: Double
  /// V/V of the delithiated over the lithiated structure for each formula unit, less 1.
  public var volumeChange: Double?

  /// - Throws: `InputError` where the structures are no partners.
  public init(lithiated: PartnerStructure, delithiated: PartnerStructure, lithium: Double) throws {
    self.lithiated = lithiated
    self.delithiated = delithiated
    func volts(_ a: Double?, _ b: Double?) throws -> Double? {
      guard let a, let b else { return nil }
      return try AverageVoltage(lithiated: lithiated.state(a), delithiated: delithiated.state(b), lithium: lithium)
        .volts
    }
    self.volts = try volts(lithiated.energy, delithiated.energy)
    label = try volts(lithiated.label, delithiated.label)
    let members = try zip(lithiated.memberEnergies, delithiated.memberEnergies).compactMap { try volts($0, $1) }
    deviation = members.isEmpty ? nil : Self.deviation(members)
    let (rich, poor) = (lithiated.state(0), delithiated.state(0))
    capacity = Capacity.gravimetric(
      ions: rich.content - poor.content, mass: rich.mass / Double(rich.host.units))
    volumeChange = lithiated.volume.flatMap { a in
      delithiated.volume.map { b in b / Double(poor.host.units) / (a / Double(rich.host.units)) - 1 }
    }
  }

  private static func deviation(_ values: [Double]) -> Double {
    let mean = AgreementStatistics.mean(values)
    return AgreementStatistics.mean(values.map { ($0 - mean) * ($0 - mean) }).squareRoot()
  }

  /// Wh/kg of the lithiated structure, by the model, or by the labels where there is no model.
  public var energyDensity: Double? {
    (volts ?? label).map { Capacity.energyDensity(volts: $0, capacity: capacity) }
  }

  /// Model − label, V.
  public var error: Double? { volts.flatMap { v in label.map { v - $0 } } }

  /// Errors of the energies of both partners, eV/atom, and what they weigh; nil without labels.
  public var partnerErrors: (partners: VoltageErrors, lithiated: Double, delithiated: Double)? {
    guard let a = lithiated.energy, let b = delithiated.energy, let c = lithiated.label, let d = delithiated.label
    else { return nil }
    let (rich, poor) = (lithiated.state(a), delithiated.state(b))
    return (
      VoltageErrors(lithiated: rich, delithiated: poor), (a - c) / Double(rich.atoms), (b - d) / Double(poor.atoms)
    )
  }

  /// "Li0.5MnO2": content and host of a structure.
  public static func formula(_ structure: PartnerStructure) -> String {
    let host = structure.host
    // Fractions of the host belong to one transition metal: Mn0.5Ti0.5.
    let text = structure.composition.keys.contains(LithiationState.lithium) ? contentText(structure.content) : ""
    let metals = host.counts.filter { $0.key.isTransitionMetal }
    guard metals.count == 1, host.units == metals.values.first else {
      return HostFormula.text(structure.composition.filter { $0.key == LithiationState.lithium }) + host.text
    }
    let rest = host.counts.mapValues { Double($0) / Double(host.units) }
    guard rest.values.allSatisfy({ $0 == $0.rounded() }) else {
      return HostFormula.text(structure.composition.filter { $0.key == LithiationState.lithium }) + host.text
    }
    return text + HostFormula.text(rest.mapValues { Int($0) })
  }

  private static func contentText(_ x: Double) -> String {
    let rounded = (1000 * x).rounded() / 1000
    return rounded == 1 ? "Li" : rounded == rounded.rounded() ? "Li\(Int(rounded))" : "Li\(rounded)"
  }
}

/// All voltages of one host.
public struct VoltageSeries: Sendable {
  /// The host for people: "MnO2", "Mn8Ti8O32".
  public let name: String
  public let evidence: PartnerGroup.Evidence
  public let structures: [PartnerStructure]
  /// Between the highest and the lowest content.
  public let whole: VoltageRow
  /// Between neighbouring contents, from the lowest up; the whole again where there are but two.
  public let steps: [VoltageRow]
  /// By the model; nil where only labels are asked.
  public let profile: VoltageProfile?
  /// By the labels; nil where a structure has none.
  public let labelProfile: VoltageProfile?

  /// - Throws: `InputError` where structures are no partners.
  public init(_ structures: [PartnerStructure], evidence: PartnerGroup.Evidence, lithium: Double) throws {
    self.structures = structures
    self.evidence = evidence
    func profile(_ energy: (PartnerStructure) -> Double?) throws -> VoltageProfile? {
      let states = structures.compactMap { structure in energy(structure).map { structure.state($0) } }
      return states.count == structures.count ? try VoltageProfile(states, lithium: lithium) : nil
    }
    self.profile = try profile(\.energy)
    labelProfile = try profile(\.label)
    let chosen = Self.lowest(structures)
    guard let poor = chosen.first, let rich = chosen.last, chosen.count > 1 else {
      throw InputError("all structures of \(structures[0].host.text) hold the same lithium")
    }
    name = poor.host.reducedText
    whole = try VoltageRow(lithiated: rich, delithiated: poor, lithium: lithium)
    steps = try zip(chosen, chosen.dropFirst()).map {
      try VoltageRow(lithiated: $1, delithiated: $0, lithium: lithium)
    }
  }

  /// One structure for each content, the contents rising: that of the lowest label where all have one, so that model and
  /// labels speak of the same structures, else of the lowest energy by the model.
  private static func lowest(_ structures: [PartnerStructure]) -> [PartnerStructure] {
    let haveLabels = structures.allSatisfy { $0.label != nil }
    func energy(_ k: Int) -> Double {
      let structure = structures[k]
      return ((haveLabels ? structure.label : nil) ?? structure.leading) / Double(structure.host.units)
    }
    let order = structures.indices.sorted {
      (structures[$0].content, energy($0), $0) < (structures[$1].content, energy($1), $1)
    }
    return order.enumerated().filter { place, k in
      place == 0 || structures[order[place - 1]].content < structures[k].content
    }.map { structures[$0.element] }
  }
}
