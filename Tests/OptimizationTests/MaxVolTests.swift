import Structures
import TestSupport
import Testing

@testable import Optimization

@Suite struct MaxVolTests {
  /// |det| of rows of three numbers.
  private func volume(_ rows: [Double]) -> Double {
    let (a, b, c) = (Array(rows[0..<3]), Array(rows[3..<6]), Array(rows[6..<9]))
    return abs(
      a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]))
  }

  @Test(.enabled(if: SharedData.holds("reference/active.json"))) func referenceSwaps() throws {
    let reference = try #require(try SharedData.json("reference/active.json")["maxvol"] as? [String: Any])
    let table = doubleRows(reference["B"])
    var pool = table.flatMap { $0 }
    var numbers = Array(table.indices)
    var set = try #require(MaxVol(rows: Array(pool[0..<9]), members: [0, 1, 2]))
    let swaps = set.select(from: &pool, numbers: &numbers)
    let expected = doubleRows(reference["swaps_row_col_grade"])
    #expect(swaps.count == expected.count)
    for (swap, row) in zip(swaps, expected) {
      #expect([swap.row, swap.slot] == [Int(row[0]), Int(row[1])])
      #expect(abs(swap.grade - row[2]) < 1e-10 * row[2])
    }
    #expect(set.members == doubles(reference["final"]).map { Int($0) })
    #expect(abs(volume(set.rows) - (reference["absdet_best"] as? Double ?? 0)) < 1e-9)
    let grades = set.grades(table.flatMap { $0 })
    for (a, b) in zip(grades, doubles(reference["grades_of_all_rows_final_set"])) { #expect(abs(a - b) < 1e-12) }
    let query = doubles(reference["query"])
    #expect(abs(set.grade(query) - (reference["query_grade"] as? Double ?? 0)) < 1e-12)
    // Columns in other units leave grades as they are.
    func scaled(_ rows: [Double]) -> [Double] { rows.enumerated().map { $1 * [3.0, 0.01, 70][$0 % 3] } }
    let other = try #require(MaxVol(rows: scaled(set.rows), members: set.members))
    #expect(abs(other.grade(scaled(query)) - set.grade(query)) < 1e-12)
  }

  @Test(.enabled(if: SharedData.holds("reference/active.json"))) func startsFromNothing() throws {
    let reference = try #require(try SharedData.json("reference/active.json")["maxvol"] as? [String: Any])
    let entry = try #require(reference["identity_init_1e-5"] as? [String: Any])
    let table = doubleRows(reference["B"])
    var pool = table.flatMap { $0 }
    var numbers = Array(table.indices)
    var set = MaxVol(size: 3)
    let swaps = set.select(from: &pool, numbers: &numbers)
    let expected = doubleRows(entry["swaps_row_col_grade"])
    #expect(swaps.count == expected.count)
    for (swap, row) in zip(swaps, expected) {
      #expect([swap.row, swap.slot] == [Int(row[0]), Int(row[1])])
      #expect(abs(swap.grade - row[2]) < 1e-9 * row[2])
    }
    #expect(set.members == doubles(entry["final"]).map { Int($0) })
  }

  /// No row of the pool is left with a grade above the threshold, and active rows have grade 1.
  @Test func manyRows() throws {
    var random = RandomSource(seed: 3)
    let size = 20
    let rows = (0..<400 * size).map { _ in random.uniform() - 0.5 }
    var pool = rows
    var numbers = Array(0..<400)
    var set = MaxVol(size: size)
    set.select(from: &pool, numbers: &numbers)
    #expect(set.members.allSatisfy { $0 >= 0 } && Set(set.members).count == size)
    #expect((set.grades(rows).max() ?? 9) < 1.001 + 1e-9)
    for member in set.members {
      #expect(abs(set.grade(Array(rows[member * size..<(member + 1) * size])) - 1) < 1e-9)
    }
  }
}
