/// A table: first column to the left, numbers to the right, for the terminal and for a page.
struct TextTable: Sendable {
  struct Column: Sendable {
    var title = ""
    /// Text columns stand to the left.
    var isText = false
    /// Baselines stand in grey.
    var isBaseline = false
    /// What neighbouring columns have in common; a page writes it above them.
    var group = ""
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
  var text: String { aligned(to: widths) }

  /// Of each column, in characters.
  var widths: [Int] { columns.indices.map { k in lines.map { $0[k].count }.max() ?? 0 } }

  private var lines: [[String]] {
    [columns.map(\.title)]
      + rows.map { row in
        zip(columns, row).map { $0.isText ? $1.text : NumberFormatting.plain($1.text) }
      }
  }

  func aligned(to widths: [Int]) -> String {
    lines.map { line in
      let cells = line.indices.map { pad(line[$0], to: widths[$0], isText: columns[$0].isText) }
      return trimmed(cells.joined(separator: "  ")) + "\n"
    }.joined()
  }

  func write(to page: inout Markup, style name: String = "") {
    page.element("table", ["class": name]) { table in
      table.element("thead") { head in
        if columns.contains(where: { !$0.group.isEmpty }) { writeGroups(to: &head) }
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

  private func writeGroups(to head: inout Markup) {
    head.element("tr", ["class": "groups"]) { row in
      var start = 0
      while start < columns.count {
        let group = columns[start].group
        let end = columns[start...].firstIndex { $0.group != group } ?? columns.count
        row.element("th", ["colspan": String(end - start), "class": group.isEmpty ? "" : "group"], text: group)
        start = end
      }
    }
    head.newLine()
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
