import CKernels
import Structures

extension BispectrumPotential: TrainablePotential, LinearPotential {
  public static var name: String { Form.name }
  public static var defaults: SNAPHyperparameters { SNAPHyperparameters() }

  /// Table S1: 5 Å, 2J = 6, every element with weight 1; energies and forces by plain least squares of rows.
  public static var presets: [String: SNAPHyperparameters] {
    var paper = SNAPHyperparameters()
    paper.fit.weighting = .rows
    paper.fit.energyWeight = 100
    paper.fit.forceWeight = 1
    paper.fit.stressWeight = 0
    return ["paper": paper]
  }

  public static var explanations: [HyperparameterExplanation] { SNAPHyperparameters.explanations }

  public static func resolved(_ hyperparameters: SNAPHyperparameters, for data: Dataset) -> SNAPHyperparameters {
    var result = hyperparameters
    result.fit = hyperparameters.fit.resolved(for: data)
    return result
  }

  public static func fittedLabels(_ hyperparameters: SNAPHyperparameters) -> [String] {
    hyperparameters.fit.fittedLabels
  }

  public static func fitSettings(_ hyperparameters: SNAPHyperparameters) -> LinearFitSettings {
    hyperparameters.fit
  }

  /// Weighted least squares over energies, forces and virials.
  /// - Throws: `InputError` where labels with a weight are missing, or atoms are too close.
  public static func train(
    on data: TrainingData, hyperparameters: SNAPHyperparameters, run: TrainingRun
  ) throws -> Trained<Self> {
    let elements = run.extends?.file.elements ?? data.elements
    if let unknown = data.elements.first(where: { !elements.contains($0) }) {
      throw InputError(
        "the earlier fit has no \(unknown.symbol) (it has \(elements.map(\.symbol).joined(separator: " ")))",
        remedy: "fit all frames together")
    }
    if let earlier = run.extends?.potential.model as? Self {
      try requireSameRows(earlier.hyperparameters, hyperparameters)
    }
    let model = try Self(elements: elements, hyperparameters: hyperparameters) { components in
      [Double](repeating: 0, count: elements.count * coefficientCount(components))
    }
    return try LinearTraining.train(model, on: data, run: run)
  }

  /// Rows of another descriptor or other weights cannot join a factor; what only its solution needs may differ.
  private static func requireSameRows(_ old: SNAPHyperparameters, _ new: SNAPHyperparameters) throws {
    var same = new
    same.fit.ridge = old.fit.ridge
    same.fit.singularCutoff = old.fit.singularCutoff
    same.fit.groupWeights.merge(old.fit.groupWeights) { _, old in old }
    guard same == old else {
      throw InputError(
        "the earlier fit was made with other settings of the descriptor or the weights",
        remedy: "with --extend set only ridge, singular_cutoff and group_weights of new groups")
    }
  }

  public static func forecast(
    _ data: TrainingData, hyperparameters: SNAPHyperparameters, threads: Int
  ) -> TrainingForecast {
    guard
      let model = try? Self(
        elements: data.elements, hyperparameters: hyperparameters,
        coefficients: { [Double](repeating: 0, count: data.elements.count * coefficientCount($0)) })
    else { return TrainingForecast(bytes: 0, seconds: 0, parameters: 0) }
    return LinearForecast.forecast(
      model, data.training, hyperparameters.fit.resolved(for: data.training), threads: threads,
      secondsPerAtom: 1.2e-6 * Double(model.bispectrum.count) + 2e-10 * Double(model.coefficientsPerElement) * 300)
  }

  public func columns(of types: Set<Int>) -> [Int] {
    let width = coefficientsPerElement
    return types.sorted().flatMap { Array($0 * width..<($0 + 1) * width) }
  }

  public func addDesignRows(_ list: NeighborList, to rows: inout DesignRows) {
    guard rows.hasDerivatives else { return addEnergyRow(list, to: &rows) }
    let width = coefficientsPerElement
    var columns = CenterColumns(components: bispectrum.count, rows: rows.count)
    bispectrum.forEachCenter(list) { center in
      let site = list.centers.lowerBound + center.center
      let first = rows.slots[list.types[site] * width] * rows.count
      rows.values.withUnsafeMutableBufferPointer { values in
        guard let out = values.baseAddress.map({ $0 + first }) else { return }
        if Form.isQuadratic {
          columns.addProducts(center, site: site, list, to: out)
        } else {
          columns.add(center, site: site, list, to: out)
        }
      }
    }
  }

  private func addEnergyRow(_ list: NeighborList, to rows: inout DesignRows) {
    let width = coefficientsPerElement
    let sites = siteRows(list)
    for (k, site) in list.centers.enumerated() {
      let first = rows.slots[list.types[site] * width]
      for c in 0..<width { rows.values[(first + c) * rows.count] += sites[k * width + c] }
    }
  }
}

extension BispectrumPotential: GradedPotential {
  public var siteRowWidth: Int { coefficientsPerElement }
  /// Each element has coefficients of its own.
  public var siteRowGroups: [Int] { Array(elements.indices) }

  /// [1, B, products] of each centre.
  public func siteRows(_ list: NeighborList) -> [Double] {
    let components = bispectrum.count
    let values = bispectrum.values(list)
    var rows = [Double](repeating: 1, count: list.centers.count * coefficientsPerElement)
    var at = 0
    for k in 0..<list.centers.count {
      let own = k * components
      at += 1
      for a in 0..<components { rows[at + a] = values[own + a] }
      at += components
      guard Form.isQuadratic else { continue }
      for a in 0..<components {
        rows[at] = 0.5 * values[own + a] * values[own + a]
        at += 1
        for b in a + 1..<max(components, a + 1) {
          rows[at] = values[own + a] * values[own + b]
          at += 1
        }
      }
    }
    return rows
  }
}

/// Adds the components of centres with their derivatives to the columns of a frame.
private struct CenterColumns {
  let components: Int
  let rows: Int
  private let vectors = AlignedNumbers()
  private var places: [Int32] = []
  /// Components by rows, of one centre: value, forces, virial, as `DesignRows` has them.
  private let table = AlignedNumbers()

  init(components: Int, rows: Int) {
    self.components = components
    self.rows = rows
  }

  /// Adds [1, B] of a centre from the column `out` on.
  mutating func add(
    _ center: CenterDerivatives, site: Int, _ list: NeighborList, to out: UnsafeMutablePointer<Double>
  ) {
    out[0] += 1
    scatter(center, site: site, list, to: out + rows)
  }

  private mutating func scatter(
    _ center: CenterDerivatives, site: Int, _ list: NeighborList, to out: UnsafeMutablePointer<Double>
  ) {
    let room = center.room
    let vectors = vectors.room(3 * max(8, room))
    vectors.update(repeating: 0, count: 3 * room)
    places.removeAll(keepingCapacity: true)
    for (k, pair) in center.pairs.enumerated() {
      let r = list.vectors[Int(pair)]
      (vectors[k], vectors[room + k], vectors[2 * room + k]) = (r.x, r.y, r.z)
      places.append(Int32(1 + 3 * list.indices[Int(pair)]))
    }
    for c in 0..<components { out[c * rows] += center.values[c] }
    ck_bispectrum_scatter(
      center.slopes, Int64(components), Int64(places.count), Int64(room), vectors, places, Int64(1 + 3 * site),
      Int64(rows), out)
  }

  /// Adds [1, B, products] of a centre from the column `out` on.
  mutating func addProducts(
    _ center: CenterDerivatives, site: Int, _ list: NeighborList, to out: UnsafeMutablePointer<Double>
  ) {
    let b = table.room(components * rows)
    b.update(repeating: 0, count: components * rows)
    scatter(center, site: site, list, to: b)
    out[0] += 1
    for k in 0..<components * rows { out[rows + k] += b[k] }
    ck_bispectrum_pairs(b, Int64(components), Int64(rows), out + (1 + components) * rows)
  }
}
