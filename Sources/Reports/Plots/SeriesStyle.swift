/// How one of several series looks in every figure of a study: a colour of Okabe and Ito's palette, a mark and a line
/// pattern, so that print in grey tells them apart, too.
struct SeriesStyle: Sendable, Equatable {
  let color: String
  let mark: MarkShape
  let dashes: String

  private static let colors = [
    "#0072b2", "#d55e00", "#009e73", "#b0559b", "#e69f00", "#1f2328", "#56b4e9", "#7a5200",
  ]
  private static let marks: [MarkShape] = [.circle, .diamond, .square, .triangle, .wedge]
  private static let patterns = ["", "7 3", "2 3", "9 3 2 3"]

  /// - Parameter place: of the series, from 0.
  init(_ place: Int) {
    color = Self.colors[place % Self.colors.count]
    mark = Self.marks[place % Self.marks.count]
    dashes = Self.patterns[place % Self.patterns.count]
  }
}
