/// A table: first column to the left, numbers to the right, for the terminal and for a page.
struct TextTable: Sendable {
  struct Column: Sendable {
    var title: String
    /// Text columns stand to the left.
    var isText = false
    /// Baselines stand in grey.
    var isBaseline = false
  }

  struct Cell: Sendable, ExpressibleByStringLiteral {
    var text: String
    var emphasis = Emphasis.none
    /// What a page shows under the pointer: the whole of a shortened text.
    var tooltip: String?

    init(_ text: String, _ emphasis: Emphasis = .none, tooltip: String? = nil) {
      self.text = text
      self.emphasis = emphasis
      self.tooltip = tooltip
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  enum Emphasis: String, Sendable {
    case none = ""
    case strong, poor, code
  }

  var columns: [Column]
  var rows: [[Cell]]

  /// Columns by spaces, two between them; no line ends in a space.
  var text: String {
    let lines = [columns.map(\.title)] + rows.map { $0.map(\.text) }
    let widths = columns.indices.map { k in lines.map { $0[k].count }.max() ?? 0 }
    return lines.map { line in
      let cells = line.indices.map { pad(line[$0], to: widths[$0], isText: columns[$0].isText) }
      return trimmed(cells.joined(separator: "  ")) + "\n"
    }.joined()
  }

  func write(to page: inout Markup) {
    page.element("table") { table in
      table.element("thead") { head in
        head.element("tr") { row in
          for column in columns { row.element("th", ["class": style(of: column)], text: column.title) }
        }
      }
      table.newLine()
      table.element("tbody") { body in
        for row in rows { write(row, to: &body) }
      }
    }
    page.newLine()
  }

  private func write(_ cells: [Cell], to body: inout Markup) {
    body.element("tr") { row in
      for (column, cell) in zip(columns, cells) {
        let style = [style(of: column), cell.emphasis.rawValue].filter { !$0.isEmpty }.joined(separator: " ")
        row.element("td", ["class": style, "title": cell.tooltip ?? ""], text: cell.text)
      }
    }
    body.newLine()
  }

  private func style(of column: Column) -> String {
    (column.isText ? "text" : "number") + (column.isBaseline ? " baseline" : "")
  }

  private func pad(_ text: String, to width: Int, isText: Bool) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return isText ? text + space : space + text
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
