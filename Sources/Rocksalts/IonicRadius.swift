import Structures

extension ChemicalElement {
  /// Effective ionic radius with six neighbours, Å (R. D. Shannon, Acta Cryst. A 32, 751 (1976),
  /// doi:10.1107/S0567739476001551); high spin for Cr2+, Mn, Fe and Co2+ and Co4+, low spin for Co3+, Ni3+, Ni4+ and Cu3+;
  /// nil where the table has none.
  public func ionicRadius(charge: Int) -> Double? { Self.ionicRadii[symbol]?[charge] }

  /// Oxidation states that are met in oxides, the most usual one first; empty where none is known here.
  public var oxidationStates: [Int] { Self.states[symbol] ?? [] }

  /// Takes the anion sites of a rocksalt.
  public var isAnion: Bool { Self.anions.contains(symbol) }

  private static let anions: Set<String> = ["H", "N", "O", "F", "P", "S", "Cl", "Se", "Br", "Te", "I"]

  private static let states: [String: [Int]] = [
    "Li": [1], "Na": [1], "K": [1], "Mg": [2], "Ca": [2], "Al": [3], "Sc": [3], "Ti": [4, 3, 2], "V": [3, 4, 5, 2],
    "Cr": [3, 4, 6, 2], "Mn": [3, 4, 2], "Fe": [3, 2, 4], "Co": [3, 2, 4], "Ni": [2, 3, 4], "Cu": [2, 1, 3],
    "Zn": [2], "Ga": [3], "Ge": [4], "Y": [3], "Zr": [4], "Nb": [5, 4, 3], "Mo": [6, 5, 4, 3], "Ru": [4, 5, 3],
    "In": [3], "Sn": [4], "Sb": [5, 3], "Ta": [5], "W": [6, 5, 4], "Ir": [4], "N": [-3], "O": [-2], "F": [-1],
    "S": [-2], "Cl": [-1], "Se": [-2], "Br": [-1], "Te": [-2], "I": [-1],
  ]

  private static let ionicRadii: [String: [Int: Double]] = [
    "Li": [1: 0.76], "Na": [1: 1.02], "K": [1: 1.38], "Mg": [2: 0.72], "Ca": [2: 1.00], "Al": [3: 0.535],
    "Sc": [3: 0.745], "Ti": [2: 0.86, 3: 0.67, 4: 0.605], "V": [2: 0.79, 3: 0.64, 4: 0.58, 5: 0.54],
    "Cr": [2: 0.80, 3: 0.615, 4: 0.55, 6: 0.44], "Mn": [2: 0.83, 3: 0.645, 4: 0.53],
    "Fe": [2: 0.78, 3: 0.645, 4: 0.585], "Co": [2: 0.745, 3: 0.545, 4: 0.53], "Ni": [2: 0.69, 3: 0.56, 4: 0.48],
    "Cu": [1: 0.77, 2: 0.73, 3: 0.54], "Zn": [2: 0.74], "Ga": [3: 0.62], "Ge": [4: 0.53], "Y": [3: 0.90],
    "Zr": [4: 0.72], "Nb": [3: 0.72, 4: 0.68, 5: 0.64], "Mo": [3: 0.69, 4: 0.65, 5: 0.61, 6: 0.59],
    "Ru": [3: 0.68, 4: 0.62, 5: 0.565], "In": [3: 0.80], "Sn": [4: 0.69], "Sb": [3: 0.76, 5: 0.60], "Ta": [5: 0.64],
    "W": [4: 0.66, 5: 0.62, 6: 0.60], "Ir": [4: 0.625], "O": [-2: 1.40], "S": [-2: 1.84], "F": [-1: 1.33],
    "Cl": [-1: 1.81], "Se": [-2: 1.98], "Br": [-1: 1.96], "Te": [-2: 2.21], "I": [-1: 2.20],
  ]
}
