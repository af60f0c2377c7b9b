import Rocksalts
import Structures

/// Frames that Halite made, with what is needed to make them again.
enum GeneratedFrame {
  /// - Parameters:
  ///   - recipe: the call without what does not matter for this frame.
  ///   - seed: nil where nothing is random.
  static func frame(
    _ structure: Structure, group: String, recipe: String, seed: UInt64? = nil, facts: [(String, String)] = []
  ) -> LabeledStructure {
    var info = facts.map { InfoItem(key: $0.0, value: $0.1) }
    info.append(InfoItem(key: "recipe", value: recipe))
    if let seed { info.append(InfoItem(key: "seed", value: String(seed))) }
    return LabeledStructure(structure: structure, labels: Labels(), configType: group, info: info)
  }

  /// A supercell by the six numbers of its Hermite normal form.
  static func text(_ supercell: Supercell) -> String {
    let h = supercell.hermite
    return [h[0, 0], h[1, 0], h[1, 1], h[2, 0], h[2, 1], h[2, 2]].map(String.init).joined(separator: " ")
  }

  /// - Parameter supercell: as `text` gives it.
  static func facts(_ supercell: String, _ ordering: Ordering) -> [(String, String)] {
    [("supercell", supercell), ("stabiliser", String(ordering.stabiliser))]
  }
}

/// A number that may be larger than JSON readers take: a text from 2^53 on.
struct LargeCount: Encodable {
  var value: UInt128

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value < 1 << 53 { try container.encode(Int(value)) } else { try container.encode(value.description) }
  }
}
