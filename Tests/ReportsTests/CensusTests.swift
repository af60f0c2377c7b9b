import Foundation
import Reports
import Settings
import Structures
import Testing

/// Rock-salt cells of LiO with small random displacements; energies −10 eV/atom within 10 meV, forces, some stress.
func rockSalt(_ count: Int, seed: UInt64 = 1) throws -> [LabeledStructure] {
  var random = RandomSource(seed: seed)
  let (li, o) = (try #require(ChemicalElement("Li")), try #require(ChemicalElement("O")))
  return (0..<count).map { index in
    let cell = Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4])
    let sites: [SIMD3<Double>] = [
      [0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [2, 0, 0], [0, 2, 0], [0, 0, 2], [2, 2, 2],
    ]
    let positions = sites.map { $0 + 0.1 * SIMD3(random.uniform(), random.uniform(), random.uniform()) }
    var forces = sites.map { _ in SIMD3(random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5) }
    let mean = forces.reduce(.zero, +) / Double(forces.count)
    forces = forces.map { $0 - mean }
    let virial = index % 2 == 0 ? Matrix3([3, 0, 0], [0, 3, 0], [0, 0, 3]) : nil
    return LabeledStructure(
      structure: Structure(lattice: cell, elements: [li, li, li, li, o, o, o, o], positions: positions),
      labels: Labels(energy: -80 + 0.08 * random.uniform(), forces: forces, virial: virial),
      provenance: Provenance(file: "salt", index: index), configType: index < 3 ? "few" : nil)
  }
}

/// Least squares of one mean energy, as far as frames of one composition need it.
func meanReference(_ rows: [EnergyRow]) -> ReferenceSummary {
  let mean = rows.reduce(0) { $0 + ($1.energy ?? 0) / Double($1.atoms) } / Double(rows.count)
  return ReferenceSummary(
    origin: "mean", energies: ["Li": mean, "O": mean], rank: 1, freeDirections: ["Li − O = 0"])
}

@Suite struct CensusTests {
  private func census(_ frames: [LabeledStructure]) throws -> Census {
    let dataset = Dataset(frames)
    return try Census(
      dataset, files: ["salt"], references: meanReference(dataset.map { EnergyRow($0) }), threads: 2)
  }

  @Test func countsWhatThereIs() throws {
    let frames = try rockSalt(10)
    let census = try census(frames)
    #expect(census.frames == 10)
    #expect(census.atoms == 80)
    #expect(census.elements == [Amount("Li", 40), Amount("O", 40)])
    #expect(census.compositions == [Amount("LiO", 10)])
    #expect(census.labels.energy == 10 && census.labels.forces == 10 && census.labels.stress == 5)
    #expect(census.labels.moments == 0)
    #expect(census.configTypes == [Amount("(none)", 7), Amount("few", 3)])
    #expect(census.atomsPerFrame.minimum == 8 && census.atomsPerFrame.maximum == 8)
    let volume = try #require(census.volumePerAtom)
    #expect(abs(volume.mean - 8) < 1e-12)
    // Virial of 3 eV per direction in 64 Å³: compressed, so the pressure is positive.
    let pressure = try #require(census.pressure)
    #expect(abs(pressure.mean - 3.0 / 64 * 160.21766208) < 1e-9)
    let energy = try #require(census.energyPerAtom)
    #expect(energy.minimum >= -10 && energy.maximum <= -9.99)
    let referred = try #require(census.referredEnergyPerAtom)
    #expect(abs(referred.mean) < 1e-12)
    #expect(abs(referred.deviation - energy.deviation) < 1e-12)
  }

  @Test func forcesAndDistancesAreThoseOfABruteForceSum() throws {
    let frames = try rockSalt(6)
    let census = try census(frames)
    let forces = try #require(census.forces)
    let all = frames.flatMap { $0.labels.forces ?? [] }
    #expect(abs(forces.maximum - all.map(length).reduce(0, max)) < 1e-15)
    let square = all.reduce(0) { $0 + dot($1, $1) } / Double(3 * all.count)
    #expect(abs(forces.rms - square.squareRoot()) < 1e-12)
    #expect(forces.netMaximumPerAtom < 1e-12)

    var shortest: [String: Double] = [:]
    for frame in frames {
      for (i, a) in frame.structure.positions.enumerated() {
        for (j, b) in frame.structure.positions.enumerated() where i != j {
          var d = b - a
          for k in 0..<3 { d[k] -= 4 * (d[k] / 4).rounded() }
          let pair = [frame.structure.elements[i], frame.structure.elements[j]].sorted().map(\.symbol)
          let name = pair.joined(separator: "-")
          shortest[name] = min(shortest[name] ?? .infinity, length(d))
        }
      }
    }
    #expect(census.shortestDistances.map(\.pair) == ["Li-Li", "Li-O", "O-O"])
    for pair in census.shortestDistances {
      #expect(abs(pair.distance - (shortest[pair.pair] ?? 0)) < 1e-12)
    }
  }

  @Test func copiesAreCountedExactAndTolerant() throws {
    var frames = try rockSalt(6)
    frames.append(frames[2])
    var near = frames[3]
    near.structure.positions[0].x += 1e-5
    frames.append(LabeledStructure(structure: near.structure, labels: near.labels, provenance: near.provenance))
    let census = try census(frames)
    #expect(census.duplicates.exact == 1)
    #expect(census.duplicates.tolerant == 1)
    #expect(census.duplicates.examples == ["salt frame 2 = salt frame 2", "salt frame 3 = salt frame 3"])
  }

  @Test func aSetWithoutLabelsHasNoNumbers() throws {
    let bare = try rockSalt(3).map { LabeledStructure(structure: $0.structure, labels: Labels()) }
    let census = try Census(Dataset(bare), files: [], references: nil)
    #expect(census.energyPerAtom == nil && census.forces == nil && census.pressure == nil)
    #expect(try !jsonText(census).contains("\"forces\": {\n    \"maximum\""))
    #expect(census.text.contains("energy  none"))
  }

  @Test func textAndJSONHoldTheNumbers() throws {
    let census = try census(rockSalt(10))
    #expect(census.text.contains("frames          10, 80 atoms"))
    #expect(census.text.contains("rank 1 of 2: the data leave open Li − O = 0"))
    #expect(census.text.contains("stress  5 of 10 frames"))
    let back = try readJSON(Census.self, bytes: Array(jsonText(census).utf8), file: nil)
    #expect(back.dataHash == census.dataHash && back.energyPerAtom == census.energyPerAtom)
    #expect(back.shortestDistances == census.shortestDistances)
  }

  @Test func whatWasNotReadIsShown() throws {
    var frames = try rockSalt(4)
    for index in 0..<2 {
      frames[index].labels.energy = nil
      frames[index].columns = [
        AtomColumn(name: "charge", kind: .real, width: 1, values: frames[index].structure.elements.map { _ in "1" })
      ]
    }
    let found = Census.Lookalike(label: "energy", key: "TotEnergy", frames: 2, remedy: "rename it")
    let census = try Census(Dataset(frames), files: ["salt"], references: nil, lookalikes: [found])
    #expect(census.otherColumns == [Amount("charge", 2)])
    #expect(census.text.contains("other columns   charge 2"))
    #expect(census.text.contains("energy  2 of 4 frames; `TotEnergy` (2 of 4 frames) looks like one: rename it"))
  }

  @Test func spreadKeepsTheDigitsOfLargeEnergies() throws {
    let spread = try #require(Spread([-1e6, -1e6 + 1e-3, -1e6 + 2e-3]))
    #expect(abs(spread.deviation - 1e-3 * (2.0 / 3).squareRoot()) < 1e-9)
    #expect(Spread([]) == nil)
  }
}
