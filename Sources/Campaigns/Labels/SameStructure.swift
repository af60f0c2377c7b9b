import Structures

/// True where two structures are one and the same within the digits that VASP's output prints: the same atoms in the same order, in one
/// cell, each within a distance of its partner, whole lattice vectors apart or not.
/// - Parameter tolerance: Å.
func isSameStructure(_ a: Structure, _ b: Structure, tolerance: Double = 2e-3) -> Bool {
  guard a.elements == b.elements, let p = a.lattice, let q = b.lattice else { return false }
  for (u, v) in [(p.a, q.a), (p.b, q.b), (p.c, q.c)] where length(u - v) > tolerance { return false }
  return zip(a.positions, b.positions).allSatisfy { r, s in
    var shift = p.fractional(r - s)
    for k in 0..<3 { shift[k] -= shift[k].rounded() }
    return length(p.cartesian(shift)) <= tolerance
  }
}

extension Structure {
  /// SHA-256 of cell, elements and positions, moments apart.
  public var identity: String {
    var bare = self
    bare.moments = nil
    return FrameIdentity.exact(bare, Labels())
  }

  /// The structure as calculations take it: atoms of one element together, in the order in which the elements first come, and a
  /// right-handed cell (two vectors exchanged).
  ///
  /// - Returns: the structure, and the place that each of its atoms had.
  func arranged() -> (structure: Structure, order: [Int]) {
    var kinds: [ChemicalElement] = []
    for element in elements where !kinds.contains(element) { kinds.append(element) }
    let order = kinds.flatMap { kind in elements.indices.filter { elements[$0] == kind } }
    var result = self
    result.elements = order.map { elements[$0] }
    result.positions = order.map { positions[$0] }
    switch moments {
    case .collinear(let values): result.moments = .collinear(order.map { values[$0] })
    case .vectors(let values): result.moments = .vectors(order.map { values[$0] })
    case nil: break
    }
    if let lattice, lattice.signedVolume < 0 {
      result.lattice = Lattice(a: lattice.b, b: lattice.a, c: lattice.c)
      result.periodic = Periodicity(periodic.b, periodic.a, periodic.c)
    }
    return (result, order)
  }
}

extension LabeledStructure {
  /// The frame as it is planned: arranged, without labels.
  func planned() -> LabeledStructure {
    let (structure, order) = structure.arranged()
    let columns = columns.map { column in
      var column = column
      column.values = order.flatMap { column.values[$0 * column.width..<($0 + 1) * column.width] }
      return column
    }
    return LabeledStructure(
      id: id, structure: structure, labels: Labels(), provenance: provenance, configType: configType, info: info,
      columns: columns)
  }
}
