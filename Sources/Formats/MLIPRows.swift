import Structures

/// The atom rows of one MLIP configuration, by the names of the AtomData line.
struct MLIPRows {
  /// Why a header names no readable columns.
  struct Malformed: Error { var reason: String }

  private enum Role {
    case id, type, position(Int), force(Int), moment, momentVector(Int), other(Int)
  }

  private let names: [String]
  private var roles: [Role] = []
  /// Positions are multiples of the lattice vectors (direct_x) rather than Å.
  private let isDirect: Bool
  let hasForces: Bool
  private(set) var types: [Int] = []
  private var coordinates: [SIMD3<Double>] = []
  private(set) var forces: [SIMD3<Double>] = []
  private var collinear: [Double] = []
  private var vectors: [SIMD3<Double>] = []
  private(set) var columns: [AtomColumn] = []

  init(_ names: [String]) throws {
    self.names = names
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw Malformed(reason: "AtomData names the column \(twice) twice")
    }
    isDirect = names.contains("direct_x")
    let stem = isDirect ? "direct" : "cartes"
    let needed = ["type"] + ["x", "y", "z"].map { "\(stem)_\($0)" }
    if let missing = needed.first(where: { !names.contains($0) }) {
      throw Malformed(reason: "AtomData names no column \(missing)")
    }
    let hasForces = ["fx", "fy", "fz"].allSatisfy(names.contains)
    self.hasForces = hasForces
    let hasVectors = ["magmom_x", "magmom_y", "magmom_z"].allSatisfy(names.contains)
    for name in names {
      switch name {
      case "id": roles.append(.id)
      case "type": roles.append(.type)
      case "\(stem)_x": roles.append(.position(0))
      case "\(stem)_y": roles.append(.position(1))
      case "\(stem)_z": roles.append(.position(2))
      case "fx" where hasForces: roles.append(.force(0))
      case "fy" where hasForces: roles.append(.force(1))
      case "fz" where hasForces: roles.append(.force(2))
      case "magmom_x" where hasVectors: roles.append(.momentVector(0))
      case "magmom_y" where hasVectors: roles.append(.momentVector(1))
      case "magmom_z" where hasVectors: roles.append(.momentVector(2))
      case "magmom", "magmom_x", "magmom_y", "magmom_z":
        // One column alone is collinear.
        guard names.count(where: { $0.hasPrefix("magmom") }) == 1 else { fallthrough }
        roles.append(.moment)
      default:
        roles.append(.other(columns.count))
        columns.append(AtomColumn(name: name, kind: .real, width: 1, values: []))
      }
    }
  }

  var moments: Moments? {
    !collinear.isEmpty ? .collinear(collinear) : !vectors.isEmpty ? .vectors(vectors) : nil
  }

  /// Takes one row; what is wrong with it, else nil.
  mutating func append(_ line: TextSlice, atom: Int, of count: Int, _ lines: TextLines) -> InputError? {
    var fields = Fields(line)
    var (position, force, moment) = (SIMD3<Double>.zero, SIMD3<Double>.zero, SIMD3<Double>.zero)
    var hasMoment = false
    for (name, role) in zip(names, roles) {
      if case .other(let place) = role {
        guard let word = fields.next() else { return widthError(line, atom, count, lines) }
        columns[place].values.append(word.text)
        continue
      }
      guard let word = fields.next() else { return widthError(line, atom, count, lines) }
      guard let value = word.number() else { return lines.numberError(word, "\(name) of atom \(atom + 1)") }
      switch role {
      case .id, .other: break
      case .type:
        guard let type = word.integer, type < 1000 else {
          return lines.error("the type of atom \(atom + 1) is \(word.quoted), expected 0, 1, …")
        }
        types.append(type)
      case .position(let k): position[k] = value
      case .force(let k): force[k] = value
      case .moment: collinear.append(value)
      case .momentVector(let k):
        moment[k] = value
        hasMoment = true
      }
    }
    guard fields.isAtEnd else { return widthError(line, atom, count, lines) }
    coordinates.append(position)
    if hasForces { forces.append(force) }
    if hasMoment { vectors.append(moment) }
    return nil
  }

  private func widthError(_ line: TextSlice, _ atom: Int, _ count: Int, _ lines: TextLines) -> InputError {
    lines.error(
      "atom \(atom + 1) of \(count) has \(Array(Fields(line)).count) values, expected \(names.count)",
      remedy: "is Size right?")
  }

  /// Å.
  func positions(_ lattice: Lattice?, _ lines: TextLines) throws(InputError) -> [SIMD3<Double>] {
    guard isDirect else { return coordinates }
    guard let lattice else { throw lines.error("direct coordinates without a Supercell") }
    return coordinates.map { lattice.cartesian($0) }
  }
}
