import Glibc
import Structures

/// Makes the structure of one data block.
struct CIFReader {
  let block: CIFBlock
  let lines: TextLines

  func structure() throws -> Structure {
    let lattice = try self.lattice()
    let operations = try self.operations()
    var elements: [ChemicalElement] = []
    var positions: [SIMD3<Double>] = []
    for site in try sites() {
      for position in copies(of: site.position, operations, lattice) {
        elements.append(site.element)
        positions.append(lattice.cartesian(position))
      }
      guard elements.count <= 1 << 22 else { throw lines.error("more than \(1 << 22) atoms", line: block.line) }
    }
    return Structure(lattice: lattice, elements: elements, positions: positions)
  }

  private func error(_ message: String, _ item: CIFBlock.Item? = nil, remedy: String? = nil) -> InputError {
    lines.error(message, line: item?.line ?? block.line, remedy: remedy)
  }

  private func quoted(_ item: CIFBlock.Item) -> String {
    "\"" + item.value.prefix(40).filter { !$0.isNewline } + "\""
  }

  // MARK: Cell

  private func number(_ name: String) throws -> Double {
    guard let item = block.columns[name]?.first else { throw error("the block \(block.name) has no \(name)") }
    guard let value = item.number else { throw error("\(name) is \(quoted(item)), expected a number", item) }
    return value
  }

  private func lattice() throws -> Lattice {
    let lengths = try ["a", "b", "c"].map { try number("_cell_length_" + $0) }
    let angles = try ["alpha", "beta", "gamma"].map { try number("_cell_angle_" + $0) }
    guard lengths.allSatisfy({ $0 > 0 && $0 < 1e6 }), angles.allSatisfy({ $0 > 0 && $0 < 180 }) else {
      throw error("the cell \(lengths) Å, \(angles)° is none")
    }
    let cosines = angles.map { cosine(degrees: $0) }
    let sine = angles[2] == 90 ? 1 : sin(angles[2] * .pi / 180)
    let x = cosines[1]
    let y = (cosines[0] - cosines[1] * cosines[2]) / sine
    let square = 1 - x * x - y * y
    guard square > 1e-10 else { throw error("no cell has the angles \(angles)°") }
    let lattice = Lattice(
      a: [lengths[0], 0, 0], b: lengths[1] * [cosines[2], sine, 0], c: lengths[2] * [x, y, square.squareRoot()])
    guard lattice.isRegular else { throw error("the cell has no volume") }
    return lattice
  }

  private func cosine(degrees: Double) -> Double {
    switch degrees {
    case 90: 0
    case 60: 0.5
    case 120: -0.5
    default: cos(degrees * .pi / 180)
    }
  }

  // MARK: Symmetry

  private static let operationNames = [
    "_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz", "_space_group_symop.operation_xyz",
  ]

  private func operations() throws -> [SymmetryOperation] {
    if let items = Self.operationNames.lazy.compactMap({ block.columns[$0] }).first {
      let operations = try items.map { item in
        guard let operation = SymmetryOperation(item.value) else {
          throw error("\(quoted(item)) is no symmetry operation", item, remedy: "expected as -x+1/2, y, z")
        }
        return operation
      }
      guard operations.count <= 1000 else { throw error("\(operations.count) symmetry operations") }
      // The identity first, so that the atoms of the file come as they stand there.
      return operations.filter(\.isIdentity) + operations.filter { !$0.isIdentity }
    }
    try requireP1()
    return SymmetryOperation.identity.map { [$0] } ?? []
  }

  /// Without a list of operations only P1 is understood.
  private func requireP1() throws {
    let symbols = [
      "_symmetry_space_group_name_h-m", "_space_group_name_h-m_alt", "_symmetry_space_group_name_hall",
    ]
    let numbers = ["_symmetry_int_tables_number", "_space_group_it_number"]
    for name in symbols + numbers {
      guard let item = block.columns[name]?.first, item.isKnown else { continue }
      let word = item.value.filter { !$0.isWhitespace && $0 != "'" && $0 != "_" }.lowercased()
      guard word != "p1", word != "1", !word.isEmpty else { continue }
      throw error(
        "space group \(quoted(item)), but no symmetry operations are listed", item,
        remedy: "write the CIF with its operations, or in P 1")
    }
  }

  /// Fractional positions of a site under all operations, each once; the first as in the file, the others in [0, 1).
  private func copies(
    of position: SIMD3<Double>, _ operations: [SymmetryOperation], _ lattice: Lattice
  ) -> [SIMD3<Double>] {
    var found: [SIMD3<Double>] = []
    for operation in operations {
      var copy = operation(position)
      if !operation.isIdentity { copy -= copy.rounded(.down) }
      let isNew = !found.contains { other in
        let difference = copy - other
        return length(lattice.cartesian(difference - difference.rounded(.toNearestOrEven))) < CIF.sameSite
      }
      if isNew { found.append(copy) }
    }
    return found
  }

  // MARK: Sites

  private func sites() throws -> [(element: ChemicalElement, position: SIMD3<Double>)] {
    var columns: [[CIFBlock.Item]] = []
    for axis in ["x", "y", "z"] {
      guard let column = block.columns["_atom_site_fract_" + axis] else {
        throw error(
          "the block \(block.name) has no _atom_site_fract_\(axis)", remedy: "Cartesian CIFs are not read")
      }
      columns.append(column)
    }
    let count = columns[0].count
    guard columns.allSatisfy({ $0.count == count }), count > 0 else {
      throw error("fractional coordinates in several loops")
    }
    guard let symbols = block.columns["_atom_site_type_symbol"] ?? block.columns["_atom_site_label"],
      symbols.count == count
    else { throw error("the block \(block.name) has neither _atom_site_type_symbol nor _atom_site_label") }
    try requireFullOccupancy(symbols)
    return try (0..<count).map { row in
      var position = SIMD3<Double>.zero
      for k in 0..<3 {
        let item = columns[k][row]
        guard let value = item.number, abs(value) < 1e6 else {
          throw error(
            "a coordinate of \(symbols[row].value.prefix(20)) is \(quoted(item)), expected a number", item)
        }
        position[k] = value
      }
      return (try element(symbols[row]), position)
    }
  }

  private func requireFullOccupancy(_ symbols: [CIFBlock.Item]) throws {
    let labels = block.columns["_atom_site_label"] ?? symbols
    for (row, item) in (block.columns["_atom_site_occupancy"] ?? []).enumerated() where item.isKnown {
      guard let value = item.number else { throw error("an occupancy is \(quoted(item)), expected a number", item) }
      guard abs(value - 1) < 1e-6 else {
        let name = labels.indices.contains(row) ? labels[row].value : "atom \(row + 1)"
        throw error(
          "the site \(name.prefix(20)) has occupancy \(value), expected 1: the structure is disordered", item,
          remedy: "make an ordered structure of it first")
      }
    }
  }

  /// The element of Fe, Fe1, Fe3+, O2-, FE; D is hydrogen.
  private func element(_ item: CIFBlock.Item) throws -> ChemicalElement {
    let letters = item.value.prefix { $0.isASCII && $0.isLetter }
    for count in [2, 1] where letters.count >= count {
      // "Cs" before "C", but only "H" of "HW".
      let symbol = letters.prefix(1).uppercased() + letters.dropFirst().prefix(count - 1).lowercased()
      if let element = ChemicalElement(symbol) { return element }
    }
    if letters.uppercased() == "D" { return ChemicalElement("H") ?? ChemicalElement.all[0] }
    throw error("unknown species \(quoted(item))", item)
  }
}
