import CKernels
import Structures

/// The Chebyshev fingerprint of Artrith, Urban and Ceder (doi:10.1103/PhysRevB.96.014112, eqs. 3–6).
///
///     c_n = Σ_j w_j f_c(r_ij; R_r) T_n(2 r_ij/R_r − 1)                      n = 0 … N_r
///     a_n = Σ_{j<k} w_j w_k f_c(r_ij; R_a) f_c(r_ik; R_a) T_n(x(cos θ_ijk))     n = 0 … N_a
///     f_c(r; R) = ½ [cos(π r/R) + 1],  r < R
///
/// Order of the components: c and a with w = 1, then, for more than one species, c and a with the species weights.
/// The angular sum over pairs is computed from per-atom moments A_lm = Σ_j f_c Y_lm: T_n(x(c)) = Σ_l t_nl P_l(c),
/// and by the addition theorem Σ_jk f_j f_k P_l(cos θ_jk) = Σ_m A_lm². That is linear in the neighbours.
public struct ChebyshevFingerprint: Sendable, Hashable {
  /// What the angular polynomials take as argument.
  public enum AngularDomain: String, Codable, Sendable, CaseIterable {
    /// x = cos θ: aenet 2.0.4 and later.
    case cosine
    /// x = (2 cos θ − π)/π: aenet before 2019-11-18, for potentials trained with it.
    case legacy
  }

  public struct Shape: Hashable, Codable, Sendable {
    /// R_r and R_a, Å; R_a ≤ R_r.
    public var radialCutoff: Double
    public var angularCutoff: Double
    /// N_r and N_a: the highest orders.
    public var radialOrder: Int
    public var angularOrder: Int
    public var domain: AngularDomain

    enum CodingKeys: String, CodingKey {
      case radialCutoff = "radial_cutoff"
      case angularCutoff = "angular_cutoff"
      case radialOrder = "radial_order"
      case angularOrder = "angular_order"
      case domain = "angular_domain"
    }

    public init(
      radialCutoff: Double, radialOrder: Int, angularCutoff: Double, angularOrder: Int,
      domain: AngularDomain = .cosine
    ) {
      self.radialCutoff = radialCutoff
      self.radialOrder = radialOrder
      self.angularCutoff = angularCutoff
      self.angularOrder = angularOrder
      self.domain = domain
    }
  }

  public let shape: Shape
  /// w of each species, in declared order; its position is part of the model.
  public var speciesWeights: [Double]
  public let isWeighted: Bool
  private let tables: Tables

  /// - Parameters:
  ///   - speciesWeights: one for each species; aenet's are `declaredWeights(count:)`.
  ///   - isWeighted: whether there is a second half; nil where there is more than one species.
  /// - Throws: `InputError` where a cutoff or an order is out of range.
  public init(_ shape: Shape, speciesWeights: [Double], isWeighted: Bool? = nil) throws {
    guard shape.radialCutoff > 0, shape.radialCutoff.isFinite, shape.angularCutoff > 0 else {
      throw InputError(
        "cutoffs of a fingerprint must be positive, found \(shape.radialCutoff) and \(shape.angularCutoff) Å")
    }
    guard shape.angularCutoff <= shape.radialCutoff else {
      throw InputError(
        "the angular cutoff (\(shape.angularCutoff) Å) is larger than the radial one (\(shape.radialCutoff) Å)",
        remedy: "choose angular_cutoff ≤ radial_cutoff")
    }
    guard (0...Int(CK_MAX_RADIAL)).contains(shape.radialOrder),
      (0...Int(CK_MAX_ANGULAR)).contains(shape.angularOrder)
    else {
      throw InputError(
        "orders of a fingerprint are 0–\(CK_MAX_RADIAL) (radial) and 0–\(CK_MAX_ANGULAR) (angular), found "
          + "\(shape.radialOrder) and \(shape.angularOrder)")
    }
    self.shape = shape
    self.speciesWeights = speciesWeights
    self.isWeighted = isWeighted ?? (speciesWeights.count > 1)
    tables = Tables(shape)
  }

  /// Weights by position in aenet's ENV list: −⌊n/2⌋, −⌊n/2⌋ + 1, …; 0 is left out where n is even.
  public static func declaredWeights(count n: Int) -> [Double] {
    let weights = (0...n).map { $0 - n / 2 }.filter { n % 2 == 1 || $0 != 0 }
    return weights.prefix(n).map(Double.init)
  }

  /// The same without 0, so that no species is blind: −⌊n/2⌋, …, −1, 1, … for even and odd n.
  public static func nonzeroWeights(count n: Int) -> [Double] {
    (0...n).map { Double($0 - n / 2) }.filter { $0 != 0 }
  }

  /// Components of the fingerprint.
  public var count: Int { half * (isWeighted ? 2 : 1) }

  /// Doubles of moments that the gradient of one centre needs.
  public var momentCount: Int { 2 * (shape.angularOrder + 1) * (shape.angularOrder + 1) }

  private var half: Int { shape.radialOrder + shape.angularOrder + 2 }

  /// Fingerprints of the centres of a list, by rows, and the moments that `addGradient` needs.
  /// - Parameter species: for each type of centre whether it is wanted; rows of the others are 0. Nil for all.
  public func values(_ list: NeighborList, of species: [Bool]? = nil) -> (features: [Double], moments: [Double]) {
    let centers = list.centers.count
    var features = [Double](repeating: 0, count: centers * count)
    var moments = [Double](repeating: 0, count: centers * momentCount)
    features.withUnsafeMutableBufferPointer { features in
      moments.withUnsafeMutableBufferPointer { moments in
        guard let feature = features.baseAddress, let moment = moments.baseAddress else { return }
        forEachCenter(list, species) { kernel, k, pairs, _ in
          ck_chebyshev_values(kernel, pairs, feature + k * count, moment + k * momentCount)
        }
      }
    }
    return (features, moments)
  }

  /// Adds Σ_k slopes_ik ∂G_ik/∂r_p to the gradient of every pair p of every centre i.
  /// - Parameter slopes: ∂E_i/∂G_ik, eV, by rows.
  public func addGradient(
    _ list: NeighborList, of species: [Bool]? = nil, moments: [Double], slopes: [Double],
    to gradient: inout PairGradient
  ) {
    gradient.vectors.withUnsafeMutableBytes { bytes in
      guard let base = bytes.bindMemory(to: Double.self).baseAddress else { return }
      moments.withUnsafeBufferPointer { moments in
        slopes.withUnsafeBufferPointer { slopes in
          forEachCenter(list, species) { kernel, k, pairs, first in
            ck_chebyshev_gradient(
              kernel, pairs, moments.baseAddress! + k * momentCount, slopes.baseAddress! + k * count,
              base + 4 * first)
          }
        }
      }
    }
  }

  /// Σ_p tangents_p · ∂G_ik/∂r_p of every centre i, by rows: how the fingerprints change as the pairs move; also how
  /// the moments do, which `addWeightGradient` needs.
  public func tangents(
    _ list: NeighborList, of species: [Bool]? = nil, moments: [Double], pairTangents: [SIMD3<Double>]
  ) -> (changes: [Double], momentChanges: [Double]) {
    var changes = [Double](repeating: 0, count: list.centers.count * count)
    var momentChanges = [Double](repeating: 0, count: moments.count)
    changes.withUnsafeMutableBufferPointer { changes in
      momentChanges.withUnsafeMutableBufferPointer { momentChanges in
        moments.withUnsafeBufferPointer { moments in
          pairTangents.withUnsafeBytes { bytes in
            guard let base = bytes.bindMemory(to: Double.self).baseAddress else { return }
            forEachCenter(list, species) { kernel, k, pairs, first in
              ck_chebyshev_tangent(
                kernel, pairs, moments.baseAddress! + k * momentCount, base + 4 * first,
                changes.baseAddress! + k * count, momentChanges.baseAddress! + k * momentCount)
            }
          }
        }
      }
    }
    return (changes, momentChanges)
  }

  /// Adds ∂/∂w_t of Σ_ik (values_ik G_ik + changes_ik Ġ_ik) for the weight of every species t, Ġ being the change along
  /// the pair tangents.
  /// - Parameters:
  ///   - moments: of `values(_:)`, and their changes of `tangents(_:moments:pairTangents:)`.
  ///   - adjoints: values and changes, by rows.
  public func addWeightGradient(
    _ list: NeighborList, pairTangents: [SIMD3<Double>], moments: (values: [Double], changes: [Double]),
    adjoints: (values: [Double], changes: [Double]), to gradient: inout [Double]
  ) {
    guard isWeighted else { return }
    var slopes = [Double](repeating: 0, count: list.vectors.count)
    slopes.withUnsafeMutableBufferPointer { slopes in
      pairTangents.withUnsafeBytes { bytes in
        guard let slope = slopes.baseAddress, let base = bytes.bindMemory(to: Double.self).baseAddress else {
          return
        }
        adjoints.values.withUnsafeBufferPointer { values in
          adjoints.changes.withUnsafeBufferPointer { changes in
            forEachCenter(list, nil) { kernel, k, pairs, first in
              let row = k * count + half
              var own = ck_adjoints(values: values.baseAddress! + row, changes: changes.baseAddress! + row)
              moments.values.withUnsafeBufferPointer { values in
                moments.changes.withUnsafeBufferPointer { changes in
                  let place = k * momentCount
                  ck_chebyshev_weight_gradient(
                    kernel, pairs, base + 4 * first, values.baseAddress! + place, changes.baseAddress! + place,
                    &own,
                    slope + first)
                }
              }
            }
          }
        }
      }
    }
    for (pair, slope) in slopes.enumerated() { gradient[list.types[list.indices[pair]]] += slope }
  }

  /// Calls `body(kernel, centre, its pairs, number of its first pair)` for every centre of the species, that has
  /// neighbours or not.
  private func forEachCenter(
    _ list: NeighborList, _ species: [Bool]?,
    _ body: (UnsafePointer<ck_chebyshev>, Int, UnsafePointer<ck_pairs>, Int) -> Void
  ) {
    let weights = list.indices.map { speciesWeights[list.types[$0]] }
    tables.withKernel(shape, isWeighted: isWeighted) { kernel in
      list.vectors.withUnsafeBytes { bytes in
        weights.withUnsafeBufferPointer { weights in
          let vectors = bytes.bindMemory(to: Double.self).baseAddress
          for k in 0..<list.centers.count {
            if let species, !species[list.types[list.centers.lowerBound + k]] { continue }
            let first = list.offsets[k]
            var pairs = ck_pairs()
            pairs.count = Int64(list.offsets[k + 1] - first)
            pairs.vectors = vectors.map { $0 + 4 * first }
            pairs.weights = weights.baseAddress.map { $0 + first }
            body(kernel, k, &pairs, first)
          }
        }
      }
    }
  }
}

extension ChebyshevFingerprint {
  /// What the kernel looks up.
  struct Tables: Sendable, Hashable {
    /// t_nl with T_n(x(c)) = Σ_l t_nl P_l(c), n by rows.
    let legendre: [Double]
    /// T_n(x(1)).
    let own: [Double]
    /// a_lm and b_lm of Q_lm = a_lm z Q_{l−1,m} + b_lm Q_{l−2,m}, and Q_mm.
    let recurrenceA: [Double]
    let recurrenceB: [Double]
    let diagonal: [Double]

    init(_ shape: Shape) {
      let size = shape.angularOrder + 1
      let (scale, offset) = shape.domain == .cosine ? (1.0, 0.0) : (2 / Double.pi, -1.0)
      // T_{n+1} = 2x T_n − T_{n−1} with x = scale c + offset, and c P_l = [(l+1) P_{l+1} + l P_{l−1}]/(2l+1).
      func timesArgument(_ p: [Double]) -> [Double] {
        var result = p.map { offset * $0 }
        for l in 0..<size where p[l] != 0 {
          if l + 1 < size { result[l + 1] += scale * p[l] * Double(l + 1) / Double(2 * l + 1) }
          if l > 0 { result[l - 1] += scale * p[l] * Double(l) / Double(2 * l + 1) }
        }
        return result
      }
      var polynomials = [[1] + [Double](repeating: 0, count: size - 1)]
      if size > 1 { polynomials.append(timesArgument(polynomials[0])) }
      while polynomials.count < size {
        let n = polynomials.count
        polynomials.append(zip(timesArgument(polynomials[n - 1]), polynomials[n - 2]).map { 2 * $0 - $1 })
      }
      legendre = polynomials.flatMap { $0 }
      own = polynomials.map { $0.reduce(0, +) }
      // Racah-normalised real harmonics without the Condon–Shortley phase: Σ_m Y_lm(u) Y_lm(v) = P_l(u·v).
      var a = [Double](repeating: 0, count: size * size)
      var b = a
      for l in 1..<size {
        for m in 0..<l {
          let (l2, m2) = (Double(l * l), Double(m * m))
          a[l * size + m] = Double(2 * l - 1) / (l2 - m2).squareRoot()
          b[l * size + m] = -((Double((l - 1) * (l - 1)) - m2) / (l2 - m2)).squareRoot()
        }
      }
      recurrenceA = a
      recurrenceB = b
      var q = [1.0]
      for m in 1..<size {
        // Q_mm = √2 (2m−1)!!/√(2m)!
        let step = (Double(2 * m - 1) / Double(2 * m)).squareRoot()
        q.append(q[m - 1] * step * (m == 1 ? 2.0.squareRoot() : 1))
      }
      diagonal = q
    }

    func withKernel(_ shape: Shape, isWeighted: Bool, _ body: (UnsafePointer<ck_chebyshev>) -> Void) {
      legendre.withUnsafeBufferPointer { legendre in
        own.withUnsafeBufferPointer { own in
          recurrenceA.withUnsafeBufferPointer { a in
            recurrenceB.withUnsafeBufferPointer { b in
              diagonal.withUnsafeBufferPointer { diagonal in
                var kernel = ck_chebyshev()
                kernel.radial_cutoff = shape.radialCutoff
                kernel.angular_cutoff = shape.angularCutoff
                kernel.radial_order = Int64(shape.radialOrder)
                kernel.angular_order = Int64(shape.angularOrder)
                kernel.is_weighted = isWeighted ? 1 : 0
                kernel.legendre = legendre.baseAddress
                kernel.`self` = own.baseAddress
                kernel.recurrence_a = a.baseAddress
                kernel.recurrence_b = b.baseAddress
                kernel.diagonal = diagonal.baseAddress
                body(&kernel)
              }
            }
          }
        }
      }
    }
  }
}
