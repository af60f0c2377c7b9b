import CKernels
import Structures

#if canImport(Glibc)
  import Glibc
#endif

/// What the kernels of SOAP read: radial functions at equal steps, constants of the harmonics.
///
/// Between nodes the radial functions are quintic Hermite polynomials. At a step of σ/32 they are right to about 1e−13,
/// and forces are the exact derivative of what energies are made of.
struct SOAPTables: Sendable {
  let shape: SOAPShape
  let basis: SOAPRadialBasis
  /// What the centre adds to c_{n00}, n = 0 …: L_{1n}/√(4π) times its weight.
  let central: [Double]
  private let inverseStep: Double
  private let row: Int
  private let radial: [Double]
  private let recurrence: [Double]

  init(_ shape: SOAPShape) throws {
    self.shape = shape
    let basis = try SOAPRadialBasis(shape)
    self.basis = basis
    central = (0..<shape.nMax).map {
      shape.centralWeight * basis.cholesky[$0] / (4 * Double.pi).squareRoot()
    }
    let steps = Int((32 * shape.cutoff / shape.atomSigma).rounded(.up))
    let step = shape.cutoff / Double(steps)
    inverseStep = 1 / step
    let size = (shape.lMax + 1) * shape.width
    let row = (size + 7) / 8 * 8
    self.row = row
    // One interval more than reaches the cutoff: what is rounded up to it has a place.
    var radial = [Double](repeating: 0, count: (steps + 2) * 3 * row)
    for node in 0..<steps + 2 {
      let values = basis.values(at: Double(node) * step)
      let factors = [1, step, step * step / 2]
      for k in 0..<3 {
        for n in 0..<size { radial[(node * 3 + k) * row + n] = factors[k] * values[k][n] }
      }
    }
    self.radial = radial
    recurrence = Self.recurrence(shape.lMax)
  }

  /// a, b, d and Q_mm of `soap_lanes.h`.
  private static func recurrence(_ lMax: Int) -> [Double] {
    var result: [Double] = []
    for l in 0...lMax {
      for m in 0...l {
        let (x, y) = (Double(l), Double(m))
        let a = l > m ? ((4 * x * x - 1) / (x * x - y * y)).squareRoot() : 0
        let b =
          l > m + 1
          ? (((x - 1) * (x - 1) - y * y) * (2 * x + 1) / ((2 * x - 3) * (x * x - y * y))).squareRoot() : 0
        let d = ((x - y) * (x + y + 1)).squareRoot() * (m == 0 ? 0.5.squareRoot() : 1)
        // Q_mm = √(2 − δ_m0) √((2m+1)/4π (2m−1)!!/(2m)!!)
        var norm = (2 * y + 1) / (4 * Double.pi) * (m > 0 ? 2 : 1)
        for k in 0..<m { norm *= Double(2 * k + 1) / Double(2 * k + 2) }
        result += [a, b, d, l == m ? norm.squareRoot() : 0]
      }
    }
    return result
  }

  func withKernel<Result>(_ body: (UnsafePointer<ck_soap>) -> Result) -> Result {
    radial.withUnsafeBufferPointer { radial in
      recurrence.withUnsafeBufferPointer { recurrence in
        var kernel = ck_soap()
        kernel.n_max = Int64(shape.nMax)
        kernel.width = Int64(shape.width)
        kernel.l_max = Int64(shape.lMax)
        kernel.row = Int64(row)
        kernel.cutoff = shape.cutoff
        kernel.transition = shape.transitionWidth
        kernel.inverse_step = inverseStep
        kernel.table = radial.baseAddress
        kernel.recurrence = recurrence.baseAddress
        return body(&kernel)
      }
    }
  }
}
