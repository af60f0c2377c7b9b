import Structures
import TestSupport
import Testing

@testable import Optimization

/// A tall matrix with a right-hand side as its last column, by columns.
private func system(rows: Int, columns: Int, seed: UInt64) -> [Double] {
  var random = RandomSource(seed: seed)
  return (0..<rows * (columns + 1)).map { _ in random.uniform() - 0.5 }
}

/// Rows of a matrix by columns.
private func part(_ matrix: [Double], rows: Int, _ range: Range<Int>) -> [Double] {
  let columns = matrix.count / rows
  return (0..<columns).flatMap { c in range.map { matrix[c * rows + $0] } }
}

private func factor(_ matrix: [Double], rows: Int, blocks: Int, threads: Int = 1) -> TriangularFactor {
  var result = TriangularFactor(size: matrix.count / rows)
  for k in 0..<blocks {
    let range = k * rows / blocks..<(k + 1) * rows / blocks
    var block = part(matrix, rows: rows, range)
    result.absorb(&block, rows: range.count, stride: range.count, threads: threads)
  }
  return result
}

/// RᵀR = AᵀA, in columns some steps apart.
private func expectProduct(_ r: TriangularFactor, of matrix: [Double], steps: (Int, Int)) {
  let n = r.size
  let rows = matrix.count / n
  for a in stride(from: 0, to: n, by: steps.0) {
    for b in stride(from: 0, to: n, by: steps.1) {
      let expected = (0..<rows).reduce(0) { $0 + matrix[a * rows + $1] * matrix[b * rows + $1] }
      let product = (0...min(a, b)).reduce(0) { $0 + r.values[a * n + $1] * r.values[b * n + $1] }
      #expect(abs(product - expected) < 1e-12 * Double(rows))
    }
  }
}

@Suite struct TriangularFactorTests {
  @Test(arguments: [(40, 5), (300, 70), (500, 211)])
  func productIsThatOfTheMatrix(rows: Int, columns: Int) {
    let matrix = system(rows: rows, columns: columns, seed: 1)
    let r = factor(matrix, rows: rows, blocks: 3)
    #expect(r.rows == rows)
    expectProduct(r, of: matrix, steps: (7, 5))
  }

  /// Blocks of any size, merged factors and factors from disk solve the same system.
  @Test func solutionDoesNotDependOnTheBlocks() throws {
    let matrix = system(rows: 600, columns: 150, seed: 2)
    let whole = try #require(LinearSolver().solve(factor(matrix, rows: 600, blocks: 1))).x
    let streamed = try #require(LinearSolver().solve(factor(matrix, rows: 600, blocks: 37))).x
    var first = factor(part(matrix, rows: 600, 0..<250), rows: 250, blocks: 2)
    first = try #require(TriangularFactor(packed: first.packed, size: first.size, rows: first.rows))
    first.absorb(factor(part(matrix, rows: 600, 250..<600), rows: 350, blocks: 1), threads: 1)
    #expect(first.rows == 600)
    let merged = try #require(LinearSolver().solve(first)).x
    for (a, b, c) in zip3(whole, streamed, merged) {
      #expect(abs(a - b) < 1e-11)
      #expect(abs(a - c) < 1e-11)
    }
  }

  @Test func sameBitsAtAnyThreadCount() {
    let matrix = system(rows: 700, columns: 450, seed: 3)
    let results = [1, 2, 3].map { factor(matrix, rows: 700, blocks: 2, threads: $0).packed }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  /// Beyond 1,024 columns panels and tasks are wider.
  @Test func manyColumns() {
    let (rows, columns) = (1300, 1150)
    let matrix = system(rows: rows, columns: columns, seed: 4)
    let r = factor(matrix, rows: rows, blocks: 2)
    #expect(factor(matrix, rows: rows, blocks: 2, threads: 3).packed == r.packed)
    expectProduct(r, of: matrix, steps: (191, 143))
  }

  /// Weighted least squares and ridge of the reference numbers, rows in blocks of three.
  @Test(.enabled(if: SharedData.holds("reference/optimisers.json"))) func referenceSolutions() throws {
    let reference = try #require(try SharedData.json("reference/optimisers.json")["wls"] as? [String: Any])
    let (a, b, w) = (doubleRows(reference["A"]), doubles(reference["b"]), doubles(reference["w"]))
    var r = TriangularFactor(size: 4)
    for first in stride(from: 0, to: 8, by: 3) {
      let rows = first..<min(first + 3, 8)
      var block = (0..<3).flatMap { c in rows.map { w[$0] * a[$0][c] } } + rows.map { w[$0] * b[$0] }
      r.absorb(&block, rows: rows.count, stride: rows.count, threads: 1)
    }
    let x = try #require(LinearSolver().solve(r)).x
    for (p, q) in zip(x, doubles(reference["x"])) { #expect(abs(p - q) < 1e-13) }
    // λ ‖x‖² there, λ ‖D x‖² here: rows √λ/‖column‖ of the scaled system are those of the plain one.
    var ridge = r
    var rows = [Double](repeating: 0, count: 12)
    for k in 0..<3 { rows[k * 3 + k] = try #require(reference["ridge_lambda"] as? Double).squareRoot() }
    ridge.absorb(&rows, rows: 3, stride: 3, threads: 1)
    let y = try #require(LinearSolver().solve(ridge)).x
    for (p, q) in zip(y, doubles(reference["x_ridge"])) { #expect(abs(p - q) < 1e-13) }
  }

  @Test func ridgeMinimisesItsSum() throws {
    let (rows, columns) = (60, 8)
    var matrix = system(rows: rows, columns: columns, seed: 5)
    for k in 0..<rows { matrix[k] *= 1000 }
    let r = factor(matrix, rows: rows, blocks: 2)
    let norms = (0..<columns).map { c in
      (0..<rows).reduce(0) { $0 + matrix[c * rows + $1] * matrix[c * rows + $1] }.squareRoot()
    }
    func sum(_ x: [Double]) -> Double {
      r.squaredResidual(of: x) + zip(x, norms).reduce(0) { $0 + 0.1 * $1.0 * $1.0 * $1.1 * $1.1 }
    }
    let solution = try #require(LinearSolver(ridge: 0.1).solve(r))
    let normal = try #require(NormalSystem(r).solve(ridge: 0.1))
    for k in 0..<columns {
      #expect(abs(solution.x[k] - normal[k]) < 1e-10)
      for step in [-1e-3, 1e-3] {
        var moved = solution.x
        moved[k] += step / norms[k]
        #expect(sum(moved) > sum(solution.x))
      }
    }
  }

  @Test func dependentAndEmptyColumns() throws {
    let (rows, columns) = (50, 6)
    var matrix = system(rows: rows, columns: columns, seed: 6)
    for k in 0..<rows {
      matrix[2 * rows + k] = matrix[k] - 2 * matrix[rows + k]
      matrix[4 * rows + k] = 0
    }
    let r = factor(matrix, rows: rows, blocks: 3)
    let solution = try #require(LinearSolver().solve(r))
    #expect(solution.rank == 4)
    #expect(solution.emptyColumns == [4])
    #expect(solution.x[4] == 0)
    #expect(solution.x.allSatisfy { abs($0) < 100 })
    // The residual is that of the columns that count.
    let reduced = try #require(
      LinearSolver().solve(
        factor(
          [0, 1, 3, 5, 6].flatMap { c in matrix[c * rows..<(c + 1) * rows] }, rows: rows, blocks: 1)))
    #expect(abs(solution.residual - reduced.residual) < 1e-12)
  }
}

private func zip3(_ a: [Double], _ b: [Double], _ c: [Double]) -> [(Double, Double, Double)] {
  a.indices.map { (a[$0], b[$0], c[$0]) }
}
