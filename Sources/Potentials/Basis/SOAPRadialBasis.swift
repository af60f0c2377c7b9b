import Optimization
import Structures

#if canImport(Glibc)
  import Glibc
#endif

/// The radial functions of SOAP in a basis of equispaced Gaussians, made orthonormal.
///
///     R_nl(r) = Σ_a e^{−α(r²+r_a²)} i_l(2α r r_a) T_an,   α = 1/2σ²,  r_a = (a−1) R_b/n_max,  R_b = R_c + σ √(20 ln 10)
///     C_ab = e^{−α(r_a−r_b)²},  S = L Lᵀ the overlap of the Gaussians (∫ r² dr over r > 0),  T = C⁻¹ L
///
/// i_l is the modified spherical Bessel function of the first kind.
struct SOAPRadialBasis: Sendable {
  let shape: SOAPShape
  let alpha: Double
  /// R_b, Å.
  let range: Double
  /// r_a, Å.
  let centers: [Double]
  /// S, by rows.
  let overlap: [Double]
  /// L, by rows.
  let cholesky: [Double]
  /// T, by rows.
  let transform: [Double]

  /// - Throws: `InputError` where the Gaussians cannot be told apart.
  init(_ shape: SOAPShape) throws {
    let n = shape.nMax
    let alpha = 1 / (2 * shape.atomSigma * shape.atomSigma)
    let range = shape.cutoff + shape.atomSigma * (20 * log(10)).squareRoot()
    let centers = (0..<n).map { Double($0) * range / Double(n) }
    self.shape = shape
    self.alpha = alpha
    self.range = range
    self.centers = centers
    var overlap: [Double] = []
    var gaussians: [Double] = []
    for a in centers {
      for b in centers {
        let (sum, difference) = (a + b, a - b)
        let first = exp(-alpha * (a * a + b * b)) * 2.0.squareRoot() * pow(alpha, 1.5) * sum
        let second =
          alpha * exp(-alpha * difference * difference / 2) * Double.pi.squareRoot() * (1 + alpha * sum * sum)
          * (1 + erf((alpha / 2).squareRoot() * sum))
        overlap.append((first + second) / (128 * pow(alpha, 5)).squareRoot())
        gaussians.append(exp(-alpha * difference * difference))
      }
    }
    self.overlap = overlap
    // By rows, the upper triangle U that is made of columns is L itself.
    var cholesky = overlap
    guard Cholesky.factor(&cholesky, size: n), Cholesky.factor(&gaussians, size: n) else {
      throw Self.tooMany(shape)
    }
    self.cholesky = cholesky
    // T by columns, from L by columns.
    var columns = Self.transposed(cholesky, n)
    Cholesky.solve(gaussians, size: n, &columns)
    let transform = Self.transposed(columns, n)
    self.transform = transform
  }

  private static func transposed(_ matrix: [Double], _ n: Int) -> [Double] {
    (0..<n * n).map { matrix[$0 % n * n + $0 / n] }
  }

  private static func tooMany(_ shape: SOAPShape) -> InputError {
    InputError(
      "\(shape.nMax) Gaussians of \(shape.atomSigma) Å within \(shape.cutoff) Å cannot be told apart",
      remedy: "lower n_max or atom_sigma")
  }

  /// e^{−α(r²+r_a²)} i_l(2α r r_a) for l = 0 … `count` − 1, from the ratios i_{l+1}/i_l by downward recursion, which is
  /// stable and does not overflow.
  func bessel(_ r: Double, _ center: Double, count: Int) -> [Double] {
    let x = 2 * alpha * r * center
    let difference = r - center
    let scale = exp(-alpha * difference * difference)
    var result = [Double](repeating: 0, count: count)
    guard x > 1e-12 else {
      // i_l ~ x^l/(2l+1)!!: only l = 0 is left.
      result[0] = exp(-alpha * (r * r + center * center))
      if count > 1 { result[1] = result[0] * x / 3 }
      return result
    }
    var ratios = [Double](repeating: 0, count: count)
    var ratio = 0.0
    for l in stride(from: count + 40 + Int(8 * x.squareRoot()), through: 0, by: -1) {
      // r_l = i_{l+1}/i_l = 1/(r_{l+1} + (2l+3)/x)
      ratio = 1 / (ratio + Double(2 * l + 3) / x)
      if l < count { ratios[l] = ratio }
    }
    result[0] = scale * (x < 1e-5 ? 1 - x : -expm1(-2 * x) / (2 * x))
    for l in 1..<max(1, count) { result[l] = result[l - 1] * ratios[l - 1] }
    return result
  }

  /// R_nl, R'_nl and R''_nl at a distance, each at l × width + n.
  func values(at r: Double) -> [[Double]] {
    let (n, width, count) = (shape.nMax, shape.width, shape.lMax + 1)
    var result = [[Double]](repeating: [Double](repeating: 0, count: count * width), count: 3)
    for (a, center) in centers.enumerated() {
      let f = bessel(r, center, count: count + 2)
      // i_l' = (l i_{l−1} + (l+1) i_{l+1})/(2l+1)
      func slope(_ values: [Double], _ l: Int) -> Double {
        let below = l > 0 ? Double(l) * values[l - 1] : 0
        return 2 * alpha * center * (below + Double(l + 1) * values[l + 1]) / Double(2 * l + 1)
      }
      let first = (0...count).map { slope(f, $0) - 2 * alpha * r * f[$0] }
      for l in 0..<count {
        let second = slope(first, l) - 2 * alpha * (f[l] + r * first[l])
        for k in 0..<n {
          let t = transform[a * n + k]
          result[0][l * width + k] += t * f[l]
          result[1][l * width + k] += t * first[l]
          result[2][l * width + k] += t * second
        }
      }
    }
    return result
  }
}
