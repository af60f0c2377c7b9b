import Structures

/// Errors of each part with the baselines beside them, for the terminal and for the page.
public struct ErrorTable: Sendable {
  /// One quantity: its table, and its name and unit.
  struct Block: Sendable {
    var title: String
    var table: TextTable
  }

  let blocks: [Block]

  public init(_ parts: [PartReport]) {
    blocks = [Self.energy(parts), Self.forces(parts), Self.stress(parts)].compactMap { $0 }
  }

  /// Aligned columns, a block for each quantity that has labels.
  public var text: String {
    guard !blocks.isEmpty else { return "no labels to compare with\n" }
    return blocks.map { $0.title + "\n" + $0.table.text }.joined(separator: "\n")
  }

  private static func energy(_ parts: [PartReport]) -> Block? {
    let parts = parts.filter { $0.errors.energy != nil }
    let errors = parts.map(\.errors)
    return block(
      "Energy, meV/atom", parts, counting: ("frames", \.labels.energy),
      [
        Quantity("RMSE", errors.map { $0.energy?.rmse }, worseThan: errors.map(\.bestEnergyBaseline)),
        Quantity("MAE", errors.map { $0.energy?.mae }),
        Quantity("MAE/range, %", errors.map { $0.energy?.rangeNormalisedMAE.map { 100 * $0 } }),
        Quantity("mean energy", errors.map { $0.baselines?.meanEnergyRMSE }, isBaseline: true),
        Quantity("composition only", errors.map { $0.baselines?.compositionRMSE }, isBaseline: true),
      ])
  }

  private static func forces(_ parts: [PartReport]) -> Block? {
    let parts = parts.filter { $0.errors.forces != nil }
    let errors = parts.map(\.errors)
    let zero = errors.map { $0.baselines?.zeroForceRMSE }
    return block(
      "Forces per component, eV/Å", parts, counting: ("frames", \.labels.forces),
      [
        Quantity("RMSE", errors.map { $0.forces?.rmse }, worseThan: zero),
        Quantity("MAE", errors.map { $0.forces?.mae }),
        Quantity("zero force", zero, isBaseline: true),
      ])
  }

  private static func stress(_ parts: [PartReport]) -> Block? {
    let parts = parts.filter { $0.errors.stress != nil }
    let errors = parts.map { $0.errors.stress }
    let toVolumeEnergy = 1000 / Units.gigapascalsPerEVPerCubicAngstrom
    return block(
      "Stress per component", parts, counting: ("frames", \.labels.stress),
      [
        Quantity("RMSE, GPa", errors.map { $0?.rmse }, worseThan: parts.map(\.zeroStressRMSE)),
        Quantity("MAE, GPa", errors.map { $0?.mae }),
        Quantity("RMSE, meV/Å³", errors.map { $0.map { $0.rmse * toVolumeEnergy } }),
        Quantity("MAE, meV/Å³", errors.map { $0.map { $0.mae * toVolumeEnergy } }),
        Quantity("zero stress, GPa", parts.map(\.zeroStressRMSE), isBaseline: true),
      ])
  }

  private static func block(
    _ title: String, _ parts: [PartReport], counting: (title: String, key: KeyPath<PartReport, Int>),
    _ quantities: [Quantity]
  ) -> Block? {
    guard !parts.isEmpty else { return nil }
    let shown = quantities.filter(\.hasValues)
    var columns = [TextTable.Column(title: "part", isText: true), TextTable.Column(title: counting.title)]
    columns += shown.map { TextTable.Column(title: $0.title, isBaseline: $0.isBaseline) }
    let rows = parts.enumerated().map { index, part in
      [TextTable.Cell(part.part.rawValue), TextTable.Cell(NumberFormatting.count(part[keyPath: counting.key]))]
        + shown.map { $0.cell(index) }
    }
    return Block(title: title, table: TextTable(columns: columns, rows: rows))
  }
}

extension ErrorReport {
  /// The composition-only model where it was fitted, else the mean energy; meV/atom.
  var bestEnergyBaseline: Double? { baselines?.compositionRMSE ?? baselines?.meanEnergyRMSE }
}
