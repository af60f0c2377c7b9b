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
    var table = ComponentTable(components: bispectrum.count, rows: rows.count)
    bispectrum.forEachCenter(list) { center in
      let site = list.centers.lowerBound + center.center
      table.fill(center, site: site, list)
      let first = rows.slots[list.types[site] * width]
      table.add(to: &rows, first: first, isQuadratic: Form.isQuadratic)
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

/// The components of one centre with their derivatives as rows of its frame.
private struct ComponentTable {
  let components: Int
  let rows: Int
  /// Components by rows: value, forces, virial, as `DesignRows` has them.
  private var values: [Double]

  init(components: Int, rows: Int) {
    self.components = components
    self.rows = rows
    values = [Double](repeating: 0, count: components * rows)
  }

  mutating func fill(_ center: CenterDerivatives, site: Int, _ list: NeighborList) {
    let pairs = center.pairs.count
    let vectors = center.pairs.map { list.vectors[Int($0)] }
    let neighbors = center.pairs.map { 1 + 3 * list.indices[Int($0)] }
    values.withUnsafeMutableBufferPointer { values in
      center.slopes.withUnsafeBufferPointer { slopes in
        for c in 0..<components {
          let out = c * rows
          for k in 0..<rows { values[out + k] = 0 }
          values[out] = center.values[c]
          let (x, y, z) = (3 * c * pairs, (3 * c + 1) * pairs, (3 * c + 2) * pairs)
          var own = SIMD3<Double>.zero
          var (xx, yy, zz, yz, xz, xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
          for k in 0..<pairs {
            let (gx, gy, gz) = (slopes[x + k], slopes[y + k], slopes[z + k])
            let r = vectors[k]
            own += [gx, gy, gz]
            let row = out + neighbors[k]
            values[row] -= gx
            values[row + 1] -= gy
            values[row + 2] -= gz
            xx -= r.x * gx
            yy -= r.y * gy
            zz -= r.z * gz
            yz -= r.y * gz
            xz -= r.x * gz
            xy -= r.x * gy
          }
          let row = out + 1 + 3 * site
          values[row] += own.x
          values[row + 1] += own.y
          values[row + 2] += own.z
          let last = out + rows - 6
          values[last] = xx
          values[last + 1] = yy
          values[last + 2] = zz
          values[last + 3] = yz
          values[last + 4] = xz
          values[last + 5] = xy
        }
      }
    }
  }

  /// Adds [1, B, products] of the centre to the columns from `first` on.
  func add(to target: inout DesignRows, first: Int, isQuadratic: Bool) {
    let rows = rows
    values.withUnsafeBufferPointer { b in
      target.values.withUnsafeMutableBufferPointer { out in
        var column = first * rows
        out[column] += 1
        column += rows
        for k in 0..<components * rows { out[column + k] += b[k] }
        guard isQuadratic else { return }
        column += components * rows
        for a in 0..<components {
          let (p, u) = (a * rows, b[a * rows])
          out[column] += 0.5 * u * u
          for k in 1..<rows { out[column + k] += u * b[p + k] }
          column += rows
          for c in a + 1..<max(components, a + 1) {
            let (q, w) = (c * rows, b[c * rows])
            out[column] += u * w
            for k in 1..<rows { out[column + k] += u * b[q + k] + w * b[p + k] }
            column += rows
          }
        }
      }
    }
  }
}
