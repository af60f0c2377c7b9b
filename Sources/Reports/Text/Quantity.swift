/// One number column of a table, a value for each row; all with the same decimals, so that they line up.
struct Quantity: Sendable {
  var title: String
  var values: [Double?]
  var isBaseline = false
  /// Values above these are marked: a model that is worse than its baseline.
  var limits: [Double?]
  private let decimals: Int
  private static let mostDecimals = 5

  /// - Parameter others: values that say how many decimals there are, in place of the column's own.
  init(
    _ title: String, _ values: [Double?], isBaseline: Bool = false, worseThan limits: [Double?] = [],
    like others: [Double?]? = nil
  ) {
    self.title = title
    self.values = values
    self.isBaseline = isBaseline
    self.limits = limits
    let places = NumberFormatting.decimals(for: (others ?? values).compactMap { $0 }, significant: 3)
    decimals = min(places, Self.mostDecimals)
  }

  var hasValues: Bool { values.contains { $0 != nil } }

  /// "–" where there is no value.
  func cell(_ row: Int) -> TextTable.Cell {
    guard let value = values[row] else { return "–" }
    let isPoor = limits.indices.contains(row) && limits[row].map { value > $0 } ?? false
    let emphasis: TextTable.Emphasis = isPoor ? .poor : limits.isEmpty ? .none : .strong
    return TextTable.Cell(NumberFormatting.fixedOrPower(value, decimals), emphasis)
  }
}
