import Structures
import Testing

@testable import Campaigns

@Suite(.enabled(if: StandIn.isPossible, "python3 is missing"))
struct SpinStateTests {
  private static let many: [MagneticOrder] =
    [.ferromagnetic, .antiferromagnetic] + (1...12).map { .random(seed: $0) }

  private func manganese(_ symbols: [String] = ["Mn", "Mn", "O", "O"]) throws -> LabeledStructure {
    try frame(symbols, cell: [3, 3, 9])
  }

  @Test func theSameStateIsThereOnce() throws {
    // One magnetic atom: up or down is the same.
    try withCampaign(frames: [oxides(1)[0]]) { campaign, _ in
      let report = try campaign.add([oxides(1)[0]], orders: Self.many)
      #expect(report.added == 0 && report.known == 1 && report.same_state == 13 && report.total == 1)
    }
    // Two: parallel or not.
    try withCampaign(frames: [manganese()]) { campaign, _ in
      let report = try campaign.add([manganese()], orders: Self.many)
      #expect(report.added == 1 && report.known == 1 && report.same_state == 12 && report.total == 2)
      #expect(try campaign.entries().map(\.order) == [.ferromagnetic, .antiferromagnetic])
      // Again, and in another call: nothing comes in.
      #expect(try campaign.add([manganese()], orders: Self.many).total == 2)
      // Moments given by hand that are one of them, or reversed; others are another state.
      var given = try manganese()
      given.structure.moments = .collinear([-5, 5, -0.6, -0.6])
      #expect(try campaign.add([given], orders: [.given]).same_state == 1)
      given.structure.moments = .collinear([5, -4, 0.6, 0.6])
      #expect(try campaign.add([given], orders: [.given]).added == 1)
      // Atoms in other places are another structure.
      let other = try frame(["Mn", "Mn", "O", "O"], cell: [3, 3, 9.01])
      #expect(try campaign.add([other], orders: [.ferromagnetic]).added == 1)
    }
  }

  /// With the moment of the cell held, both directions are two states; with ISPIN 1 there is one.
  @Test func whatReversalMeans() throws {
    try withCampaign(frames: [manganese()]) { campaign, _ in
      let report = try campaign.add([manganese()], orders: Self.many, nupdown: 4)
      #expect(report.added == 4 && report.same_state == 10)
      let zero = try campaign.add([manganese()], orders: Self.many, nupdown: 0)
      #expect(zero.added == 2 && zero.same_state == 12)
      // ASE lists the held moment; entries without one have no such key.
      let held = try campaign.entries().map { entry in
        CampaignDatabase.pairs(entry).first { $0.key == "nupdown" }?.value
      }
      #expect(held.filter { $0 == "4" }.count == 4 && held.filter { $0 == "0" }.count == 2)
      #expect(held.contains(nil))
    }
    let plain = { (text: String) in text.replacing("ISPIN: 2", with: "ISPIN: 1") }
    try withCampaign(edit: plain, frames: [manganese()]) { campaign, _ in
      let report = try campaign.add([manganese()], orders: Self.many)
      #expect(report.same_state == 13)
    }
  }

  /// Entries of a database that was made before there was a list of states count, too.
  @Test func theListIsMadeOfWhatIsThere() throws {
    try withCampaign(frames: [manganese()]) { campaign, _ in
      try campaign.locked { try $0.database.run("DROP TABLE halite_spin_states") }
      var given = try manganese()
      given.structure.moments = .collinear([-5, -5, -0.6, -0.6])
      let report = try campaign.add([given], orders: [.given])
      #expect(report.same_state == 1 && report.total == 1)
    }
  }
}
