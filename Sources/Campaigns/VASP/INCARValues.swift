import Settings
import Structures

/// What the values of the usual tags may be, so that a mistyped one is found before thousands of runs have been made with it.
///
/// After VASP's manual. Tags that are not listed here are taken as they are, and so are those of `other_tags` of campaign.yaml.
struct INCARValues: Sendable {
  private enum Kind: Sendable {
    case flag
    /// One of these, letters' case apart.
    case word([String])
    /// The same, or true or false.
    case flagOrWord([String])
    case integer(ClosedRange<Int>)
    /// One of these numbers.
    case choice([Int])
    case real(ClosedRange<Double>)
  }

  private static let flags = [
    "ADDGRID", "LAECHG", "LASPH", "LCALCEPS", "LCHARG", "LDAU", "LDIAG", "LDIPOL", "LEPSILON", "LHFCALC", "LOPTICS",
    "LPEAD", "LPLANE", "LSCALAPACK", "LSCALU", "LUSE_VDW", "LVHAR", "LVTOT", "LWAVE",
  ]

  private static let kinds: [String: Kind] = {
    var kinds: [String: Kind] = [
      "ALGO": .word([
        "Normal", "N", "VeryFast", "V", "Fast", "F", "Conjugate", "C", "All", "A", "Damped", "D", "Subrot", "S",
        "Eigenval", "E", "Exact", "None", "Nothing", "CHI", "GW0", "GW", "scGW0", "scGW", "G0W0", "EVGW0", "EVGW",
        "QPGW0", "QPGW", "GW0R", "GWR", "EVGW0R", "EVGWR", "scGW0R", "scGWR", "RPA", "RPAR", "ACFDT", "ACFDTR",
        "ACFDTRK", "RPA+SOSEX", "BSE", "TDHF", "TIMEEV", "2E4W", "2E4WA", "2E4W1",
      ]),
      "PREC": .word([
        "Low", "L", "Medium", "M", "High", "H", "Normal", "N", "Single", "S", "SingleN", "Accurate", "A",
      ]),
      "METAGGA": .word([
        "PKZB", "TPSS", "RTPSS", "M06L", "MBJ", "LMBJ", "SCAN", "RSCAN", "R2SCAN", "SCANL", "RSCANL", "R2SCANL",
        "MS0", "MS1", "MS2", "MSPBEL", "MSRPBEL", "OFR2", "MCML", "VCML-RVV10", "RMBJ", "V1SR2", "V2SR2", "LIBXC",
        "--",
      ]),
      "LREAL": .flagOrWord(["Auto", "A", "On", "O"]),
      "ISPIN": .choice([1, 2]), "ISYM": .choice([-1, 0, 1, 2, 3]), "ISTART": .choice([0, 1, 2, 3]),
      "IBRION": .choice([-1, 0, 1, 2, 3, 5, 6, 7, 8, 11, 12, 40, 44]), "ISIF": .integer(0...8),
      "ISMEAR": .choice([-15, -14, -5, -4, -3, -2, -1] + Array(0...20)),
      "ICHARG": .choice([0, 1, 2, 4, 5, 10, 11, 12]),
      "LORBIT": .choice([0, 1, 2, 5, 10, 11, 12, 13, 14]), "IMIX": .choice([0, 1, 2, 4]),
      "LMAXMIX": .integer(0...8), "NWRITE": .integer(0...4), "NELMDL": .integer(-1000...1000),
      "NELM": .integer(1...100_000),
      "NELMIN": .integer(0...100_000), "NSW": .integer(0...10_000_000),
      "ENCUT": .real(1...100_000), "EDIFF": .real(1e-20...10), "EDIFFG": .real(-100...100),
      "SIGMA": .real(1e-6...100), "POTIM": .real(0...1000), "SYMPREC": .real(1e-12...1),
    ]
    for tag in flags { kinds[tag] = .flag }
    for tag in ["NBANDS", "NCORE", "NPAR", "KPAR", "NSIM", "NEDOS"] { kinds[tag] = .integer(1...10_000_000) }
    for tag in ["AMIX", "BMIX", "AMIN", "AMIX_MAG", "BMIX_MAG"] { kinds[tag] = .real(0...1000) }
    return kinds
  }()

  /// Tags that are made for each structure, and what decides them.
  private static let made: [String: String] = {
    var made = [
      "MAGMOM": "the sizes are `moments` of campaign.yaml, the order is --magnetic of halite campaign add",
      "NUPDOWN": "give --nupdown to halite campaign add",
      "KSPACING": "the mesh is `kpoints: {density: …}` of campaign.yaml",
      "KGAMMA": "the mesh is `kpoints: {density: …}` of campaign.yaml, always Γ-centred",
    ]
    for tag in ["LDAU", "LDAUU", "LDAUL", "LDAUJ", "LDAUTYPE", "LDAUPRINT"] {
      made[tag] = "U is `hubbard_u` of campaign.yaml, by element"
    }
    return made
  }()

  private let others: Set<String>

  /// - Parameter others: tags whose values are taken as they are.
  init(others: [String] = []) { self.others = Set(others.map { $0.uppercased() }) }

  /// - Parameters:
  ///   - tags: a map of tags.
  ///   - isComplete: true for `incar` of campaign.yaml, which must not hold what halite makes for each structure.
  /// - Throws: `InputError` with the line of a value that its tag cannot have.
  func require(_ tags: SettingsValue?, file: String?, isComplete: Bool) throws(InputError) {
    guard case .map(let entries)? = tags?.content else { return }
    for entry in entries where !others.contains(entry.key.uppercased()) {
      let tag = entry.key.uppercased()
      if isComplete, let remedy = Self.made[tag] {
        throw InputError(
          "`\(entry.key)` is written by halite for each structure", file: file, line: entry.line, remedy: remedy)
      }
      if ["LSORBIT", "LNONCOLLINEAR"].contains(tag), INCAR.Value(entry.value)?.isTrue ?? false {
        throw InputError(
          "`\(entry.key)`: halite writes collinear moments", file: file, line: entry.line, remedy: "leave it out")
      }
      guard let kind = Self.kinds[tag], let value = INCAR.Value(entry.value) else { continue }
      try require(value, kind, entry, file)
    }
  }

  private func require(_ value: INCAR.Value, _ kind: Kind, _ entry: SettingsValue.Entry, _ file: String?)
    throws(InputError)
  {
    func refusal(_ expected: String, near: String? = nil) -> InputError {
      InputError(
        "`\(entry.key)`: expected \(expected), found `\(value.text)`", file: file, line: entry.line,
        remedy: near.map { "did you mean `\($0)`?" }
          ?? "a value that halite does not know: name its tag in vasp.other_tags")
    }
    switch kind {
    case .flag: if value.isTrue == nil { throw refusal("true or false") }
    case .word(let words):
      if !Self.knows(value, words) { throw refusal("a word that VASP knows", near: Self.nearest(value, words)) }
    case .flagOrWord(let words):
      if value.isTrue == nil, !Self.knows(value, words) {
        throw refusal("true, false or \(words[0])", near: Self.nearest(value, words))
      }
    case .integer(let range):
      guard let number = value.wholeNumber else { throw refusal("a whole number", near: Self.digits(value)) }
      guard range.contains(number) else { throw refusal("\(range.lowerBound) to \(range.upperBound)") }
    case .choice(let numbers):
      let list =
        numbers.count > 9
        ? "\(numbers[0]) … \(numbers[numbers.count - 1])" : numbers.map(String.init).joined(separator: ", ")
      guard let number = value.wholeNumber else { throw refusal("one of \(list)", near: Self.digits(value)) }
      guard numbers.contains(number) else { throw refusal("one of \(list)") }
    case .real(let range):
      guard let number = value.number else { throw refusal("a number", near: Self.digits(value)) }
      guard range.contains(number) else { throw refusal("a number of \(range.lowerBound) to \(range.upperBound)") }
    }
  }

  private static func knows(_ value: INCAR.Value, _ words: [String]) -> Bool {
    words.contains { $0.lowercased() == value.text.lowercased() }
  }

  private static func nearest(_ value: INCAR.Value, _ words: [String]) -> String? {
    nearestName(to: value.text, among: words.filter { $0.count > 2 })
  }

  /// The number that is meant where letters stand for digits: 520 of "52O".
  private static func digits(_ value: INCAR.Value) -> String? {
    guard case .text(let text) = value else { return nil }
    let alike: [Character: Character] = ["O": "0", "o": "0", "l": "1", "I": "1", ",": "."]
    let plain = String(text.map { alike[$0] ?? $0 })
    return plain != text && vaspNumber(plain) != nil ? plain : nil
  }
}

extension INCAR.Value {
  /// A number, also one that stands in quotes or with Fortran's exponent, "1D-5".
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    case .text(let text): vaspNumber(text)
    default: nil
    }
  }

  var wholeNumber: Int? { number.flatMap { Int(exactly: $0) } }

  /// nil where it is no flag: true, "T", ".TRUE.".
  var isTrue: Bool? {
    switch self {
    case .flag(let flag): return flag
    case .text(let text):
      switch text.uppercased().filter({ $0 != "." }) {
      case "T", "TRUE": return true
      case "F", "FALSE": return false
      default: return nil
      }
    default: return nil
    }
  }
}
