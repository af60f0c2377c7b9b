import CKernels
import Structures

#if canImport(Glibc)
  import Glibc
#endif

/// What a SOAP descriptor is made of.
public struct SOAPShape: Sendable, Hashable {
  /// Radial functions.
  public var nMax: Int
  /// Largest l of the spherical harmonics.
  public var lMax: Int
  /// σ of the Gaussian of each neighbour, Å.
  public var atomSigma: Double
  /// Å.
  public var cutoff: Double
  /// Å: neighbours fade out between cutoff − width and cutoff.
  public var transitionWidth: Double
  /// Weight of the centre in the density of its own type.
  public var centralWeight = 1.0
  /// Types of atoms, each with a density of its own.
  public var types: Int
  /// Densities that are kept: mixtures of those of the types; nil keeps each type's own.
  public var channels: Int?

  public init(
    nMax: Int, lMax: Int, atomSigma: Double, cutoff: Double, transitionWidth: Double, types: Int,
    channels: Int? = nil
  ) {
    self.nMax = nMax
    self.lMax = lMax
    self.atomSigma = atomSigma
    self.cutoff = cutoff
    self.transitionWidth = transitionWidth
    self.types = types
    self.channels = channels
  }

  /// n_max rounded up to a multiple of 4: how the kernels hold radial functions.
  var width: Int { (nMax + 3) / 4 * 4 }
  var harmonics: Int { (lMax + 1) * (lMax + 1) }
  /// Numbers of one channel of coefficients.
  var channelSize: Int { harmonics * width }
  var densities: Int { channels ?? types }

  /// Components for a number of densities: K(K+1)/2 (l_max+1) with K = densities × n_max.
  func dimension(densities: Int) -> Int {
    let count = densities * nMax
    return count * (count + 1) / 2 * (lMax + 1)
  }

  /// Components of one centre.
  public var dimension: Int { dimension(densities: densities) }

  /// - Throws: `InputError` for a number out of its range.
  public func validate() throws {
    let largest = (n: Int(CK_MAX_SOAP_WIDTH), l: Int(CK_MAX_SOAP_L))
    guard (1...largest.n).contains(nMax) else { throw InputError("n_max must be 1 to \(largest.n), found \(nMax)") }
    guard (0...largest.l).contains(lMax) else { throw InputError("l_max must be 0 to \(largest.l), found \(lMax)") }
    guard cutoff > 0, cutoff <= 50 else {
      throw InputError("cutoff must be above 0 and at most 50 Å, found \(cutoff)")
    }
    guard atomSigma >= 0.05, atomSigma <= 5 else {
      throw InputError("atom_sigma must be 0.05 to 5 Å, found \(atomSigma)")
    }
    guard transitionWidth > 0, transitionWidth <= cutoff else {
      throw InputError("cutoff_transition_width must be above 0 and at most the cutoff, found \(transitionWidth) Å")
    }
    guard centralWeight >= 0, centralWeight.isFinite else {
      throw InputError("central_weight must be 0 or more, found \(centralWeight)")
    }
    if let channels, !(1...max(1, types)).contains(channels) {
      throw InputError("element_channels must be 1 to the number of elements (\(types)), found \(channels)")
    }
    guard densities * nMax <= 512 else {
      throw InputError(
        "\(densities) densities of \(nMax) radial functions make \(dimension) components, more than can be worked with",
        remedy: "lower n_max, or set element_channels")
    }
  }

  /// Rows: channels, columns: types. Orthonormal rows of the discrete cosine transform, so that as many channels as
  /// types give the same kernel as none.
  var mixing: [[Double]]? {
    channels.map { channels in
      (0..<channels).map { q in
        let scale = ((q == 0 ? 1.0 : 2.0) / Double(types)).squareRoot()
        return (0..<types).map { scale * cos(Double.pi * (Double($0) + 0.5) * Double(q) / Double(types)) }
      }
    }
  }
}
