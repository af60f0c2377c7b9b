import Structures

/// JSON as maml and pymatgen write it: a list (or one) of `{"structure": Structure.as_dict(), "outputs": {"energy",
/// "forces", "virial_stress"}, …}`, or of `Structure.as_dict()` itself; energy, forces and the rest may also stand beside the structure.
/// Read only.
///
/// `stress` is the 3 × 3 matrix of pymatgen's Vasprun, kB, compressive positive; `magmom` of the outputs (a number, a vector or Outcar's
/// `{"tot": …}` for each site, μB) is taken before the sites' own.
/// `virial_stress` is six numbers in kB, compressive positive, in VASP's order xx yy zz xy yz zx unless
/// `ReadOptions.stressOrder` says another: data sets of one group differ in it, and nothing in the file tells.
/// Site property `magmom` (μB) becomes moments. Texts and numbers beside the structure are kept as keys.
public enum PymatgenJSON: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "pymatgen-json", suffixes: [".json"], description: "maml and pymatgen: a list of structures and outputs",
    carries: [.energy, .forces, .stress, .moments, .uninterpreted], holdsManyFrames: true, canWrite: false)

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = PymatgenReader(file: file, order: options.stressOrder)
    var json = try JSONScanner(bytes, file: file)
    if json.peek() == UInt8(ascii: "[") {
      try json.array("a list of structures") { try take(reader.entry(&$0)) }
    } else {
      try take(reader.entry(&json))
    }
    guard json.isAtEnd else { throw json.error("text behind the end of the list") }
    return reader.tally
  }

  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    throw InputError("the format pymatgen-json cannot be written")
  }

  /// Everything but the data of FitSNAP.
  public static func recognizes(_ bytes: UnsafeRawBufferPointer) -> Bool { !FitSNAPJSON.recognizes(bytes) }
}

/// Reads entries one after the other.
private struct PymatgenReader {
  let file: String
  let order: StressOrder?
  var tally = NoteTally()
  private var index = 0

  init(file: String, order: StressOrder?) {
    self.file = file
    self.order = order
  }

  private struct Entry {
    var structure: Structure?
    /// Of a structure that is the entry itself.
    var parts = Parts()
    var matrix: [SIMD3<Double>]?
    var moments: [[Double]]?
    var energy: Double?
    var forces: [SIMD3<Double>]?
    var stress: [Double]?
    var info: [InfoItem] = []
  }

  private struct Parts {
    var lattice: Lattice?
    var sites: [Site] = []
  }

  mutating func entry(_ json: inout JSONScanner) throws -> LabeledStructure {
    var entry = Entry()
    let place = "structure \(index + 1)"
    try json.object(place) { json, key in
      if key == "structure" {
        entry.structure = try structure(&json)
      } else if key == "outputs" {
        try json.object("outputs") { json, key in try quantity(key, &json, &entry) }
      } else if try !read(key, &json, into: &entry.parts) {
        try quantity(key, &json, &entry)
      }
    }
    if entry.structure == nil, !entry.parts.sites.isEmpty { entry.structure = try whole(entry.parts, json) }
    guard var structure = entry.structure else {
      throw json.error(
        "\(place) has no key \"structure\"",
        remedy: "expected pymatgen's Structure.as_dict; a split file belongs to --split")
    }
    if let forces = entry.forces, forces.count != structure.count {
      throw json.error("\(place): \(forces.count) forces for \(structure.count) sites")
    }
    if let moments = entry.moments {
      guard moments.count == structure.count else {
        throw json.error("\(place): \(moments.count) values of magmom for \(structure.count) sites")
      }
      structure.moments = self.moments(moments) ?? structure.moments
    }
    var labels = Labels(energy: entry.energy, forces: entry.forces)
    if let matrix = entry.matrix {
      guard matrix.count == 3 else { throw json.error("\(place): stress has \(matrix.count) rows, expected 3") }
      let factor = (structure.lattice?.volume ?? 0) * Units.evPerCubicAngstromPerKilobar
      labels.virial = factor * Matrix3(matrix[0], matrix[1], matrix[2])
      tally.add("stress taken in kB, compressive positive, as pymatgen's Vasprun has it")
    }
    if let stress = entry.stress {
      guard stress.count == 6 else {
        throw json.error("\(place): virial_stress has \(stress.count) numbers, expected 6")
      }
      let volume = structure.lattice?.volume ?? 0
      let factor = volume * Units.evPerCubicAngstromPerKilobar
      labels.virial = factor * (order ?? .vasp).matrix(stress)
      tally.add(
        "virial_stress taken in kB, compressive positive, "
          + (order == nil ? "in VASP's order xx yy zz xy yz zx (--stress-order for another)" : "in the order given")
      )
    }
    var provenance = Provenance(file: file, index: index)
    provenance.energyKey = labels.energy == nil ? nil : "energy"
    provenance.forcesKey = labels.forces == nil ? nil : "forces"
    provenance.stressKey = labels.virial == nil ? nil : entry.stress == nil ? "stress" : "virial_stress"
    index += 1
    return LabeledStructure(structure: structure, labels: labels, provenance: provenance, info: entry.info)
  }

  private mutating func quantity(_ key: String, _ json: inout JSONScanner, _ entry: inout Entry) throws {
    if json.skipsNull() { return }
    switch key {
    case "energy": entry.energy = try json.number("energy")
    case "forces", "force": entry.forces = try json.vectors("forces")
    case "virial_stress": entry.stress = try json.numbers("virial_stress")
    case "stress": entry.matrix = try json.vectors("stress")
    case "magmom", "magmoms": entry.moments = try moments(&json)
    case "properties" where json.peek() == UInt8(ascii: "{"):
      try json.object("properties") { json, key in try quantity(key, &json, &entry) }
    default:
      if key.hasPrefix("@") {
        try json.skip()
      } else if let text = try json.scalarText() {
        // Every structure has a charge; only one that is not 0 says something.
        if key == "charge", Double(text) == 0 { return }
        entry.info.append(InfoItem(key: key, value: text))
      } else {
        tally.add("not read: key \(key.prefix(40))")
      }
    }
  }

  // MARK: Structure

  private struct Site {
    var element: ChemicalElement?
    var position: SIMD3<Double>?
    var fractional: SIMD3<Double>?
    var moment: [Double]?
  }

  private mutating func structure(_ json: inout JSONScanner) throws -> Structure {
    var parts = Parts()
    try json.object("the structure") { json, key in
      if try !read(key, &json, into: &parts) { try json.skip() }
    }
    return try whole(parts, json)
  }

  /// Reads a key of `Structure.as_dict`; false for another one, which is left where it is.
  private mutating func read(_ key: String, _ json: inout JSONScanner, into parts: inout Parts) throws -> Bool {
    switch key {
    case "lattice": parts.lattice = try self.lattice(&json)
    case "sites": try json.array("sites") { parts.sites.append(try site(&$0, number: parts.sites.count + 1)) }
    default: return false
    }
    return true
  }

  /// A number, a vector or `{"tot": …}` for each site; nil where it is one number for all.
  private func moments(_ json: inout JSONScanner) throws -> [[Double]]? {
    guard json.peek() == UInt8(ascii: "[") else {
      try json.skip()
      return nil
    }
    var values: [[Double]] = []
    try json.array("magmom") { json in
      switch json.peek() {
      case UInt8(ascii: "["): values.append(try json.numbers("magmom"))
      case UInt8(ascii: "{"):
        var value: [Double] = []
        try json.object("magmom") { json, key in
          if key == "tot" { value = [try json.number("magmom")] } else { try json.skip() }
        }
        values.append(value)
      default: values.append(json.skipsNull() ? [] : [try json.number("magmom")])
      }
    }
    return values
  }

  private mutating func whole(_ parts: Parts, _ json: JSONScanner) throws -> Structure {
    let (lattice, sites) = (parts.lattice, parts.sites)
    guard !sites.isEmpty else { throw json.error("a structure without sites") }
    var elements: [ChemicalElement] = []
    var positions: [SIMD3<Double>] = []
    for (number, site) in sites.enumerated() {
      guard let element = site.element else { throw json.error("site \(number + 1) has no species") }
      guard let position = site.position ?? site.fractional.flatMap({ lattice?.cartesian($0) }) else {
        throw json.error("site \(number + 1) has no position", remedy: "expected xyz, or abc and a lattice")
      }
      elements.append(element)
      positions.append(position)
    }
    return Structure(
      lattice: lattice, elements: elements, positions: positions, moments: moments(sites.map { $0.moment ?? [] }))
  }

  private mutating func moments(_ sites: [[Double]]) -> Moments? {
    let moments = sites.filter { !$0.isEmpty }
    guard !moments.isEmpty else { return nil }
    if moments.count == sites.count {
      if moments.allSatisfy({ $0.count == 1 }) { return .collinear(moments.map { $0[0] }) }
      if moments.allSatisfy({ $0.count == 3 }) { return .vectors(moments.map { [$0[0], $0[1], $0[2]] }) }
    }
    tally.add("magmom not read: not on every site in the same form")
    return nil
  }

  private func lattice(_ json: inout JSONScanner) throws -> Lattice {
    var rows: [SIMD3<Double>] = []
    try json.object("the lattice") { json, key in
      if key == "matrix" { rows = try json.vectors("lattice") } else { try json.skip() }
    }
    guard rows.count == 3 else { throw json.error("the lattice has no matrix of 3 rows") }
    let lattice = Lattice(a: rows[0], b: rows[1], c: rows[2])
    guard lattice.isRegular else { throw json.error("the cell of the lattice has no volume") }
    return lattice
  }

  private mutating func site(_ json: inout JSONScanner, number: Int) throws -> Site {
    var site = Site()
    try json.object("site \(number)") { json, key in
      switch key {
      case "species": site.element = try species(&json, number)
      case "xyz": site.position = try vector(&json, "xyz of site \(number)")
      case "abc": site.fractional = try vector(&json, "abc of site \(number)")
      case "properties": if !json.skipsNull() { try properties(&json, &site) }
      default: try json.skip()
      }
    }
    return site
  }

  private func vector(_ json: inout JSONScanner, _ what: String) throws -> SIMD3<Double> {
    let n = try json.numbers(what)
    guard n.count == 3 else { throw json.error("\(what) has \(n.count) numbers, expected 3") }
    return [n[0], n[1], n[2]]
  }

  private func species(_ json: inout JSONScanner, _ number: Int) throws -> ChemicalElement {
    var names: [String] = []
    var occupancy = 1.0
    try json.array("species of site \(number)") { json in
      try json.object("species of site \(number)") { json, key in
        switch key {
        case "element": names.append(try json.string("element"))
        case "occu": occupancy = try json.number("occu")
        default: try json.skip()
        }
      }
    }
    guard names.count == 1, occupancy == 1 else {
      throw json.error(
        "site \(number) is disordered: \(names.joined(separator: " or ")), occupancy \(occupancy)",
        remedy: "order the structure first")
    }
    guard let element = ChemicalElement(names[0]) else {
      let near = nearestName(to: names[0], among: ChemicalElement.all.map(\.symbol))
      throw json.error("unknown species \"\(names[0].prefix(20))\"", remedy: near.map { "did you mean \($0)?" })
    }
    return element
  }

  private mutating func properties(_ json: inout JSONScanner, _ site: inout Site) throws {
    try json.object("properties") { json, key in
      guard key == "magmom" else {
        tally.add("not read: site property \(key.prefix(40))", of: "site")
        return try json.skip()
      }
      switch json.peek() {
      case UInt8(ascii: "["): site.moment = try json.numbers("magmom")
      case UInt8(ascii: "{"):
        try json.object("magmom") { json, key in
          if key != "moment" { return try json.skip() }
          site.moment = json.peek() == UInt8(ascii: "[") ? try json.numbers("magmom") : [try json.number("magmom")]
        }
      default: if !json.skipsNull() { site.moment = [try json.number("magmom")] }
      }
    }
  }
}
