import Structures

/// The part of a moment tensor potential that is linear: ξ_α, then ξ⁰, with the radial functions as they are.
extension MTP: GradedPotential {
  public var columnCount: Int { coefficients.count + speciesEnergies.count }

  public func columns(of types: Set<Int>) -> [Int] {
    Array(coefficients.indices) + types.sorted().map { coefficients.count + $0 }
  }

  public var siteRowWidth: Int { columnCount }
  /// ξ_α are shared by all elements.
  public var siteRowGroups: [Int] { [Int](repeating: 0, count: elements.count) }

  /// [B, 1 of the element] of each centre.
  public func siteRows(_ list: NeighborList) -> [Double] {
    let (count, width) = (coefficients.count, columnCount)
    let values = scalars(list)
    var rows = [Double](repeating: 0, count: list.centers.count * width)
    for (k, site) in list.centers.enumerated() {
      for a in 0..<count { rows[k * width + a] = values[k * count + a] }
      rows[k * width + count + list.types[site]] = 1
    }
    return rows
  }

  /// Derivatives of a contraction are those of the potential that has it alone.
  public func addDesignRows(_ list: NeighborList, to rows: inout DesignRows) {
    let (count, width) = (coefficients.count, columnCount)
    let sites = siteRows(list)
    for k in 0..<list.centers.count {
      for c in 0..<width where sites[k * width + c] != 0 {
        rows.values[rows.slots[c] * rows.count] += sites[k * width + c]
      }
    }
    guard rows.hasDerivatives else { return }
    var single = self
    single.coefficients = [Double](repeating: 0, count: count)
    for a in 0..<count {
      single.coefficients[a] = 1
      var gradient: PairGradient? = PairGradient(pairs: list.vectors.count)
      _ = single.siteEnergies(list, gradient: &gradient)
      single.coefficients[a] = 0
      rows.addDerivatives(list, gradient?.vectors ?? [], column: rows.slots[a])
    }
  }
}

extension DesignRows {
  /// Adds forces and virial of a pair gradient to a column.
  /// - Parameter column: its place here.
  fileprivate mutating func addDerivatives(_ list: NeighborList, _ gradient: [SIMD3<Double>], column: Int) {
    let (first, atoms) = (column * count, atoms)
    values.withUnsafeMutableBufferPointer { values in
      func add(_ force: SIMD3<Double>, to site: Int) {
        let row = first + 1 + 3 * site
        values[row] += force.x
        values[row + 1] += force.y
        values[row + 2] += force.z
      }
      let last = first + 1 + 3 * atoms
      for site in list.centers {
        var own = SIMD3<Double>.zero
        for pair in list.pairs(of: site) {
          let (r, g) = (list.vectors[pair], gradient[pair])
          own += g
          add(-g, to: list.indices[pair])
          values[last] -= r.x * g.x
          values[last + 1] -= r.y * g.y
          values[last + 2] -= r.z * g.z
          values[last + 3] -= r.y * g.z
          values[last + 4] -= r.x * g.z
          values[last + 5] -= r.x * g.y
        }
        add(own, to: site)
      }
    }
  }
}
