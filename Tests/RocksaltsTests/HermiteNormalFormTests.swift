import Rocksalts
import Testing

struct HermiteNormalFormTests {
  @Test func smithNormalFormOfAllSuperlatticesToIndex18() {
    for n in 1...18 {
      for h in HermiteNormalForm.all(determinant: n) {
        let smith = SmithNormalForm(of: h)
        let s = smith.diagonal
        #expect((smith.left * h * smith.right).rows == [s.x, 0, 0, 0, s.y, 0, 0, 0, s.z])
        #expect(abs(smith.left.determinant) == 1)
        #expect(abs(smith.right.determinant) == 1)
        #expect(s.x > 0 && s.y % s.x == 0 && s.z % s.y == 0 && s.x * s.y * s.z == n)
      }
    }
  }

  @Test func theFormOfAFormIsItself() {
    for h in HermiteNormalForm.all(determinant: 12) {
      #expect(HermiteNormalForm.form(of: h) == h)
      // Another basis of the same superlattice.
      let other = h * IntegerMatrix(rows: [1, 2, 0, 0, 1, 0, -3, 1, -1])
      #expect(HermiteNormalForm.form(of: other) == h)
    }
  }
}
