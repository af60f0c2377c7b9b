/// The settings of a calculation on which its energies depend: frames that differ in them must not be mixed.
///
/// Extended XYZ carries them in the keys `functional`, `hubbard_u` (eV, every element of the frame), `encut` (eV), `prec`,
/// `smearing` (ISMEAR and SIGMA, eV), `potcar`, `kpoint_density` (points of the full mesh × atoms), `ispin` and `code`; where U and J count
/// apart (LDAUTYPE other than 2), `hubbard_j` (eV) and `ldau_type`.
public struct SettingsFingerprint: Hashable, Sendable, Codable {
  /// "PBE", "R2SCAN".
  public var functional: String?
  /// By symbol, eV: U − J (Dudarev), or U where `hubbardType` is set. Of two species of one element that differ the second is "Fe#2".
  public var hubbardU: [String: Double] = [:]
  /// By symbol, eV; only where it is not 0 and U and J count apart.
  public var hubbardJ: [String: Double] = [:]
  /// LDAUTYPE, where it is not 2 (Dudarev).
  public var hubbardType: Int?
  /// ISPIN: 1 without, 2 with spin polarisation.
  public var spinPolarization: Int?
  /// Plane-wave cutoff, eV.
  public var cutoff: Double?
  public var precision: String?
  public var smearing: String?
  /// By symbol: "PAW_PBE Li_sv 10Sep2004".
  public var potcars: [String: String] = [:]
  /// Points of the full mesh times atoms.
  public var kpointDensity: Double?
  /// "VASP 6.2.1".
  public var code: String?

  public init() {}

  /// Meshes whose densities differ by more than this factor are not of one kind. A mesh is rounded down along each
  /// axis, so that one recipe gives densities that differ by up to 2 × 2 in small cells.
  public static let kpointFactor = 4.0

  private enum Key {
    static let functional = "functional"
    static let hubbardU = "hubbard_u"
    static let cutoff = "encut"
    static let precision = "prec"
    static let smearing = "smearing"
    static let potcars = "potcar"
    static let kpointDensity = "kpoint_density"
    static let code = "code"
    static let hubbardJ = "hubbard_j"
    static let hubbardType = "ldau_type"
    static let spinPolarization = "ispin"
  }

  /// The keys of extxyz in the order in which they are written.
  public static let keys = [
    Key.functional, Key.hubbardU, Key.cutoff, Key.precision, Key.smearing, Key.potcars, Key.kpointDensity, Key.code,
    Key.spinPolarization, Key.hubbardType, Key.hubbardJ,
  ]

  /// The settings that a frame carries; nil where it carries none of functional, cutoff and POTCARs.
  public init?(of frame: LabeledStructure) {
    functional = frame.value(ofKey: Key.functional)
    cutoff = frame.value(ofKey: Key.cutoff).flatMap(Double.init)
    precision = frame.value(ofKey: Key.precision)
    smearing = frame.value(ofKey: Key.smearing)
    kpointDensity = frame.value(ofKey: Key.kpointDensity).flatMap(Double.init)
    code = frame.value(ofKey: Key.code)
    spinPolarization = frame.value(ofKey: Key.spinPolarization).flatMap { Int($0) }
    hubbardType = frame.value(ofKey: Key.hubbardType).flatMap { Int($0) }
    for (symbol, value) in pairs(frame.value(ofKey: Key.hubbardU), separator: " ") {
      hubbardU[symbol] = Double(value)
    }
    for (symbol, value) in pairs(frame.value(ofKey: Key.hubbardJ), separator: " ") {
      hubbardJ[symbol] = Double(value)
    }
    for (symbol, value) in pairs(frame.value(ofKey: Key.potcars), separator: ";") { potcars[symbol] = value }
    if functional == nil, cutoff == nil, potcars.isEmpty { return nil }
  }

  /// As keys of extxyz, for the elements of one frame.
  public func items(for elements: Set<String>) -> [InfoItem] {
    func isThere(_ species: String) -> Bool { elements.contains(String(species.prefix { $0 != "#" })) }
    func text(_ values: [String: Double]) -> String? {
      let own = values.filter { isThere($0.key) }.sorted { $0.key < $1.key }
      return own.isEmpty ? nil : own.map { "\($0.key)=\(shortNumber($0.value))" }.joined(separator: " ")
    }
    let titles = potcars.filter { isThere($0.key) }.sorted { $0.key < $1.key }
    let values: [(String, String?)] = [
      (Key.functional, functional),
      (Key.hubbardU, text(hubbardU)),
      (Key.cutoff, cutoff.map(shortNumber)), (Key.precision, precision), (Key.smearing, smearing),
      (Key.potcars, titles.isEmpty ? nil : titles.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")),
      (Key.kpointDensity, kpointDensity.map(shortNumber)), (Key.code, code),
      (Key.spinPolarization, spinPolarization.map(String.init)),
      (Key.hubbardType, hubbardType.map(String.init)), (Key.hubbardJ, text(hubbardJ)),
    ]
    return values.compactMap { key, value in value.map { InfoItem(key: key, value: $0) } }
  }

  /// "VASP 6": versions of one major number give the same energies from the same POTCARs.
  var majorVersion: String? { code.map { String($0.prefix { $0 != "." }) } }
}

/// "Mn=3.9", "Li=PAW_PBE Li_sv 10Sep2004" and so on.
private func pairs(_ text: String?, separator: Character) -> [(String, String)] {
  (text ?? "").split(separator: separator).compactMap { part in
    let sides = part.split(separator: "=", maxSplits: 1)
    guard sides.count == 2 else { return nil }
    return (sides[0].filter { $0 != " " }, String(sides[1]))
  }
}

/// A number without an idle ".0".
func shortNumber(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}
