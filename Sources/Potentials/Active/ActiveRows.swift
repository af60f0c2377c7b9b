import Structures

/// The rows of one frame by an active set's rule, apart by groups of columns.
struct ActiveRows: Sendable {
  /// For each group, the rows one after the other.
  var values: [[Double]]
  /// For each group, what each row is: the atom from 0, or of a configuration 0 (energy), 1 … 3N (forces), 6 of the virial.
  var numbers: [[Int]]

  /// Columns of each group.
  static func widths<Model: GradedPotential>(_ model: Model, _ rule: ActiveRule) -> [Int] {
    switch rule.rows {
    case .neighbourhoods: [Int](repeating: model.siteRowWidth, count: model.siteRowGroupCount)
    case .configurations: [model.columnCount]
    }
  }

  /// Rows of a frame, before they are made.
  static func count(_ atoms: Int, _ rule: ActiveRule) -> Int {
    switch rule.rows {
    case .neighbourhoods: atoms
    case .configurations:
      (rule.weights.energy > 0 ? 1 : 0) + (rule.weights.forces > 0 ? 3 * atoms : 0)
        + (rule.weights.stress > 0 ? 6 : 0)
    }
  }

  /// - Throws: `InputError` where the frame holds an element that the model does not know, or atoms are too close.
  init<Model: GradedPotential>(of frame: Structure, _ model: Model, _ rule: ActiveRule) throws {
    let search = try model.neighborSearch(of: [frame])
    let blocks = stride(from: 0, to: search.sites.count, by: 256).map { $0..<min($0 + 256, search.sites.count) }
    guard rule.rows == .neighbourhoods else {
      let hasDerivatives = rule.weights.forces > 0 || rule.weights.stress > 0
      var rows = DesignRows(
        atoms: frame.count, columns: Array(0..<model.columnCount), of: model.columnCount,
        hasDerivatives: hasDerivatives)
      for block in blocks { model.addDesignRows(try search.list(of: block), to: &rows) }
      self.init(rows, rule)
      return
    }
    let (width, groups) = (model.siteRowWidth, model.siteRowGroups)
    var values = [[Double]](repeating: [], count: model.siteRowGroupCount)
    var numbers = [[Int]](repeating: [], count: model.siteRowGroupCount)
    for block in blocks {
      let list = try search.list(of: block)
      let rows = model.siteRows(list)
      for (k, site) in block.enumerated() {
        let group = groups[list.types[site]]
        values[group] += rows[k * width..<(k + 1) * width]
        numbers[group].append(site)
      }
    }
    self.init(values: values, numbers: numbers)
  }

  private init(values: [[Double]], numbers: [[Int]]) {
    self.values = values
    self.numbers = numbers
  }

  /// Rows of a configuration.
  private init(_ rows: DesignRows, _ rule: ActiveRule) {
    let atoms = Double(max(1, rows.atoms))
    var sources: [(row: Int, weight: Double)] = []
    if rule.weights.energy > 0 { sources.append((0, rule.weights.energy / atoms)) }
    if rule.weights.forces > 0 {
      for k in 0..<3 * rows.atoms { sources.append((1 + k, rule.weights.forces)) }
    }
    if rule.weights.stress > 0 {
      for k in 0..<6 { sources.append((1 + 3 * rows.atoms + k, rule.weights.stress / atoms)) }
    }
    let columns = rows.slots.count
    var own = [Double](repeating: 0, count: sources.count * columns)
    for (k, source) in sources.enumerated() {
      for column in 0..<columns {
        own[k * columns + column] = source.weight * rows.values[column * rows.count + source.row]
      }
    }
    values = [own]
    numbers = [sources.map(\.row)]
  }
}
