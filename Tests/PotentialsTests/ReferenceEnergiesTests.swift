import Potentials
import Structures
import Testing

private func frame(_ formula: [(String, Int)], energy: Double?, type: String? = nil) -> LabeledStructure {
  let elements = formula.flatMap { [ChemicalElement](repeating: ChemicalElement($0.0)!, count: $0.1) }
  let positions = elements.indices.map { SIMD3(3 * Double($0), 0, 0) }
  return LabeledStructure(
    structure: Structure(lattice: nil, elements: elements, positions: positions), labels: Labels(energy: energy),
    configType: type)
}

@Suite struct ReferenceEnergiesTests {
  @Test func findsEnergiesThatAreThere() throws {
    let data = Dataset([
      frame([("Li", 1), ("O", 1)], energy: -3), frame([("Li", 2), ("O", 1)], energy: -4),
      frame([("Mn", 1), ("O", 2)], energy: -9),
    ])
    let references = try ReferenceEnergies.fit(data)
    #expect(references.rank == 3 && references.freeDirections.isEmpty)
    for (symbol, energy) in [("Li", -1.0), ("O", -2), ("Mn", -5)] {
      #expect(abs(references.energies[ChemicalElement(symbol)!]! - energy) < 1e-10)
    }
    #expect(references.residual < 1e-12)
    #expect(abs(references.sum(over: data[1].structure) - -4) < 1e-10)
  }

  /// LiTMO2 and TMO2 alone obey n(O) = 2 Σ n(TM), whatever the number of metals.
  @Test func saysWhichDirectionIsFree() throws {
    let data = Dataset([
      frame([("Li", 1), ("Mn", 1), ("O", 2)], energy: -10), frame([("Mn", 1), ("O", 2)], energy: -7),
      frame([("Li", 1), ("Ti", 1), ("O", 2)], energy: -12), frame([("Ti", 1), ("O", 2)], energy: -9),
    ])
    let references = try ReferenceEnergies.fit(data)
    #expect(references.rank == 3)
    // No frame tells how a metal's energy divides from that of its two oxygen atoms.
    #expect(references.freeDirections == ["O − 2 Ti − 2 Mn = 0"])
    #expect(references.residual < 1e-12)
  }

  /// One composition leaves all but one direction free: each is said in the fewest elements.
  @Test func saysManyFreeDirectionsInFewElements() throws {
    let formula = [("Li", 8), ("Ti", 7), ("Ni", 7), ("Mo", 2), ("O", 32)]
    let references = try ReferenceEnergies.fit(Dataset([frame(formula, energy: -600)]))
    #expect(references.rank == 1)
    #expect(
      references.freeDirections == ["4 Li − O = 0", "7 O − 32 Ti = 0", "7 O − 32 Ni = 0", "O − 16 Mo = 0"])
  }

  @Test func isolatedAtoms() throws {
    let data = Dataset([
      frame([("Li", 1)], energy: -0.25, type: "IsolatedAtom"), frame([("Li", 1), ("O", 1)], energy: -3),
    ])
    let error = #expect(throws: InputError.self) { try ReferenceEnergies.isolatedAtoms(data) }
    #expect(error?.message == "no frame config_type=IsolatedAtom with an energy for O")
    let complete = Dataset(data.frames + [frame([("O", 1)], energy: -1.5, type: "IsolatedAtom")])
    let references = try ReferenceEnergies.isolatedAtoms(complete)
    #expect(references.energies == [ChemicalElement("Li")!: -0.25, ChemicalElement("O")!: -1.5])
  }

  @Test func needsAnEnergy() {
    let error = #expect(throws: InputError.self) {
      try ReferenceEnergies.fit(Dataset([frame([("Li", 1)], energy: nil)]))
    }
    #expect(error?.message.contains("no frame has an energy") == true)
  }
}
