import Foundation
import Structures

@testable import Potentials

/// SOAP by its definitions, one sum after the other.
struct PlainSOAP {
  let shape: SOAPShape
  let basis: SOAPRadialBasis

  init(_ shape: SOAPShape) throws {
    self.shape = shape
    basis = try SOAPRadialBasis(shape)
  }

  /// p̂ of the centres of a list, by rows.
  func descriptors(_ list: NeighborList) -> [[Double]] {
    list.centers.map { site in
      let c = (0..<shape.types).map { coefficients(list, site: site, type: $0) }
      let n = shape.nMax
      var p: [Double] = []
      for a in 0..<shape.types * n {
        for b in 0...a {
          for l in 0...shape.lMax {
            var sum = 0.0
            for m in 0...2 * l { sum += c[a / n][a % n][l * l + m] * c[b / n][b % n][l * l + m] }
            p.append(sum / Double(2 * l + 1).squareRoot() * (a == b ? 1 : 2.0.squareRoot()))
          }
        }
      }
      let norm = p.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return p.map { $0 / norm }
    }
  }

  /// c_nlm of one type, [n][lm].
  private func coefficients(_ list: NeighborList, site: Int, type: Int) -> [[Double]] {
    var c = [[Double]](repeating: [Double](repeating: 0, count: shape.harmonics), count: shape.nMax)
    for pair in list.pairs(of: site) where list.types[list.indices[pair]] == type {
      let vector = list.vectors[pair]
      let r = length(vector)
      guard r < shape.cutoff else { continue }
      let inside = max(0, r - shape.cutoff + shape.transitionWidth)
      let fade = 0.5 * (cos(Double.pi * inside / shape.transitionWidth) + 1)
      for l in 0...shape.lMax {
        let bessel = basis.centers.map { scaledBessel(l, r, $0) }
        for n in 0..<shape.nMax {
          let radial = basis.centers.indices.reduce(0) { $0 + bessel[$1] * basis.transform[$1 * shape.nMax + n] }
          for m in -l...l { c[n][l * l + l + m] += fade * radial * harmonic(l, m, vector) }
        }
      }
    }
    if list.types[site] == type {
      for n in 0..<shape.nMax { c[n][0] += shape.centralWeight * basis.cholesky[n] / (4 * Double.pi).squareRoot() }
    }
    return c
  }

  /// e^{−α(r²+r_a²)} i_l(2α r r_a) by the power series, whose terms are all positive.
  private func scaledBessel(_ l: Int, _ r: Double, _ center: Double) -> Double {
    let x = 2 * basis.alpha * r * center
    guard x > 0 else { return l == 0 ? exp(-basis.alpha * (r * r + center * center)) : 0 }
    var exponent = Double(l) * log(x) - basis.alpha * (r * r + center * center)
    for k in 0...l { exponent -= log(Double(2 * k + 1)) }
    var sum = 0.0
    for k in 0..<600 {
      sum += exp(exponent)
      exponent += log(x * x / 2) - log(Double(k + 1)) - log(Double(2 * l + 2 * k + 3))
    }
    return sum
  }

  /// Real Y_lm by P_l^m(cos θ) from the factorials.
  private func harmonic(_ l: Int, _ m: Int, _ vector: SIMD3<Double>) -> Double {
    let z = vector.z / length(vector)
    let angle = atan2(vector.y, vector.x)
    let k = abs(m)
    // P_l^k = (1−z²)^{k/2}/(2^l l!) d^{l+k}/dz^{l+k} (z²−1)^l, term by term.
    var sum = 0.0
    for j in 0...l where 2 * j >= l + k {
      let term =
        exp(lgamma(Double(l + 1)) - lgamma(Double(j + 1)) - lgamma(Double(l - j + 1)))
        * exp(lgamma(Double(2 * j + 1)) - lgamma(Double(2 * j - l - k + 1)))
      sum += ((l - j) % 2 == 0 ? 1 : -1) * term * pow(z, Double(2 * j - l - k))
    }
    let legendre = sum * pow(max(0, 1 - z * z), Double(k) / 2) / (pow(2, Double(l)) * exp(lgamma(Double(l + 1))))
    let norm = (Double(2 * l + 1) / (4 * Double.pi) * exp(lgamma(Double(l - k + 1)) - lgamma(Double(l + k + 1))))
      .squareRoot()
    if m == 0 { return norm * legendre }
    return 2.0.squareRoot() * norm * legendre * (m > 0 ? cos(Double(k) * angle) : sin(Double(k) * angle))
  }
}
