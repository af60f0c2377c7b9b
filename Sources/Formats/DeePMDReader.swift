import Structures

/// Reads one DeePMD system, set by set and frame by frame.
struct DeePMDReader {
  private let folder: FolderFiles
  private let suffix: String
  private let types: [Int]
  private let species: [ChemicalElement]
  private let isCluster: Bool
  private(set) var tally = NoteTally()
  private var index = 0

  init(_ folder: FolderFiles, suffix: String, options: ReadOptions) throws {
    self.folder = folder
    self.suffix = suffix
    types = try Self.types(folder)
    species = try Self.species(folder, options: options)
    isCluster = folder.names.contains("nopbc")
  }

  mutating func scan(_ take: (LabeledStructure) throws -> Void) throws {
    for set in sets {
      noteUnread(set)
      try scan(set, take)
    }
  }

  /// "set.000/", …; the folder itself for text.
  private var sets: [String] {
    if suffix == ".raw" { return [""] }
    let folders = folder.names.filter { $0.hasSuffix("/coord.npy") }.map { $0.dropLast("coord.npy".count) }
    return folders.map(String.init)
  }

  private mutating func noteUnread(_ set: String) {
    for name in folder.names where name.hasPrefix(set) && name.hasSuffix(suffix) {
      let quantity = String(name.dropFirst(set.count).dropLast(suffix.count))
      guard !DeePMD.quantities.contains(quantity), !quantity.hasPrefix("type"), !quantity.contains("/") else {
        continue
      }
      tally.add("not read: \(quantity)\(suffix)", of: "file")
    }
  }

  // MARK: Types

  private static func lines(_ folder: FolderFiles, _ name: String) throws -> [(word: String, line: Int)]? {
    guard let bytes = try folder.file(name) else { return nil }
    var lines = try TextLines(bytes.buffer, file: folder.path + "/" + name)
    var words: [(word: String, line: Int)] = []
    while let line = lines.nextFilled() {
      for word in Fields(line) { words.append((word.text, lines.number)) }
    }
    return withExtendedLifetime(bytes) { words }
  }

  private static func types(_ folder: FolderFiles) throws -> [Int] {
    let file = folder.path + "/type.raw"
    guard let words = try lines(folder, "type.raw") else {
      throw InputError("no type.raw in the folder", file: folder.path)
    }
    return try words.map { word, line in
      guard let type = Int(word), type >= 0, type < 1000 else {
        throw InputError("found \"\(word.prefix(20))\", expected an atom type (0, 1, …)", file: file, line: line)
      }
      return type
    }
  }

  /// Elements of the types: the user's, or those of type_map.raw.
  private static func species(_ folder: FolderFiles, options: ReadOptions) throws -> [ChemicalElement] {
    if !options.species.isEmpty { return options.species }
    let file = folder.path + "/type_map.raw"
    guard let words = try lines(folder, "type_map.raw") else {
      throw InputError(
        "no type_map.raw: nothing says the elements of the atom types", file: folder.path,
        remedy: "name them in order, as --species Li,Mn,O")
    }
    return try words.map { word, line in
      guard let element = ChemicalElement(word) else {
        let near = nearestName(to: word, among: ChemicalElement.all.map(\.symbol))
        throw InputError(
          "unknown species \"\(word.prefix(20))\"", file: file, line: line,
          remedy: word.hasSuffix("_spin")
            ? "virtual atoms are not read; use a set with spin.npy" : near.map { "did you mean \($0)?" })
      }
      return element
    }
  }

  /// - Parameter numbers: types of each atom; −1 is no atom (padding of mixed types).
  private func elements(_ numbers: [Int], file: String) throws(InputError) -> [ChemicalElement?] {
    var elements: [ChemicalElement?] = []
    for number in numbers {
      guard number < species.count, number >= -1 else {
        throw InputError(
          "atom type \(number) (counted from 0), but only \(species.count) species are named: \(species.symbols)",
          file: file, remedy: "name all in order in type_map.raw or by --species")
      }
      elements.append(number < 0 ? nil : species[number])
    }
    return elements
  }

  // MARK: Frames

  private func table(_ set: String, _ quantity: String) throws -> FrameTable? {
    let name = set + quantity + suffix
    return try folder.file(name).map { try FrameTable($0, file: folder.path + "/" + name) }
  }

  /// The tables of one set that go on together, a row a frame.
  private struct Tables {
    var box: FrameTable?
    var energy: FrameTable?
    var force: FrameTable?
    var virial: FrameTable?
    var spin: FrameTable?
    var magneticForce: FrameTable?
    var types: FrameTable?
    var isCollinear = false
  }

  private mutating func scan(_ set: String, _ take: (LabeledStructure) throws -> Void) throws {
    guard var coordinates = try table(set, "coord") else { return }
    var tables = Tables(
      box: isCluster ? nil : try table(set, "box"), energy: try table(set, "energy"),
      force: try table(set, "force"),
      virial: try table(set, "virial"), spin: try table(set, "spin"), magneticForce: try table(set, "force_mag"),
      types: try table(set, "real_atom_types"))
    guard isCluster || tables.box != nil else {
      throw InputError(
        "no box\(suffix) beside \(coordinates.file)", file: folder.path, remedy: "a free cluster has a file nopbc")
    }
    tables.isCollinear = try tables.spin.map { try isCollinear($0) } ?? false
    if tables.isCollinear { tally.add("spins all along z: collinear moments", of: "set") }
    let ids = try ids(set)
    var row = 0
    let count = types.count
    let fixed = try elements(types, file: folder.path + "/type.raw")
    while let positions = try coordinates.next(widths: [3 * count]) {
      let frame = try frame(row, vectors(positions), fixed, &tables, file: coordinates.file, id: ids?[safely: row])
      try take(frame)
      row += 1
      index += 1
    }
    for table in [tables.box, tables.energy, tables.force, tables.virial, tables.spin, tables.magneticForce] {
      guard var table, try table.next(widths: Array(0...9) + [count, 3 * count]) != nil else { continue }
      throw InputError("more frames than \(coordinates.file), which has \(row)", file: table.file)
    }
    if let ids, ids.count != row {
      tally.add("\(DeePMD.idFile) has \(ids.count) ids for \(row) frames", of: "set")
    }
  }

  private func frame(
    _ row: Int, _ positions: [SIMD3<Double>], _ fixed: [ChemicalElement?], _ tables: inout Tables, file: String,
    id: String?
  ) throws -> LabeledStructure {
    func next(_ table: inout FrameTable?, _ widths: [Int]) throws -> [Double]? {
      guard table != nil else { return nil }
      guard let numbers = try table?.next(widths: widths) else {
        throw InputError("\(row) frames, but \(file) has more", file: table?.file)
      }
      return numbers
    }
    let count = types.count
    var atoms = fixed
    if let mixed = try next(&tables.types, [count]) {
      atoms = try elements(
        mixed.map { $0.rounded() == $0 && abs($0) < 1000 ? Int($0) : -2 }, file: tables.types?.file ?? file)
    }
    let kept = atoms.indices.filter { atoms[$0] != nil }
    guard !kept.isEmpty else { throw InputError("a frame without atoms", file: file) }
    func chosen(_ vectors: [SIMD3<Double>]) -> [SIMD3<Double>] {
      kept.count == count ? vectors : kept.map { vectors[$0] }
    }
    var structure = Structure(
      lattice: try next(&tables.box, [9]).map { try lattice($0, row, tables.box?.file ?? file) },
      elements: atoms.compactMap { $0 }, positions: chosen(positions))
    var provenance = Provenance(file: folder.path, index: index)
    var labels = Labels()
    labels.energy = try next(&tables.energy, [1])?[0]
    labels.forces = try next(&tables.force, [3 * count]).map { chosen(vectors($0)) }
    labels.virial = try next(&tables.virial, [9]).map { Matrix3(rows: $0) }
    labels.magneticForces = try next(&tables.magneticForce, [3 * count]).map { chosen(vectors($0)) }
    if let spins = try next(&tables.spin, [count, 3 * count]) {
      structure.moments =
        spins.count == count && count > 0
        ? .collinear(kept.map { spins[$0] })
        : tables.isCollinear
          ? .collinear(kept.map { spins[3 * $0 + 2] }) : .vectors(chosen(vectors(spins)))
    }
    provenance.energyKey = labels.energy == nil ? nil : "energy\(suffix)"
    provenance.forcesKey = labels.forces == nil ? nil : "force\(suffix)"
    provenance.stressKey = labels.virial == nil ? nil : "virial\(suffix)"
    return LabeledStructure(id: id, structure: structure, labels: labels, provenance: provenance)
  }

  private func lattice(_ n: [Double], _ row: Int, _ file: String) throws(InputError) -> Lattice {
    let lattice = Lattice(a: [n[0], n[1], n[2]], b: [n[3], n[4], n[5]], c: [n[6], n[7], n[8]])
    guard lattice.isRegular else {
      throw InputError(
        "the cell of frame \(row) has no volume", file: file, remedy: "a free cluster has a file nopbc")
    }
    return lattice
  }

  private func vectors(_ n: [Double]) -> [SIMD3<Double>] {
    stride(from: 0, to: n.count, by: 3).map { [n[$0], n[$0 + 1], n[$0 + 2]] }
  }

  private func isCollinear(_ table: FrameTable) throws -> Bool {
    var copy = table
    while let spins = try copy.next(widths: [types.count, 3 * types.count]) {
      if spins.count == types.count { continue }
      for atom in types.indices where spins[3 * atom] != 0 || spins[3 * atom + 1] != 0 { return false }
    }
    return true
  }

  /// Ids that Halite left, where they are ids.
  private func ids(_ set: String) throws -> [String]? {
    guard let words = try Self.lines(folder, set + DeePMD.idFile)?.map(\.word) else { return nil }
    return words.allSatisfy(isFrameID) ? words : nil
  }
}

extension Array {
  subscript(safely index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
