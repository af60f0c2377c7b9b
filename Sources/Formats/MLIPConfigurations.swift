import Structures

/// `.cfg` files of MLIP-2 and MLIP-3: blocks from BEGIN_CFG to END_CFG with Size, Supercell, AtomData, Energy,
/// PlusStress and Feature lines. Not the AtomEye format of the same suffix.
///
/// PlusStress is −σV = −∂E/∂ε, eV, six numbers xx yy zz yz xz xy: Halite's virial. A legacy `Stress:` block is
/// refused, since its sign and unit differ between programs; `ReadOptions.repair` leaves it out and says so.
/// Atom types are numbers: their elements come from `ReadOptions.species`, or from `Feature elements Li,O`, which
/// Halite writes. Features become keys and come back; unknown columns of AtomData are kept. Moments (μB) stand in the
/// columns magmom_x, magmom_y, magmom_z, collinear ones in magmom.
public enum MLIPConfigurations: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "cfg", suffixes: [".cfg", ".cfgs"], description: "MLIP-2 and MLIP-3 configurations (types by --species)",
    carries: [.energy, .forces, .stress, .moments, .id, .configType, .uninterpreted, .clusters],
    holdsManyFrames: true)

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = MLIPReader(lines: try TextLines(bytes, file: file, checksAhead: false), options: options)
    while let frame = try reader.next() { try take(frame) }
    return reader.tally
  }

  /// - Throws: `InputError` where a number is not finite, a cell does not repeat in three directions, or a key holds
  ///   blanks or a value a line break.
  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    try write(frames, options: WriteOptions())
  }

  public static func write(_ frames: [LabeledStructure], options: WriteOptions) throws -> [UInt8] {
    let types = try TypeTable(writing: frames, species: options.species)
    var text = TextBuffer()
    for frame in frames {
      try frame.requireFinite()
      try requireThreePeriodic(frame, clusters: true)
      text.append("BEGIN_CFG\n Size\n    \(frame.structure.count)\n")
      if let lattice = frame.structure.lattice {
        text.append(" Supercell\n")
        for vector in [lattice.a, lattice.b, lattice.c] { text.append(row: vector) }
      }
      text.append(atomData: frame, types)
      if let energy = frame.labels.energy { text.append(" Energy\n    \(energy)\n") }
      if let virial = frame.labels.virial {
        text.append(" PlusStress:  xx          yy          zz          yz          xz          xy\n   ")
        for number in virial.voigt { text.append(" \(number)") }
        text.append("\n")
      }
      for (key, value) in features(of: frame, types) {
        text.append(" Feature   \(key)\t\(try word(key, value, frame))\n")
      }
      text.append("END_CFG\n\n")
    }
    return text.bytes
  }

  public static func remark(writing frame: LabeledStructure) -> String? {
    guard let virial = frame.labels.virial, !virial.isSymmetric else { return nil }
    return "the stress is not symmetric: the mean of both halves is written"
  }

  /// Keys of Features that Halite gives a meaning to.
  static let reservedFeatures: Set<String> = ["id", "elements", "config_type"]

  private static func features(of frame: LabeledStructure, _ types: TypeTable) -> [(String, String)] {
    var features = [("elements", types.elements.symbols), ("id", frame.id)]
    if let group = frame.configType { features.append(("config_type", group)) }
    for item in frame.info where !reservedFeatures.contains(item.key) { features.append((item.key, item.value)) }
    if let source = frame.source { features.append(("source", source)) }
    return features
  }

  private static func word(_ key: String, _ value: String, _ frame: LabeledStructure) throws(InputError) -> String {
    guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 32 }) else {
      throw InputError("the key \"\(key)\" of \(frame.name) holds blanks, which cfg Features cannot")
    }
    guard !value.utf8.contains(where: { $0 == 10 || $0 == 13 }) else {
      throw InputError("the value of \(key) of \(frame.name) holds a line break, which cfg Features cannot")
    }
    return value
  }
}

extension LabeledStructure {
  /// `FILE#INDEX` for a frame that does not carry the key `source` itself.
  var source: String? {
    guard let file = provenance.file, !info.contains(where: { $0.key == "source" }) else { return nil }
    return file + (provenance.index.map { "#\($0)" } ?? "")
  }
}

extension TextBuffer {
  mutating func append(row vector: SIMD3<Double>) {
    append("   ")
    append(decimals: vector)
    append("\n")
  }

  fileprivate mutating func append(atomData frame: LabeledStructure, _ types: TypeTable) {
    let structure = frame.structure
    append(" AtomData:  id type       cartes_x      cartes_y      cartes_z")
    if frame.labels.forces != nil { append("           fx          fy          fz") }
    switch structure.moments {
    case .collinear: append("      magmom_z")
    case .vectors: append("      magmom_x     magmom_y     magmom_z")
    case nil: break
    }
    append("\n")
    for atom in 0..<structure.count {
      append("    \(atom + 1) \(types.number(of: structure.elements[atom]))")
      append(decimals: structure.positions[atom])
      if let forces = frame.labels.forces { append(decimals: forces[atom]) }
      switch structure.moments {
      case .collinear(let values): append(" \(decimals(values[atom]))")
      case .vectors(let values): append(decimals: values[atom])
      case nil: break
      }
      append("\n")
    }
  }
}

extension TextBuffer {
  fileprivate mutating func append(decimals vector: SIMD3<Double>) {
    for k in 0..<3 { append(" " + decimals(vector[k])) }
  }
}

/// The shortest text that reads back as the same bits, without an exponent: 1e-05 is 0.00001.
func decimals(_ number: Double) -> String {
  let text = number.description
  guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
    return text
  }
  let sign = text.hasPrefix("-") ? "-" : ""
  let mantissa = text[..<mark].drop { $0 == "-" }
  let parts = mantissa.split(separator: ".")
  let digits = parts.joined()
  let point = (parts.first?.count ?? 0) + exponent
  if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
  if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
  return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}
