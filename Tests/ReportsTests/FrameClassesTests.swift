import Structures
import Testing

@testable import Reports

@Test func piesCountClassesAndMetals() throws {
  let formulas: [[(String, Int)]] = [
    [("Li", 2), ("Mn", 1), ("Ni", 1), ("O", 4)], [("Mn", 2), ("O", 4)], [("Mn", 1), ("Ti", 1), ("O", 4)],
  ]
  let frames = formulas.map { parts in
    let elements = parts.flatMap { Array(repeating: ChemicalElement($0.0)!, count: $0.1) }
    return LabeledStructure(
      structure: Structure(
        lattice: nil, elements: elements, positions: elements.indices.map { [3 * Double($0), 0, 0] }),
      labels: Labels())
  }
  let classes = try FrameClasses(Dataset(frames))
  #expect(classes.lithiation == [Amount("LiTMO2", 1), Amount("TMO2", 2)])
  #expect(classes.transitionMetals == [Amount("1 TM", 1), Amount("2 TM", 2)])
  #expect(classes.presence == [Amount("Ti", 1), Amount("Mn", 3), Amount("Ni", 1)])
  #expect(WellFormed(classes.svg).error == nil)
  #expect(classes.svg.contains("TMO2 2") && classes.svg.contains("Mn 3"))
}
