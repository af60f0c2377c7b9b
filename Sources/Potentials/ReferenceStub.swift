import Structures
public struct ReferenceEnergies: Sendable { public var energies: [ChemicalElement: Double]; public var rank: Int; public var freeDirections: [String]
  public static func fit(_ dataset: Dataset) throws -> ReferenceEnergies { .init(energies: [:], rank: 0, freeDirections: []) } }
