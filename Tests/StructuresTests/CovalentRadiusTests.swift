import Structures
import Testing

@Test(arguments: [("H", 0.31), ("Li", 1.28), ("O", 0.66), ("F", 0.57), ("Mn", 1.39), ("Cs", 2.44), ("Cm", 1.69)])
func covalentRadiiAreThoseOfThePaper(symbol: String, radius: Double) throws {
  #expect(try #require(ChemicalElement(symbol)).covalentRadius == radius)
}

@Test func beyondCuriumThereIsNone() {
  #expect(ChemicalElement.all.filter { $0.covalentRadius == nil }.first?.symbol == "Bk")
}
