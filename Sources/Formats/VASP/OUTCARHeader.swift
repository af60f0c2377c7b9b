import Structures

/// What stands in an OUTCAR before the first ionic step.
struct OUTCARHeader {
  var version: String?
  var counts: [Int] = []
  var ions: Int?
  var printedVolume: Double?
  private var titles: [String] = []
  private var species: [String] = []
  /// Titles in the list at the top: each stands there twice, and alone where NWRITE is 0.
  private var list: [String] = []
  private var values: [String: String] = [:]
  private var mesh: [Int] = []
  private var points: Int?
  /// Of the mesh that symmetry folded: the sum of the weights of what is left.
  private var unfolded: Double?

  var hasSpecies: Bool { !titles.isEmpty || !species.isEmpty || !list.isEmpty }

  /// Tags that are kept, as they stand before the sign.
  private static let tags: Set<String> = [
    "PREC", "ISPIN", "ENCUT", "NELM", "EDIFF", "NSW", "IBRION", "ISMEAR", "GGA", "METAGGA", "LEXCH", "LHFCALC",
    "LORBIT",
    "IVDW", "SIGMA", "ISIF", "LASPH",
  ]

  /// - Parameter line: without its indentation.
  mutating func read(_ line: TextSlice) {
    if line.hasPrefix("TITEL  =") { return titles.append(line.afterSign?.text.trimmingBlanks ?? "") }
    if line.hasPrefix("POTCAR: ") {
      return list.append(TextSlice(start: line.start + 8, end: line.end).text.trimmingBlanks)
    }
    if line.hasPrefix("VRHFIN =") { return species.append(line.afterSign?.text.trimmingBlanks ?? "") }
    if line.hasPrefix("generate k-points for:") {
      let fields = Array(Fields(TextSlice(start: line.start + 22, end: line.end)))
      mesh = fields.compactMap(\.integer)
    } else if line.hasPrefix("k-points           NKPTS =") {
      points = line.afterSign.flatMap { $0.firstWord.flatMap { Int($0) } }
    } else if line.hasPrefix("U (eV)           for each species LDAUU =") {
      values["LDAUU"] = line.afterSign?.text
    } else if line.hasPrefix("J (eV)           for each species LDAUJ =") {
      values["LDAUJ"] = line.afterSign?.text
    } else if line.hasPrefix("LDA+U is selected, type is set to LDAUTYPE =") {
      values["LDAUTYPE"] = line.afterSign?.text.trimmingBlanks
    } else if line.hasPrefix("angular momentum for each species LDAUL =") {
      values["LDAUL"] = line.afterSign?.text
    } else {
      readTag(line)
    }
  }

  /// Rows of a point and its weight, which counts the points of the full mesh that it stands for.
  mutating func readWeights(_ lines: inout LineStream) throws(InputError) {
    _ = try lines.next()
    var sum = 0.0
    while let line = try lines.next() {
      var fields = Fields(line)
      guard fields.vector() != nil, let weight = fields.number(), fields.isAtEnd else { break }
      sum += weight
    }
    if sum > 0 { unfolded = sum }
  }

  /// "ISMEAR =     0;   SIGMA  =   0.05  broadening in eV": the tag at the beginning, and SIGMA.
  private mutating func readTag(_ line: TextSlice) {
    guard line.start[0] &- UInt8(ascii: "A") < 26, let rest = line.afterSign else { return }
    let head = TextSlice(start: line.start, end: rest.start - 1)
    guard head.count <= 12, let tag = head.firstWord, Self.tags.contains(tag) else { return }
    // LEXCH stands as "PE" with each POTCAR, and as a number later; METAGGA at full length only in the echo of INCAR.
    if tag == "LEXCH", values[tag] != nil || rest.firstWord.flatMap({ Int($0) }) ?? 91 != 91 { return }
    if tag == "METAGGA", let old = values[tag], !["F", "--"].contains(old) { return }
    values[tag] = rest.firstWord
    if tag == "ISMEAR", let offset = line.offset(behind: "sigma  =") {
      values["SIGMA"] = TextSlice(start: line.start + offset, end: line.end).firstWord
    }
  }

  /// - Throws: `InputError` where species and counts do not fit each other or a species is unknown.
  func settled(into run: VASPRun, lines: LineStream) throws(InputError) -> VASPRun {
    var run = run
    let names = speciesNames
    let kinds = try kinds(names, lines)
    guard kinds.count == counts.count else {
      throw InputError(
        "\(kinds.count) POTCARs and \(counts.count) counts of ions", file: lines.file,
        remedy: counts.isEmpty ? "the file ends in its head" : "was the file edited?")
    }
    let total = counts.reduce(0) { $0.addingReportingOverflow($1).overflow ? Int.max : $0 + $1 }
    guard total <= VASPRun.largestCell, ions.map({ $0 == total }) ?? true else {
      throw InputError("\(ions ?? 0) ions and counts that add up to \(total)", file: lines.file)
    }
    run.elements = zip(kinds, counts).flatMap { Array(repeating: $0, count: $1) }
    run.electronicLimit = integer("NELM")
    run.electronicTolerance = values["EDIFF"].flatMap(fortranNumber)
    run.ionicLimit = integer("NSW")
    run.motion = integer("IBRION")
    run.isSpinPolarized = integer("ISPIN") == 2
    run.projection = integer("LORBIT") ?? 0
    run.settings = settings(kinds, titles: names, atoms: total)
    return run
  }

  /// POTCAR titles, or where they are not printed the symbols of VRHFIN.
  private var speciesNames: [String] {
    if titles.count == counts.count { return titles }
    if list.count >= counts.count { return Array(list.prefix(counts.count)) }
    return titles.isEmpty ? species.map { String($0.prefix { $0 != ":" }) } : titles
  }

  private func kinds(_ names: [String], _ lines: LineStream) throws(InputError) -> [ChemicalElement] {
    var kinds: [ChemicalElement] = []
    for (place, name) in names.enumerated() {
      let label = place < species.count ? String(species[place].prefix { $0 != ":" }) : ""
      guard let element = potcarElement(name) ?? potcarElement(label) else {
        throw InputError("unknown species in the POTCAR title \"\(name.prefix(40))\"", file: lines.file)
      }
      kinds.append(element)
    }
    return kinds
  }

  private func settings(_ kinds: [ChemicalElement], titles: [String], atoms: Int) -> SettingsFingerprint {
    var settings = SettingsFingerprint()
    settings.functional = functionalName(
      meta: values["METAGGA"], exchange: values["GGA"], potential: values["LEXCH"] ?? potentialTag(titles),
      isHybrid: values["LHFCALC"]?.hasPrefix("T") ?? false)
    if let dispersion = values["IVDW"], dispersion != "0" {
      settings.functional = settings.functional.map { $0 + " IVDW \(dispersion)" }
    }
    settings.cutoff = values["ENCUT"].flatMap(fortranNumber)
    settings.precision = values["PREC"].flatMap(precisionName)
    if let method = integer("ISMEAR") {
      settings.smearing = [String(method), values["SIGMA"].flatMap(fortranNumber).map { "\($0)" }].compactMap { $0 }
        .joined(separator: " ")
    }
    settings.code = version.map { "VASP " + versionNumber($0) }
    let product = mesh.count == 3 ? mesh.reduce(1.0) { $0 * Double($1) } : unfolded ?? points.map(Double.init)
    settings.kpointDensity = product.map { $0 * Double(atoms) }
    settings.spinPolarization = integer("ISPIN")
    settings.setSpecies(
      kinds, titles: titles,
      hubbard: HubbardTags(
        u: decimals("LDAUU"), j: decimals("LDAUJ"), momentum: decimals("LDAUL"), type: integer("LDAUTYPE")))
    return settings
  }

  /// The settings as they are printed; the mesh as "KPOINTS".
  var echo: [String: String] {
    var echo = values.mapValues { $0.hasSuffix(";") ? String($0.dropLast()) : $0 }
    if mesh.count == 3 { echo["KPOINTS"] = mesh.map(String.init).joined(separator: " ") }
    return echo
  }

  private func integer(_ tag: String) -> Int? { values[tag].flatMap { Int($0.prefix { $0 != ";" }) } }

  private func decimals(_ tag: String) -> [Double]? {
    values[tag].map { $0.split(separator: " ").compactMap { fortranNumber(String($0)) } }
  }
}

/// The tags of LDA+U, one number for each species; nil where a file does not print them.
struct HubbardTags {
  var u: [Double]?
  var j: [Double]?
  var momentum: [Double]?
  /// LDAUTYPE: 2 (Dudarev) knows only U − J.
  var type: Int?

  /// U − J, or U and J where both count; 0 with an angular momentum of −1.
  func values(_ place: Int) -> (u: Double, j: Double) {
    if let momentum, place < momentum.count, momentum[place] < 0 { return (0, 0) }
    let (u, j) = (value(u, place), value(j, place))
    return type ?? 2 == 2 ? (u - j, 0) : (u, j)
  }

  private func value(_ list: [Double]?, _ place: Int) -> Double {
    list.map { place < $0.count ? $0[place] : 0 } ?? 0
  }
}

extension SettingsFingerprint {
  /// U and POTCAR of each species in the order of the POTCARs; without LDA+U all U are 0. Of two species of one element that differ the
  /// second is "Fe#2".
  mutating func setSpecies(_ kinds: [ChemicalElement], titles: [String], hubbard: HubbardTags) {
    for (place, kind) in kinds.enumerated() {
      let (u, j) = hubbard.values(place)
      let title = place < titles.count ? titles[place] : nil
      var key = kind.symbol
      var number = 1
      while let known = hubbardU[key], known != u || hubbardJ[key] ?? 0 != j || potcars[key] != title {
        number += 1
        key = "\(kind.symbol)#\(number)"
      }
      hubbardU[key] = u
      if j != 0 { hubbardJ[key] = j }
      if let title { potcars[key] = title }
    }
    if let type = hubbard.type, type != 2, hubbardU.values.contains(where: { $0 != 0 }) { hubbardType = type }
  }
}

/// "6.2.1" of "6.2.1", "5.4.4.18Apr17-6-g9f103f2a35": the parts that are numbers, at most three.
func versionNumber(_ text: String) -> String {
  text.split(separator: ".").prefix { $0.allSatisfy(\.isNumber) }.prefix(3).joined(separator: ".")
}

/// ".1E-01", "-0.2D-4", "520.0".
func fortranNumber(_ text: String) -> Double? {
  Double(String(text.map { "dD".contains($0) ? "e" : $0 }).prefix { $0 != ";" }).flatMap { $0.isFinite ? $0 : nil }
}

extension TextSlice {
  func hasPrefix(_ text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount && (0..<text.utf8CodeUnitCount).allSatisfy { start[$0] == text.utf8Start[$0] }
  }

  /// What stands behind the first sign of equality.
  var afterSign: TextSlice? {
    bytes.firstIndex(of: UInt8(ascii: "=")).map { TextSlice(start: start + $0 + 1, end: end) }
  }

  var firstWord: String? {
    var fields = Fields(self)
    return fields.next()?.text
  }

  var trimmed: TextSlice {
    var (first, last) = (start, end)
    while first < last, isBlankByte(first.pointee) { first += 1 }
    while last > first, isBlankByte((last - 1).pointee) { last -= 1 }
    return TextSlice(start: first, end: last)
  }
}
