/// How predicted numbers agree with reference ones, over a table of systems.
public struct AgreementStatistics: Hashable, Sendable, Codable {
  public let count: Int
  /// Mean |error|, in the unit of the numbers.
  public let meanAbsolute: Double
  public let rootMeanSquare: Double
  /// Mean of predicted − reference.
  public let meanSigned: Double
  /// Mean |error|/|reference| in %; nil where a reference is zero.
  public var meanAbsolutePercentage: Double?
  /// Correlation of the numbers; nil where one side does not vary.
  public let pearson: Double?
  /// Correlation of their ranks, equal numbers sharing a rank.
  public let spearman: Double?

  enum CodingKeys: String, CodingKey {
    case count, pearson, spearman
    case meanAbsolute = "mae"
    case rootMeanSquare = "rmse"
    case meanSigned = "mean_signed"
    case meanAbsolutePercentage = "mape_percent"
  }

  /// nil without systems.
  public init?(reference: [Double], predicted: [Double]) {
    precondition(reference.count == predicted.count, "one prediction for each reference")
    guard !reference.isEmpty else { return nil }
    let errors = zip(predicted, reference).map { $0 - $1 }
    count = errors.count
    meanAbsolute = Self.mean(errors.map(abs))
    rootMeanSquare = Self.mean(errors.map { $0 * $0 }).squareRoot()
    meanSigned = Self.mean(errors)
    meanAbsolutePercentage =
      reference.contains(0) ? nil : 100 * Self.mean(zip(errors, reference).map { abs($0 / $1) })
    pearson = Self.correlation(reference, predicted)
    spearman = Self.correlation(Self.ranks(reference), Self.ranks(predicted))
  }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
    let (meanA, meanB) = (mean(a), mean(b))
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      ab += (x - meanA) * (y - meanB)
      aa += (x - meanA) * (x - meanA)
      bb += (y - meanB) * (y - meanB)
    }
    return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : nil
  }

  /// 1 for the smallest; equal values have the mean of the ranks that they fill.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for place in start...end { ranks[order[place]] = Double(start + end) / 2 + 1 }
      start = end + 1
    }
    return ranks
  }
}
