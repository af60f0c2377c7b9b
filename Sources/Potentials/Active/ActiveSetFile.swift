import Structures

extension ActiveSet {
  /// What a potential file holds of it: for each group of columns g `active_rows_g`, the rows, and `active_members_g`, the
  /// first 48 bits of the id of the frame that each came from and its number there (−1, −1 for a direction without data).
  var tensors: TensorTable {
    var table = TensorTable()
    for (g, names) in members.enumerated() {
      table["active_rows_\(g)"] = .init(shape: [names.count, names.count], values: rows[g])
      table["active_members_\(g)"] = .init(
        shape: [names.count, 2],
        values: names.flatMap { member in member.map { [Double($0.frame), Double($0.row)] } ?? [-1, -1] })
    }
    return table
  }

  /// - Throws: `InputError` where the tensors do not fit the model.
  init(tensors table: TensorTable, rule: ActiveRule, model: any TrainablePotential) throws {
    guard let graded = model as? any GradedPotential else {
      throw InputError("damaged potential file: an active set of \(type(of: model).name), which has no rows")
    }
    try rule.validate()
    let widths = Self.widths(graded, rule)
    var rows: [[Double]] = []
    var members: [[Member?]] = []
    for (g, width) in widths.enumerated() {
      guard let values = table["active_rows_\(g)"]?.values, values.count == width * width,
        values.allSatisfy(\.isFinite), let names = table["active_members_\(g)"]?.values, names.count == 2 * width,
        names.allSatisfy({ (-1..<0x1p48).contains($0) && $0 == $0.rounded() })
      else { throw InputError("damaged potential file: its active set does not fit the potential") }
      rows.append(values)
      members.append(
        stride(from: 0, to: names.count, by: 2).map { k in
          names[k] < 0 || names[k + 1] < 0 ? nil : Member(frame: UInt64(names[k]), row: Int(names[k + 1]))
        })
    }
    self.init(rule: rule, rows: rows, members: members)
  }

  private static func widths<Model: GradedPotential>(_ model: Model, _ rule: ActiveRule) -> [Int] {
    ActiveRows.widths(model, rule)
  }
}
