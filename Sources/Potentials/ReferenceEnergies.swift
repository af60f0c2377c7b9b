import Optimization
import Structures

/// Energies of the elements that are subtracted before a fit and added again in prediction.
///
/// They only move the zero of the energy, but good ones leave the potential with less to learn.
public struct ReferenceEnergies: Sendable, Equatable, Codable {
  public enum Source: String, Codable, Sendable {
    case given
    /// Frames with `config_type=IsolatedAtom`.
    case isolatedAtoms = "isolated_atoms"
    /// Least squares of the energy on the composition.
    case leastSquares = "least_squares"
  }

  /// eV, by element symbol order of the data set.
  public var energies: [ChemicalElement: Double]
  public var source: Source
  /// Rank of the compositions (least squares); below the number of elements the energies are not unique.
  public var rank: Int
  /// Relations that the counts of atoms obey in every frame, as "O − 2 Ti − 2 Mn = 0": where there is one, the data
  /// do not tell how the energy divides between its elements.
  public var freeDirections: [String]
  /// The same as orthonormal vectors over the elements in order of atomic number.
  public var freeVectors: [[Double]] = []
  /// RMS of (E − Σ E_ref)/N over the frames, eV/atom.
  public var residual: Double

  public init(given energies: [ChemicalElement: Double]) {
    self.energies = energies
    source = .given
    rank = energies.count
    freeDirections = []
    residual = 0
  }

  /// Σ E_ref of a structure, eV. Elements without a reference count as 0.
  public func sum(over structure: Structure) -> Double {
    structure.elements.reduce(0) { $0 + (energies[$1] ?? 0) }
  }

  /// Σ E_ref of a composition, eV. Elements without a reference count as 0.
  public func sum(over composition: [ChemicalElement: Int]) -> Double {
    composition.sorted { $0.key < $1.key }.reduce(0) { $0 + Double($1.value) * (energies[$1.key] ?? 0) }
  }

  /// From the frames of isolated atoms.
  /// - Throws: `InputError` naming the elements without such a frame.
  public static func isolatedAtoms(_ data: Dataset) throws -> ReferenceEnergies {
    try isolatedAtoms(data.map { EnergyRow($0) })
  }

  /// The same from rows of frames.
  public static func isolatedAtoms(_ rows: [EnergyRow]) throws -> ReferenceEnergies {
    var energies: [ChemicalElement: Double] = [:]
    for row in rows where row.isIsolatedAtom {
      if let only = row.composition.first { energies[only.key] = row.energy }
    }
    let missing = elements(of: rows).filter { energies[$0] == nil }
    guard missing.isEmpty else {
      throw InputError(
        "no frame config_type=IsolatedAtom with an energy for " + missing.map(\.symbol).joined(separator: ", "),
        remedy: "add such frames, give reference energies, or use least_squares")
    }
    var result = ReferenceEnergies(given: energies)
    result.source = .isolatedAtoms
    result.residual = result.rms(rows)
    return result
  }

  /// min Σ_s (E_s/N_s − Σ_e n_se/N_s E_e)², the shortest solution where compositions are rank-deficient.
  ///
  /// Sets of LiTMO₂ and TMO₂ alone are: every frame obeys n(O) = 2 Σ n(TM), so one direction is free.
  /// - Throws: `InputError` where no frame has an energy.
  public static func fit(_ data: Dataset) throws -> ReferenceEnergies { try fit(data.map { EnergyRow($0) }) }

  /// The same from rows of frames.
  public static func fit(_ rows: [EnergyRow]) throws -> ReferenceEnergies {
    let elements = elements(of: rows)
    var matrix: [Double] = []
    var target: [Double] = []
    for row in rows where !row.isIsolatedAtom {
      guard let energy = row.energy, row.atoms > 0 else { continue }
      let atoms = Double(row.atoms)
      for element in elements { matrix.append(Double(row.composition[element] ?? 0) / atoms) }
      target.append(energy / atoms)
    }
    guard !target.isEmpty else {
      throw InputError("no frame has an energy, so there is nothing to fit reference energies to")
    }
    guard
      let solution = LeastSquares.minimumNorm(
        matrix: matrix, columns: elements.count, rightHandSide: target, relativeTolerance: 1e-9)
    else { throw InputError("the reference energies could not be fitted: an energy is not a finite number") }
    var result = ReferenceEnergies(given: Dictionary(uniqueKeysWithValues: zip(elements, solution.x)))
    result.source = .leastSquares
    result.rank = solution.rank
    result.freeDirections = relations(solution.freeDirections, elements)
    result.freeVectors = solution.freeDirections
    result.residual = result.rms(rows)
    return result
  }

  private static func elements(of rows: [EnergyRow]) -> [ChemicalElement] {
    rows.reduce(into: Set<ChemicalElement>()) { $0.formUnion($1.composition.keys) }.sorted()
  }

  /// True where the composition of a structure is no mixture of those that the energies were fitted to: the zero of
  /// its energy is then open.
  public func isOutside(_ structure: Structure, elements: [ChemicalElement]) -> Bool {
    let composition = structure.composition
    let atoms = Double(max(1, structure.count))
    let counts = elements.map { Double(composition[$0] ?? 0) / atoms }
    return freeVectors.contains { vector in
      vector.count == counts.count && abs(zip(vector, counts).map(*).reduce(0, +)) > 1e-6
    }
  }

  /// The same energies after more frames were learned: directions of composition that these have are free no more.
  func narrowed(by data: Dataset, elements: [ChemicalElement]) -> ReferenceEnergies {
    var vectors = freeVectors
    for frame in data where frame.labels.energy != nil && !vectors.isEmpty {
      let composition = frame.structure.composition
      let counts = elements.map { Double(composition[$0] ?? 0) / Double(max(1, frame.structure.count)) }
      vectors = Self.complement(of: counts, in: vectors)
    }
    guard vectors.count < freeVectors.count else { return self }
    var result = self
    result.freeVectors = vectors
    result.freeDirections = relations(vectors, elements)
    result.rank += freeVectors.count - vectors.count
    return result
  }

  /// The part of the span of orthonormal vectors that is orthogonal to another vector, as orthonormal vectors.
  private static func complement(of vector: [Double], in basis: [[Double]]) -> [[Double]] {
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let shares = basis.map { dot($0, vector) }
    let size = dot(shares, shares).squareRoot()
    guard size > 1e-6 else { return basis }
    // Gram–Schmidt from the direction of the vector; the basis vector that is most of it is left out.
    var kept = [vector.indices.map { k in zip(shares, basis).reduce(0) { $0 + $1.0 * $1.1[k] } / size }]
    let largest = shares.indices.max { abs(shares[$0]) < abs(shares[$1]) }
    for (place, candidate) in basis.enumerated() where place != largest {
      var rest = candidate
      for _ in 0..<2 {
        for other in kept {
          let share = dot(rest, other)
          for k in rest.indices { rest[k] -= share * other[k] }
        }
      }
      let length = dot(rest, rest).squareRoot()
      kept.append(rest.map { $0 / length })
    }
    return Array(kept.dropFirst())
  }

  private func rms(_ rows: [EnergyRow]) -> Double {
    var sum = 0.0
    var count = 0
    for row in rows {
      guard let energy = row.energy, row.atoms > 0 else { continue }
      let error = (energy - self.sum(over: row.composition)) / Double(row.atoms)
      sum += error * error
      count += 1
    }
    return count == 0 ? 0 : (sum / Double(count)).squareRoot()
  }
}

/// Relations of the counts of atoms that every frame obeys, one for each missing rank: "O − 2 Ti − 2 Mn = 0".
///
/// A null space has many bases; elimination with full pivoting finds one whose relations name few elements.
private func relations(_ directions: [[Double]], _ elements: [ChemicalElement]) -> [String] {
  var rows = directions
  var pivots: [Int] = []
  for k in rows.indices {
    let places = (k..<rows.count).flatMap { row in elements.indices.map { (row: row, column: $0) } }
    let free = places.filter { !pivots.contains($0.column) }
    guard let best = free.max(by: { abs(rows[$0.row][$0.column]) < abs(rows[$1.row][$1.column]) }) else { break }
    rows.swapAt(k, best.row)
    let pivot = rows[k][best.column]
    rows[k] = rows[k].map { $0 / pivot }
    for other in rows.indices where other != k {
      let factor = rows[other][best.column]
      for column in elements.indices { rows[other][column] -= factor * rows[k][column] }
    }
    pivots.append(best.column)
  }
  return zip(pivots, rows).sorted { $0.0 < $1.0 }.map { relation($0.1, elements) }
}

/// "O − 2 Ti − 2 Mn = 0": in whole numbers where small ones do, the first of them positive.
private func relation(_ direction: [Double], _ elements: [ChemicalElement]) -> String {
  let kept = zip(elements, direction).filter { abs($0.1) > 1e-6 }
  guard let first = kept.first, let unit = kept.map({ abs($0.1) }).min() else { return "" }
  let scaled = kept.map { (element: $0.0, value: $0.1 / (first.1 < 0 ? -unit : unit)) }
  let whole = (1...100).first { factor in
    scaled.allSatisfy { abs(Double(factor) * $0.value - (Double(factor) * $0.value).rounded()) < 1e-6 }
  }
  var text = ""
  for (element, value) in scaled {
    let size = abs(value) * Double(whole ?? 1)
    let number = whole == nil ? "\(Float(size)) " : size < 1.5 ? "" : "\(Int(size.rounded())) "
    text += text.isEmpty ? "" : value < 0 ? " − " : " + "
    text += number + element.symbol
  }
  return text + " = 0"
}
