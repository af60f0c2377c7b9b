import Structures

/// Frames that one DeePMD system can hold.
private struct SystemKey: Hashable {
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

/// Makes the files of DeePMD systems frame by frame: bytes to be added to the ends of files, and at last the heads of the arrays.
public struct DeePMDFiller {
  private struct System {
    var name: String
    var frames = 0
    /// Numbers a frame of each array.
    var widths: [(file: String, width: Int, isInteger: Bool)] = []
  }

  private let layout: DeePMD.Layout
  private let types: TypeTable
  private let format: any FolderFormat.Type
  private var places: [SystemKey: Int] = [:]
  private var systems: [System] = []
  private var taken: [String: Int] = [:]
  private var parts: [String: [UInt8]] = [:]
  /// Names of `parts` in the order in which they came.
  private var order: [String] = []
  /// Bytes that `take` would give.
  private(set) var waiting = 0

  init(_ layout: DeePMD.Layout, species: [ChemicalElement], format: any FolderFormat.Type) throws {
    self.layout = layout
    self.format = format
    types = try TypeTable(writing: [], species: species)
  }

  /// The folder that holds all files, where there is only one: the files then belong a step higher.
  var onlySystem: String? { systems.count == 1 ? systems[0].name : nil }

  /// - Throws: `InputError` where the format cannot hold the frame.
  mutating func append(_ frame: LabeledStructure) throws {
    try frame.requireFinite()
    try requirePeriodicity(frame, format)
    try types.requireAll(of: frame)
    let key = SystemKey(frame, isMixed: layout == .mixed)
    if places[key] == nil { begin(key, frame) }
    guard let place = places[key] else { return }
    fill(place, frame)
    systems[place].frames += 1
  }

  /// What has come since the last call, by file.
  mutating func take() -> [(name: String, bytes: [UInt8])] {
    defer {
      parts = [:]
      order = []
      waiting = 0
    }
    return order.map { ($0, parts[$0] ?? []) }
  }

  /// The heads of all arrays, for which room was left at their beginnings.
  func heads() -> [(name: String, bytes: [UInt8])] {
    systems.flatMap { system in
      system.widths.map { file, width, isInteger in
        // Energies are one number a frame, without a second axis.
        let shape = width == 1 && !isInteger ? [system.frames] : [system.frames, width]
        return (file, NPYArray.header(isInteger: isInteger, shape: shape))
      }
    }
  }

  private func requirePeriodicity(_ frame: LabeledStructure, _ format: any FolderFormat.Type) throws {
    func check<F: FolderFormat>(_ format: F.Type) throws { try F.requireThreePeriodic(frame, clusters: true) }
    try check(format)
  }

  // MARK: Files

  private mutating func add(_ bytes: some Collection<UInt8>, to name: String) {
    if parts[name] == nil { order.append(name) }
    parts[name, default: []] += bytes
    waiting += bytes.count
  }

  private mutating func begin(_ key: SystemKey, _ first: LabeledStructure) {
    let stem = layout == .mixed ? "atoms\(key.count)" : first.structure.formula
    taken[stem, default: 0] += 1
    let name = taken[stem].map { $0 > 1 ? "\(stem)_\($0)" : stem } ?? stem
    places[key] = systems.count
    systems.append(System(name: name))
    let numbers = first.structure.elements.map { layout == .mixed ? 0 : types.number(of: $0) }
    add((numbers.map(String.init).joined(separator: "\n") + "\n").utf8, to: name + "/type.raw")
    add((types.elements.map(\.symbol).joined(separator: "\n") + "\n").utf8, to: name + "/type_map.raw")
    if first.structure.lattice == nil { add([UInt8](), to: name + "/nopbc") }
  }

  private mutating func fill(_ place: Int, _ frame: LabeledStructure) {
    let (labels, structure) = (frame.labels, frame.structure)
    let set = systems[place].name + (layout == .text ? "/" : "/set.000/")
    add((frame.id + "\n").utf8, to: set + DeePMD.idFile)
    let quantities: [(String, [Double]?)] = [
      ("box", structure.lattice.map { flat([$0.a, $0.b, $0.c]) }), ("coord", flat(structure.positions)),
      ("energy", labels.energy.map { [$0] }), ("force", labels.forces.map(flat)), ("virial", labels.virial?.rows),
      ("spin", spins(structure.moments)), ("force_mag", labels.magneticForces.map(flat)),
    ]
    for (quantity, numbers) in quantities {
      guard let numbers else { continue }
      let file = set + quantity
      if layout == .text {
        add((numbers.map(\.description).joined(separator: " ") + "\n").utf8, to: file + ".raw")
      } else {
        addRow(numbers.map(\.bitPattern.littleEndian), to: file + ".npy", place, isInteger: false)
      }
    }
    if layout == .mixed {
      let numbers = structure.elements.map { UInt32(types.number(of: $0)).littleEndian }
      addRow(numbers, to: set + "real_atom_types.npy", place, isInteger: true)
    }
  }

  private mutating func addRow<T>(_ words: [T], to file: String, _ place: Int, isInteger: Bool) {
    if systems[place].frames == 0 {
      systems[place].widths.append((file, words.count, isInteger))
      add([UInt8](repeating: 32, count: NPYArray.headSize), to: file)
    }
    words.withUnsafeBytes { add($0, to: file) }
  }

  private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }

  /// Three numbers an atom, as DeePMD reads them; collinear moments lie along z.
  private func spins(_ moments: Moments?) -> [Double]? {
    switch moments {
    case .collinear(let values): values.flatMap { [0, 0, $0] }
    case .vectors(let values): flat(values)
    case nil: nil
    }
  }
}
