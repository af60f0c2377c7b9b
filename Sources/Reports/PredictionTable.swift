/// `predictions.csv`: a line for each frame.
public struct PredictionTable: Sendable {
  public let text: String

  private static let columns = [
    "id", "source", "frame", "part", "config_type", "formula", "atoms", "energy_label_eV", "energy_predicted_eV",
    "energy_error_meV_per_atom", "force_rmse_eV_per_A", "force_max_error_eV_per_A", "stress_rmse_eV_per_A3",
  ]

  public init(_ parts: [PartReport]) {
    var table = CSVTable(columns: Self.columns)
    for part in parts {
      for row in part.rows { table.append(Self.fields(of: row, part.part)) }
    }
    text = table.text
  }

  private static func fields(of row: FrameErrors, _ part: DataPart) -> [String] {
    [
      row.id, row.file ?? "", row.index.map(String.init) ?? "", part.rawValue, row.group ?? "", row.formula,
      String(row.atoms), number(row.energyLabel), number(row.energyPredicted),
      number(row.energyError.map { 1000 * $0 }), number(row.forces.rmse), number(row.worstAtom?.error),
      number(row.stress.rmse),
    ]
  }

  /// As many digits as give the same bits again; nothing where there is no label.
  private static func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
