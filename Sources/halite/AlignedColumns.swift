/// Rows of words under each other: the first column to the left, the others to the right, two spaces between.
func alignedColumns(_ rows: [[String]], left: Int = 1) -> String {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { k in rows.map { k < $0.count ? $0[k].count : 0 }.max() ?? 0 }
  return rows.map { row in
    var line = row.enumerated().map { k, word in
      let space = String(repeating: " ", count: widths[k] - word.count)
      return k < left ? word + space : space + word
    }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }.joined(separator: "\n")
}
