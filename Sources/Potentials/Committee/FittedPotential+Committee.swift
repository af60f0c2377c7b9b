import Structures

extension FittedPotential {
  /// A committee: potentials of one kind that differ by their seeds or their frames, used as one.
  ///
  /// Its energy is the mean over the members, and so are forces and virial, which are derivatives of it.
  /// - Throws: `InputError` where the members are of different kinds, elements or cutoffs, or are committees themselves.
  public init(committee members: [FittedPotential]) throws {
    guard let first = members.first else { throw InputError("a committee needs members") }
    for (number, member) in members.enumerated() {
      guard member.kind == first.kind, member.elements == first.elements, member.cutoff == first.cutoff,
        !member.isCommittee
      else {
        throw InputError(
          "member \(number + 1) of the committee is \(member.kind) of \(member.elements.map(\.symbol).joined(separator: " ")) "
            + "to \(member.cutoff) Å, the first is \(first.kind) of "
            + "\(first.elements.map(\.symbol).joined(separator: " ")) to \(first.cutoff) Å",
          remedy: "members must be of one kind, with the same elements and cutoff")
      }
    }
    self = first
    companions = Array(members.dropFirst())
    self.members = companions.reduce(first.members) { $0.union($1.members) }
  }

  public var isCommittee: Bool { !companions.isEmpty }

  /// The potentials that it is the mean of: itself alone, unless it is a committee.
  public var committee: [FittedPotential] {
    var first = self
    first.companions = []
    return [first] + companions
  }

  /// "snap", "committee of 4 snap".
  public var title: String { isCommittee ? "committee of \(companions.count + 1) \(kind)" : kind }

  /// Means over the members, added in their order.
  func meanSiteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    let share = 1 / Double(companions.count + 1)
    var sum = [Double](repeating: 0, count: list.centers.count)
    var slopes: PairGradient? = gradient.map { PairGradient(pairs: $0.vectors.count) }
    for member in committee {
      let energies = member.siteEnergies(list, gradient: &slopes)
      for k in sum.indices { sum[k] += energies[k] }
    }
    if let slopes {
      for k in slopes.vectors.indices { gradient?.vectors[k] += share * slopes.vectors[k] }
    }
    return sum.map { share * $0 }
  }
}
