import Structures

/// Errors of each part with the baselines beside them, for the terminal and for the page.
public struct ErrorTable: Sendable {
  /// A table for each quantity that has labels; the first column's title is the quantity and its unit.
  let blocks: [TextTable]
  private let fittedLabels: [String]?

  /// - Parameter fittedLabels: what the potential was fitted to ("energy", "forces", "stress"); nil where unknown.
  public init(_ parts: [PartReport], fittedLabels: [String]? = nil) {
    self.fittedLabels = fittedLabels
    func title(_ quantity: String, _ label: String) -> String {
      fittedLabels?.contains(label) == false ? quantity + " (not fitted)" : quantity
    }
    blocks = [
      Self.energy(parts, title("Energy, meV/atom", "energy")), Self.forces(parts, title("Forces, eV/Å", "forces")),
      Self.stress(parts, title("Stress, GPa", "stress")),
    ].compactMap { $0 }
  }

  /// What the potential was fitted to, then aligned columns; columns of the same place in each block have the same
  /// width.
  public var text: String {
    let head = fittedLabels.map { "fitted to: \($0.joined(separator: " "))\n\n" } ?? ""
    guard !blocks.isEmpty else { return head + "no labels to compare with\n" }
    let count = blocks.map(\.columns.count).max() ?? 0
    let widths = (0..<count).map { column in
      blocks.compactMap { $0.widths.indices.contains(column) ? $0.widths[column] : nil }.max() ?? 0
    }
    return head + blocks.map { $0.aligned(to: widths) }.joined(separator: "\n")
  }

  /// With empty columns where a block has fewer than another, so that a page can set them under each other.
  var blocksOfEqualWidth: [TextTable] {
    let count = blocks.map(\.columns.count).max() ?? 0
    return blocks.map { block in
      let missing = count - block.columns.count
      return TextTable(
        columns: block.columns + [TextTable.Column](repeating: TextTable.Column(), count: missing),
        rows: block.rows.map { $0 + [TextTable.Cell](repeating: "", count: missing) })
    }
  }

  private static func energy(_ parts: [PartReport], _ title: String) -> TextTable? {
    let parts = parts.filter { $0.errors.energy != nil }
    let errors = parts.map(\.errors)
    return block(
      title, parts, frames: \.labels.energy,
      [
        Quantity("RMSE", errors.map { $0.energy?.rmse }, worseThan: errors.map(\.bestEnergyBaseline)),
        Quantity("MAE", errors.map { $0.energy?.mae }),
        Quantity("mean energy", errors.map { $0.baselines?.meanEnergyRMSE }, isBaseline: true),
        Quantity("composition only", errors.map { $0.baselines?.compositionRMSE }, isBaseline: true),
        Quantity("MAE/range, %", errors.map { $0.energy?.rangeNormalisedMAE.map { 100 * $0 } }),
      ])
  }

  private static func forces(_ parts: [PartReport], _ title: String) -> TextTable? {
    let parts = parts.filter { $0.errors.forces != nil }
    let errors = parts.map(\.errors)
    let zero = errors.map { $0.baselines?.zeroForceRMSE }
    return block(
      title, parts, frames: \.labels.forces,
      [
        Quantity("RMSE", errors.map { $0.forces?.rmse }, worseThan: zero),
        Quantity("MAE", errors.map { $0.forces?.mae }),
        Quantity("zero force", zero, isBaseline: true),
      ])
  }

  private static func stress(_ parts: [PartReport], _ title: String) -> TextTable? {
    let parts = parts.filter { $0.errors.stress != nil }
    let errors = parts.map { $0.errors.stress }
    let toVolumeEnergy = 1000 / Units.gigapascalsPerEVPerCubicAngstrom
    return block(
      title, parts, frames: \.labels.stress,
      [
        Quantity("RMSE", errors.map { $0?.rmse }, worseThan: parts.map { $0.errors.baselines?.zeroStressRMSE }),
        Quantity("MAE", errors.map { $0?.mae }),
        Quantity("zero stress", parts.map { $0.errors.baselines?.zeroStressRMSE }, isBaseline: true),
        Quantity("RMSE, meV/Å³", errors.map { $0.map { $0.rmse * toVolumeEnergy } }),
        Quantity("MAE, meV/Å³", errors.map { $0.map { $0.mae * toVolumeEnergy } }),
      ])
  }

  private static func block(
    _ title: String, _ parts: [PartReport], frames: KeyPath<PartReport, Int>, _ quantities: [Quantity]
  ) -> TextTable? {
    guard !parts.isEmpty else { return nil }
    let shown = quantities.filter(\.hasValues)
    var columns = [TextTable.Column(title: title, isText: true), TextTable.Column(title: "frames")]
    columns += shown.map { TextTable.Column(title: $0.title, isBaseline: $0.isBaseline) }
    let rows = parts.enumerated().map { index, part in
      [TextTable.Cell(part.part.rawValue), TextTable.Cell(NumberFormatting.count(part[keyPath: frames]))]
        + shown.map { $0.cell(index) }
    }
    return TextTable(columns: columns, rows: rows)
  }
}

extension ErrorReport {
  /// The composition-only model where it was fitted, else the mean energy; meV/atom.
  var bestEnergyBaseline: Double? { baselines?.compositionRMSE ?? baselines?.meanEnergyRMSE }
}
