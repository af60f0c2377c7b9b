import Foundation
import Settings
import Structures
import Testing

@testable import Campaigns

@Suite(.enabled(if: StandIn.isPossible, "python3 is missing"))
struct KnownStructuresTests {
  /// A cell without any symmetry: 12 atoms near rocksalt's places.
  private func crystal(moments: [Double]? = nil, states: [String]? = nil, seed: UInt64 = 3) throws
    -> LabeledStructure
  {
    let symbols = ["Mn", "Mn", "Mn", "Li", "Li", "Li"] + Array(repeating: "O", count: 6)
    var source = RandomSource(seed: seed)
    var places: [SIMD3<Double>] = []
    for index in 0..<12 {
      let ideal = SIMD3(Double(index % 2), Double(index / 2 % 2), Double(index / 4)) * 2.1
      places.append(ideal + SIMD3(source.uniform(), source.uniform(), source.uniform()) * 0.2)
    }
    let columns = states.map { [AtomColumn(name: "oxidation_states", kind: .real, width: 1, values: $0)] } ?? []
    var made = try frame(symbols, cell: [4.2, 4.3, 6.4], positions: places, columns: columns)
    made.structure.moments = moments.map { .collinear($0) }
    return made
  }

  /// The same atoms in other words.
  private func copy(
    _ frame: LabeledStructure, shift: SIMD3<Double> = .zero, wraps: Bool = false, order: [Int]? = nil,
    noise: Double = 0
  ) throws -> LabeledStructure {
    var structure = frame.structure
    let lattice = try #require(structure.lattice)
    var source = RandomSource(seed: 17)
    structure.positions = structure.positions.map { position in
      var place = lattice.fractional(position + shift)
      if wraps { place -= place.rounded(.down) + SIMD3(0, 1, -2) }
      let off = SIMD3(source.uniform(), source.uniform(), source.uniform()) - 0.5
      return lattice.cartesian(place) + 2 * noise * off
    }
    let order = order ?? Array(0..<structure.count)
    let original = structure
    structure.elements = order.map { original.elements[$0] }
    structure.positions = order.map { original.positions[$0] }
    if case .collinear(let values) = original.moments { structure.moments = .collinear(order.map { values[$0] }) }
    let columns = frame.columns.map { column in
      AtomColumn(name: column.name, kind: column.kind, width: 1, values: order.map { column.values[$0] })
    }
    return LabeledStructure(structure: structure, labels: Labels(), columns: columns)
  }

  private let mixed = [7, 2, 11, 0, 5, 9, 1, 3, 10, 4, 8, 6]

  @Test func aCopyInOtherWordsIsKnown() throws {
    let first = try crystal()
    try withCampaign(frames: [try oxides(1)[0], first]) { campaign, _ in
      let copies = try [
        copy(first, wraps: true), copy(first, order: mixed), copy(first, shift: [0.7, -1.3, 2.2]),
        copy(first, shift: [0.7, -1.3, 2.2], wraps: true, order: mixed, noise: 5e-5),
      ]
      for place in copies.indices {
        let report = try campaign.add([copies[place]])
        #expect(report.added == 0 && report.known == 1 && report.copies.map(\.entry) == [2], "copy \(place)")
      }
      // The same with what the database alone knows, and within one call.
      #expect(try Campaign(campaign.root).add(copies).known == 4)
      let other = try crystal(seed: 4)
      let both = try campaign.add([other, copy(other, shift: [1, 1, 1], order: mixed)])
      #expect(both.added == 1 && both.known == 1 && both.copies.map(\.entry) == [3] && both.total == 3)
    }
  }

  @Test func whatDiffersIsAnotherStructure() throws {
    let first = try crystal()
    try withCampaign(frames: [first]) { campaign, _ in
      // One atom moved, two atoms exchanged, the mirror image, another cell.
      var moved = try copy(first, shift: [1, 0, 0])
      moved.structure.positions[5] += [0.003, 0, 0]
      var exchanged = first
      exchanged.structure.positions.swapAt(0, 3)
      var mirrored = first
      mirrored.structure.positions = first.structure.positions.map { [-$0.x, $0.y, $0.z] }
      var strained = first
      strained.structure = first.structure.strained(by: Matrix3([0.001, 0, 0], [0, 0, 0], [0, 0, 0]))
      let report = try campaign.add([moved, exchanged, mirrored, strained])
      #expect(report.added == 4 && report.known == 0)
    }
  }

  /// Moments belong to their atoms: a copy with others is another state.
  @Test func variantsOfTheMomentsStay() throws {
    let spins: [Double] = [5, -5, 4, 0, 0, 0] + Array(repeating: 0, count: 6)
    let first = try crystal(moments: spins)
    try withCampaign(frames: [try oxides(1)[0]]) { campaign, _ in
      #expect(try campaign.add([first], orders: [.given]).added == 1)
      #expect(try campaign.add([copy(first, shift: [1, 2, 3], order: mixed)], orders: [.given]).known == 1)
      // All moments reversed are the same state.
      let reversed = try crystal(moments: spins.map { -$0 })
      #expect(try campaign.add([copy(reversed, order: mixed)], orders: [.given]).known == 1)
      let other = try crystal(moments: [5, 4, -5] + spins.dropFirst(3))
      #expect(try campaign.add([copy(other, order: mixed)], orders: [.given]).added == 1)
      #expect(try campaign.add([copy(first, shift: [1, 0, 0])], orders: [.ferromagnetic]).added == 1)
      #expect(try campaign.add([copy(first, order: mixed)], orders: [.ferromagnetic]).known == 1)
      #expect(try campaign.add([copy(first, order: mixed)], orders: [.ferromagnetic], nupdown: 4).added == 1)
    }
  }

  /// Charge orders of one structure: MAGMOM 4 and 3 on other atoms.
  @Test func chargeOrdersAreEntriesOfTheirOwn() throws {
    func states(_ manganese: [String]) throws -> LabeledStructure {
      try crystal(states: manganese + ["1", "1", "1"] + Array(repeating: "-2", count: 6))
    }
    let (first, second) = try (states(["3", "4", "4"]), states(["4", "3", "4"]))
    try withCampaign(frames: [first]) { campaign, folder in
      #expect(try campaign.add([second, states(["4", "4", "3"])]).added == 2)
      #expect(try campaign.add([first, second, copy(second, shift: [1, 0, 0], order: mixed)]).known == 3)
      // Without states the moments are those of the element: another entry. Li1+ has no moment of its own.
      #expect(try campaign.add([crystal()]).added == 1)
      let lithium = try crystal(
        states: Array(repeating: "5", count: 3) + ["1", "1", "1"] + Array(repeating: "-2", count: 6))
      #expect(try campaign.add([lithium]).known == 1)
      _ = try campaign.prepare(threads: 1)
      let lines = try (1...3).map { entry in
        try String(contentsOfFile: folder + "/runs/00000\(entry)/1/INCAR", encoding: .utf8)
          .split(separator: "\n").first { $0.hasPrefix("MAGMOM") }
      }
      #expect(lines == ["MAGMOM = 4 3 3 9*0.6", "MAGMOM = 3 4 3 9*0.6", "MAGMOM = 3 3 4 9*0.6"].map { $0 })
    }
    // Without spins there is one.
    let plain = { (text: String) in text.replacing("ISPIN: 2", with: "ISPIN: 1") }
    try withCampaign(edit: plain, frames: [first]) { campaign, _ in
      let report = try campaign.add([second])
      #expect(report.known == 1 && report.added == 0)
    }
  }

  /// Entries of an earlier halite, whose hash has no oxidation states, are known still.
  @Test func entriesOfAnEarlierHash() throws {
    let decorated = try crystal(states: ["3", "4", "4", "1", "1", "1"] + Array(repeating: "-2", count: 6))
    try withCampaign(frames: [decorated]) { campaign, _ in
      let old = try campaign.hash(crystal().planned(), .ferromagnetic, nil)
      let new = try campaign.hash(decorated.planned(), .ferromagnetic, nil)
      #expect(old != new)
      try campaign.locked { database in
        try database.database.run("UPDATE halite_entries SET hash = '\(old)'; DROP TABLE halite_spin_states;")
      }
      let again = try Campaign(campaign.root)
      let report = try again.add([decorated])
      #expect(report.added == 0 && report.known == 1 && report.copies.map(\.entry) == [1])
    }
  }
}
