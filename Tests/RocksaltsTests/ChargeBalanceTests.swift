import Rocksalts
import Structures
import Testing

struct ChargeBalanceTests {
  private func amounts(_ formula: String) throws -> [(element: ChemicalElement, amount: Double)] {
    try Species.amounts(formula: formula).compactMap { part in part.species.element.map { ($0, part.amount) } }
  }

  @Test(arguments: [
    ("LiMnO2", "Mn", 3), ("Li1.2Mn0.4Ti0.4O2", "Mn", 3), ("Li2MnO3", "Mn", 4), ("Li1.3Nb0.3Mn0.4O2", "Mn", 3),
    ("Li2MnO2F", "Mn", 3), ("MnO", "Mn", 2), ("LiNiO2", "Ni", 3), ("Li1.25Mn0.25Ti0.5O2", "Ti", 4),
  ]) func knownStates(_ item: (formula: String, element: String, charge: Int)) throws {
    let states = try #require(try ChargeBalance.assignments(amounts(item.formula)).first)
    #expect(states.first { $0.element.symbol == item.element }?.charge == item.charge)
    #expect(abs(states.reduce(0) { $0 + Double($1.charge) * $1.amount }) < 1e-9)
  }

  @Test func mixedStatesWhereOneIsNotEnough() throws {
    let states = try #require(try ChargeBalance.assignments(amounts("Li0.5NiO2")).first)
    let nickel = states.filter { $0.element.symbol == "Ni" }
    #expect(nickel.map(\.charge).sorted() == [3, 4])
    #expect(nickel.allSatisfy { abs($0.amount - 0.5) < 1e-9 })
  }

  @Test func unbalancedCompositionsSayWhy() throws {
    let error = #expect(throws: InputError.self) { try ChargeBalance.assignments(amounts("Li3MnO2")) }
    #expect(error?.message == "Li3MnO2 cannot be neutral: its cations carry from +5 to +7, its anions -4")
    #expect(throws: InputError.self) { try ChargeBalance.assignments(amounts("LiUO2")) }
  }

  @Test func edgesFromRadii() throws {
    // 2 ((0.76 + 0.645)/2 + 1.40) Å by Shannon's radii; measured cation-disordered LiMnO2 is near 4.18 Å.
    #expect(abs(try ChargeBalance.rocksaltEdge(amounts("LiMnO2")) - 4.205) < 1e-9)
    #expect(abs(try ChargeBalance.rocksaltEdge(amounts("NiO")) - 4.18) < 1e-9)
  }

  @Test func neutralCompositionsOfACell() throws {
    let rows = try NeutralCompositions.all(
      metals: ["Mn", "Ti"].compactMap { ChemicalElement($0) }, sites: 20, x: 0...0.3, y: 0...0)
    #expect(!rows.isEmpty)
    for row in rows {
      #expect(row.states.reduce(0) { $0 + Double($1.charge) * $1.amount } == 0)
      #expect(row.x >= 0 && row.x <= 0.3 && row.y == 0)
    }
    #expect(rows.contains { $0.x == 0.2 && $0.states.map(\.charge) == [1, 3, 4, -2] })
    #expect(throws: InputError.self) {
      try NeutralCompositions.all(metals: [ChemicalElement("Sc")!], sites: 4, x: 0.5...0.5, y: 0...0)
    }
  }

  /// Where one state alone gives nothing neutral, two states of one metal do.
  @Test func mixedValenceInWholeNumbers() throws {
    let rows = try NeutralCompositions.all(metals: [ChemicalElement("Mn")!], sites: 20, x: 0.2...0.2, y: 0...0)
    #expect(rows.contains { $0.states.filter { $0.element.symbol == "Mn" }.map(\.amount) == [4, 4] })
    #expect(rows.allSatisfy { $0.states.reduce(0) { $0 + Double($1.charge) * $1.amount } == 0 })
  }
}
