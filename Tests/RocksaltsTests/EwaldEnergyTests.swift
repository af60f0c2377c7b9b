import Foundation
import Rocksalts
import Structures
import TestSupport
import Testing

private func element(_ symbol: String) -> ChemicalElement { ChemicalElement(symbol)! }

private func charges(_ structure: Structure) -> [Double] {
  structure.elements.map { ["Li": 1, "Mn": 3, "Ti": 4, "O": -2, "Na": 1, "Cl": -1, "Cs": 1][$0.symbol]! }
}

/// A random rocksalt with charges Li 1, Mn 3, Ti 4, O −2 whose sum is not zero in general.
private func disordered(_ seed: UInt64) -> Structure {
  RandomRocksalt.cell(cubes: seed.isMultiple(of: 2) ? 2 : 1, cations: ["Li", "Mn", "Ti"], seed: seed)
}

struct EwaldEnergyTests {
  // Madelung constants: Glasser 2012, doi:10.1021/ic2023852, Table 1 (NaCl, CsCl).
  @Test func madelungConstantsOfRocksaltAndCaesiumChloride() throws {
    let a = 5.6
    let h = a / 2
    let salt = Structure(
      lattice: Lattice(a: [0, h, h], b: [h, 0, h], c: [h, h, 0]), elements: [element("Na"), element("Cl")],
      positions: [.zero, [h, 0, 0]])
    let madelung = -(try EwaldEnergy(salt).energy(charges: [1, -1])) * h / Units.coulomb
    #expect(abs(madelung - 1.747564594633182) < 1e-12)
    let caesium = Structure(
      lattice: Lattice(a: [a, 0, 0], b: [0, a, 0], c: [0, 0, a]), elements: [element("Cs"), element("Cl")],
      positions: [.zero, [h, h, h]])
    let other = -(try EwaldEnergy(caesium).energy(charges: [1, -1])) * h * 3.0.squareRoot() / Units.coulomb
    #expect(abs(other - 1.762674773070988) < 1e-12)
  }

  @Test func anyCellOfACrystalHasTheSameEnergy() throws {
    let small = disordered(1)
    let one = try EwaldEnergy(small).energy(charges: charges(small))
    let large = small.repeated(2, 1, 3)
    #expect(abs(try EwaldEnergy(large).energy(charges: charges(large)) - 6 * one) < 1e-8 * abs(one))
    var skewed = small
    let lattice = try #require(small.lattice)
    skewed.lattice = lattice.changed(by: LatticeChange(a: [1, 3, 0], b: [0, 1, -4], c: [0, 0, 1]))
    #expect(abs(try EwaldEnergy(skewed).energy(charges: charges(small)) - one) < 1e-9 * abs(one))
  }

  @Test func theAccuracyIsKept() throws {
    let structure = disordered(2)
    let exact = try EwaldEnergy(structure, accuracy: 1e-15).energy(charges: charges(structure))
    for accuracy in [1e-4, 1e-8, 1e-12] {
      let energy = try EwaldEnergy(structure, accuracy: accuracy).energy(charges: charges(structure))
      #expect(abs(energy - exact) < max(accuracy, 1e-13) * abs(exact))
    }
  }

  @Test func interactionMatrixGivesEnergiesAndExchanges() throws {
    let structure = disordered(3)
    let ewald = try EwaldEnergy(structure)
    let matrix = try ChargeInteraction(ewald)
    #expect(try ChargeInteraction(ewald, threads: 2).values == matrix.values)
    var q = charges(structure)
    #expect(abs(matrix.energy(charges: q) - ewald.energy(charges: q)) < 1e-9)
    var random = RandomSource(seed: 5)
    for _ in 0..<20 {
      let (i, j) = (random.below(q.count), random.below(q.count))
      let before = ewald.energy(charges: q)
      let change = matrix.changeOnExchange(of: i, and: j, charges: q)
      q.swapAt(i, j)
      #expect(abs(ewald.energy(charges: q) - before - change) < 1e-9)
      let set = matrix.changeOnSetting(i, to: 2.5, charges: q)
      let old = ewald.energy(charges: q)
      q[i] = 2.5
      #expect(abs(ewald.energy(charges: q) - old - set) < 1e-9)
    }
  }

  @Test func badInputIsSaid() throws {
    let cluster = Structure(lattice: nil, elements: [element("Na")], positions: [.zero])
    #expect(throws: InputError.self) { try EwaldEnergy(cluster) }
    #expect(throws: InputError.self) { try EwaldEnergy(disordered(1), accuracy: 0.5) }
  }

  @Test(.enabled(if: Peers.areAll(["pymatgen"]), "pymatgen is absent: run `make peers HEAVY=1`"))
  func pymatgenFindsTheSameEnergies() throws {
    let structures = (1...10).map { disordered($0) }
    let cells: [[String: Any]] = structures.map { s in
      let l = s.lattice!
      return [
        "lattice": [l.a, l.b, l.c].map { [$0.x, $0.y, $0.z] }, "species": s.elements.map(\.symbol),
        "positions": s.positions.map { [$0.x, $0.y, $0.z] }, "charges": charges(s),
      ]
    }
    let script = """
      import sys, json, warnings
      warnings.simplefilter("ignore")
      from pymatgen.core import Structure
      from pymatgen.analysis.ewald import EwaldSummation
      for c in json.load(open(sys.argv[1])):
          s = Structure(c["lattice"], c["species"], c["positions"], coords_are_cartesian=True)
          s.add_oxidation_state_by_site(c["charges"])
          print(repr(float(EwaldSummation(s, acc_factor=14).total_energy)))
      """
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".json")
    try JSONSerialization.data(withJSONObject: cells).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let theirs = try Peers.ask(script, arguments: [file.path]).split(separator: "\n").compactMap { Double($0) }
    try #require(theirs.count == structures.count)
    for (structure, energy) in zip(structures, theirs) {
      let ours = try EwaldEnergy(structure).energy(charges: charges(structure))
      #expect(abs(ours - energy) < 1e-6, "\(ours) \(energy)")
    }
  }
}
