#if canImport(Glibc)
  import Glibc
#endif

/// Clebsch–Gordan coefficients ⟨j₁ m₁ j₂ m₂ | j m⟩ with the Condon–Shortley phase (Racah's sum).
///
/// All angular momenta are doubled integers: J = 2j.
enum ClebschGordan {
  /// Coefficients of all m₁ = −j₁ …, by rows, and m₂ = −j₂ …, by columns; m = m₁ + m₂, 0 where |m| > j.
  static func table(_ j1: Int, _ j2: Int, _ j: Int) -> [Double] {
    (0...j1).flatMap { k1 in (0...j2).map { k2 in value(j1, 2 * k1 - j1, j2, 2 * k2 - j2, j) } }
  }

  static func value(_ j1: Int, _ m1: Int, _ j2: Int, _ m2: Int, _ j: Int) -> Double {
    let m = m1 + m2
    guard abs(m) <= j, j >= abs(j1 - j2), j <= j1 + j2, (j1 + j2 + j) % 2 == 0 else { return 0 }
    /// n! of a doubled integer.
    func factorial(_ doubled: Int) -> Double { tgamma(Double(doubled / 2) + 1).rounded() }
    let triangle =
      factorial(j + j1 - j2) * factorial(j - j1 + j2) * factorial(j1 + j2 - j) / factorial(j1 + j2 + j + 2)
    let magnetic =
      factorial(j + m) * factorial(j - m) * factorial(j1 - m1) * factorial(j1 + m1) * factorial(j2 - m2)
      * factorial(j2 + m2)
    var sum = 0.0
    for k in stride(from: 0, through: j1 + j2 - j, by: 2) {
      let terms = [k, j1 + j2 - j - k, j1 - m1 - k, j2 + m2 - k, j - j2 + m1 + k, j - j1 - m2 + k]
      if terms.contains(where: { $0 < 0 }) { continue }
      sum += (k % 4 == 0 ? 1 : -1) / terms.map(factorial).reduce(1, *)
    }
    return (Double(j + 1) * triangle * magnetic).squareRoot() * sum
  }
}
