/// A chemical element, known by its atomic number.
///
/// Masses are the conventional standard atomic weights (IUPAC 2021, doi:10.1515/pac-2019-0603), in amu; where an
/// element has no stable isotope, the mass number of its longest-lived one.
public struct ChemicalElement: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// 1 (H) to 118 (Og).
  public let atomicNumber: Int

  /// The element of an atomic number from 1 to 118, else nil.
  public init?(atomicNumber: Int) {
    guard (1...Self.table.count).contains(atomicNumber) else { return nil }
    self.atomicNumber = atomicNumber
  }

  /// The element of a symbol as IUPAC writes it ("Li"), else nil.
  public init?(_ symbol: some StringProtocol) {
    guard let number = Self.numbers[String(symbol)] else { return nil }
    atomicNumber = number
  }

  /// The element of the first symbol's bytes, for readers that scan bytes; case counts.
  public init?(first: UInt8, second: UInt8?) {
    let number = Int(Self.numbersByBytes[Self.slot(first, second)])
    guard number > 0 else { return nil }
    atomicNumber = number
  }

  public var symbol: String { Self.table[atomicNumber - 1].symbol }

  /// Standard atomic weight, amu.
  public var mass: Double { Self.table[atomicNumber - 1].mass }

  public var description: String { symbol }

  public static func < (a: Self, b: Self) -> Bool { a.atomicNumber < b.atomicNumber }

  /// All 118, by atomic number.
  public static let all: [ChemicalElement] = (1...table.count).compactMap { ChemicalElement(atomicNumber: $0) }

  private static let numbers: [String: Int] = Dictionary(
    uniqueKeysWithValues: table.enumerated().map { ($1.symbol, $0 + 1) })

  private static let numbersByBytes: [UInt8] = {
    var slots = [UInt8](repeating: 0, count: 128 * 128)
    for (index, row) in table.enumerated() {
      let bytes = Array(row.symbol.utf8)
      slots[slot(bytes[0], bytes.count > 1 ? bytes[1] : nil)] = UInt8(index + 1)
    }
    return slots
  }()

  private static func slot(_ first: UInt8, _ second: UInt8?) -> Int {
    guard first < 128, (second ?? 0) < 128 else { return 0 }
    return Int(first) * 128 + Int(second ?? 0)
  }

  private static let table: [(symbol: String, mass: Double)] = [
    ("H", 1.008), ("He", 4.002602), ("Li", 6.94), ("Be", 9.0121831), ("B", 10.81), ("C", 12.011),
    ("N", 14.007), ("O", 15.999), ("F", 18.9984032), ("Ne", 20.1797), ("Na", 22.9897693), ("Mg", 24.305),
    ("Al", 26.9815385), ("Si", 28.085), ("P", 30.973762), ("S", 32.06), ("Cl", 35.45), ("Ar", 39.948),
    ("K", 39.0983), ("Ca", 40.078), ("Sc", 44.955908), ("Ti", 47.867), ("V", 50.9415), ("Cr", 51.9961),
    ("Mn", 54.938044), ("Fe", 55.845), ("Co", 58.933194), ("Ni", 58.6934), ("Cu", 63.546), ("Zn", 65.38),
    ("Ga", 69.723), ("Ge", 72.63), ("As", 74.921595), ("Se", 78.971), ("Br", 79.904), ("Kr", 83.798),
    ("Rb", 85.4678), ("Sr", 87.62), ("Y", 88.90584), ("Zr", 91.224), ("Nb", 92.90637), ("Mo", 95.95),
    ("Tc", 97.90721), ("Ru", 101.07), ("Rh", 102.9055), ("Pd", 106.42), ("Ag", 107.8682), ("Cd", 112.414),
    ("In", 114.818), ("Sn", 118.71), ("Sb", 121.76), ("Te", 127.6), ("I", 126.90447), ("Xe", 131.293),
    ("Cs", 132.905452), ("Ba", 137.327), ("La", 138.90547), ("Ce", 140.116), ("Pr", 140.90766),
    ("Nd", 144.242), ("Pm", 144.91276), ("Sm", 150.36), ("Eu", 151.964), ("Gd", 157.25), ("Tb", 158.92535),
    ("Dy", 162.5), ("Ho", 164.93033), ("Er", 167.259), ("Tm", 168.93422), ("Yb", 173.054), ("Lu", 174.9668),
    ("Hf", 178.49), ("Ta", 180.94788), ("W", 183.84), ("Re", 186.207), ("Os", 190.23), ("Ir", 192.217),
    ("Pt", 195.084), ("Au", 196.966569), ("Hg", 200.592), ("Tl", 204.38), ("Pb", 207.2), ("Bi", 208.9804),
    ("Po", 208.98243), ("At", 209.98715), ("Rn", 222.01758), ("Fr", 223.01974), ("Ra", 226.02541),
    ("Ac", 227.02775), ("Th", 232.0377), ("Pa", 231.03588), ("U", 238.02891), ("Np", 237.04817),
    ("Pu", 244.06421), ("Am", 243.06138), ("Cm", 247.07035), ("Bk", 247.07031), ("Cf", 251.07959),
    ("Es", 252.083), ("Fm", 257.09511), ("Md", 258.09843), ("No", 259.101), ("Lr", 262.11), ("Rf", 267.122),
    ("Db", 268.126), ("Sg", 271.134), ("Bh", 270.133), ("Hs", 269.1338), ("Mt", 278.156), ("Ds", 281.165),
    ("Rg", 281.166), ("Cn", 285.177), ("Nh", 286.182), ("Fl", 289.19), ("Mc", 289.194), ("Lv", 293.204),
    ("Ts", 293.208), ("Og", 294.214),
  ]
}

extension ChemicalElement: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let symbol = try container.decode(String.self)
    guard let element = ChemicalElement(symbol) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(symbol) is no element symbol")
    }
    self = element
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(symbol)
  }
}
