import CKernels
import Structures

/// What decides a bispectrum; names and meanings are those of LAMMPS's `pair_style snap`.
public struct BispectrumShape: Hashable, Sendable {
  /// 2j of the largest matrices.
  public var twojmax: Int
  /// R_e of each element, Å: two elements reach R_e + R_f.
  public var radii: [Double]
  /// w_e of each element.
  public var weights: [Double]
  public var rfac0 = 0.99363
  /// Å.
  public var rmin0 = 0.0
  /// True: f_c falls to zero at the cutoff.
  public var switchflag = true
  /// True: the components of a free atom are subtracted.
  public var bzeroflag = true
  /// True: components are divided by 2j + 1.
  public var bnormflag = false
  /// True: one density for each element.
  public var chemflag = false
  /// True: the centre is a part of all densities.
  public var wselfallflag = false
  /// Middle and half width of the inner switch of each element, Å; a pair has the mean, as in LAMMPS. Empty: no inner switch.
  public var sinner: [Double] = []
  public var dinner: [Double] = []

  public init(twojmax: Int, radii: [Double], weights: [Double]) {
    self.twojmax = twojmax
    self.radii = radii
    self.weights = weights
  }

  /// The largest distance of two atoms that see each other, Å.
  public var cutoff: Double { 2 * (radii.max() ?? 0) }

  /// (2j₁, 2j₂, 2j) with j₂ ≤ j₁ ≤ j, in LAMMPS's order.
  public var triples: [(Int, Int, Int)] {
    (0...twojmax).flatMap { j1 in
      (0...j1).flatMap { j2 in
        stride(from: j1 - j2, through: min(twojmax, j1 + j2), by: 2).filter { $0 >= j1 }.map { (j1, j2, $0) }
      }
    }
  }

  /// - Throws: `InputError` for a number out of its range.
  func validate() throws {
    guard (0...Int(CK_MAX_TWO_J)).contains(twojmax) else {
      throw InputError("twojmax must be 0 to \(CK_MAX_TWO_J), found \(twojmax)")
    }
    guard radii.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw InputError("the cutoff of a bispectrum must be above 0 Å for every element")
    }
    guard weights.allSatisfy(\.isFinite) else {
      throw InputError("the element weights of a bispectrum must be finite")
    }
    guard rfac0 > 0, rfac0 <= 1 else { throw InputError("rfac0 must be above 0 and at most 1, found \(rfac0)") }
    guard rmin0 >= 0, rmin0 < 2 * (radii.min() ?? 0) else {
      throw InputError("rmin0 must be 0 or more and below every cutoff, found \(rmin0) Å")
    }
    guard dinner.allSatisfy({ $0 > 0 }), sinner.allSatisfy(\.isFinite) else {
      throw InputError("dinner must be above 0 Å for every element")
    }
  }
}
