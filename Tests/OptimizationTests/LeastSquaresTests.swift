import Optimization
import Testing

@Suite struct LeastSquaresTests {
  @Test func solvesAFullRankSystem() throws {
    let solution = try #require(
      LeastSquares.minimumNorm(matrix: [1, 0, 0, 2, 1, 1], columns: 2, rightHandSide: [1, 4, 3]))
    #expect(solution.rank == 2)
    #expect(abs(solution.x[0] - 1) < 1e-14 && abs(solution.x[1] - 2) < 1e-14)
    #expect(solution.freeDirections.isEmpty)
  }

  /// LiTMO2-like compositions obey n(O) = n(Li) + n(TM): one direction is free, the solution is the shortest one.
  @Test func namesTheFreeDirection() throws {
    let rows: [[Double]] = [[1, 1, 2], [2, 1, 3], [1, 3, 4], [4, 1, 5]]
    let energies = rows.map { 2 * $0[0] + 3 * $0[1] + 5 * $0[2] }
    let solution = try #require(
      LeastSquares.minimumNorm(matrix: rows.flatMap { $0 }, columns: 3, rightHandSide: energies))
    #expect(solution.rank == 2)
    let free = try #require(solution.freeDirections.first)
    let sign = free[0] > 0 ? 1.0 : -1.0
    for (a, b) in zip(free, [1.0, 1, -1]) { #expect(abs(sign * a - b / 3.0.squareRoot()) < 1e-12) }
    // Orthogonal to the free direction, hence of least norm.
    #expect(abs(zip(free, solution.x).map(*).reduce(0, +)) < 1e-12)
    for (row, energy) in zip(rows, energies) {
      #expect(abs(zip(row, solution.x).map(*).reduce(0, +) - energy) < 1e-12)
    }
  }

  @Test func fewerRowsThanColumns() throws {
    let solution = try #require(LeastSquares.minimumNorm(matrix: [3, 4], columns: 2, rightHandSide: [25]))
    #expect(solution.rank == 1 && solution.freeDirections.count == 1)
    #expect(abs(solution.x[0] - 3) < 1e-13 && abs(solution.x[1] - 4) < 1e-13)
  }

  @Test func refusesNumbersThatAreNone() {
    #expect(LeastSquares.minimumNorm(matrix: [.nan], columns: 1, rightHandSide: [1]) == nil)
  }
}
