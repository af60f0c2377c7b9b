import Structures

extension DeePMD {
  /// Frames that one system can hold.
  private struct Key: Hashable {
    var elements: [ChemicalElement]
    var count: Int
    var isCluster: Bool
    var labels: [Bool]

    init(_ frame: LabeledStructure, isMixed: Bool) {
      let labels = frame.labels
      elements = isMixed ? [] : frame.structure.elements
      count = frame.structure.count
      isCluster = frame.structure.lattice == nil
      self.labels = [
        labels.energy != nil, labels.forces != nil, labels.virial != nil, labels.magneticForces != nil,
        frame.structure.moments != nil,
      ]
    }
  }

  /// The files of all systems; of a single one without a folder of its own.
  static func files(
    of frames: [LabeledStructure], as layout: Layout, species: [ChemicalElement], format: any FolderFormat.Type
  ) throws -> [(name: String, bytes: [UInt8])] {
    let types = try TypeTable(writing: frames, species: species)
    var order: [Key] = []
    var systems: [Key: [LabeledStructure]] = [:]
    for frame in frames {
      try frame.requireFinite()
      try requirePeriodicity(frame, format)
      let key = Key(frame, isMixed: layout == .mixed)
      if systems[key] == nil { order.append(key) }
      systems[key, default: []].append(frame)
    }
    var taken: [String: Int] = [:]
    var files: [(name: String, bytes: [UInt8])] = []
    for key in order {
      guard let members = systems[key] else { continue }
      let stem = layout == .mixed ? "atoms\(key.count)" : members[0].structure.formula
      taken[stem, default: 0] += 1
      let name = taken[stem].map { $0 > 1 ? "\(stem)_\($0)" : stem } ?? stem
      let folder = order.count == 1 ? "" : name + "/"
      files += self.files(system: members, in: folder, types, layout)
    }
    return files
  }

  private static func requirePeriodicity(_ frame: LabeledStructure, _ format: any FolderFormat.Type) throws {
    func check<F: FolderFormat>(_ format: F.Type) throws { try F.requireThreePeriodic(frame, clusters: true) }
    try check(format)
  }

  private static func files(
    system frames: [LabeledStructure], in folder: String, _ types: TypeTable, _ layout: Layout
  ) -> [(name: String, bytes: [UInt8])] {
    let first = frames[0]
    let numbers = first.structure.elements.map { layout == .mixed ? 0 : types.number(of: $0) }
    var files: [(name: String, bytes: [UInt8])] = [
      (folder + "type.raw", Array((numbers.map(String.init).joined(separator: "\n") + "\n").utf8)),
      (folder + "type_map.raw", Array((types.elements.map(\.symbol).joined(separator: "\n") + "\n").utf8)),
    ]
    if first.structure.lattice == nil { files.append((folder + "nopbc", [])) }
    let set = layout == .text ? folder : folder + "set.000/"
    files.append((set + idFile, Array((frames.map(\.id).joined(separator: "\n") + "\n").utf8)))
    func add(_ quantity: String, _ rows: (LabeledStructure) -> [Double]?) {
      let table = frames.compactMap(rows)
      guard table.count == frames.count else { return }
      files.append((set + quantity + (layout == .text ? ".raw" : ".npy"), bytes(table, layout)))
    }
    add("box") { $0.structure.lattice.map { flat([$0.a, $0.b, $0.c]) } }
    add("coord") { flat($0.structure.positions) }
    add("energy") { $0.labels.energy.map { [$0] } }
    add("force") { $0.labels.forces.map(flat) }
    add("virial") { $0.labels.virial?.rows }
    add("spin") { spins($0.structure.moments) }
    add("force_mag") { $0.labels.magneticForces.map(flat) }
    if layout == .mixed {
      let table = frames.flatMap { $0.structure.elements.map { Int32(types.number(of: $0)) } }
      files.append(
        (set + "real_atom_types.npy", NPYArray.file(table, shape: [frames.count, first.structure.count])))
    }
    return files
  }

  private static func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }

  /// Three numbers an atom, as DeePMD reads them; collinear moments lie along z.
  private static func spins(_ moments: Moments?) -> [Double]? {
    switch moments {
    case .collinear(let values): values.flatMap { [0, 0, $0] }
    case .vectors(let values): flat(values)
    case nil: nil
    }
  }

  private static func bytes(_ table: [[Double]], _ layout: Layout) -> [UInt8] {
    let width = table[0].count
    guard layout == .text else {
      // Energies are one number a frame, without a second axis.
      return NPYArray.file(table.flatMap { $0 }, shape: width == 1 ? [table.count] : [table.count, width])
    }
    var text = TextBuffer()
    for row in table { text.append(row.map(\.description).joined(separator: " ") + "\n") }
    return text.bytes
  }
}
