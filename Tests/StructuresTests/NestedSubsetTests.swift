import Structures
import Testing

@Suite struct NestedSubsetTests {
  private let data = Dataset(
    (0..<40).map { k in
      let element = ChemicalElement(k == 7 ? "Li" : "O")!
      let count = k == 7 ? 1 : 2
      return LabeledStructure(
        structure: Structure(
          lattice: nil, elements: [ChemicalElement](repeating: element, count: count),
          positions: (0..<count).map { [Double($0), Double(k), 0] }), labels: Labels(energy: Double(-k)),
        configType: k == 7 ? "IsolatedAtom" : nil)
    })

  @Test func smallerOnesLieInLargerOnes() {
    var last: Set<String> = []
    for count in [1, 5, 12, 38, 39, 1000] {
      let subset = data.nestedSubset(count, seed: 3)
      let ids = Set(subset.map(\.id))
      #expect(last.isSubset(of: ids))
      #expect(subset.distinctCount == min(39, count))
      #expect(subset.contains { $0.isIsolatedAtom })
      last = ids
    }
  }

  @Test func theOrderOfTheFramesDoesNotMatterButTheSeedDoes() {
    let ids = Set(data.nestedSubset(10, seed: 3).map(\.id))
    #expect(Set(Dataset(data.reversed()).nestedSubset(10, seed: 3).map(\.id)) == ids)
    #expect(Set(data.nestedSubset(10, seed: 4).map(\.id)) != ids)
  }

  @Test func copiesStayTogether() {
    let twice = Dataset(data.frames + data.frames)
    let subset = twice.nestedSubset(10, seed: 3)
    #expect(twice.distinctCount == 39)
    #expect(subset.count == 22 && Set(subset.map(\.id)) == Set(data.nestedSubset(10, seed: 3).map(\.id)))
  }
}
