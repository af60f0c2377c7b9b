import Structures
import Testing

@testable import Optimization

@Suite struct SymmetricEigenvectorsTests {
  /// A = Σ λ_k v_k v_kᵀ with known eigenvalues: those that are asked for come back, with A v = λ v and vᵀv' = δ.
  @Test func theLargestComeBack() throws {
    let size = 60
    var random = RandomSource(seed: 5)
    let rows = (0..<size).map { _ in (0..<size).map { _ in 2 * random.uniform() - 1 } }
    // Upper triangle of XᵀX by columns; the rest must not be read.
    var matrix = [Double](repeating: .nan, count: size * size)
    for column in 0..<size {
      for row in 0...column { matrix[column * size + row] = rows.reduce(0) { $0 + $1[row] * $1[column] } }
    }
    func product(_ vector: ArraySlice<Double>) -> [Double] {
      let along = rows.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
      return (0..<size).map { k in zip(rows, along).reduce(0) { $0 + $1.0[k] * $1.1 } }
    }
    var seen: [Double] = []
    let found = try #require(
      SymmetricEigenvectors.largest(of: &matrix, size: size) { all in
        seen = all
        return all.count / 3
      })
    #expect(seen == seen.sorted() && seen.count == size)
    #expect(found.values.count == 20 && found.vectors.count == 20 * size)
    let trace = rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    #expect(abs(seen.reduce(0, +) - trace) < 1e-10 * trace)
    for k in 0..<20 {
      let vector = found.vectors[k * size..<(k + 1) * size]
      #expect(abs(found.values[k] - seen[size - 20 + k]) < 1e-11 * seen[size - 1])
      for (a, b) in zip(product(vector), vector) { #expect(abs(a - found.values[k] * b) < 1e-11 * seen[size - 1]) }
      for other in 0...k {
        let dot = zip(found.vectors[other * size..<(other + 1) * size], vector).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot - (other == k ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test func noneAreGivenWhereNoneAreWanted() throws {
    var matrix = [2.0]
    #expect(try #require(SymmetricEigenvectors.largest(of: &matrix, size: 1) { _ in 0 }).values.isEmpty)
    matrix = []
    #expect(try #require(SymmetricEigenvectors.largest(of: &matrix, size: 0) { _ in 5 }).values.isEmpty)
    matrix = [4, .nan, 0, 9]
    let both = try #require(SymmetricEigenvectors.largest(of: &matrix, size: 2) { _ in 7 })
    #expect(both.values.count == 2)
  }
}
