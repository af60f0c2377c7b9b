import Structures

/// FitSNAP's JSON: a comment line, then `{"Dataset": {"Data": [{"Lattice", "Positions", "AtomTypes", "Energy",
/// "Forces", "Stress"}, …], "EnergyStyle": "electronvolt", …}}`. Read only.
///
/// Lattice by rows. Stress is a 3 × 3 pressure tensor, compressive positive, in the unit of StressStyle (bar):
/// W = P V. Styles other than those known are refused.
public enum FitSNAPJSON: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "fitsnap-json", suffixes: [".json"], description: "FitSNAP's JSON, stress in bar",
    carries: [.energy, .forces, .stress], holdsManyFrames: true, canWrite: false)

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var styles = FitSNAPStyles()
    var json = try JSONScanner(bytes, file: file)
    try dataset(&json) { json, key in
      if key.hasSuffix("Style") { try styles.read(key, &json) } else { try json.skip() }
    }
    guard json.isAtEnd else { throw json.error("text behind the end of the object") }
    var reader = FitSNAPReader(file: file, styles: styles)
    json = try JSONScanner(bytes, file: file)
    try dataset(&json) { json, key in
      guard key == "Data" else { return try json.skip() }
      try json.array("Data") { try take(reader.frame(&$0)) }
    }
    return reader.tally
  }

  private static func dataset(
    _ json: inout JSONScanner, _ body: (inout JSONScanner, String) throws -> Void
  ) throws {
    try json.object("the data of FitSNAP") { json, key in
      if key == "Dataset" { try json.object("Dataset", body) } else { try json.skip() }
    }
  }

  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    throw InputError("the format fitsnap-json cannot be written")
  }

  /// True where the first key is "Dataset".
  public static func recognizes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard var json = try? JSONScanner(bytes, file: ""), json.peek() == UInt8(ascii: "{") else { return false }
    var first: String?
    try? json.object("") { _, key in
      first = key
      throw InputError("seen")
    }
    return first == "Dataset"
  }
}

/// The units that a file declares, behind its data.
private struct FitSNAPStyles {
  /// eV/Å³ in one unit of the file's stress; bar where nothing is said.
  var stress = 1e-3 * Units.evPerCubicAngstromPerKilobar

  private static let only = [
    "PositionsStyle": "angstrom", "LatticeStyle": "angstrom", "EnergyStyle": "electronvolt",
    "ForcesStyle": "electronvoltperangstrom", "AtomTypeStyle": "chemicalsymbol",
  ]

  mutating func read(_ key: String, _ json: inout JSONScanner) throws {
    let value = try json.string(key)
    if key == "StressStyle" {
      let kilobar = Units.evPerCubicAngstromPerKilobar
      let units = ["bar": 1e-3 * kilobar, "kb": kilobar, "kbar": kilobar, "gpa": 10 * kilobar]
      guard let unit = units[value.lowercased()] else {
        throw json.error("StressStyle is \"\(value.prefix(30))\", expected bar, kbar or GPa")
      }
      stress = unit
    } else if let expected = Self.only[key], value.lowercased() != expected {
      throw json.error("\(key) is \"\(value.prefix(30))\", expected \(expected)")
    }
  }
}

private struct FitSNAPReader {
  let file: String
  let styles: FitSNAPStyles
  var tally = NoteTally()
  private var index = 0

  init(file: String, styles: FitSNAPStyles) {
    self.file = file
    self.styles = styles
  }

  mutating func frame(_ json: inout JSONScanner) throws -> LabeledStructure {
    var lattice: [SIMD3<Double>] = []
    var positions: [SIMD3<Double>] = []
    var elements: [ChemicalElement] = []
    var stress: [SIMD3<Double>]?
    var labels = Labels()
    var declared: Int?
    let place = "configuration \(index + 1)"
    try json.object(place) { json, key in
      if json.skipsNull() { return }
      switch key {
      case "Lattice": lattice = try json.vectors("Lattice")
      case "Positions": positions = try json.vectors("Positions")
      case "AtomTypes": try json.array("AtomTypes") { elements.append(try element(&$0)) }
      case "NumAtoms": declared = try json.integer("NumAtoms")
      case "Energy": labels.energy = try json.number("Energy")
      case "Forces": labels.forces = try json.vectors("Forces")
      case "Stress": stress = try json.vectors("Stress")
      default:
        tally.add("not read: key \(key.prefix(40))")
        try json.skip()
      }
    }
    let counts = [
      elements.count, positions.count, labels.forces?.count ?? elements.count, declared ?? elements.count,
    ]
    guard !elements.isEmpty, Set(counts).count == 1 else {
      throw json.error(
        "\(place): \(counts[0]) AtomTypes, \(counts[1]) Positions, \(counts[2]) Forces, NumAtoms \(counts[3])",
        remedy: "all must be one number above 0")
    }
    guard lattice.count == 3 else { throw json.error("\(place): Lattice has \(lattice.count) rows, expected 3") }
    let cell = Lattice(a: lattice[0], b: lattice[1], c: lattice[2])
    guard cell.isRegular else { throw json.error("\(place): the cell has no volume") }
    if let stress {
      guard stress.count == 3 else { throw json.error("\(place): Stress has \(stress.count) rows, expected 3") }
      labels.virial = (cell.volume * styles.stress) * Matrix3(stress[0], stress[1], stress[2])
    }
    var provenance = Provenance(file: file, index: index)
    provenance.energyKey = labels.energy == nil ? nil : "Energy"
    provenance.forcesKey = labels.forces == nil ? nil : "Forces"
    provenance.stressKey = labels.virial == nil ? nil : "Stress"
    index += 1
    let structure = Structure(lattice: cell, elements: elements, positions: positions)
    return LabeledStructure(structure: structure, labels: labels, provenance: provenance)
  }

  private func element(_ json: inout JSONScanner) throws -> ChemicalElement {
    let symbol = try json.string("an element")
    guard let element = ChemicalElement(symbol) else {
      let near = nearestName(to: symbol, among: ChemicalElement.all.map(\.symbol))
      throw json.error("unknown species \"\(symbol.prefix(20))\"", remedy: near.map { "did you mean \($0)?" })
    }
    return element
  }
}
