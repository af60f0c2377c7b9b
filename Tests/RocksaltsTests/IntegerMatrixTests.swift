import Rocksalts
import Structures
import Testing

struct IntegerMatrixTests {
  @Test func inverseOfAUnimodularMatrix() {
    let m = IntegerMatrix(rows: [1, 2, 3, 0, 1, 4, 0, 0, -1])
    #expect(m * m.inverse == .identity)
    #expect(m.inverse * m == .identity)
    #expect(m.determinant == -1)
  }

  @Test func adjugateTimesMatrixIsTheDeterminant() {
    let m = IntegerMatrix(rows: [2, 1, 0, 3, 5, 1, 4, 0, 7])
    let d = m.determinant
    #expect((m * m.adjugate).rows == [d, 0, 0, 0, d, 0, 0, 0, d])
  }
}
