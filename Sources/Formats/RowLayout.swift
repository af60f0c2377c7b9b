import Structures

/// What the columns of extxyz atom rows hold, from `Properties=species:S:1:pos:R:3:…`.
struct RowLayout {
  enum Role {
    case species, atomicNumber, position, forces, magneticForces, moment, momentVector
    /// One that Halite does not interpret: its number in `others`, and its width.
    case other(Int, width: Int)
  }

  struct Column {
    var name: String
    var kind: AtomColumn.Kind
    var width: Int
  }

  /// Why a text is no description of columns.
  struct Malformed: Error {
    var reason: String
  }

  private(set) var columns: [Column]
  /// One for each column; nothing in it is counted by reference, so that the loop over rows is fast.
  private(set) var roles: [Role] = []
  private(set) var others: [Column] = []
  private(set) var forcesKey: String?
  private(set) var momentsKey: String?
  /// Two columns that could mean the same: the one taken and the one kept as it is.
  private(set) var rivals: [(taken: String, kept: String)] = []

  /// Words in a row.
  var width: Int { columns.reduce(0) { $0 + $1.width } }

  /// "species pos forces".
  var names: String { columns.map(\.name).joined(separator: " ") }

  /// `H 0.0 0.0 0.0`.
  static func plain() throws(Malformed) -> RowLayout { try RowLayout("species:S:1:pos:R:3") }

  /// - Parameter forcesKey: the only column that forces are read from; nil goes by the known names.
  init(_ properties: String, forcesKey: String? = nil) throws(Malformed) {
    columns = try Self.columns(properties)
    let species = choose(["species", "element", "symbols"])
    let number = species == nil ? choose(["Z", "numbers"]) : nil
    let position = choose(["pos", "positions"])
    let forces = choose(forcesKey.map { [$0] } ?? LabelKeys.forces)
    let magneticForces = choose(LabelKeys.magneticForces)
    let moments = choose(LabelKeys.moments)
    guard species != nil || number != nil else { throw Malformed(reason: "Properties names no species column") }
    guard position != nil else { throw Malformed(reason: "Properties names no pos column") }
    self.forcesKey = forces
    momentsKey = moments
    for column in columns {
      switch column.name {
      case species: roles.append(try role(.species, column, widths: [1]))
      case number: roles.append(try role(.atomicNumber, column, widths: [1]))
      case position: roles.append(try role(.position, column, widths: [3]))
      case forces: roles.append(try role(.forces, column, widths: [3]))
      case magneticForces: roles.append(try role(.magneticForces, column, widths: [3]))
      case moments:
        roles.append(try role(column.width == 3 ? .momentVector : .moment, column, widths: [1, 3]))
      default:
        roles.append(.other(others.count, width: column.width))
        others.append(column)
      }
    }
  }

  private static func columns(_ properties: String) throws(Malformed) -> [Column] {
    let parts = properties.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count % 3 == 0 else {
      throw Malformed(reason: "Properties has \(parts.count) parts, expected name:type:width for each column")
    }
    var columns: [Column] = []
    for start in stride(from: 0, to: parts.count, by: 3) {
      let name = parts[start]
      guard let kind = parts[start + 1].first.flatMap(AtomColumn.Kind.init), parts[start + 1].count == 1 else {
        throw Malformed(reason: "Properties: the type of \(name) is \"\(parts[start + 1])\", expected S, R, I or L")
      }
      guard let width = Int(parts[start + 2]), (1...1000).contains(width) else {
        throw Malformed(reason: "Properties: the width of \(name) is \"\(parts[start + 2])\", expected a number")
      }
      guard !name.isEmpty, !columns.contains(where: { $0.name == name }) else {
        throw Malformed(reason: "Properties names the column \"\(name)\" twice or without a name")
      }
      columns.append(Column(name: name, kind: kind, width: width))
    }
    return columns
  }

  /// The first of the names that is a column; the others that are become its rivals.
  private mutating func choose(_ names: [String]) -> String? {
    let present = names.filter { name in columns.contains { $0.name == name } }
    guard let first = present.first else { return nil }
    rivals += present.dropFirst().map { (first, $0) }
    return first
  }

  private func role(_ role: Role, _ column: Column, widths: [Int]) throws(Malformed) -> Role {
    guard widths.contains(column.width) else {
      let expected = widths.map(String.init).joined(separator: " or ")
      throw Malformed(
        reason: "Properties: the column \(column.name) has width \(column.width), expected \(expected)")
    }
    return role
  }
}

/// The atom rows of one frame.
struct AtomRows {
  var elements: [ChemicalElement] = []
  var positions: [SIMD3<Double>] = []
  var forces: [SIMD3<Double>] = []
  var magneticForces: [SIMD3<Double>] = []
  var collinear: [Double] = []
  var vectors: [SIMD3<Double>] = []
  /// Values of the uninterpreted columns, by column.
  var others: [[String]]

  init(count: Int, layout: RowLayout) {
    others = [[String]](repeating: [], count: layout.others.count)
    elements.reserveCapacity(count)
    positions.reserveCapacity(count)
    if layout.forcesKey != nil { forces.reserveCapacity(count) }
  }

  /// Takes one row; false where it does not fit the layout.
  @inline(__always)
  mutating func append(_ line: TextSlice, roles: [RowLayout.Role]) -> Bool {
    var fields = Fields(line)
    for role in roles {
      switch role {
      case .species, .atomicNumber:
        guard let element = fields.next()?.element else { return false }
        elements.append(element)
      case .position:
        guard let vector = fields.vector() else { return false }
        positions.append(vector)
      case .forces:
        guard let vector = fields.vector() else { return false }
        forces.append(vector)
      case .magneticForces:
        guard let vector = fields.vector() else { return false }
        magneticForces.append(vector)
      case .moment:
        guard let value = fields.number() else { return false }
        collinear.append(value)
      case .momentVector:
        guard let vector = fields.vector() else { return false }
        vectors.append(vector)
      case .other(let index, let width):
        for _ in 0..<width {
          guard let word = fields.next() else { return false }
          others[index].append(word.text)
        }
      }
    }
    return fields.isAtEnd
  }

  var moments: Moments? {
    !collinear.isEmpty ? .collinear(collinear) : !vectors.isEmpty ? .vectors(vectors) : nil
  }

  func columns(_ layout: RowLayout) -> [AtomColumn] {
    zip(layout.others, others).map {
      AtomColumn(name: $0.name, kind: $0.kind, width: $0.width, values: $1)
    }
  }
}
