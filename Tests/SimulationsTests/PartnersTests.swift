import Formats
import Structures
import TestSupport
import Testing

@testable import Simulations

/// An ordered rocksalt and the same without some of its lithium.
private func host(seed: UInt64, metal: String = "Mn") -> Structure {
  RandomRocksalt.cell(cubes: 2, cations: ["Li", metal], rattle: 0, seed: seed)
}

private func without(_ structure: Structure, keeping lithium: Int) -> Structure {
  var left = lithium
  let kept = structure.elements.indices.filter { k in
    guard structure.elements[k].symbol == "Li" else { return true }
    left -= 1
    return left >= 0
  }
  return Structure(
    lattice: structure.lattice, elements: kept.map { structure.elements[$0] },
    positions: kept.map { structure.positions[$0] })
}

private func frame(_ structure: Structure, _ info: [(String, String)] = [], type: String? = nil) -> LabeledStructure
{
  LabeledStructure(
    structure: structure, labels: Labels(), configType: type, info: info.map { InfoItem(key: $0.0, value: $0.1) })
}

@Suite struct PartnersTests {
  @Test func theHostKeyIsAnIdOrACommonWord() {
    let (a, b) = (frame(host(seed: 1)), frame(host(seed: 2)))
    let frames = [
      a, b, frame(without(b.structure, keeping: 0), [("host", b.id)]),
      frame(without(a.structure, keeping: 0), [("host", a.id)]),
      frame(host(seed: 3), [("host", "third")]), frame(without(host(seed: 3), keeping: 0), [("host", "third")]),
    ]
    let (groups, alone) = PartnerSearch().groups(frames)
    #expect(groups.map(\.members) == [[0, 3], [1, 2], [4, 5]] && alone.isEmpty)
    #expect(groups.allSatisfy { $0.evidence == .key })
  }

  /// What was relaxed, and what a campaign has calculated, still knows its host.
  @Test func idsOfEarlierFormsAreKnown() {
    let a = frame(host(seed: 1))
    let relaxed = frame(host(seed: 1).strained(by: 0.01 * Matrix3.identity), [("relaxed_from", a.id)])
    let empty = frame(without(a.structure, keeping: 0), [("host", a.id)])
    let labelled = frame(
      empty.structure.strained(by: 0.02 * Matrix3.identity), [("host", a.id), ("planned_id", empty.id)])
    #expect(PartnerSearch().groups([relaxed, labelled]).groups.map(\.members) == [[0, 1]])
  }

  /// An antisite structure has another arrangement than its host.
  @Test func otherArrangementsAreNoPartners() {
    let a = frame(host(seed: 1))
    var swapped = a.structure
    let lithium = swapped.elements.firstIndex { $0.symbol == "Li" }!
    let metal = swapped.elements.firstIndex { $0.symbol == "Mn" }!
    swapped.elements.swapAt(lithium, metal)
    let antisite = frame(swapped, [("host", a.id)], type: "antisite")
    let empty = frame(without(a.structure, keeping: 0), [("host", a.id)], type: "delithiated")
    let (groups, alone) = PartnerSearch().groups([a, antisite, empty])
    #expect(groups.map(\.members) == [[0, 2]] && alone == [1])
  }

  /// Without keys: relaxed by a little, atoms in another order.
  @Test func theArrangementOfTheHostIsCompared() {
    let a = host(seed: 1)
    var empty = without(a, keeping: 0).strained(by: Matrix3([0.02, 0, 0], [0, -0.03, 0], [0, 0.01, 0.03]))
    empty.elements.reverse()
    empty.positions.reverse()
    for k in empty.positions.indices { empty.positions[k].x += k % 2 == 0 ? 0.2 : -0.15 }
    let other = without(host(seed: 2), keeping: 0)
    let half = without(a, keeping: 5)
    let (groups, alone) = PartnerSearch().groups([a, other, empty, half].map { frame($0) })
    #expect(groups.map(\.members) == [[0, 2, 3]] && groups[0].evidence == .arrangement && alone == [1])
    #expect(PartnerSearch().groups([a, host(seed: 2)].map { frame($0) }).groups.isEmpty)
  }

  @Test(.enabled(if: SharedData.holds("data/xtb-drx-64/drx-pairs.extxyz"), "shared/data is absent"))
  func fortyHostsOfThreeContents() throws {
    let frames = try readFrames(SharedData.path("data/xtb-drx-64/drx-pairs.extxyz")).frames
    let (groups, alone) = PartnerSearch().groups(frames)
    #expect(groups.count == 40 && alone.isEmpty && groups.allSatisfy { $0.members.count == 3 })
    // The same without the key, from cells and atoms alone.
    var bare = frames
    for k in bare.indices { bare[k].set("host", nil) }
    let found = PartnerSearch().groups(bare)
    #expect(found.groups.map(\.members) == groups.map(\.members))
    #expect(found.groups.allSatisfy { $0.evidence == .arrangement })
    for group in groups {
      let structures = group.members.map { k in
        PartnerStructure(
          id: frames[k].id, name: frames[k].name, composition: frames[k].structure.composition,
          label: frames[k].labels.energy)
      }
      let series = try VoltageSeries(structures, evidence: group.evidence, lithium: -11.169)
      #expect(series.steps.count == 2 && series.whole.volts == nil)
      let label = try #require(series.whole.label)
      let steps = series.steps.compactMap(\.label)
      let mean = (steps[0] + steps[1]) / 2
      #expect(abs(label - mean) < 1e-9)
      let average = try #require(series.labelProfile).average
      #expect(abs(average - label) < 1e-9)
    }
  }
}

@Suite struct CompositionHullTests {
  private func composition(_ text: [(String, Int)]) -> [ChemicalElement: Int] {
    Dictionary(uniqueKeysWithValues: text.map { (ChemicalElement($0.0)!, $0.1) })
  }

  /// Two elements, by hand: A, B and AB on the hull, A2B2 0.1 eV/atom above it, A3B on a tie line.
  @Test func aBinarySystem() throws {
    let set: [(composition: [ChemicalElement: Int], energy: Double)] = [
      (composition([("Li", 1)]), 0), (composition([("O", 2)]), 0), (composition([("Li", 1), ("O", 1)]), -2),
      (composition([("Li", 2), ("O", 2)]), -3.6), (composition([("Li", 3), ("O", 1)]), -1.6),
    ]
    let hull = CompositionHull(set)
    let above = set.map { hull.aboveHull(composition: $0.composition, energy: $0.energy) ?? .nan }
    #expect(above[0] == 0 && above[1] == 0 && above[2] == 0)
    #expect(abs(above[3] - 0.1) < 1e-9 && abs(above[4] - 0.1) < 1e-9)
    let parts = try #require(hull.mixture(of: composition([("Li", 3), ("O", 1)]))).parts
    #expect(parts.map(\.index) == [0, 2] && abs(parts[0].part - 0.5) < 1e-9)
    #expect(hull.aboveHull(composition: composition([("Mn", 1)]), energy: 0) == nil)
  }

  /// The profile of voltages is a hull between two contents: both ways give the same distances.
  @Test func theProfileIsACutOfIt() throws {
    var random = RandomSource(seed: 11)
    for _ in 0..<10 {
      let states = (0...8).map { k in
        LithiationState(
          composition: composition([("Li", k), ("Mn", 8), ("O", 16)]).filter { $0.value > 0 },
          energy: -150 - 5 * Double(k) + 3 * random.uniform())
      }
      let profile = try VoltageProfile(states, lithium: -1.9)
      let hull = CompositionHull(states.map { ($0.composition, $0.energy) })
      for point in profile.points {
        let state = states[point.index]
        let above = try #require(hull.aboveHull(composition: state.composition, energy: state.energy))
        #expect(abs(above * Double(state.atoms) - 8 * point.aboveHull) < 1e-7, "\(above) \(point.aboveHull)")
      }
    }
  }

  /// Five elements: no structure lies below the hull, each on it is its own mixture, and adding a phase lowers it only.
  @Test func manyElements() throws {
    var random = RandomSource(seed: 3)
    let metals = ["Ti", "Mn", "Ni"]
    let set = (0..<150).map { _ -> (composition: [ChemicalElement: Int], energy: Double) in
      var counts = [ChemicalElement("Li")!: random.below(9), ChemicalElement("O")!: 16]
      for _ in 0..<8 { counts[ChemicalElement(metals[random.below(3)])!, default: 0] += 1 }
      counts = counts.filter { $0.value > 0 }
      let atoms = Double(counts.values.reduce(0, +))
      return (counts, atoms * (-8 + 0.3 * random.uniform()) - 2 * Double(counts[ChemicalElement("Li")!] ?? 0))
    }
    let hull = CompositionHull(set)
    let fewer = CompositionHull(Array(set.dropLast(50)))
    var stable = 0
    for item in set {
      let above = try #require(hull.aboveHull(composition: item.composition, energy: item.energy))
      #expect(above >= 0)
      stable += above == 0 ? 1 : 0
      let mixture = try #require(hull.mixture(of: item.composition))
      #expect(abs(mixture.parts.reduce(0) { $0 + $1.part } - 1) < 1e-7)
      if let old = fewer.mixture(of: item.composition) { #expect(mixture.energy <= old.energy + 1e-9) }
    }
    #expect((2..<75).contains(stable), "\(stable)")
  }
}
