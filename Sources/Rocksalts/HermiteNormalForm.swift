/// Superlattices of index n as lower-triangular matrices, one for each (Hart and Forcade 2008,
/// doi:10.1103/PhysRevB.77.224115, eq. 1): A·H with H = [[a,0,0],[b,c,0],[d,e,f]], a c f = n, 0 ≤ b < c, 0 ≤ d, e < f.
public enum HermiteNormalForm {
  /// All of determinant n; there are Σ_{d|n} d σ(d).
  public static func all(determinant n: Int) -> [IntegerMatrix] {
    precondition(n > 0, "an index is positive")
    var result: [IntegerMatrix] = []
    for a in 1...n where n % a == 0 {
      for c in 1...(n / a) where (n / a) % c == 0 {
        let f = n / a / c
        for b in 0..<c {
          for d in 0..<f {
            for e in 0..<f { result.append(IntegerMatrix(rows: [a, 0, 0, b, c, 0, d, e, f])) }
          }
        }
      }
    }
    return result
  }

  /// The form of any regular matrix, by column operations: the same superlattice gives the same form.
  public static func form(of matrix: IntegerMatrix) -> IntegerMatrix {
    var m = matrix
    for row in 0..<3 {
      for column in row + 1..<3 {
        while m[row, column] != 0 {
          m.addColumn(column, to: row, times: -(m[row, row] / m[row, column]))
          m.swapColumns(row, column)
        }
      }
      precondition(m[row, row] != 0, "a singular matrix has no Hermite normal form")
      if m[row, row] < 0 { m.negateColumn(row) }
      for column in 0..<row {
        let rest = m[row, column].wrapped(m[row, row])
        m.addColumn(row, to: column, times: (rest - m[row, column]) / m[row, row])
      }
    }
    return m
  }

  /// One of each class of superlattices that the rotations (in lattice coordinates) map on each other, the first of
  /// `all` in each.
  public static func inequivalent(determinant n: Int, rotations: [IntegerMatrix]) -> [IntegerMatrix] {
    var seen: Set<IntegerMatrix> = []
    var kept: [IntegerMatrix] = []
    for h in all(determinant: n) where !seen.contains(h) {
      kept.append(h)
      for r in rotations { seen.insert(form(of: r * h)) }
    }
    return kept
  }
}

/// U H V = diag(s) with s1 | s2 | s3 and unimodular U and V (Hart and Forcade 2009, doi:10.1103/PhysRevB.80.014120).
public struct SmithNormalForm: Hashable, Sendable {
  public let left: IntegerMatrix
  public let right: IntegerMatrix
  public let diagonal: SIMD3<Int>

  public init(of matrix: IntegerMatrix) {
    var (m, u, v) = (matrix, IntegerMatrix.identity.transpose, IntegerMatrix.identity)
    // Row operations are column operations on transposes; `u` holds Uᵀ until the end.
    func clear(_ k: Int) {
      while true {
        for j in k..<3 {
          for i in k..<3 where m[i, j] != 0 {
            if m[k, k] == 0 || abs(m[i, j]) < abs(m[k, k]) {
              m.swapRows(k, i)
              u.swapColumns(k, i)
              m.swapColumns(k, j)
              v.swapColumns(k, j)
            }
          }
        }
        for i in k + 1..<3 {
          let q = m[i, k] / m[k, k]
          m.addRow(k, to: i, times: -q)
          u.addColumn(k, to: i, times: -q)
        }
        for j in k + 1..<3 {
          let q = m[k, j] / m[k, k]
          m.addColumn(k, to: j, times: -q)
          v.addColumn(k, to: j, times: -q)
        }
        guard (k + 1..<3).allSatisfy({ m[$0, k] == 0 && m[k, $0] == 0 }) else { continue }
        // The pivot must divide all that is left; adding a row that it does not divide brings a smaller one.
        guard let row = (k + 1..<3).first(where: { i in (k + 1..<3).contains { m[i, $0] % m[k, k] != 0 } }) else {
          return
        }
        m.addRow(row, to: k, times: 1)
        u.addColumn(row, to: k, times: 1)
      }
    }
    clear(0)
    clear(1)
    for k in 0..<3 where m[k, k] < 0 {
      m[k, k] = -m[k, k]
      v.negateColumn(k)
    }
    left = u.transpose
    right = v
    diagonal = [m[0, 0], m[1, 1], m[2, 2]]
  }
}

extension IntegerMatrix {
  fileprivate mutating func addColumn(_ source: Int, to target: Int, times factor: Int) {
    for row in 0..<3 { self[row, target] += factor * self[row, source] }
  }

  fileprivate mutating func addRow(_ source: Int, to target: Int, times factor: Int) {
    for column in 0..<3 { self[target, column] += factor * self[source, column] }
  }

  fileprivate mutating func swapColumns(_ a: Int, _ b: Int) {
    for row in 0..<3 { (self[row, a], self[row, b]) = (self[row, b], self[row, a]) }
  }

  fileprivate mutating func swapRows(_ a: Int, _ b: Int) {
    for column in 0..<3 { (self[a, column], self[b, column]) = (self[b, column], self[a, column]) }
  }

  fileprivate mutating func negateColumn(_ column: Int) {
    for row in 0..<3 { self[row, column] = -self[row, column] }
  }
}
