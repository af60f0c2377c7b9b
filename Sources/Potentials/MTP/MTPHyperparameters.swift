import CKernels
import Structures

/// Settings of a moment tensor potential. Keys in files are the names in snake case.
public struct MTPHyperparameters: DescendingHyperparameters, Equatable {
  /// Level up to which moments are multiplied: 2, 4, … 28.
  public var level = 16
  /// N_Q: Chebyshev polynomials of each radial function.
  public var radialSize = 8
  /// R_min, Å: where the argument of the polynomials is −1. nil: the smallest distance in the data.
  public var rMin: Double?
  /// R, Å.
  public var rMax = 5.0
  /// Random radial functions to choose the first from: for `gauss_newton` and `bfgs` by the loss after a fifth of
  /// `max_epochs`, else by the loss that is left when ξ and ξ⁰ are solved for. nil: 6 for those two with at most 150
  /// parameters and 50 epochs or more, else 1.
  public var starts: Int?
  /// How the loss is descended; its keys stand beside these.
  public var descent = DescentSettings()

  enum CodingKeys: String, CodingKey {
    case level
    case radialSize = "radial_size"
    case rMin = "r_min"
    case rMax = "r_max"
    case starts
  }

  public init() {}

  /// Writes absent values as null, so that every key is there to be seen and checked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(level, forKey: .level)
    try container.encode(radialSize, forKey: .radialSize)
    try container.encode(rMin, forKey: .rMin)
    try container.encode(rMax, forKey: .rMax)
    try container.encode(starts, forKey: .starts)
    try descent.encode(to: encoder)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    level = try container.decode(Int.self, forKey: .level)
    radialSize = try container.decode(Int.self, forKey: .radialSize)
    rMin = try container.decodeIfPresent(Double.self, forKey: .rMin)
    rMax = try container.decode(Double.self, forKey: .rMax)
    starts = try container.decodeIfPresent(Int.self, forKey: .starts)
    descent = try DescentSettings(from: decoder)
  }

  /// R_min where there is no data to take it from, Å.
  static let untrainedRMin = 1.5

  /// R_min, Å.
  var closest: Double { rMin ?? min(Self.untrainedRMin, rMax / 2) }

  /// - Throws: `InputError` for a number out of its range.
  func validate() throws {
    guard level >= 2, level <= MomentContraction.largestLevel, level % 2 == 0 else {
      throw InputError("level must be an even number from 2 to \(MomentContraction.largestLevel), found \(level)")
    }
    guard (1...Int(CK_MTP_RADIAL)).contains(radialSize) else {
      throw InputError("radial_size must be 1 to \(CK_MTP_RADIAL), found \(radialSize)")
    }
    guard rMax > 0, rMax.isFinite else { throw InputError("r_max must be above 0 Å, found \(rMax)") }
    guard closest >= 0, closest < rMax else {
      throw InputError("r_min must be 0 Å or more and below r_max (\(rMax)), found \(closest)")
    }
    guard (1...10_000).contains(starts ?? 1) else {
      throw InputError("starts must be 1 to 10000, found \(starts ?? 1)")
    }
    try descent.validate()
  }

  static let explanations: [HyperparameterExplanation] =
    [
      .init("level", "moments are multiplied up to this level: 2, 4, … 28; 16 has 92 scalars, 8 has 9"),
      .init("radial_size", "Chebyshev polynomials of each radial function"),
      .init("r_min", unit: "Å", "where the radial polynomials begin; null: the smallest distance in the data"),
      .init("r_max", unit: "Å", "reach of the potential"),
      .init(
        "starts",
        "random radial functions to choose the first from: for gauss_newton and bfgs by a descent of a fifth of max_epochs from "
          + "each, else by the loss that the linear part leaves; null: 6 for those two with at most 150 parameters and 50 epochs "
          + "or more, else 1; comes on top of max_epochs"
      ),
    ] + DescentSettings.explanations
}
