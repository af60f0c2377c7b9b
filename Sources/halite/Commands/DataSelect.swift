import Formats
import Potentials
import Structures

/// `halite data select FILES -o OUT`: the frames that fulfil every condition; the others can be kept too.
enum DataSelectCommand: Command {
  static let name = "data select"
  static let summary = "the frames that fulfil conditions, as a data set of their own"
  static let discussion = """
    Conditions add up; several values of one option are alternatives. A frame without the label that a condition asks about does
    not fulfil it. --above-minimum X keeps frames at most X eV/atom above the lowest of their own composition in FILES; --energy-window X keeps frames
    at most X eV/atom above the lowest one, energies being taken after reference energies (least squares, or --reference
    Li=-0.3,O=-1.7). Both compare energies only among frames of equal DFT settings (functional, U, ENCUT, POTCARs …), where frames
    carry them. Frames that are left out are counted; --rest writes them to a file.
    """
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file to write")
  private static let rest = Option<String?>(
    "rest", placeholder: "FILE", help: "file for the frames that are left out")
  private static let window = Option<Double?>(
    "energy-window", unit: "eV/atom", help: "largest distance from the lowest energy after reference energies")
  private static let reference = Option<[String]>(
    list: "reference", placeholder: "El=E", help: "reference energies of the elements, eV")
  private static let force = Option<Double?>("max-force", unit: "eV/Å", help: "largest |F| of an atom")
  private static let value = Option<[String]>(
    repeated: "where", placeholder: "KEY=VALUE", help: "value of a key, as config_type=litmo2")
  private static let labels = Option<[LabelName]>(
    list: "with", placeholder: "LABEL", help: "labels that a frame must have: energy, forces, stress, moments")

  private static let composition = Option<[String]>(
    list: "composition", placeholder: "FORMULA", help: "compositions, as LiNiO2; multiples count as the same")
  private static let only = Option<[String]>(
    list: "elements", placeholder: "El", help: "no other elements than these")
  private static let having = Option<[String]>(list: "having", placeholder: "El", help: "all of these elements")
  private static let metals = Option<[Int]>(list: "tm", help: "number of transition metals in the frame")
  private static let lithiation = Option<[LithiationClass]>(
    list: "class", help: "LiTMO2, TMO2, more Li than transition metals, fewer")
  private static let order = Option<[CationOrder]>(
    list: "order", help: "whether every transition metal has the same cation neighbours (within 3.6 Å)")
  private static let minimum = Option<Double?>(
    "above-minimum", unit: "eV/atom", help: "largest distance from the lowest energy of the same composition")
  private static let verdict = Option<[FrameVerdict]>(list: "verdict", help: "verdicts of halite data import")

  static let positionals = [DataFiles.positional]
  static let options: [any OptionDeclaration] =
    [
      output, rest, composition, only, having, metals, lithiation, order, verdict, minimum, window, reference,
      force,
      value, labels,
    ] + ReadingOptions.all

  private struct Result: Encodable {
    var output: String
    var frames: Int
    var left_out: Int
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let paths = arguments[DataFiles.positional]
    try DataFiles.requireWritable([arguments[output], arguments[rest]], inputs: paths)
    let files = try FrameFiles(paths, options: arguments.readOptions, console: console)
    var (keeps, rows, groups) = try keptFrames(files, arguments)
    if groups.count > 1 {
      console.note("energies are compared only among frames of equal settings (\(groups.count) groups)")
    }
    for group in groups {
      let part = group.map { rows[$0] }
      if let limit = arguments[minimum] {
        for (k, above) in zip(group, energiesAboveMinimum(part)) where !(above.map { $0 <= limit } ?? false) {
          keeps[k] = false
        }
      }
      if let limit = arguments[window] {
        let energies = try energiesAboveLowest(part, arguments[reference])
        for (k, above) in zip(group, energies) where !(above.map { $0 <= limit } ?? false) { keeps[k] = false }
      }
    }
    let chosen = keeps.count { $0 }
    guard chosen > 0 else {
      throw InputError("none of \(counted(keeps.count, "frame")) fulfils the conditions")
    }
    try write(files, where: keeps, to: arguments[output])
    if let path = arguments[rest], chosen < keeps.count { try write(files, where: keeps.map { !$0 }, to: path) }
    let result = Result(output: arguments[output], frames: chosen, left_out: keeps.count - chosen)
    try console.result(
      result, text: "\(counted(chosen, "frame")): \(arguments[output]); \(result.left_out) left out",
      json: arguments.json)
  }

  /// Whether each frame fulfils the conditions on itself, and what the others need to know of it.
  private static func keptFrames(
    _ files: FrameFiles, _ arguments: ParsedArguments
  ) throws -> (keeps: [Bool], rows: [EnergyRow], groups: [[Int]]) {
    let conditions = try conditions(arguments)
    var keys = KeyNames(try arguments[value].map { try pair($0, option: "where").0 })
    let needsEnergies = arguments[minimum] != nil || arguments[window] != nil
    var keeps: [Bool] = []
    var rows: [EnergyRow] = []
    var compositions = Interned<[ChemicalElement: Int]>()
    var scales: [String] = []
    var groups: [String: [Int]] = [:]
    try files.forEach { frame in
      keys.add(frame)
      keeps.append(try conditions.allSatisfy { try $0(frame) })
      guard needsEnergies else { return }
      var row = EnergyRow(frame)
      row.composition = compositions(row.composition)
      let scale = SettingsFingerprint(of: frame)?.energyScale ?? ""
      if groups[scale] == nil { scales.append(scale) }
      groups[scale, default: []].append(rows.count)
      rows.append(row)
    }
    try keys.requireKnown()
    return (keeps, rows, scales.compactMap { groups[$0] })
  }

  private static func write(_ files: FrameFiles, where isChosen: [Bool], to path: String) throws {
    var survey = WriteSurvey()
    if try FrameWriter.needsSurvey(path, options: WriteOptions()) {
      try files.forEachAgain { if isChosen[$0] { survey.add($1) } }
    }
    let writer = try FrameWriter(path, survey: survey)
    try files.forEachAgain { if isChosen[$0] { try writer.append($1) } }
    try DataFiles.finish(writer, console: files.console)
  }

  private typealias Condition = (LabeledStructure) throws -> Bool

  /// Conditions on a frame by itself.
  private static func conditions(_ arguments: ParsedArguments) throws -> [Condition] {
    var conditions: [Condition] = arguments[labels].map { label in { label.isPresent($0) } }
    conditions += try classConditions(arguments)
    for text in arguments[value] {
      let (key, wanted) = try pair(text, option: "where")
      conditions.append { $0.value(ofKey: key) == wanted }
    }
    if let limit = arguments[force] {
      conditions.append { $0.labels.forces?.allSatisfy { length($0) <= limit } ?? false }
    }
    return conditions
  }

  /// Conditions on what a frame is made of, and on its verdict.
  private static func classConditions(_ arguments: ParsedArguments) throws -> [Condition] {
    var conditions: [Condition] = []
    let formulas = Set(try arguments[composition].map(reducedComposition))
    if !formulas.isEmpty { conditions.append { formulas.contains($0.structure.reducedFormula) } }
    let allowed = Set(try arguments[only].map { try element($0, option: only.name) })
    if !allowed.isEmpty { conditions.append { allowed.isSuperset(of: $0.structure.elements) } }
    let needed = Set(try arguments[having].map { try element($0, option: having.name) })
    if !needed.isEmpty { conditions.append { needed.isSubset(of: $0.structure.elements) } }
    let numbers = Set(arguments[metals])
    if !numbers.isEmpty { conditions.append { numbers.contains($0.structure.transitionMetals.count) } }
    let classes = Set(arguments[lithiation])
    if !classes.isEmpty { conditions.append { classes.contains($0.structure.lithiationClass) } }
    let verdicts = Set(arguments[verdict])
    if !verdicts.isEmpty { conditions.append { $0.verdict.map(verdicts.contains) ?? false } }
    let orders = Set(arguments[order])
    if !orders.isEmpty { conditions.append { orders.contains(try $0.structure.cationOrder()) } }
    return conditions
  }

  private static func element(_ symbol: String, option: String) throws -> ChemicalElement {
    if let element = ChemicalElement(symbol) { return element }
    let near = nearestName(to: symbol, among: ChemicalElement.all.map(\.symbol))
    throw usageError(
      "option --\(option): expected an element, found `\(symbol)`", remedy: near.map { "did you mean \($0)?" })
  }

  /// "Li2Ni2O4" → "LiNiO2", in the order of the frames' own formulas.
  private static func reducedComposition(_ text: String) throws -> String {
    var elements: [ChemicalElement] = []
    var rest = Substring(text)
    while let first = rest.popFirst() {
      var symbol = String(first)
      while rest.first?.isLowercase ?? false { symbol.append(rest.removeFirst()) }
      let digits = rest.prefix { $0.isNumber && $0.isASCII }
      rest = rest.dropFirst(digits.count)
      let count = digits.isEmpty ? 1 : Int(digits) ?? 0
      guard (1...100_000).contains(count) else {
        throw usageError("option --composition: expected as LiNiO2, found `\(text)`")
      }
      elements += Array(repeating: try element(symbol, option: composition.name), count: count)
    }
    return Structure(lattice: nil, elements: elements, positions: Array(repeating: .zero, count: elements.count))
      .reducedFormula
  }

  /// eV/atom above the lowest frame of the same composition; nil for a frame without energy.
  private static func energiesAboveMinimum(_ rows: [EnergyRow]) -> [Double?] {
    let energies = rows.map { row in row.energy.map { $0 / Double(max(1, row.atoms)) } }
    let compositions = rows.map { reduced($0.composition) }
    var lowest: [[ChemicalElement: Int]: Double] = [:]
    for (composition, energy) in zip(compositions, energies) {
      if let energy { lowest[composition] = min(energy, lowest[composition] ?? .infinity) }
    }
    return zip(compositions, energies).map { composition, energy in
      energy.flatMap { e in lowest[composition].map { e - $0 } }
    }
  }

  /// Li2Ni2O4 → LiNiO2.
  private static func reduced(_ composition: [ChemicalElement: Int]) -> [ChemicalElement: Int] {
    func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
    let common = max(1, composition.values.reduce(0, divisor))
    return common == 1 ? composition : composition.mapValues { $0 / common }
  }

  /// eV/atom after reference energies, from the lowest of all frames; nil for a frame without energy.
  private static func energiesAboveLowest(_ rows: [EnergyRow], _ given: [String]) throws -> [Double?] {
    var references = given.isEmpty ? try ReferenceEnergies.fit(rows) : ReferenceEnergies(given: [:])
    for text in given {
      let (symbol, number) = try pair(text, option: "reference")
      guard let element = ChemicalElement(symbol), let energy = Double(argument: number) else {
        throw usageError("option --reference: expected as Li=-0.3 (eV), found `\(text)`")
      }
      references.energies[element] = energy
    }
    let elements = rows.reduce(into: Set<ChemicalElement>()) { $0.formUnion($1.composition.keys) }
    if let element = elements.sorted().first(where: { references.energies[$0] == nil }) {
      throw usageError("option --reference has no energy for \(element)", remedy: "give one for every element")
    }
    let energies = rows.map { row in
      row.energy.map { ($0 - references.sum(over: row.composition)) / Double(max(1, row.atoms)) }
    }
    guard let lowest = energies.compactMap({ $0 }).min() else { throw InputError("no frame has an energy") }
    return energies.map { $0.map { $0 - lowest } }
  }

  private static func pair(_ text: String, option: String) throws -> (String, String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw usageError("option --\(option): expected KEY=VALUE, found `\(text)`") }
    return (parts[0], parts[1])
  }
}

/// Keys that were asked about: one that no frame has is a mistake.
private struct KeyNames {
  private var missing: Set<String>
  private var known: Set<String> = ["config_type", "id"]

  init(_ wanted: [String]) { missing = Set(wanted) }

  mutating func add(_ frame: LabeledStructure) {
    guard !missing.isEmpty else { return }
    for key in missing where frame.value(ofKey: key) != nil { missing.remove(key) }
    known.formUnion(frame.info.lazy.map(\.key))
  }

  func requireKnown() throws {
    guard let key = missing.sorted().first else { return }
    throw usageError(
      "option --where: no frame has a key `\(key)`",
      remedy: nearestName(to: key, among: known.sorted()).map { "did you mean `\($0)`?" })
  }
}

extension LithiationClass: ArgumentChoice {}
extension CationOrder: ArgumentChoice {}
extension FrameVerdict: ArgumentChoice {}

/// The labels that `--with` asks for.
enum LabelName: String, ArgumentChoice, Codable {
  case energy, forces, stress, moments

  func isPresent(_ frame: LabeledStructure) -> Bool {
    switch self {
    case .energy: frame.labels.energy != nil
    case .forces: frame.labels.forces != nil
    case .stress: frame.labels.virial != nil
    case .moments: frame.structure.moments != nil
    }
  }
}
