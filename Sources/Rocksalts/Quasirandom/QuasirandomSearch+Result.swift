import Structures

extension QuasirandomSearch {
  /// The structure and the correlations of the best occupation so far.
  func result(
    _ best: (shape: Int, score: Double, species: [Int32]), steps: Int, stop: QuasirandomStop
  ) -> QuasirandomResult {
    let cell = QuasirandomCell(model, shape: shapes[best.shape], settings: settings)
    let shells = shells(of: cell, species: best.species)
    let weighted = zip(shells, cell.tables.weights).map { $0.deviation * $1 }.reduce(0, +)
    let matrix = shapes[best.shape].matrix
    return QuasirandomResult(
      structure: structure(cell, species: best.species), objective: best.score, deviation: weighted,
      matchedDistance: matchedDistance(shells), shells: shells,
      supercell: (0..<3).map { column in (0..<3).map { matrix[$0, column] } }, steps: steps, shapes: shapes.count,
      stop: stop)
  }

  private func matchedDistance(_ shells: [ShellCorrelations]) -> Double {
    let pairs = shells.filter { $0.order == 2 }.map { (distance: $0.distances[0] / model.nearest, shell: $0) }
    guard let broken = pairs.first(where: { !$0.shell.isMatched(settings.tolerance) }) else {
      return pairs.last?.distance ?? 0
    }
    return pairs.last { $0.distance < broken.distance - 1e-6 }?.distance ?? 0
  }

  private func shells(of cell: QuasirandomCell, species: [Int32]) -> [ShellCorrelations] {
    let counts = cell.counts(species)
    return model.orbits.enumerated().map { number, orbit in
      let functions = model.functions[number]
      let clusters = Double(orbit.multiplicity * cell.shape.index)
      let values = functions.values.map { row in
        (0..<functions.codes).reduce(0.0) { $0 + Double(counts[model.codeStarts[number] + $1]) * row[$1] }
          / clusters
      }
      return ShellCorrelations(
        order: orbit.order, sublattices: orbit.sublattices.map { model.crystal.sublattices[$0].name },
        distances: orbit.distances, multiplicity: orbit.multiplicity,
        functions: functions.indices.map { $0.map { $0 + 1 } }, values: values, targets: functions.targets,
        deviation: zip(values, functions.targets).reduce(0) { $0 + abs($1.0 - $1.1) })
    }
  }

  /// Atoms by sublattice, then by occupant; the cell has the shortest vectors, unless it was given.
  private func structure(_ cell: QuasirandomCell, species: [Int32]) -> Structure {
    let crystal = model.crystal
    let n = cell.shape.index
    let lattice = givenLattice ?? cell.shape.reducedLattice(of: crystal.lattice)
    var atoms: [(sublattice: Int, occupant: Int, element: ChemicalElement, position: SIMD3<Double>)] = []
    for (site, fractional) in crystal.positions.enumerated() {
      let sublattice = crystal.sublatticeOfSite[site]
      let occupants = crystal.sublattices[sublattice].occupants
      for (number, parentCell) in cell.shape.cells.enumerated() {
        let occupant = model.mixedNumber[site].map { Int(species[$0 * n + number]) } ?? 0
        guard let element = occupants[occupant].species.element else { continue }
        let parentVector = SIMD3(Double(parentCell.x), Double(parentCell.y), Double(parentCell.z))
        let position = lattice.cartesian(
          wrapped(lattice.fractional(crystal.lattice.cartesian(fractional + parentVector))))
        atoms.append((sublattice, occupant, element, position))
      }
    }
    let ordered = atoms.enumerated().sorted { a, b in
      (a.element.sublattice, a.element.occupant, a.offset) < (b.element.sublattice, b.element.occupant, b.offset)
    }.map(\.element)
    return Structure(lattice: lattice, elements: ordered.map(\.element), positions: ordered.map(\.position))
  }
}

extension ShellCorrelations {
  func isMatched(_ tolerance: Double) -> Bool { zip(values, targets).allSatisfy { abs($0 - $1) < tolerance } }
}
