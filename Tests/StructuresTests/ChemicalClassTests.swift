import Structures
import Testing

private func oxide(_ elements: [(String, Int)]) -> Structure {
  let all = elements.flatMap { Array(repeating: ChemicalElement($0.0)!, count: $0.1) }
  return Structure(lattice: nil, elements: all, positions: all.indices.map { [3 * Double($0), 0, 0] })
}

@Test(arguments: [
  ([("Li", 2), ("Mn", 1), ("Ni", 1), ("O", 4)], LithiationClass.full, 2), ([("Mn", 2), ("O", 4)], .none, 1),
  ([("Li", 4), ("Mn", 2), ("O", 6)], .excess, 1), ([("Li", 1), ("Ti", 2), ("O", 4)], .partial, 1),
  ([("Li", 2), ("O", 1)], .other, 0), ([("Ni", 1)], .other, 1), ([("V", 2), ("O", 3)], .other, 1),
  ([("V", 2), ("O", 5)], .other, 1), ([("Li", 2), ("V", 1), ("O", 2), ("F", 1)], .excess, 1),
])
func lithiationFollowsFromTheCounts(elements: [(String, Int)], expected: LithiationClass, metals: Int) {
  let structure = oxide(elements)
  #expect(structure.lithiationClass == expected)
  #expect(structure.transitionMetals.count == metals)
}

/// Rocksalt LiMO2 with layers of Li and M along [111] (a doubled cube), and the same with one pair of cations exchanged.
@Test func layersAreOrderedAndAnExchangeIsNot() throws {
  let (lithium, nickel, oxygen) = (ChemicalElement("Li")!, ChemicalElement("Ni")!, ChemicalElement("O")!)
  var elements: [ChemicalElement] = []
  var positions: [SIMD3<Double>] = []
  for i in 0..<4 {
    for j in 0..<4 {
      for k in 0..<4 {
        let sum = i + j + k
        positions.append(2.1 * [Double(i), Double(j), Double(k)])
        elements.append(sum % 2 == 1 ? oxygen : sum % 4 == 0 ? lithium : nickel)
      }
    }
  }
  let lattice = Lattice(a: [8.4, 0, 0], b: [0, 8.4, 0], c: [0, 0, 8.4])
  let layered = Structure(lattice: lattice, elements: elements, positions: positions)
  #expect(try layered.cationOrder() == .ordered)
  var exchanged = elements
  exchanged.swapAt(elements.firstIndex(of: lithium)!, elements.firstIndex(of: nickel)!)
  #expect(try Structure(lattice: lattice, elements: exchanged, positions: positions).cationOrder() == .disordered)
  #expect(try oxide([("Li", 2), ("O", 1)]).cationOrder() == .unknown)
}
