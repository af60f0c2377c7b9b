import Structures

/// Settings of a SNAP or qSNAP potential: LAMMPS's names for the descriptor, then the keys of a linear fit.
public struct SNAPHyperparameters: Codable, Sendable, Equatable {
  /// R_ij = rcutfac (radius_i + radius_j), Å.
  public var rcutfac = 5.0
  /// 2j of the largest matrices: 2, 4, 6 and 8 give 5, 14, 30 and 55 components.
  public var twojmax = 6
  public var rfac0 = 0.99363
  /// Å.
  public var rmin0 = 0.0
  /// Radius of elements by symbol; 0.5 where one is not named.
  public var radii: [String: Double] = [:]
  /// Weight of elements in the density by symbol; those not named have that of `weightRule`.
  public var elementWeights: [String: Double] = [:]
  /// Weights of elements that are not named.
  public var weightRule = WeightRule.equal
  public var switchflag = true
  public var bzeroflag = true
  public var chemflag = false
  public var bnormflag = false
  public var wselfallflag = false
  public var switchinnerflag = false
  /// Middle and half width of the inner switch of elements by symbol, Å; a pair has the means.
  public var sinner: [String: Double] = [:]
  public var dinner: [String: Double] = [:]
  /// How the linear system is made and solved; its keys stand beside these.
  public var fit = LinearFitSettings()

  /// How elements are told apart.
  public enum WeightRule: String, Codable, Sendable, CaseIterable {
    /// 1 for all: neighbours of different elements look the same.
    case equal
    /// Evenly from 0.5 to 1.5 in the order of atomic numbers.
    case distinct
  }

  enum CodingKeys: String, CodingKey {
    case rcutfac, twojmax, rfac0, rmin0, radii
    case elementWeights = "element_weights"
    case weightRule = "weight_rule"
    case switchflag, bzeroflag, chemflag, bnormflag, wselfallflag, switchinnerflag, sinner, dinner
  }

  public init() {}

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rcutfac, forKey: .rcutfac)
    try container.encode(twojmax, forKey: .twojmax)
    try container.encode(rfac0, forKey: .rfac0)
    try container.encode(rmin0, forKey: .rmin0)
    try container.encode(radii, forKey: .radii)
    try container.encode(elementWeights, forKey: .elementWeights)
    try container.encode(weightRule, forKey: .weightRule)
    try container.encode(switchflag, forKey: .switchflag)
    try container.encode(bzeroflag, forKey: .bzeroflag)
    try container.encode(chemflag, forKey: .chemflag)
    try container.encode(bnormflag, forKey: .bnormflag)
    try container.encode(wselfallflag, forKey: .wselfallflag)
    try container.encode(switchinnerflag, forKey: .switchinnerflag)
    try container.encode(sinner, forKey: .sinner)
    try container.encode(dinner, forKey: .dinner)
    try fit.encode(to: encoder)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    rcutfac = try container.decode(Double.self, forKey: .rcutfac)
    twojmax = try container.decode(Int.self, forKey: .twojmax)
    rfac0 = try container.decode(Double.self, forKey: .rfac0)
    rmin0 = try container.decode(Double.self, forKey: .rmin0)
    radii = try container.decode([String: Double].self, forKey: .radii)
    elementWeights = try container.decode([String: Double].self, forKey: .elementWeights)
    weightRule = try container.decode(WeightRule.self, forKey: .weightRule)
    switchflag = try container.decode(Bool.self, forKey: .switchflag)
    bzeroflag = try container.decode(Bool.self, forKey: .bzeroflag)
    chemflag = try container.decode(Bool.self, forKey: .chemflag)
    bnormflag = try container.decode(Bool.self, forKey: .bnormflag)
    wselfallflag = try container.decode(Bool.self, forKey: .wselfallflag)
    switchinnerflag = try container.decode(Bool.self, forKey: .switchinnerflag)
    sinner = try container.decode([String: Double].self, forKey: .sinner)
    dinner = try container.decode([String: Double].self, forKey: .dinner)
    fit = try LinearFitSettings(from: decoder)
  }

  /// The descriptor for elements in their order.
  /// - Throws: `InputError` for a number out of its range, or a symbol that is no element.
  public func shape(_ elements: [ChemicalElement]) throws -> BispectrumShape {
    guard rcutfac > 0, rcutfac.isFinite else { throw InputError("rcutfac must be above 0, found \(rcutfac)") }
    for (key, values) in [
      ("radii", radii), ("element_weights", elementWeights), ("sinner", sinner), ("dinner", dinner),
    ] {
      for symbol in values.keys.sorted() where ChemicalElement(symbol) == nil {
        throw InputError("\(key) names '\(symbol)', which is no element symbol", remedy: "expected one as Li")
      }
    }
    let order = elements.sorted()
    func weight(_ element: ChemicalElement) -> Double {
      if let given = elementWeights[element.symbol] { return given }
      guard weightRule == .distinct, let place = order.firstIndex(of: element), elements.count > 1 else { return 1 }
      return 0.5 + Double(place) / Double(elements.count - 1)
    }
    var shape = BispectrumShape(
      twojmax: twojmax, radii: elements.map { rcutfac * (radii[$0.symbol] ?? 0.5) }, weights: elements.map(weight))
    (shape.rfac0, shape.rmin0) = (rfac0, rmin0)
    (shape.switchflag, shape.bzeroflag, shape.bnormflag) = (switchflag, bzeroflag, bnormflag)
    (shape.chemflag, shape.wselfallflag) = (chemflag, wselfallflag)
    if switchinnerflag {
      func values(_ key: String, _ given: [String: Double]) throws -> [Double] {
        try elements.map { element in
          guard let value = given[element.symbol] else {
            throw InputError("switchinnerflag is on, but \(key) has no value for \(element.symbol)")
          }
          return value
        }
      }
      shape.sinner = try values("sinner", sinner)
      shape.dinner = try values("dinner", dinner)
    }
    try shape.validate()
    return shape
  }

  static let explanations: [HyperparameterExplanation] =
    [
      .init("rcutfac", unit: "Å", "two atoms see each other below rcutfac × (sum of their radii)"),
      .init("twojmax", "2j of the largest matrices; 6 gives 30 components, 8 gives 55"),
      .init("rfac0", "part of the half turn that the cutoff is mapped to"),
      .init("rmin0", unit: "Å", "distance that is mapped to no turn"),
      .init("radii", "by element; 0.5 where not named"),
      .init("element_weights", "weight in the density by element; weight_rule where not named"),
      .init("weight_rule", "equal (all 1: blind to the elements of neighbours) or distinct (0.5 to 1.5)"),
      .init("switchflag", "neighbours fade out towards the cutoff"),
      .init("bzeroflag", "the components of a free atom are subtracted"),
      .init("chemflag", "a density for each element: elements³ × as many components"),
      .init("bnormflag", "components are divided by 2j + 1"),
      .init("wselfallflag", "with chemflag, the centre is a part of the densities of all elements"),
      .init("switchinnerflag", "neighbours fade out towards short distances, by sinner and dinner"),
      .init("sinner", unit: "Å", "middle of the inner switch by element; pairs have the mean"),
      .init("dinner", unit: "Å", "half width of the inner switch by element; pairs have the mean"),
    ] + LinearFitSettings.explanations
}
