import Foundation
import Structures

@testable import Potentials

/// A complex number, for the definitions written out.
private struct Complex {
  var re = 0.0
  var im = 0.0
  var conjugate: Complex { Complex(re: re, im: -im) }

  static func + (a: Complex, b: Complex) -> Complex { Complex(re: a.re + b.re, im: a.im + b.im) }
  static func * (a: Complex, b: Complex) -> Complex {
    Complex(re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re)
  }
  static func * (s: Double, a: Complex) -> Complex { Complex(re: s * a.re, im: s * a.im) }
}

/// The bispectrum by its definitions, term by term: what the kernels are held against.
struct PlainBispectrum {
  let shape: BispectrumShape

  init(_ shape: BispectrumShape) { self.shape = shape }

  func values(_ list: NeighborList, site: Int) -> [Double] {
    let type = list.types[site]
    let densities = shape.chemflag ? shape.radii.count : 1
    let u = (0..<densities).map { density(list, site: site, $0) }
    var result: [Double] = []
    for e1 in 0..<densities {
      for e2 in 0..<densities {
        for e3 in 0..<densities {
          for (j1, j2, j) in shape.triples {
            var value = component(u[e1][j1], u[e2][j2], u[e3][j], j1, j2, j)
            if shape.bnormflag { value /= Double(j + 1) }
            let isOwn = densities == 1 || shape.wselfallflag || [e1, e2, e3].allSatisfy { $0 == type }
            if shape.bzeroflag, isOwn { value -= shape.bnormflag ? 1 : Double(j + 1) }
            result.append(value)
          }
        }
      }
    }
    return result
  }

  /// U^J by rows for all J.
  private func density(_ list: NeighborList, site: Int, _ density: Int) -> [[Complex]] {
    let type = list.types[site]
    var sum = (0...shape.twojmax).map { j -> [Complex] in
      let isIn = !shape.chemflag || density == type || shape.wselfallflag
      return (0..<(j + 1) * (j + 1)).map { Complex(re: isIn && $0 % (j + 2) == 0 ? 1 : 0) }
    }
    for pair in list.pairs(of: site) {
      let other = list.types[list.indices[pair]]
      if shape.chemflag, other != density { continue }
      let vector = list.vectors[pair]
      let cutoff = shape.radii[type] + shape.radii[other]
      guard length(vector) < cutoff else { continue }
      let factor = shape.weights[other] * switching(length(vector), cutoff, type, other)
      for (j, matrix) in matrices(vector, cutoff).enumerated() {
        for k in matrix.indices { sum[j][k] = sum[j][k] + factor * matrix[k] }
      }
    }
    return sum
  }

  private func switching(_ r: Double, _ cutoff: Double, _ a: Int, _ b: Int) -> Double {
    var value = 1.0
    if shape.switchflag, r > shape.rmin0 {
      value = 0.5 * (cos(.pi * (r - shape.rmin0) / (cutoff - shape.rmin0)) + 1)
    }
    if !shape.sinner.isEmpty {
      let middle = 0.5 * (shape.sinner[a] + shape.sinner[b])
      let width = 0.5 * (shape.dinner[a] + shape.dinner[b])
      if r <= middle - width { return 0 }
      if r < middle + width { value *= 0.5 * (1 - cos(.pi / 2 + .pi / 2 * (r - middle) / width)) }
    }
    return value
  }

  /// u^J of one neighbour by the recursion with its square roots.
  private func matrices(_ v: SIMD3<Double>, _ cutoff: Double) -> [[Complex]] {
    let r = length(v)
    let theta = shape.rfac0 * .pi * (r - shape.rmin0) / (cutoff - shape.rmin0)
    let z0 = r / tan(theta)
    let r0 = (r * r + z0 * z0).squareRoot()
    let a = Complex(re: z0 / r0, im: -v.z / r0)
    let b = Complex(re: v.y / r0, im: -v.x / r0)
    var result = [[Complex(re: 1)]]
    for j in 1..<max(1, shape.twojmax + 1) {
      var matrix = [Complex](repeating: Complex(), count: (j + 1) * (j + 1))
      for row in 0...j / 2 {
        for m in 0..<j {
          let before = result[j - 1][row * j + m]
          let here = row * (j + 1) + m
          let scale = 1 / Double(j - row)
          matrix[here] = matrix[here] + (Double(j - m) * scale).squareRoot() * (a.conjugate * before)
          matrix[here + 1] = matrix[here + 1] + -(Double(m + 1) * scale).squareRoot() * (b.conjugate * before)
        }
      }
      for row in 0...j / 2 {
        for m in 0...j {
          let sign: Double = (row + m) % 2 == 0 ? 1 : -1
          matrix[(j - row) * (j + 1) + j - m] = sign * matrix[row * (j + 1) + m].conjugate
        }
      }
      result.append(matrix)
    }
    return result
  }

  private func component(
    _ u1: [Complex], _ u2: [Complex], _ u3: [Complex], _ j1: Int, _ j2: Int, _ j: Int
  ) -> Double {
    func coefficient(_ k1: Int, _ k2: Int) -> Double {
      ClebschGordan.value(j1, 2 * k1 - j1, j2, 2 * k2 - j2, j)
    }
    let shift = (j1 + j2 - j) / 2
    var sum = 0.0
    for row in 0...j {
      for m in 0...j {
        var z = Complex()
        for r1 in 0...j1 where (0...j2).contains(row + shift - r1) {
          for m1 in 0...j1 where (0...j2).contains(m + shift - m1) {
            let (r2, m2) = (row + shift - r1, m + shift - m1)
            z = z + coefficient(r1, r2) * coefficient(m1, m2) * (u1[r1 * (j1 + 1) + m1] * u2[r2 * (j2 + 1) + m2])
          }
        }
        sum += (u3[row * (j + 1) + m].conjugate * z).re
      }
    }
    return sum
  }
}
