/// Finds frames by their signature without comparing each with each: by formula, then by energy.
public struct SignatureIndex: Sendable {
  private let signatures: [FrameSignature]
  /// Of each formula the places of those with an energy, by energy, and of those without.
  private var withEnergy: [String: [Int]] = [:]
  private var withoutEnergy: [String: [Int]] = [:]

  public init(_ signatures: [FrameSignature]) {
    self.signatures = signatures
    for (place, signature) in signatures.enumerated() {
      if signature.energy != nil {
        withEnergy[signature.formula, default: []].append(place)
      } else {
        withoutEnergy[signature.formula, default: []].append(place)
      }
    }
    withEnergy = withEnergy.mapValues { $0.sorted { (energy($0), $0) < (energy($1), $1) } }
  }

  private func energy(_ place: Int) -> Double { signatures[place].energy ?? 0 }

  /// The places of all signatures that match, ascending.
  public func matches(of signature: FrameSignature, atoms: Int) -> [Int] {
    let sorted = withEnergy[signature.formula] ?? []
    var near = sorted[...]
    if let energy = signature.energy {
      let reach = 2e-5 * Double(max(1, atoms))
      near = near[lowerBound(sorted, energy - reach)..<lowerBound(sorted, energy + reach)]
    }
    let candidates = near + (withoutEnergy[signature.formula] ?? [])
    return candidates.filter { signature.matches(signatures[$0], atoms: atoms) }.sorted()
  }

  /// The first position whose energy is not below a value.
  private func lowerBound(_ places: [Int], _ value: Double) -> Int {
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      if energy(places[middle]) < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
