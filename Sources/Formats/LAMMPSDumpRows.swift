import Structures

/// The atom rows of one frame of a dump.
struct LAMMPSDumpRows {
  private enum Role {
    case id, type, element, position(Int), force(Int), other(Int)
  }

  /// The names of positions, best first, and whether they are multiples of the box.
  private static let stems: [(names: [String], isScaled: Bool)] = [
    (["x", "y", "z"], false), (["xu", "yu", "zu"], false), (["xs", "ys", "zs"], true),
    (["xsu", "ysu", "zsu"], true),
  ]

  private let names: [String]
  private var roles: [Role] = []
  private let isScaled: Bool
  let hasForces: Bool
  private var ids: [Int] = []
  private var types: [Int] = []
  private var symbols: [ChemicalElement] = []
  private var coordinates: [SIMD3<Double>] = []
  private(set) var forces: [SIMD3<Double>] = []
  private(set) var columns: [AtomColumn] = []

  /// - Throws: `InputError` where there is no column of positions, or one stands twice.
  init(_ names: [String], lines: TextLines) throws(InputError) {
    self.names = names
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw lines.error("ITEM: ATOMS names the column \(twice.prefix(30)) twice")
    }
    guard let stem = Self.stems.first(where: { $0.names.allSatisfy(names.contains) }) else {
      throw lines.error("ITEM: ATOMS names no positions", remedy: "dump x y z, xu yu zu, xs ys zs or xsu ysu zsu")
    }
    guard names.contains("type") || names.contains("element") else {
      throw lines.error("ITEM: ATOMS names neither type nor element")
    }
    isScaled = stem.isScaled
    let forceNames = ["fx", "fy", "fz"]
    let hasForces = forceNames.allSatisfy(names.contains)
    self.hasForces = hasForces
    for name in names {
      if let axis = stem.names.firstIndex(of: name) {
        roles.append(.position(axis))
      } else if hasForces, let axis = forceNames.firstIndex(of: name) {
        roles.append(.force(axis))
      } else if name == "id" {
        roles.append(.id)
      } else if name == "type" {
        roles.append(.type)
      } else if name == "element" {
        roles.append(.element)
      } else {
        roles.append(.other(columns.count))
        columns.append(AtomColumn(name: name, kind: .real, width: 1, values: []))
      }
    }
  }

  mutating func append(_ line: TextSlice, atom: Int, of count: Int, lines: TextLines) throws(InputError) {
    var fields = Fields(line)
    var (position, force) = (SIMD3<Double>.zero, SIMD3<Double>.zero)
    for (name, role) in zip(names, roles) {
      guard let word = fields.next() else { throw widthError(line, atom, count, lines) }
      switch role {
      case .id:
        guard let id = word.integer else {
          throw lines.error("found \(word.quoted), expected the number of an atom")
        }
        ids.append(id)
      case .type:
        guard let type = word.integer, type > 0 else {
          throw lines.error("found \(word.quoted), expected a type (1, 2, …)")
        }
        types.append(type)
      case .element:
        guard let element = word.element else { throw lines.elementError(word) }
        symbols.append(element)
      case .position(let axis): position[axis] = try number(word, name, atom, lines)
      case .force(let axis): force[axis] = try number(word, name, atom, lines)
      case .other(let place):
        if word.number() == nil { columns[place].kind = .string }
        columns[place].values.append(word.text)
      }
    }
    guard fields.isAtEnd else { throw widthError(line, atom, count, lines) }
    coordinates.append(position)
    if hasForces { forces.append(force) }
  }

  private func number(_ word: TextSlice, _ name: String, _ atom: Int, _ lines: TextLines) throws(InputError)
    -> Double
  {
    guard let value = word.number() else { throw lines.numberError(word, "\(name) of row \(atom + 1)") }
    return value
  }

  private func widthError(_ line: TextSlice, _ atom: Int, _ count: Int, _ lines: TextLines) -> InputError {
    lines.error(
      "row \(atom + 1) of \(count) has \(Array(Fields(line)).count) values, expected \(names.count)",
      remedy: "is the number of atoms right?")
  }

  /// Puts the rows in the order of their ids; true where they were not in it.
  mutating func sort(_ lines: TextLines) throws(InputError) -> Bool {
    guard !ids.isEmpty, zip(ids, ids.dropFirst()).contains(where: { $0 >= $1 }) else { return false }
    let order = ids.indices.sorted { ids[$0] < ids[$1] }
    if let twice = zip(order, order.dropFirst()).first(where: { ids[$0] == ids[$1] }) {
      throw lines.error("two rows have the id \(ids[twice.0])")
    }
    func sorted<T>(_ values: [T]) -> [T] { values.isEmpty ? values : order.map { values[$0] } }
    types = sorted(types)
    symbols = sorted(symbols)
    coordinates = sorted(coordinates)
    forces = sorted(forces)
    for place in columns.indices { columns[place].values = sorted(columns[place].values) }
    ids = sorted(ids)
    return true
  }

  /// The user's species before the column `element`.
  func elements(_ species: [ChemicalElement], _ lines: TextLines) throws(InputError) -> [ChemicalElement] {
    if !symbols.isEmpty, species.isEmpty || types.isEmpty { return symbols }
    let highest = types.max() ?? 0
    guard !species.isEmpty else {
      throw lines.error(
        "the atom types 1 to \(highest) are numbers, and there is no column element",
        remedy: "name the elements in order, as --species Li,Mn,O")
    }
    guard highest <= species.count else {
      throw lines.error(
        "atom type \(highest), but only \(species.count) species are named: \(species.symbols)",
        remedy: "name all in order by --species")
    }
    return types.map { species[$0 - 1] }
  }

  /// Å.
  func positions(_ lattice: Lattice, origin: SIMD3<Double>) -> [SIMD3<Double>] {
    isScaled ? coordinates.map { origin + lattice.cartesian($0) } : coordinates
  }
}
