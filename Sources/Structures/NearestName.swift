/// The known name that a mistyped one most likely means, or nil where none is near.
///
/// Nearness is the Damerau–Levenshtein distance (insert, delete, replace, exchange neighbours), letters' case and
/// the difference of `-` and `_` apart; a name further away than a third of its length is not offered.
public func nearestName(to name: String, among known: some Sequence<String>) -> String? {
  let wanted = folded(name)
  let ranked = known.map { (distance: editDistance(wanted, folded($0)), name: $0) }
    .filter { $0.distance <= max(1, max(wanted.count, $0.name.count) / 3) }
  return ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
}

private func folded(_ name: String) -> [Character] { name.lowercased().map { $0 == "_" ? "-" : $0 } }

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
