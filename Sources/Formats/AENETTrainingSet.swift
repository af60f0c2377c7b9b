import Structures

/// aenet's training sets (`generate.x`), unformatted or as text (`.train.ascii`): read only.
///
/// They hold no cells. What can be read are elements, positions (Å), forces (eV/Å) and total energies, eV: the stored
/// cohesive energy, without its scaling, plus the atomic energies of the header. The frames come without a lattice,
/// as if they were free clusters, and a note says so: to look at or to compare, not to train on. Descriptors are
/// passed over. The name of the XSF file, which has the cell, is kept as the key `aenet_file`.
public enum AENETTrainingSet: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "aenet-train", suffixes: [".train", ".train.ascii"],
    description: "aenet's training set with descriptors; it lacks the cells",
    carries: [.energy, .forces], holdsManyFrames: true, canWrite: false)

  /// - Throws: `InputError` with file and record or line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    guard !bytes.isEmpty else { throw InputError("the file is empty", file: file) }
    // The first record of an unformatted file is one integer of four bytes.
    if bytes.starts(with: [4, 0, 0, 0]) {
      return try scan(AENETRecords(bytes, file: file), file: file, take: take)
    }
    return try scan(AENETLines(bytes, file: file), file: file, take: take)
  }

  private static func scan(
    _ source: some AENETTrainingSource, file: String, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var source = source
    let head = try source.head()
    var tally = NoteTally()
    for index in 0..<head.count {
      let entry = try source.entry(types: head.species.count)
      guard !entry.types.isEmpty else { throw InputError("structure \(index + 1) has no atoms", file: file) }
      let elements = entry.types.map { head.species[$0] }
      var labels = Labels(forces: entry.forces)
      let atomic = entry.types.reduce(0) { $0 + head.atomicEnergies[$1] }
      labels.energy = entry.energy / head.scale + head.shift * Double(elements.count) + atomic
      if head.isNormalized { labels.forces = entry.forces.map { (1 / head.scale) * $0 } }
      var provenance = Provenance(file: file, index: index)
      provenance.energyKey = "cohesive energy and atomic energies"
      provenance.forcesKey = "forces"
      try take(
        LabeledStructure(
          structure: Structure(lattice: nil, elements: elements, positions: entry.positions), labels: labels,
          provenance: provenance, info: [InfoItem(key: "aenet_file", value: entry.name)]))
      tally.add("a training set of aenet holds no cell: read as a free cluster; train on the XSF files instead")
    }
    return tally
  }

  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    throw InputError("the format aenet-train cannot be written")
  }
}

/// What the head of a training set says.
struct AENETTrainingHead {
  var isNormalized: Bool
  /// Stored energy = scale × (cohesive energy − shift × atoms).
  var scale: Double
  /// eV an atom.
  var shift: Double
  var species: [ChemicalElement]
  /// eV, by species.
  var atomicEnergies: [Double]
  var count: Int

  /// - Parameter file: for messages.
  /// - Throws: `InputError` where a name is no element or the scale is none.
  init(
    isNormalized: Bool, scale: Double, shift: Double, names: [String], atomicEnergies: [Double], count: Int,
    file: String
  ) throws(InputError) {
    guard scale.isFinite, abs(scale) > 1e-100 else { throw InputError("the energy scale is \(scale)", file: file) }
    guard count >= 0 else { throw InputError("\(count) structures declared", file: file) }
    var species: [ChemicalElement] = []
    for name in names {
      let symbol = name.trimmingBlanks()
      guard let element = ChemicalElement(symbol) else {
        throw InputError("unknown species \"\(symbol.prefix(20))\"", file: file)
      }
      species.append(element)
    }
    self.isNormalized = isNormalized
    self.scale = isNormalized ? scale : 1
    self.shift = isNormalized ? shift : 0
    self.species = species
    self.atomicEnergies = atomicEnergies
    self.count = count
  }
}

/// One structure of a training set.
struct AENETTrainingEntry {
  var name: String
  /// eV, as stored.
  var energy: Double
  /// Counted from 0.
  var types: [Int] = []
  var positions: [SIMD3<Double>] = []
  var forces: [SIMD3<Double>] = []
}

protocol AENETTrainingSource {
  mutating func head() throws -> AENETTrainingHead
  mutating func entry(types: Int) throws -> AENETTrainingEntry
}

/// The unformatted layout.
struct AENETRecords: AENETTrainingSource {
  private var records: FortranRecords

  init(_ bytes: UnsafeRawBufferPointer, file: String) { records = FortranRecords(bytes, file: file) }

  mutating func head() throws -> AENETTrainingHead {
    let types = try records.integers(1, "the number of species")[0]
    guard (1...118).contains(types) else { throw records.error("\(types) species, expected 1 to 118") }
    let count = try records.integers(1, "the number of structures")[0]
    let text = Array(try records.text("the names of the species").utf8)
    guard !text.isEmpty, text.count % types == 0 else { throw records.error("names of \(text.count) letters") }
    let width = text.count / types
    let names = (0..<types).map { String(decoding: text[$0 * width..<($0 + 1) * width], as: UTF8.self) }
    let energies = try records.numbers(types, "the atomic energies")
    let isNormalized = try records.integers(1, "whether energies are scaled")[0] != 0
    let scale = try records.numbers(1, "the energy scale")[0]
    let shift = try records.numbers(1, "the energy shift")[0]
    return try AENETTrainingHead(
      isNormalized: isNormalized, scale: scale, shift: shift, names: names, atomicEnergies: energies, count: count,
      file: records.file)
  }

  mutating func entry(types: Int) throws -> AENETTrainingEntry {
    _ = try records.integers(1, "the length of a name")
    let name = try records.text("the name of a structure")
    let counts = try records.integers(2, "the numbers of atoms and species")
    var entry = AENETTrainingEntry(name: name.trimmingBlanks(), energy: try records.numbers(1, "the energy")[0])
    guard counts[0] > 0 else { throw records.error("\(counts[0]) atoms") }
    for _ in 0..<counts[0] {
      let type = try records.integers(1, "the species of an atom")[0]
      guard (1...types).contains(type) else { throw records.error("species \(type), expected 1 to \(types)") }
      let r = try records.numbers(3, "a position")
      let f = try records.numbers(3, "a force")
      _ = try records.integers(1, "the number of descriptors")
      _ = try records.next("the descriptors")
      entry.types.append(type - 1)
      entry.positions.append([r[0], r[1], r[2]])
      entry.forces.append([f[0], f[1], f[2]])
    }
    return entry
  }
}

/// The text layout of `trnset2ASCII.x`.
struct AENETLines: AENETTrainingSource {
  private var lines: TextLines
  private let file: String

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(InputError) {
    lines = try TextLines(bytes, file: file)
    self.file = file
  }

  private mutating func line(_ what: String) throws(InputError) -> TextSlice {
    guard let line = lines.next() else {
      throw lines.error("the file ends, expected \(what)", remedy: "the file may be truncated")
    }
    return line
  }

  private mutating func numbers(_ count: Int, _ what: String) throws(InputError) -> [Double] {
    var values: [Double] = []
    for word in Fields(try line(what)) {
      guard let value = word.number(fortran: true) else { throw lines.numberError(word, what) }
      values.append(value)
    }
    guard values.count == count else {
      throw lines.error("\(values.count) numbers for \(what), expected \(count)")
    }
    return values
  }

  private mutating func integers(_ count: Int, _ what: String) throws(InputError) -> [Int] {
    try numbers(count, what).map { abs($0) < 1e9 ? Int($0) : -1 }
  }

  mutating func head() throws -> AENETTrainingHead {
    _ = try line("the name of the set")
    let flag = try line("whether energies are scaled").text.trimmingBlanks()
    guard flag == "T" || flag == "F" else {
      throw lines.error("found \"\(flag.prefix(20))\", expected T or F", remedy: "is this a training set of aenet?")
    }
    let scale = try numbers(1, "the energy scale")[0]
    let shift = try numbers(1, "the energy shift")[0]
    let types = try integers(1, "the number of species")[0]
    guard (1...118).contains(types) else { throw lines.error("\(types) species, expected 1 to 118") }
    var names: [String] = []
    for _ in 0..<types { names.append(try line("a species").text) }
    let energies = try numbers(types, "the atomic energies")
    _ = try integers(1, "the number of all atoms")
    let count = try integers(1, "the number of structures")[0]
    _ = try numbers(3, "the least, largest and mean energy")
    return try AENETTrainingHead(
      isNormalized: flag == "T", scale: scale, shift: shift, names: names, atomicEnergies: energies, count: count,
      file: file)
  }

  mutating func entry(types: Int) throws -> AENETTrainingEntry {
    let name = try line("the name of a structure").text.trimmingBlanks()
    let counts = try integers(2, "the numbers of atoms and species")
    var entry = AENETTrainingEntry(name: name, energy: try numbers(1, "the energy")[0])
    guard counts[0] > 0 else { throw lines.error("\(counts[0]) atoms") }
    for _ in 0..<counts[0] {
      let type = try integers(1, "the species of an atom")[0]
      guard (1...types).contains(type) else { throw lines.error("species \(type), expected 1 to \(types)") }
      let r = try numbers(3, "a position")
      let f = try numbers(3, "a force")
      _ = try integers(1, "the number of descriptors")
      _ = try line("the descriptors")
      entry.types.append(type - 1)
      entry.positions.append([r[0], r[1], r[2]])
      entry.forces.append([f[0], f[1], f[2]])
    }
    return entry
  }
}
