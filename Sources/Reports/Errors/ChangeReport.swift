import Potentials

/// What a training that began from another potential changed: errors of both on frames that neither learned from.
public struct ChangeReport: Codable, Sendable, Equatable {
  public struct Part: Codable, Sendable, Equatable {
    /// Of the potential that the training began from.
    public var before: ErrorReport
    /// Of the new one.
    public var after: ErrorReport

    public init(before: ErrorReport, after: ErrorReport) {
      self.before = before
      self.after = after
    }
  }

  /// The test part of the old data: what the old potential was good for.
  public var oldTest: Part?
  /// The test part of the new data.
  public var newTest: Part?

  enum CodingKeys: String, CodingKey {
    case oldTest = "old_test"
    case newTest = "new_test"
  }

  public init(oldTest: Part?, newTest: Part?) {
    self.oldTest = oldTest
    self.newTest = newTest
  }

  private var rows: [(part: String, potential: String, errors: ErrorReport)] {
    [("old test part", oldTest), ("new test part", newTest)].flatMap { name, part in
      part.map { [(name, "old", $0.before), (name, "new", $0.after)] } ?? []
    }
  }

  /// RMSE of both potentials, part by part.
  var table: TextTable {
    let rows = rows
    let errors = rows.map(\.errors)
    let quantities = [
      Quantity("energy, meV/atom", errors.map { $0.energy?.rmse }),
      Quantity("forces, eV/Å", errors.map { $0.forces?.rmse }),
      Quantity("stress, GPa", errors.map { $0.stress?.rmse }),
    ].filter(\.hasValues)
    let columns =
      [
        TextTable.Column(title: "Change, RMSE", isText: true), TextTable.Column(title: "potential", isText: true),
        TextTable.Column(title: "frames"),
      ] + quantities.map { TextTable.Column(title: $0.title) }
    return TextTable(
      columns: columns,
      rows: rows.indices.map { k in
        [
          TextTable.Cell(rows[k].part), TextTable.Cell(rows[k].potential),
          TextTable.Cell(NumberFormatting.count(rows[k].errors.frames)),
        ] + quantities.map { $0.cell(k) }
      })
  }

  /// True where no frame was left to judge the change by.
  public var isEmpty: Bool { rows.isEmpty }

  /// For the terminal.
  public var text: String { table.text }

  /// From this factor on an error that has grown is worth a line.
  private static let growth = 1.2

  /// What of the old test part was forgotten.
  var warnings: [String] {
    guard let oldTest else { return [] }
    let (a, b) = (oldTest.before, oldTest.after)
    let changes = [
      ("energy", "meV/atom", a.energy?.rmse, b.energy?.rmse), ("forces", "eV/Å", a.forces?.rmse, b.forces?.rmse),
      ("stress", "GPa", a.stress?.rmse, b.stress?.rmse),
    ].compactMap { name, unit, before, after -> String? in
      guard let before, let after, after > Self.growth * before else { return nil }
      return "\(name) \(NumberFormatting.significant(before)) to \(NumberFormatting.significant(after)) \(unit)"
    }
    guard !changes.isEmpty else { return [] }
    return [
      "Forgetting: on the old test part errors grew: \(changes.joined(separator: ", ")). Replay more old frames "
        + "(--replay-fraction), or train fewer epochs (adam: or at a lower learning_rate)."
    ]
  }
}
