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

  /// The largest |det| of all triples, and what each exchange multiplies it by.
  @Test(.enabled(if: SharedData.holds("reference/active.json"))) func bruteForceFindsNoLargerVolume() throws {
    let reference = try #require(try SharedData.json("reference/active.json")["maxvol"] as? [String: Any])
    let table = doubleRows(reference["B"])
    func volume(_ places: [Int]) -> Double { self.volume(places.flatMap { table[$0] }) }
    #expect(abs(volume([0, 1, 2]) - 0.249071306) < 1e-9)
    var (best, count) = (0.0, 0)
    for a in 0..<9 {
      for b in a + 1..<9 {
        for c in b + 1..<9 {
          best = max(best, volume([a, b, c]))
          count += 1
        }
      }
    }
    #expect(count == 84 && abs(best - 6.684560088) < 1e-9)
    var pool = table.flatMap { $0 }
    var numbers = Array(table.indices)
    var set = try #require(MaxVol(rows: Array(pool[0..<9]), members: [0, 1, 2]))
    let swaps = set.select(from: &pool, numbers: &numbers, threshold: 1e-3)
    #expect(abs(swaps.reduce(volume([0, 1, 2])) { $0 * $1.grade } - best) < 1e-9)
    // Rows in other units, all alike.
    let other = try #require(MaxVol(rows: set.rows.map { 37 * $0 }, members: set.members))
    let query = doubles(reference["query"])
    #expect(abs(other.grade(query.map { 37 * $0 }) - 0.9876402654905718) < 1e-12)
  }

  /// The inverse that is carried through hundreds of exchanges is that of the rows.
  @Test func theInverseStaysTrue() throws {
    var random = RandomSource(seed: 8)
    let (size, count) = (20, 40)
    var set = MaxVol(size: size)
    var (exchanges, batches) = (0, 0)
    // Rows that grow from batch to batch, so that there is always something to exchange.
    while exchanges < 200 {
      let growth = 1 + 0.1 * Double(batches)
      var pool = (0..<count * size).map { _ in growth * (random.uniform() - 0.5) }
      var numbers = (0..<count).map { batches * count + $0 }
      let given = Set(numbers + set.members)
      exchanges += set.select(from: &pool, numbers: &numbers, threshold: 1e-3).count
      // Rows that leave are in the pool, so that none is lost.
      #expect(Set(numbers + set.members) == given)
      batches += 1
    }
    // No inverse was made anew on the way.
    #expect(exchanges < 500)
    #expect(set.refine() < 1e-9)
  }

  /// Pivots are real rows near the largest volume; without rank the others stay small unit rows.
  @Test func pivotsAreAStart() throws {
    var random = RandomSource(seed: 5)
    let (size, count) = (12, 300)
    var rows = (0..<count * size).map { _ in random.uniform() - 0.5 }
    // The last column repeats the first.
    for k in 0..<count { rows[k * size + size - 1] = rows[k * size] }
    var set = MaxVol(pivotsOf: rows, numbers: Array(0..<count), size: size)
    #expect(set.members.count { $0 == -1 } == 1 && Set(set.members).count == size)
    var pool = rows
    var numbers = Array(0..<count)
    set.select(from: &pool, numbers: &numbers)
    #expect(set.members.count { $0 == -1 } == 1)
    #expect((set.grades(rows).max() ?? 9) < 1.001 + 1e-6)
    var strange = Array(rows[0..<size])
    strange[size - 1] += 1
    #expect(set.grade(strange) > 1e4)
  }
}
