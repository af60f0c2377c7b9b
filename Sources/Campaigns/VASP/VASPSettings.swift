import Settings
import Structures

/// What `vasp:` of campaign.yaml says: how the inputs of VASP are made. See the presets for a text with comments.
public struct VASPSettings: Decodable, Sendable {
  public var incar: SettingsValue
  /// EDIFF = this × atoms, eV; INCAR's own EDIFF goes before.
  public var ediff_per_atom: Double?
  /// U of the d electrons by symbol, eV.
  public var hubbard_u: [String: Double]
  /// U only where one of these elements is in the structure, too; nil: always.
  public var hubbard_needs: [String]?
  public var kpoints: Mesh
  /// Initial moments by element ("Mn"), by element and oxidation state ("Mn3+"), and `default`, μB.
  public var moments: [String: Double]
  /// Names of the POTCARs by symbol.
  public var potcar: [String: String]
  public var potcar_library: String?
  public var isolated_atom: IsolatedAtom
  /// Tags of INCAR that halite does not know and takes as they are.
  public var other_tags: [String]?

  public struct Mesh: Decodable, Sendable {
    /// k-points times atoms.
    public var density: Double
  }

  public struct IsolatedAtom: Decodable, Sendable {
    /// Å.
    public var box: [Double]
    public var incar: SettingsValue
  }

  /// - Throws: `InputError` with file and line: an unknown key or element, a number out of its range.
  public init(_ tree: SettingsValue, file: String?) throws {
    self = try tree.decoded(as: VASPSettings.self, file: file)
    for tags in [incar, isolated_atom.incar] {
      _ = try INCAR(tags, file: file)
      try INCARTags(others: other_tags ?? []).require(tags, file: file)
      try INCARValues(others: other_tags ?? []).require(tags, file: file, isComplete: true)
    }
    try Self.requireMoments(tree["moments"], file)
    let symbols =
      Array(hubbard_u.keys) + Array(potcar.keys) + (hubbard_needs ?? []) + moments.keys.compactMap(Self.symbol)
    if let wrong = symbols.sorted().first(where: { ChemicalElement($0) == nil }) {
      throw InputError("`\(wrong)` is no element symbol", file: file)
    }
    guard kpoints.density > 0 else { throw InputError("kpoints.density must be above 0", file: file) }
    guard isolated_atom.box.count == 3, isolated_atom.box.allSatisfy({ $0 > 5 }) else {
      throw InputError("isolated_atom.box: expected three lengths above 5 Å", file: file)
    }
    guard moments["default"] != nil else { throw InputError("moments: the key `default` is missing", file: file) }
  }

  /// - Throws: `InputError` with the line of a key that no atom can have.
  private static func requireMoments(_ moments: SettingsValue?, _ file: String?) throws(InputError) {
    guard case .map(let entries)? = moments?.content else { return }
    for entry in entries where entry.key != "default" {
      let symbol = entry.key.prefix { $0.isLetter }
      let rest = entry.key.dropFirst(symbol.count)
      let charge = rest.dropLast()
      let isState = "+-".contains(rest.last ?? " ") && !charge.isEmpty && charge.allSatisfy(\.isNumber)
      if ChemicalElement(String(symbol)) != nil, rest.isEmpty || isState { continue }
      let digits = rest.filter(\.isNumber)
      var near = nearestName(to: entry.key, among: ["default"] + ChemicalElement.all.map(\.symbol))
      if ChemicalElement(String(symbol)) != nil, digits.count == 1 {
        let isAnion = rest.contains("-") || !rest.contains("+") && ["O", "F", "N", "S", "Cl"].contains(symbol)
        near = "\(symbol)\(digits)\(isAnion ? "-" : "+")"
      }
      throw InputError(
        "moments: `\(entry.key)` is neither an element (`Mn`) nor one with its oxidation state (`Mn3+`)",
        file: file,
        line: entry.line, remedy: near.map { "did you mean `\($0)`?" })
    }
  }

  /// "Mn" of "Mn3+"; nil for `default`.
  private static func symbol(_ key: String) -> String? {
    key == "default" ? nil : String(key.prefix { $0.isLetter })
  }

  /// ISPIN of INCAR.
  func isSpinPolarized(isIsolatedAtom: Bool) -> Bool {
    var spin = (try? INCAR(incar, file: nil))?.number("ISPIN")
    if isIsolatedAtom { spin = (try? INCAR(isolated_atom.incar, file: nil))?.number("ISPIN") ?? spin }
    return spin == 2
  }

  /// Size of the initial moment of each atom, μB: by element and oxidation state, else by element, else `default`.
  func momentSizes(_ frame: LabeledStructure) -> [Double] {
    let column = frame.columns.first { $0.name == "oxidation_states" && $0.width == 1 }
    return frame.structure.elements.enumerated().map { atom, element in
      if let column, let charge = Double(column.values[atom]), charge == charge.rounded() {
        let key = element.symbol + "\(Int(abs(charge)))" + (charge < 0 ? "-" : "+")
        if let moment = moments[key] { return moment }
      }
      return moments[element.symbol] ?? moments["default"] ?? 0
    }
  }
}

/// The part of a structure's elements of one kind, in the order of POSCAR.
func elementRuns(_ elements: [ChemicalElement]) -> [ChemicalElement] {
  elements.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
}
