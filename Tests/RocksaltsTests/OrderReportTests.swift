import Foundation
import Formats
import Rocksalts
import Structures
import TestSupport
import Testing

private func pairs(_ report: OrderReport) -> [Double] {
  report.order.flatMap { $0.shells.flatMap { $0.pairs.map(\.alpha) } }
}

/// Relaxation as it looks from outside: strained, turned, shifted, shaken, and in other vectors.
private func disguised(_ structure: Structure, seed: UInt64) throws -> Structure {
  var random = RandomSource(seed: seed)
  func small(_ size: Double) -> Double { size * (2 * random.uniform() - 1) }
  let strain = Matrix3([small(0.05), 0.03, 0.02], [0.03, small(0.05), -0.02], [0.02, -0.02, small(0.05)])
  var result = structure.strained(by: strain)
  let angle = 6 * random.uniform()
  let turn = Matrix3([cos(angle), -sin(angle), 0], [sin(angle), cos(angle), 0], [0, 0, 1])
  let other = Matrix3([1, 0, 0], [0, cos(1.1), -sin(1.1)], [0, sin(1.1), cos(1.1)])
  let rotate = { (v: SIMD3<Double>) in other * (turn * v) }
  let lattice = try #require(result.lattice)
  let turned = Lattice(a: rotate(lattice.a), b: rotate(lattice.b), c: rotate(lattice.c))
  result.lattice = turned.changed(by: LatticeChange(a: [1, 1, 0], b: [0, 1, -1], c: [0, 0, 1]))
  let shift: SIMD3<Double> = [small(3), small(3), small(3)]
  result.positions = result.positions.map { rotate($0) + shift + [small(0.2), small(0.2), small(0.2)] }
  return result
}

struct OrderReportTests {
  /// L1₀: Π₁ = −1/3, Π₂ = 1; L1₁: Π₁ = 0, Π₂ = −1.
  @Test func correlationsOfTheTwoOrderingsOfTwoAtoms() throws {
    let h = 2.0
    let atoms = [ChemicalElement("Au")!, ChemicalElement("Pd")!]
    let layered = Structure(
      lattice: Lattice(a: [h, h, 0], b: [h, -h, 0], c: [0, 0, 2 * h]), elements: atoms,
      positions: [.zero, [h, 0, h]])
    let rhombohedral = Structure(
      lattice: Lattice(a: [h, -h, 0], b: [0, h, -h], c: [2 * h, h, h]), elements: atoms,
      positions: [.zero, [h, h, 0]])
    for (structure, expected) in [(layered, [-1.0 / 3, 1]), (rhombohedral, [0, -1])] {
      let report = try OrderReport(structure, lattice: .fcc, shells: 2)
      let values = report.order[0].shells.map { $0.correlations[0].value }
      #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(values)")
      // α = −Π for equal shares of unlike species.
      let alphas = report.order[0].shells.map { shell in shell.pairs.first { $0.first != $0.second }?.alpha ?? 9 }
      #expect(zip(alphas, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  @Test func everyTetrahedronOfSpinelLikeAndLayeredCellsIsCounted() throws {
    // One Li in four cations along [111]: a cube with Li at its corner has tetrahedra LiTM₃ only.
    let cube = RandomRocksalt.cell(cubes: 1, cations: ["Mn"], rattle: 0, seed: 1)
    var one = cube
    one.elements[0] = ChemicalElement("Li")!
    let report = try OrderReport(one)
    #expect(report.tetrahedra?.histogram == [0, 8, 0, 0, 0])
    #expect(report.tetrahedra?.without_other_cation == 0)
    one.elements = one.elements.map { $0 == ChemicalElement("Mn")! ? ChemicalElement("Li")! : $0 }
    #expect(try OrderReport(one).tetrahedra?.histogram == [0, 0, 0, 0, 8])
  }

  @Test func missingCationsAreVacancies() throws {
    var cell = RandomRocksalt.cell(cubes: 2, cations: ["Mn"], rattle: 0.05, seed: 1)
    cell.elements.remove(at: 6)
    cell.positions.remove(at: 6)
    let report = try OrderReport(cell)
    #expect(report.cations.map(\.species).sorted() == ["Mn", "Va"])
    #expect(report.cations.first { $0.species == "Va" }?.sites == 1)
    #expect(report.tetrahedra == nil)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func aRelaxedStructureKeepsItsOrder(seed: UInt64) throws {
    let ideal = RandomRocksalt.cell(
      cubes: seed.isMultiple(of: 2) ? 2 : 1, cations: ["Li", "Mn", "Ti"], rattle: 0, seed: seed)
    let expected = try OrderReport(ideal)
    #expect(expected.displacement < 1e-9)
    let found = try OrderReport(try disguised(ideal, seed: seed))
    #expect(found.displacement > 0.05)
    #expect(zip(pairs(found), pairs(expected)).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(found.tetrahedra == expected.tetrahedra)
  }

  @Test func theRandomLimitOfAHundredThousandSites() throws {
    let cell = RandomRocksalt.cell(cubes: 30, cations: ["Li", "Li", "Mn", "Ti"], rattle: 0, seed: 8)
    #expect(cell.count == 216_000)
    let report = try OrderReport(cell, shells: 5)
    let sites = Double(report.cations.reduce(0) { $0 + $1.sites })
    for shell in report.order[0].shells {
      // Pairs counted N z/2 times; the share of a pair has the binomial error, five of which are allowed.
      for pair in shell.pairs {
        let share = report.cations.first { $0.species == pair.first }?.fraction ?? 1
        let samples = sites * share * Double(shell.neighbors) / 2
        let error = (pair.random * (1 - pair.random) / samples).squareRoot()
        #expect(abs(pair.probability - pair.random) < 5 * error, "\(pair)")
      }
      for correlation in shell.correlations {
        #expect(
          abs(correlation.value - correlation.random) < 5 / (sites * Double(shell.neighbors) / 2).squareRoot()
            + 3e-3)
      }
    }
    let tetrahedra = try #require(report.tetrahedra)
    for n in 0...4 {
      let error = (tetrahedra.random[n] / Double(tetrahedra.tetrahedra)).squareRoot()
      // Tetrahedra share corners: their counts scatter a few times more than free ones.
      #expect(abs(tetrahedra.fractions[n] - tetrahedra.random[n]) < 15 * error)
    }
  }

  @Test func pairsAreThoseOfPlainDistances() throws {
    let cell = RandomRocksalt.cell(cubes: 2, cations: ["Li", "Mn", "Ti"], edge: 4, rattle: 0, seed: 12)
    let report = try OrderReport(cell, shells: 4)
    let part = try #require(report.order.first { $0.sublattices == "cation–cation" })
    let elements = Array(Set(cell.elements)).sorted()
    let list = try NeighborSearch(frames: [cell], elements: elements, cutoff: 5.9).list(of: 0..<cell.count)
    for shell in part.shells {
      for pair in shell.pairs {
        var (both, all) = (0, 0)
        for i in list.centers where cell.elements[i].symbol == pair.first {
          for p in list.pairs(of: i) where abs(length(list.vectors[p]) - shell.distance) < 1e-3 {
            let other = cell.elements[list.indices[p]].symbol
            if other == "O" { continue }
            all += 1
            if other == pair.second { both += 1 }
          }
        }
        #expect(all > 0)
        #expect(abs(pair.probability - Double(both) / Double(all)) < 1e-12)
      }
    }
  }

  @Test func tetrahedralCationsAreLeftOutWhereThatIsWanted() throws {
    var cell = RandomRocksalt.cell(cubes: 2, cations: ["Li", "Mn"], rattle: 0.05, seed: 5)
    let moved = try #require(cell.elements.firstIndex { $0.symbol == "Li" })
    let before = try OrderReport(cell)
    #expect(before.tetrahedral_cations.isEmpty)
    cell.positions[moved] += [1.05, 1.05, 1.05]
    #expect(throws: InputError.self) { try OrderReport(cell) }
    let report = try OrderReport(cell, leavesOutTetrahedral: true)
    #expect(report.tetrahedral_cations.map(\.species) == ["Li"])
    #expect(report.tetrahedral_cations.map(\.count) == [1])
    #expect(report.cations.first { $0.species == "Va" }?.sites == 1)
    let lithium = { (r: OrderReport) in r.cations.first { $0.species == "Li" }?.sites ?? 0 }
    #expect(lithium(report) == lithium(before) - 1)
    #expect(report.displacement < 0.1)
  }

  @Test func whatIsNoRocksaltIsRefused() throws {
    let tetrahedral = Structure(
      lattice: Lattice(a: [0, 2.3, 2.3], b: [2.3, 0, 2.3], c: [2.3, 2.3, 0]),
      elements: ["Li", "Li", "O"].map { ChemicalElement($0)! },
      positions: [[1.15, 1.15, 1.15], [3.45, 3.45, 3.45], .zero])
    #expect(throws: InputError.self) { try OrderReport(tetrahedral) }
    let metal = Structure(
      lattice: Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]), elements: [ChemicalElement("Li")!],
      positions: [.zero])
    #expect(throws: InputError.self) { try OrderReport(metal) }
  }

  private static let drx = "data/smol-drx-energies/lmo_drx_entries.extxyz"
  private static let lmnto = "data/lmnto-cooper2020/lmnto.extxyz"

  @Test(.enabled(if: SharedData.holds(drx) && SharedData.holds(lmnto), "shared data are absent"))
  func relaxedDisorderedRocksaltsLieOnTheirLattice() throws {
    for frame in try readFrames(SharedData.path(Self.lmnto)).frames.prefix(100) {
      let report = try OrderReport(frame.structure)
      #expect(report.cations.reduce(0) { $0 + $1.sites } == report.anions.reduce(0) { $0 + $1.sites })
      #expect(report.displacement < 0.5)
    }
    let frames = try readFrames(SharedData.path(Self.drx)).frames
    let full = frames.filter { frame in
      let anions = frame.structure.elements.count { ["O", "F"].contains($0.symbol) }
      return 2 * anions == frame.structure.count
    }
    var (matched, tetrahedral, counted) = (0, 0, 0)
    for frame in full {
      do {
        #expect(try OrderReport(frame.structure).displacement < 0.6)
        matched += 1
      } catch let error as InputError {
        guard error.message.contains("nearer to a tetrahedral site") else { continue }
        tetrahedral += 1
        // In some the anions are off their sites, too.
        guard let report = try? OrderReport(frame.structure, leavesOutTetrahedral: true) else { continue }
        #expect(!report.tetrahedral_cations.isEmpty)
        counted += 1
      }
    }
    // Most of what is not on the lattice has Li or Mn on tetrahedral sites, and is said to; in the rest the anions have
    // other stackings than fcc.
    #expect(4 * matched > 3 * full.count, "\(matched) of \(full.count)")
    #expect(2 * counted > tetrahedral, "\(counted) of \(tetrahedral)")
    #expect(10 * (matched + tetrahedral) > 9 * full.count, "\(matched) + \(tetrahedral) of \(full.count)")
  }
}
