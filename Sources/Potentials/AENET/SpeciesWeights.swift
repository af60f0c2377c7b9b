import Structures

/// w of the species in the second half of the fingerprint, in the order of the potential's elements.
public enum SpeciesWeights: Sendable, Equatable {
  /// aenet's: −⌊n/2⌋ … ⌊n/2⌋, without 0 where n is even. With an odd number of elements one is blind.
  case aenet
  /// The same without 0: −1, 1, 2 for three elements.
  case nonzero
  /// Begin as `nonzero` and are trained with the networks.
  case learnable
  case given([Double])

  static let names = ["aenet", "nonzero", "learnable"]

  /// The weights that a potential begins with.
  /// - Throws: `InputError` where another number of weights is given than there are elements.
  func values(for elements: [ChemicalElement]) throws -> [Double] {
    switch self {
    case .aenet: return ChebyshevFingerprint.declaredWeights(count: elements.count)
    case .nonzero, .learnable: return ChebyshevFingerprint.nonzeroWeights(count: elements.count)
    case .given(let weights):
      let list = elements.map(\.symbol).joined(separator: " ")
      guard weights.count == elements.count else {
        throw InputError(
          "species_weights has \(weights.count) numbers for \(elements.count) elements",
          remedy: "give one for each of \(list), in this order")
      }
      guard weights.allSatisfy(\.isFinite) else {
        throw InputError(
          "species_weights holds a number that is not finite", remedy: "give one for each of \(list)")
      }
      return weights
    }
  }
}

extension SpeciesWeights: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let name = try? container.decode(String.self) else {
      self = .given(try container.decode([Double].self))
      return
    }
    switch name {
    case "aenet": self = .aenet
    case "nonzero": self = .nonzero
    case "learnable": self = .learnable
    default:
      let hint = nearestName(to: name, among: Self.names).map { "; did you mean '\($0)'?" } ?? ""
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "found '\(name)', expected aenet, nonzero, learnable or a list of numbers" + hint)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .aenet: try container.encode("aenet")
    case .nonzero: try container.encode("nonzero")
    case .learnable: try container.encode("learnable")
    case .given(let weights): try container.encode(weights)
    }
  }
}
