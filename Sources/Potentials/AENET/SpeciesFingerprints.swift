import Structures

/// What a centre's surroundings are described by.
public enum Fingerprint: Sendable, Hashable {
  case chebyshev(ChebyshevFingerprint)
  case behler(BehlerFingerprint)

  /// Components.
  public var count: Int {
    switch self {
    case .chebyshev(let fingerprint): fingerprint.count
    case .behler(let fingerprint): fingerprint.count
    }
  }

  /// Å.
  public var cutoff: Double {
    switch self {
    case .chebyshev(let fingerprint): fingerprint.shape.radialCutoff
    case .behler(let fingerprint): fingerprint.cutoff
    }
  }
}

/// The fingerprints of the species of a potential: mostly one for all, or several, each for some of the species.
public struct SpeciesFingerprints: Sendable {
  /// Species that share a fingerprint.
  struct Group: Sendable {
    var fingerprint: Fingerprint
    let species: [Int]
    /// For each species of the potential whether it is of the group; nil where all are.
    let members: [Bool]?
  }

  private(set) var groups: [Group]
  /// Components of each species' fingerprint.
  let widths: [Int]
  /// Where each species' components begin in an array of all, and the end.
  let offsets: [Int]

  /// - Parameter fingerprints: one for each species.
  init(_ fingerprints: [Fingerprint]) {
    var groups: [Group] = []
    for fingerprint in fingerprints where !groups.contains(where: { $0.fingerprint == fingerprint }) {
      let members = fingerprints.map { $0 == fingerprint }
      groups.append(
        Group(
          fingerprint: fingerprint, species: members.indices.filter { members[$0] },
          members: members.contains(false) ? members : nil))
    }
    self.groups = groups
    widths = fingerprints.map(\.count)
    offsets = widths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  /// w of the species where all of them share one Chebyshev fingerprint that is weighted; nil else, and then it cannot
  /// be set.
  var speciesWeights: [Double]? {
    get {
      guard groups.count == 1, case .chebyshev(let fingerprint) = groups[0].fingerprint, fingerprint.isWeighted
      else { return nil }
      return fingerprint.speciesWeights
    }
    set {
      guard let newValue, speciesWeights != nil, case .chebyshev(var fingerprint) = groups[0].fingerprint else {
        return
      }
      fingerprint.speciesWeights = newValue
      groups[0].fingerprint = .chebyshev(fingerprint)
    }
  }

  /// Å: the longest reach.
  var cutoff: Double { groups.map(\.fingerprint.cutoff).max() ?? 0 }
}

extension SpeciesFingerprints.Group {
  var width: Int { fingerprint.count }

  /// Fingerprints of the centres of a list, by rows (0 for centres of other groups), and what the gradient needs.
  func values(_ list: NeighborList) -> (features: [Double], moments: [Double]) {
    switch fingerprint {
    case .chebyshev(let fingerprint): fingerprint.values(list, of: members)
    case .behler(let fingerprint): (fingerprint.values(list, of: members), [])
    }
  }

  /// Adds Σ_k slopes_ik ∂G_ik/∂r_p to the gradient of every pair p of every centre i of the group.
  func addGradient(
    _ list: NeighborList, moments: [Double], slopes: [Double], to gradient: inout PairGradient
  ) {
    switch fingerprint {
    case .chebyshev(let fingerprint):
      fingerprint.addGradient(list, of: members, moments: moments, slopes: slopes, to: &gradient)
    case .behler(let fingerprint):
      fingerprint.addGradient(list, of: members, slopes: slopes, to: &gradient)
    }
  }

  /// Σ_p tangents_p · ∂G_ik/∂r_p of every centre i of the group, by rows, and the same of the moments.
  func tangents(
    _ list: NeighborList, moments: [Double], pairTangents: [SIMD3<Double>]
  ) -> (changes: [Double], momentChanges: [Double]) {
    switch fingerprint {
    case .chebyshev(let fingerprint):
      fingerprint.tangents(list, of: members, moments: moments, pairTangents: pairTangents)
    case .behler(let fingerprint):
      (fingerprint.tangents(list, of: members, pairTangents: pairTangents), [])
    }
  }

  /// Adds ∂/∂w_t of Σ_ik (values_ik G_ik + changes_ik Ġ_ik) for every species weight of a Chebyshev fingerprint.
  func addWeightGradient(
    _ list: NeighborList, pairTangents: [SIMD3<Double>], moments: (values: [Double], changes: [Double]),
    adjoints: (values: [Double], changes: [Double]), to gradient: inout [Double]
  ) {
    guard case .chebyshev(let fingerprint) = fingerprint else { return }
    fingerprint.addWeightGradient(
      list, pairTangents: pairTangents, moments: moments, adjoints: adjoints, to: &gradient)
  }
}
