import Formats
import Structures

/// The inputs of a run folder as they lie there, to compare an output with.
struct RunInputs {
  /// Tags of INCAR in capitals, word for word.
  let incar: [String: String]
  /// Divisions of KPOINTS, "7 3 2"; nil where there is no such line.
  let mesh: String?
  /// Names or titles of POTCAR or POTCAR.spec, in the order of POSCAR.
  let potcars: [String]
  let species: [ChemicalElement]

  /// - Parameter species: of POSCAR, in its order.
  init(_ folder: String, species: [ChemicalElement]) {
    func text(_ name: String) -> String? {
      (try? AtomicFile.read(folder + "/" + name)).map { String(decoding: $0, as: UTF8.self) }
    }
    incar = Self.tags(text("INCAR") ?? "")
    let rows = text("KPOINTS").map { $0.split(separator: "\n").map(String.init) } ?? []
    mesh = rows.count > 3 ? Self.words(rows[3]).joined(separator: " ") : nil
    if let potcar = try? AtomicFile.read(folder + "/POTCAR") {
      potcars = POTCARHead.all(in: potcar).map(\.title)
    } else {
      potcars = text("POTCAR.spec").map { $0.split(separator: "\n").map(String.init) } ?? []
    }
    self.species = species
  }

  /// "TAG = VALUE" line by line; "#" and "!" begin remarks.
  static func tags(_ text: String) -> [String: String] {
    var tags: [String: String] = [:]
    for line in text.split(whereSeparator: { $0.isNewline || $0 == ";" }) {
      let sides = line.prefix { $0 != "#" && $0 != "!" }.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { continue }
      tags[words(sides[0]).joined().uppercased()] = words(sides[1]).joined(separator: " ")
    }
    return tags
  }

  static func words(_ text: some StringProtocol) -> [String] {
    String(text).split { $0.isWhitespace }.map(String.init)
  }

  // MARK: Comparison

  /// Where an output tells settings that are not those of the inputs; empty where it tells none.
  /// - Parameters:
  ///   - echo: settings as the output prints them.
  ///   - found: what they mean.
  func differences(_ echo: [String: String], _ found: SettingsFingerprint?) -> [String] {
    guard !incar.isEmpty else { return [] }
    var all: [String] = []
    func note(_ what: String, _ output: String, _ input: String) {
      all.append("\(what) \(output) in the output, \(input) in the inputs")
    }
    let wanted = functional
    if let name = found?.functional, name != wanted { note("functional", name, wanted) }
    for (tag, unit, preset) in Self.numbers {
      guard let printed = echo[tag].flatMap(PrintedNumber.init), let text = incar[tag] ?? preset,
        let value = vaspNumber(text), !printed.isOf(value)
      else { continue }
      // Without ionic steps VASP makes it −1, whatever INCAR says.
      if tag == "IBRION", vaspNumber(incar["NSW"] ?? "0") == 0 { continue }
      note(tag, printed.text + unit, text + unit)
    }
    for (tag, preset) in Self.spelled {
      guard let printed = echo[tag].map(Self.letter), let text = incar[tag] ?? preset, printed != Self.letter(text)
      else { continue }
      note(tag, echo[tag] ?? "", text)
    }
    all += hubbard(echo, found)
    if let points = echo["KPOINTS"], let mesh, points != mesh { note("mesh of k-points", points, mesh) }
    for (element, name) in zip(species, potcars) {
      guard let title = found?.potcars[element.symbol], !POTCARHead(title: title).isNamed(name) else { continue }
      all.append("POTCAR of \(element) is \(title) in the output, \(name) in the inputs")
    }
    return all
  }

  /// NUPDOWN holds the moment of the cell: an output with another one is of other inputs.
  /// - Parameter total: of the output, μB.
  func momentDifference(_ total: Double?) -> [String] {
    guard let total, let wanted = incar["NUPDOWN"].flatMap(vaspNumber), wanted >= 0, abs(total - wanted) > 0.1
    else {
      return []
    }
    return ["total moment \(total) μB in the output, NUPDOWN \(wanted) in the inputs"]
  }

  /// Tag, unit, and the value that VASP takes where INCAR has none (nil: it depends on more).
  private static let numbers: [(String, String, String?)] = [
    ("ENCUT", " eV", nil), ("EDIFF", " eV", "1e-4"), ("ISMEAR", "", "1"), ("SIGMA", " eV", "0.2"),
    ("ISPIN", "", "1"),
    ("NSW", "", "0"), ("IBRION", "", nil), ("ISIF", "", nil),
  ]
  private static let spelled: [(String, String?)] = [("PREC", "Normal"), ("LASPH", nil)]

  /// The letter by which VASP knows a word: "accura" and "Accurate", ".TRUE." and "T".
  static func letter(_ word: String) -> Character? { word.lowercased().first { $0 != "." && $0 != " " } }

  private var functional: String {
    let hybrid = incar["LHFCALC"].flatMap(Self.letter) == "t"
    let name =
      functionalName(
        meta: incar["METAGGA"].map { String($0.prefix(5)) }, exchange: incar["GGA"].map { String($0.prefix(2)) },
        potential: "PE", isHybrid: hybrid) ?? "PBE"
    let dispersion = incar["IVDW"].flatMap { $0 == "0" ? nil : " IVDW \($0)" } ?? ""
    return name + dispersion
  }

  /// U of the output has as few decimals as it prints: 3.25 eV is there as "3.2" or "3.3".
  private func hubbard(_ echo: [String: String], _ found: SettingsFingerprint?) -> [String] {
    let isOn = incar["LDAU"].flatMap(Self.letter) == "t"
    let numbers = HubbardDigits(tags: incar)
    let (u, l) = (isOn ? numbers.list("LDAUU") : [], isOn ? numbers.list("LDAUL") : [])
    let printed = echo["LDAUU"].map { Self.words($0).map(PrintedNumber.init) } ?? []
    return species.enumerated().compactMap { place, element in
      guard let value = found?.hubbardU[element.symbol] else { return nil }
      let wanted = place < u.count && (place >= l.count || l[place] >= 0) ? u[place] : 0
      let number = place < printed.count ? printed[place] : nil
      let isRight = abs(value - wanted) < 1e-6 || value != 0 && number?.isOf(wanted) ?? false
      return isRight ? nil : "U of \(element) is \(value) eV in the output, \(wanted) eV in the inputs"
    }
  }
}

/// A number as Fortran prints it, with the digits that it has: "0.1E-04", "520.0".
struct PrintedNumber {
  var text: String
  private var value: Double
  /// One unit of its last digit.
  private var unit: Double

  init?(_ text: String) {
    guard let value = vaspNumber(text) else { return nil }
    let parts = text.lowercased().replacing("d", with: "e").split(separator: "e", maxSplits: 1)
    let decimals = parts[0].split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count
    let exponent = parts.count > 1 ? Int(parts[1].filter { $0 != "+" }) ?? 0 : 0
    self.text = text
    self.value = value
    unit = decimals.map { power(10, exponent - $0) } ?? 0
  }

  /// True where a number rounds to these digits, up or down where it lies between.
  func isOf(_ number: Double) -> Bool {
    abs(number - value) <= 0.5 * unit * (1 + 1e-6) + 1e-9 * abs(number)
  }
}

private func power(_ base: Double, _ exponent: Int) -> Double {
  guard abs(exponent) <= 300 else { return 0 }
  let value = (0..<abs(exponent)).reduce(1.0) { product, _ in product * base }
  return exponent < 0 ? 1 / value : value
}

/// "1E-5", "1D-5", "520.0 ".
func vaspNumber(_ text: String) -> Double? {
  let plain = text.lowercased().replacing("d", with: "e").filter { $0 != " " && $0 != ";" }
  return Double(plain).flatMap { $0.isFinite ? $0 : nil }
}
