import Rocksalts
import Structures

/// Counts by Burnside's lemma, and by enumeration where that is quick.
struct EnumerationCount {
  struct Row {
    var size: Int
    var listed: UInt128
    var burnside: UInt128
    var isEnumerated: Bool
  }

  private let enumeration: Enumeration
  private let sizes: [Int]
  private let threads: Int
  /// Orderings of one size that are made to check the count.
  private static let most: UInt128 = 3_000_000

  init(_ enumeration: Enumeration, _ sizes: [Int], threads: Int) {
    self.enumeration = enumeration
    self.sizes = sizes
    self.threads = threads
  }

  /// One row for every size.
  /// - Throws: `InputError` where an enumeration contradicts Burnside's lemma, or the numbers are too large.
  func rows(console: Console) throws -> [Row] {
    var rows: [Row] = []
    for size in sizes {
      console.progress("counting", rows.count, of: sizes.count)
      let parts = try enumeration.parts(index: size, listedOnly: false, threads: threads)
      let burnside = parts.reduce(UInt128(0)) { $0 + $1.burnside }
      var row = Row(
        size: size, listed: parts.reduce(0) { $0 + $1.listed }, burnside: burnside,
        isEnumerated: burnside <= Self.most)
      if row.isEnumerated {
        let wanted = parts.filter { $0.listed > 0 }
        row.listed = try parallelMap(chunks: wanted.count, threads: threads) { k in
          var walk = enumeration.walk(wanted[k])
          while try !walk.next().isEmpty {}
          return walk.listed
        }.reduce(0, +)
      }
      rows.append(row)
    }
    console.endProgress()
    return rows
  }
}
